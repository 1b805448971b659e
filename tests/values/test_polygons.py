from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from samwidget.values.mask import Mask

SIZE_HW = (50, 70)


def plain(polygons: list[Any], size_hw: tuple[int, int]) -> np.ndarray:
    """The even-odd rule at each pixel's centre, one edge after the other."""
    rows, columns = np.indices(size_hw) + 0.5
    inside = np.zeros(size_hw, bool)
    for ring in polygons:
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if y1 != y2:
                crosses = (min(y1, y2) <= rows) & (rows < max(y1, y2))
                inside ^= crosses & (x1 + (rows - y1) * (x2 - x1) / (y2 - y1) <= columns)
    return inside


def filled(polygons: list[Any], size_hw: tuple[int, int] = SIZE_HW) -> np.ndarray:
    return Mask.from_polygons(polygons, size_hw).full()


def test_a_rectangle_on_pixel_edges_is_those_pixels() -> None:
    expected = np.zeros(SIZE_HW, bool)
    expected[10:20, 5:30] = True
    for ring in ([(5, 10), (30, 10), (30, 20), (5, 20)], [(5, 20), (30, 20), (30, 10), (5, 10)]):
        np.testing.assert_array_equal(filled([ring]), expected)
    closed = [(5, 10), (30, 10), (30, 20), (5, 20), (5, 10)]
    np.testing.assert_array_equal(filled([closed]), expected)


def test_centres_on_left_and_upper_edges_are_inside_and_on_the_others_outside() -> None:
    found = filled([[(2.5, 3.5), (5.5, 3.5), (5.5, 6.5), (2.5, 6.5)]])
    expected = np.zeros(SIZE_HW, bool)
    expected[3:6, 2:5] = True
    np.testing.assert_array_equal(found, expected)


def test_a_ring_in_a_ring_is_a_hole_and_one_in_that_an_island() -> None:
    rings = [[(a, a), (50 - a, a), (50 - a, 50 - a), (a, 50 - a)] for a in (5, 12, 20)]
    found = filled(rings)
    assert found[6, 6]
    assert not found[15, 15]
    assert found[25, 25]
    assert found.sum() == 40**2 - 26**2 + 10**2


@pytest.mark.parametrize("seed", range(20))
def test_any_polygons_follow_the_rule_of_centres(seed: int) -> None:
    rng = np.random.default_rng(seed)
    polygons = [
        rng.uniform(-20, [90, 70], (rng.integers(3, 12), 2)).tolist()
        for _ in range(rng.integers(1, 4))
    ]
    if seed % 2:  # many corners and centres on each other
        polygons = [(np.round(np.array(ring) * 2) / 2).tolist() for ring in polygons]
    np.testing.assert_array_equal(filled(polygons), plain(polygons, SIZE_HW))


def test_neighbours_share_no_pixel_and_leave_none_out() -> None:
    rng = np.random.default_rng(4)
    centre = (35.3, 24.1)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    far = [(35 + 90 * np.cos(a), 25 + 90 * np.sin(a)) for a in angles]
    pieces = [[centre, a, b] for a, b in zip(far, [*far[1:], far[0]], strict=True)]
    assert (sum(filled([piece]).astype(int) for piece in pieces) == 1).all()


@pytest.mark.parametrize(
    "polygons",
    [
        [],
        [[(1, 1), (30, 1), (50, 1)]],
        [[(1.1, 1.1), (1.4, 1.1), (1.4, 1.4)]],
        [[(-20, -20), (-5, -20), (-5, -3)]],
        [[(80, 10), (90, 10), (90, 30)]],
        [[(5, 5), (9, 5), (9, 9)], [(5, 5), (9, 5), (9, 9)]],
    ],
    ids=["none", "flat", "between centres", "left and above", "right", "twice the same"],
)
def test_what_holds_no_centre_is_empty(polygons: list[Any]) -> None:
    mask = Mask.from_polygons(polygons, SIZE_HW)
    assert mask.is_empty
    assert mask.box_xyxy == (0, 0, 0, 0)


def test_what_reaches_beyond_the_image_is_cut_off() -> None:
    assert filled([[(-1e6, -1e6), (1e6, -1e6), (1e6, 1e6), (-1e6, 1e6)]]).all()


@pytest.mark.parametrize(
    ("polygons", "message"),
    [
        ([[(1, 2), (3, 4)]], r"polygons\[0\]: expected a ring \(N, 2\) .* got .* \(2, 2\)"),
        ([np.zeros((4, 3))], r"got an array of the shape \(4, 3\)"),
        (np.zeros((4, 2)), r"several rings are a list of such arrays"),
        ([[(1, 2), (3, 4), (5, np.nan)]], r"polygons\[0\] must be finite, got \[5\.0, nan\]"),
    ],
)
def test_other_shapes_are_refused(polygons: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mask.from_polygons(polygons, SIZE_HW)


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1x1 pixel, got 0x5"):
        Mask.from_polygons([], (0, 5))


@pytest.mark.parametrize(
    "ring",
    [
        np.array([[[2, 1]], [[9, 1]], [[9, 6]], [[2, 6]]], np.int32),  # as OpenCV's findContours
        torch.tensor([[2.0, 1], [9, 1], [9, 6], [2, 6]], requires_grad=True),
        torch.tensor([[2, 1], [9, 1], [9, 6], [2, 6]], dtype=torch.bfloat16),
        ((2, 1), (9, 1), (9, 6), (2, 6)),
    ],
    ids=["OpenCV", "tensor with gradient", "bfloat16 tensor", "tuples"],
)
def test_a_ring_comes_as_it_comes(ring: Any) -> None:
    assert Mask.from_polygons([ring], SIZE_HW).box_xyxy == (2, 1, 9, 6)
