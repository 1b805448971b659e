from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from samwidget.values.mask import Mask
from samwidget.values.reshaping import MOST_PIXELS, grown, parts, shrunk, smoothed


def mask_of(*boxes_xyxy: tuple[int, int, int, int], size_hw: tuple[int, int] = (40, 50)) -> Mask:
    array = np.zeros(size_hw, bool)
    for x1, y1, x2, y2 in boxes_xyxy:
        array[y1:y2, x1:x2] = True
    return Mask.from_array(array)


def distance_between(pixels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """From each pixel's centre to that of the next of the others, by the definition."""
    places, all_places = np.argwhere(others), np.argwhere(np.ones_like(pixels))
    away = np.sqrt(((all_places[:, None] - places[None]) ** 2).sum(-1)).min(1)
    return away.reshape(pixels.shape)


@pytest.mark.parametrize("pixels", [1, 1.5, 4, 60])
def test_a_mask_grows_by_distance_and_not_beyond_the_image(pixels: float) -> None:
    mask = mask_of((10, 12, 20, 18), (0, 30, 3, 40))
    expected = distance_between(mask.full(), mask.full()) <= pixels
    np.testing.assert_array_equal(grown(mask, pixels).full(), expected)


@pytest.mark.parametrize("pixels", [1, 1.5, 2, 9])
def test_a_mask_shrinks_by_distance_but_not_at_the_image_border(pixels: float) -> None:
    mask = mask_of((10, 12, 20, 18), (0, 30, 8, 40))
    expected = distance_between(mask.full(), ~mask.full()) > pixels
    np.testing.assert_array_equal(shrunk(mask, pixels).full(), expected)


def test_all_of_the_image_does_not_shrink() -> None:
    mask = mask_of((0, 0, 50, 40))
    assert shrunk(mask, 5) is mask


def test_smoothing_leaves_straight_borders_and_takes_specks_and_pin_holes() -> None:
    array = np.zeros((60, 80), bool)
    array[:, 30:] = True
    rough = array.copy()
    rough[20, 10] = True
    rough[40, 60] = False
    np.testing.assert_array_equal(smoothed(Mask.from_array(rough), 2).full(), array)


def test_smoothing_rounds_a_corner() -> None:
    mask = mask_of((10, 10, 40, 30))
    after = smoothed(mask, 3).full()
    assert not after[10, 10]
    assert after[10, 25]
    assert not after[9, 25]


@pytest.mark.parametrize("change", [grown, shrunk, smoothed])
@pytest.mark.parametrize("pixels", [0, -1, np.nan, MOST_PIXELS + 1])
def test_amounts_that_are_none_are_refused(
    change: Callable[[Mask, float], Mask], pixels: float
) -> None:
    with pytest.raises(ValueError, match="expected a number of pixels, 0 to 1000, got"):
        change(mask_of((1, 1, 5, 5)), pixels)


@pytest.mark.parametrize("change", [grown, shrunk, smoothed])
def test_an_empty_mask_stays(change: Callable[[Mask, float], Mask]) -> None:
    empty = mask_of()
    assert change(empty, 3) is empty


def test_parts_come_by_size_and_hang_together_at_corners() -> None:
    mask = mask_of((2, 2, 4, 4), (4, 4, 5, 5), (10, 20, 30, 30), (40, 3, 45, 4))
    pieces = parts(mask)
    assert [(one.area, one.box_xyxy) for one in pieces] == [
        (200, (10, 20, 30, 30)),
        (5, (2, 2, 5, 5)),
        (5, (40, 3, 45, 4)),
    ]
    together = np.logical_or.reduce([one.full() for one in pieces])
    np.testing.assert_array_equal(together, mask.full())


def test_one_part_is_the_mask_itself_and_nothing_has_none() -> None:
    mask = mask_of((2, 2, 9, 9))
    assert parts(mask) == [mask]
    assert parts(mask_of()) == []
