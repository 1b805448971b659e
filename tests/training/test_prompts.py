"""The simulated user clicks where the protocol says."""

from __future__ import annotations

import numpy as np

from training.metrics import boundary_iou, iou
from training.prompts import any_inside, box_of, correction, deepest, jittered

EVERYWHERE = np.ones((40, 60), bool)


def rectangle(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def test_the_first_click_is_the_middle() -> None:
    assert deepest(rectangle(10, 5, 31, 26)) == (20, 15)


def test_the_image_border_counts_as_a_border() -> None:
    x, y = deepest(EVERYWHERE)
    assert y in (19, 20)
    assert 19 <= x <= 40


def test_random_clicks_stay_inside_even_thin_masks() -> None:
    rng = np.random.default_rng(0)
    for mask in (rectangle(3, 3, 4, 30), rectangle(7, 7, 8, 8), rectangle(0, 0, 60, 40)):
        for _ in range(20):
            x, y = any_inside(mask, rng)
            assert mask[y, x]


def test_the_correction_goes_to_the_largest_error() -> None:
    truth = rectangle(10, 10, 30, 30)
    assert correction(rectangle(10, 10, 30, 15), truth, EVERYWHERE)[2] == 1
    x, y, label = correction(rectangle(10, 10, 59, 30), truth, EVERYWHERE)
    assert label == 0
    assert x >= 30
    assert 10 <= y < 30


def test_no_click_where_nothing_is_wrong_or_known() -> None:
    truth = rectangle(10, 10, 30, 30)
    assert correction(truth, truth, EVERYWHERE) is None
    assert correction(rectangle(10, 10, 35, 30), truth, ~rectangle(30, 0, 60, 40)) is None


def test_boxes_hold_the_mask_and_jitter_stays_in_the_frame() -> None:
    mask = rectangle(10, 5, 31, 26)
    np.testing.assert_array_equal(box_of(mask), [10, 5, 30, 25])
    rng = np.random.default_rng(0)
    for _ in range(50):
        x0, y0, x1, y1 = jittered(box_of(mask), 60, rng)
        assert 0 <= x0 < x1 <= 60
        assert 0 <= y0 < y1 <= 60


def test_iou_counts_known_pixels_only() -> None:
    a, b = rectangle(0, 0, 10, 10), rectangle(5, 0, 15, 10)
    assert iou(a, b, EVERYWHERE) == 50 / 150
    assert iou(a, b, rectangle(5, 0, 10, 10)) == 1.0
    assert iou(~EVERYWHERE, ~EVERYWHERE, EVERYWHERE) == 1.0


def test_boundary_iou_ignores_the_inside() -> None:
    truth = rectangle(5, 5, 55, 35)
    hollow = truth & ~rectangle(20, 15, 40, 25)
    assert boundary_iou(truth, truth, EVERYWHERE) == 1.0
    assert boundary_iou(rectangle(6, 6, 54, 34), truth, EVERYWHERE) < 0.5
    assert boundary_iou(hollow, truth, EVERYWHERE) > iou(hollow, truth, EVERYWHERE) - 0.35
