from __future__ import annotations

import numpy as np
import pytest

from samwidget.values import runs as runs_module
from samwidget.values.pixel_boxes import EMPTY_BOX
from samwidget.values.runs import Runs


def random(size_hw: tuple[int, int], share: float = 0.5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(size_hw) < share


def test_lengths_alternate_from_outside_and_end_inside() -> None:
    array = np.zeros((5, 6), bool)
    array[1:4, 2:5] = [[0, 1, 1], [1, 0, 0], [1, 1, 0]]
    runs = Runs.of_array(array)
    assert runs.box_xyxy == (2, 1, 5, 4)
    assert runs.lengths.tolist() == [1, 3, 2, 2]
    assert runs.lengths.dtype == np.int32
    assert not runs.lengths.flags.writeable


def test_a_full_image_is_one_run() -> None:
    assert Runs.of_array(np.ones((30, 40), bool)).lengths.tolist() == [0, 1200]


def test_an_empty_mask_has_no_run() -> None:
    for runs in (Runs.of_array(np.zeros((3, 4), bool)), Runs.of_spans([1, 2], [3, 3], [3, 1])):
        assert runs.box_xyxy == EMPTY_BOX
        assert runs.lengths.tolist() == []
        assert runs.area == 0
        assert not runs.contains(0, 0)
        assert runs.crop((0, 0, 4, 3)).sum() == 0


def test_an_offset_shifts_the_box_alone() -> None:
    array = random((9, 7))
    here, there = Runs.of_array(array), Runs.of_array(array, left=100, top=-20)
    x1, y1, x2, y2 = here.box_xyxy
    assert there.box_xyxy == (x1 + 100, y1 - 20, x2 + 100, y2 - 20)
    assert there.lengths.tolist() == here.lengths.tolist()


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98, 1.0])
def test_spans_are_the_runs_row_by_row(share: float) -> None:
    array = random((40, 31), share)
    rows, starts, stops = Runs.of_array(array).spans()
    painted = np.zeros_like(array)
    for row, start, stop in zip(rows, starts, stops, strict=True):
        assert start < stop
        assert not painted[row, start:stop].any()
        painted[row, start:stop] = True
    np.testing.assert_array_equal(painted, array)
    assert (np.diff(rows * 1000 + starts) > 0).all()
    again = Runs.of_spans(rows, starts, stops)
    assert again.box_xyxy == Runs.of_array(array).box_xyxy
    assert again.lengths.tolist() == Runs.of_array(array).lengths.tolist()


def test_spans_that_touch_are_one_run() -> None:
    runs = Runs.of_spans([3, 3, 4], [2, 5, 2], [5, 9, 9])
    assert runs.lengths.tolist() == [0, 14]


def averaged(
    array: np.ndarray, region: tuple[float, float, float, float], cells_wh: tuple[int, int]
) -> np.ndarray:
    """The plain rule: the share of each pixel in each cell, one axis after the other."""
    x1, y1, x2, y2 = region
    shares = []
    for start, stop, cells, length in (
        (y1, y2, cells_wh[1], array.shape[0]),
        (x1, x2, cells_wh[0], array.shape[1]),
    ):
        edges = np.linspace(start, stop, cells + 1)
        pixels = np.arange(length)
        low = np.maximum(edges[:-1, None], pixels)
        high = np.minimum(edges[1:, None], pixels + 1)
        shares.append(np.clip(high - low, 0, None) * cells / (stop - start))
    return shares[0] @ array @ shares[1].T


@pytest.mark.parametrize(
    ("region", "cells_wh"),
    [
        pytest.param((0, 0, 31, 40), (31, 40), id="pixel by pixel"),
        pytest.param((0, 0, 31, 40), (7, 9), id="smaller"),
        pytest.param((0, 0, 31, 40), (100, 90), id="larger"),
        pytest.param((0, 0, 31, 40), (1, 1), id="one cell"),
        pytest.param((-5, -3.5, 44.25, 50), (11, 13), id="beyond the image"),
        pytest.param((3.3, 7.7, 20.1, 30.9), (5, 8), id="within the image"),
        pytest.param((100, 100, 120, 130), (5, 8), id="elsewhere"),
    ],
)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_coverage_averages_exactly(
    region: tuple[float, float, float, float], cells_wh: tuple[int, int], share: float
) -> None:
    array = random((40, 31), share)
    found = Runs.of_array(array).coverage(region, cells_wh)
    assert found.dtype == np.float32
    assert found.shape == cells_wh[::-1]
    np.testing.assert_allclose(found, averaged(array, region, cells_wh), atol=1e-6)


def test_coverage_of_many_pixels_has_no_dust() -> None:
    found = Runs.of_array(np.ones((3000, 4000), bool)).coverage((-400, 0, 4000, 3000), (110, 77))
    assert set(np.unique(found)) == {0.0, 1.0}
    assert (found[:, 10:] == 1).all()


@pytest.mark.parametrize("at_a_time", [1, 7, 20, 1 << 24])
def test_a_large_mask_is_encoded_a_few_rows_at_a_time_and_is_the_same(
    at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "_PIXELS_AT_A_TIME", at_a_time)
    for array in (
        random((13, 9)),
        np.ones((6, 5), np.bool_),
        np.eye(7, dtype=np.bool_)[::-1],
        np.repeat([[True], [False], [True]], 4, axis=0) & np.ones((1, 6), np.bool_),
    ):
        runs = Runs.of_array(array)
        np.testing.assert_array_equal(runs.crop((0, 0, *array.shape[::-1])), array)
        inside = array[runs.box_xyxy[1] : runs.box_xyxy[3], runs.box_xyxy[0] : runs.box_xyxy[2]]
        edges = np.flatnonzero(np.diff(inside.ravel().astype(int), prepend=0, append=0))
        assert np.cumsum(runs.lengths).tolist() == edges.tolist()
