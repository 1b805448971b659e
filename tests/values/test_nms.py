from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samwidget.values.nms import box_nms


def plain(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> list[int]:
    def iou(a: np.ndarray, b: np.ndarray) -> float:
        sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
        both = sides.prod()
        return both / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - both)

    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(iou(boxes[i], boxes[k]) <= threshold for k in kept):
            kept.append(i)
    return kept


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7, 1.0])
def test_equals_the_plain_rule(seed: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 30, (40, 2))
    boxes = np.concatenate([corner, corner + rng.integers(1, 20, (40, 2))], axis=1)
    scores = rng.integers(0, 12, 40) / 12  # some equal
    assert box_nms(boxes, scores, threshold).tolist() == plain(boxes, scores, threshold)


def test_a_box_suppressed_does_not_suppress() -> None:
    boxes = [[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]]  # IoU of neighbours 0.43
    assert box_nms(boxes, [0.9, 0.8, 0.7], 0.4).tolist() == [0, 2]


def test_of_equal_boxes_the_first_stays() -> None:
    assert box_nms([[0, 0, 1, 1]] * 3, [0.5, 0.5, 0.5], 0.7).tolist() == [0]


@pytest.mark.parametrize("boxes", [[], np.zeros((0, 4))])
def test_no_box_is_fine(boxes: Any) -> None:
    kept = box_nms(boxes, [], 0.7)
    assert kept.tolist() == []
    assert kept.dtype == np.intp


def test_boxes_without_an_area_do_no_harm() -> None:
    assert box_nms([[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 3, 3]], [3, 2, 1], 0.5).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("boxes", "scores", "threshold", "message"),
    [
        ([[0, 0, 1]], [1], 0.5, r"expected boxes_xyxy \(N, 4\).*got \(1, 3\) and \(1,\)"),
        ([[0, 0, 1, 1]], [1, 2], 0.5, r"got \(1, 4\) and \(2,\)"),
        ([[0, 0, 1, 1]], [1], 1.5, "iou_threshold: expected 0 to 1, got 1.5"),
    ],
)
def test_bad_input_is_named(boxes: Any, scores: Any, threshold: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        box_nms(boxes, scores, threshold)
