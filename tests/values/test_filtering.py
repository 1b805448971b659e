from __future__ import annotations

import numpy as np
import pytest

from samwidget.values.filtering import Thresholds, distinct, without_doubles

BOXES = np.array([[0, 0, 11, 11], [1, 0, 12, 11], [50, 50, 60, 60], [0, 0, 5, 5]], float)
SCORES = np.array([0.5, 0.9, 0.1, 0.7])


def test_of_boxes_that_overlap_the_best_is_kept() -> None:
    assert without_doubles(BOXES, SCORES, 0.7) == [1, 3, 2]
    assert without_doubles(BOXES, SCORES, 1) == [1, 3, 0, 2]
    assert without_doubles(np.zeros((0, 4)), np.zeros(0), 0.5) == []


@pytest.mark.parametrize(
    ("thresholds", "kept"),
    [
        pytest.param(Thresholds(0, 0, 0.7), [1, 3, 2], id="nothing is too bad"),
        pytest.param(Thresholds(0, 0, 1), [1, 3, 0, 2], id="nothing is a double"),
        pytest.param(Thresholds(0.5, 0, 1), [1, 3], id="the predicted IoU must be above"),
        pytest.param(Thresholds(0, 0.9, 1), [1, 2], id="the stability may be equal"),
        pytest.param(Thresholds(0, 0.95, 0.7), [2], id="what is filtered out suppresses nothing"),
        pytest.param(Thresholds(0.95, 0, 0.7), [], id="nothing is good enough"),
    ],
)
def test_what_is_kept(thresholds: Thresholds, kept: list[int]) -> None:
    assert distinct(BOXES, SCORES, np.array([0.3, 0.9, 1.0, 0.8]), thresholds) == kept
    nothing = np.zeros(0)
    assert distinct(np.zeros((0, 4)), nothing, nothing, thresholds) == []


def test_a_double_is_back_when_the_better_one_is_filtered_out() -> None:
    stability = np.array([1.0, 0.5, 1.0, 1.0])
    assert distinct(BOXES, SCORES, stability, Thresholds(0, 0.4, 0.7)) == [1, 3, 2]
    assert distinct(BOXES, SCORES, stability, Thresholds(0, 0.6, 0.7)) == [3, 0, 2]
