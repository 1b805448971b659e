"""The boundary benchmark on cases whose answer is known, and beside another implementation."""

from __future__ import annotations

import importlib
import os
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from training.boundaries import (
    MAX_DISTANCE,
    Bools,
    Pairs,
    count_matches,
    figures,
    outlines,
    thinned,
)

SIZE_HW = (120, 160)  # a tolerance of 1.5 pixels
CUTS = np.array([0.25, 0.5, 0.75])


def row(*rows: int, columns: slice = slice(20, 140)) -> Bools:
    """Horizontal lines."""
    mask = np.zeros(SIZE_HW, bool)
    for number in rows:
        mask[number, columns] = True
    return mask


def regions(seed: int = 0, size_hw: tuple[int, int] = SIZE_HW) -> Bools:
    """Outlines of random rectangles."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(size_hw, np.int64)
    for number in range(1, 9):
        y, x = rng.integers(5, size_hw[0] - 45), rng.integers(5, size_hw[1] - 55)
        labels[y : y + rng.integers(15, 40), x : x + rng.integers(15, 50)] = number
    return outlines(labels)


def as_figures(edges: Bools, *annotators: Bools) -> tuple[float, float, float, float]:
    found = figures([count_matches(edges.astype(float), annotators, CUTS)], CUTS)
    return found.ods, found.ois, found.ap, found.r50


def test_the_truth_against_itself_is_perfect() -> None:
    truth = regions()
    assert truth.any()
    assert as_figures(truth, truth) == pytest.approx((1, 1, 1, 1))


def test_a_shift_within_the_tolerance_costs_nothing_and_a_larger_one_everything() -> None:
    truth = row(30, 60, 90)
    assert as_figures(np.roll(truth, 1, axis=0), truth) == pytest.approx((1, 1, 1, 1))
    assert as_figures(np.roll(truth, 2, axis=0), truth) == (0, 0, 0, 0)


def test_no_edge_at_all() -> None:
    assert as_figures(np.zeros(SIZE_HW, bool), regions()) == (0, 0, 0, 0)


def test_edges_everywhere_are_thinned_to_next_to_nothing() -> None:
    counts = count_matches(np.ones(SIZE_HW), [row(2)], CUTS)
    assert (counts.edges < 200).all()
    assert (counts.matched_truth == 0).all()


def test_edges_everywhere_that_cannot_be_thinned() -> None:
    """Thirty lines of which one is right: all is found, and one edge pixel in thirty is true."""
    lines = row(*range(3, 120, 4))
    counts = count_matches(lines.astype(float), [row(59)], CUTS)
    assert counts.precision == pytest.approx(1 / 30)
    assert counts.recall == pytest.approx(1)
    ods, _, ap, r50 = as_figures(lines, row(59))
    assert ods == pytest.approx(2 / 31)
    assert ap == pytest.approx(1 / 30)
    assert r50 == 0


def test_one_to_one() -> None:
    """Of two lines beside a single one half the pixels have no partner."""
    counts = count_matches(row(49, 51).astype(float), [row(50)], CUTS)
    assert counts.precision == pytest.approx(0.5)
    assert counts.recall == pytest.approx(1)


def test_annotators_count_each_for_recall_and_together_for_precision() -> None:
    counts = count_matches(row(40).astype(float), [row(40), row(80)], CUTS)
    assert counts.precision == pytest.approx(1)
    assert counts.recall == pytest.approx(0.5)
    counts = count_matches(row(40, 80).astype(float), [row(40), row(80)], CUTS)
    assert counts.precision == pytest.approx(1)
    assert counts.recall == pytest.approx(1)
    counts = count_matches(row(40, 80).astype(float), [row(40), row(40)], CUTS)
    assert counts.precision == pytest.approx(0.5)
    assert counts.recall == pytest.approx(1)


def test_one_threshold_for_all_images_or_each_its_own() -> None:
    """Two images whose false line is weaker than the true one, at different levels."""
    images = []
    for true, false in ((0.9, 0.6), (0.4, 0.1)):
        edges = true * row(40).astype(float) + false * row(80)
        images.append(count_matches(edges, [row(40)], CUTS))
    found = figures(images, CUTS)
    assert found.ois == pytest.approx(1)
    # At 0.25 all three lines of both images are left, at 0.75 one true line of two.
    assert found.ods == pytest.approx(2 * (2 / 3) / (2 / 3 + 1), abs=0.01)
    assert found.threshold == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_as_many_pairs_as_there_can_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges, truth = rng.random((2, 25, 30)) < 0.15
    matched = Pairs.of(edges, truth, 2.5).matched(edges)
    places, others = np.argwhere(edges), np.argwhere(truth)
    apart = np.hypot(*(places[:, None] - others[None]).transpose(2, 0, 1))
    pairs = linear_sum_assignment(np.where(apart <= 2.5, 0, 1))
    assert len(matched) == (apart[pairs] <= 2.5).sum()
    assert edges.ravel()[matched].all()
    assert len(set(matched)) == len(matched)


SHAPES = {
    "nothing": np.zeros((9, 12), bool),
    "a pixel": np.pad(np.ones((1, 1), bool), 4),
    "a line": np.pad(np.ones((1, 30), bool), 4),
    "a block": np.pad(np.ones((20, 40), bool), 3),
    "to the border": np.ones((12, 31), bool),
    "noise": np.random.default_rng(0).random((60, 70)) < 0.6,
    "a ring": np.pad(np.hypot(*np.mgrid[-20:21, -20:21]) < 18, 2)
    & ~np.pad(np.hypot(*np.mgrid[-20:21, -20:21]) < 12, 2),
}


@pytest.mark.parametrize("name", SHAPES)
def test_thinning_keeps_lines_and_ends_at_one_pixel(name: str) -> None:
    from scipy.ndimage import label

    mask = SHAPES[name]
    thin = thinned(mask)
    assert not (thin & ~mask).any()
    assert label(thin, np.ones((3, 3)))[1] == label(mask, np.ones((3, 3)))[1]
    assert (thinned(thin) == thin).all()
    if name != "noise":  # crossings there are as thick as blocks
        blocks = thin[1:, 1:] & thin[1:, :-1] & thin[:-1, 1:] & thin[:-1, :-1]
        assert not blocks.any()


def test_thinning_is_that_of_skimage() -> None:
    morphology = pytest.importorskip("skimage.morphology")
    for mask in SHAPES.values():
        assert (thinned(mask) == morphology.thin(mask)).all()


def test_outlines_lie_between_regions() -> None:
    labels = np.zeros((10, 12), np.uint16)
    labels[:, 6:] = 7
    assert (outlines(labels) == (np.arange(12) == 5)).all()
    assert not outlines(np.full((10, 12), 3)).any()


def test_maps_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"annotators of the shape \(120, 160\)"):
        count_matches(np.zeros(SIZE_HW), [np.zeros((4, 4), bool)])
    with pytest.raises(ValueError, match="annotators"):
        count_matches(np.zeros(SIZE_HW), [])


EDGEVAL = Path(os.environ.get("EDGEVAL", "edgeval"))
"""The unpacked source distribution of edgeval 0.1.1, which does not install without CUDA."""


@pytest.mark.parity
@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_edgeval(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark's own assignment code, which edgeval brings compiled for Linux."""
    if not (EDGEVAL / "edgeval_cu").is_dir():
        pytest.skip("EDGEVAL names no folder with the unpacked source of edgeval")
    package = types.ModuleType("edgeval_cu")  # its own __init__ wants a GPU's toolbox
    package.__path__ = [str(EDGEVAL / "edgeval_cu")]
    monkeypatch.setitem(sys.modules, "edgeval_cu", package)
    csa = importlib.import_module("edgeval_cu.csa")
    monkeypatch.delitem(sys.modules, "edgeval_cu.csa")
    size_hw = (160, 240)
    truths = [regions(seed, size_hw), regions(seed + 10, size_hw)]
    rng = np.random.default_rng(seed)
    edges = np.roll(truths[0] | regions(seed + 20, size_hw), 1, axis=1) & (
        rng.random(size_hw) < 0.9
    )
    edges |= rng.random(size_hw) < 0.02
    max_px = MAX_DISTANCE * float(np.hypot(*size_hw))
    union, recalled = np.zeros(size_hw, bool), 0
    thin = thinned(edges)
    for truth in truths:
        own, other, _ = csa.fast_match_edge_maps(thin, truth, max_px, 100 * max_px)
        union |= own > 0
        recalled += int((other > 0).sum())
    counts = count_matches(edges.astype(float), truths, np.array([0.5]))
    assert counts.edges[0] == thin.sum()
    # It joins what has no partner at random, and leaves out a pair now and then.
    assert counts.matched_truth[0] == pytest.approx(recalled, rel=0.002, abs=2)
    assert counts.matched_edges[0] == pytest.approx(union.sum(), rel=0.01, abs=3)
