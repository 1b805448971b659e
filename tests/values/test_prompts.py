from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from samwidget.values.prompts import Prompts

TWO = Prompts([[10, 20], [30.5, 40]], [1, 0], box_xyxy=[1, 2, 50, 60])


def test_points_and_box_are_python_numbers() -> None:
    assert TWO.points == ((10.0, 20.0, 1), (30.5, 40.0, 0))
    assert TWO.box == (1.0, 2.0, 50.0, 60.0)
    assert type(TWO.points[0][2]) is int
    assert Prompts().points == ()
    assert Prompts().box is None


def test_edits_give_new_prompts_and_leave_the_rest() -> None:
    assert TWO.with_point(5, 6).points == (*TWO.points, (5.0, 6.0, 1))
    assert TWO.with_point(5, 6, 0).points[2] == (5.0, 6.0, 0)
    assert TWO.with_moved_point(1, 7, 8).points == (TWO.points[0], (7.0, 8.0, 0))
    assert TWO.without_point(0).points == (TWO.points[1],)
    assert TWO.with_box((3, 4, 5, 6)).box == (3.0, 4.0, 5.0, 6.0)
    assert TWO.with_box(None).box is None
    assert TWO.with_box(None).points == TWO.points
    assert TWO.with_point(5, 6).box == TWO.box
    assert TWO.points == ((10.0, 20.0, 1), (30.5, 40.0, 0)), "the old ones are as they were"


def test_the_last_point_may_go() -> None:
    left = Prompts([[1, 2]], [1]).without_point(0)
    assert left.is_empty
    assert left.point_coords.shape == (0, 2)


def test_logits_travel_along_uncopied() -> None:
    logits = np.random.default_rng(0).normal(size=(1, 8, 8)).astype(np.float32)
    given = TWO.with_mask_input(logits)
    later = given.with_point(1, 2).with_box(None)
    assert later.mask_input is given.mask_input
    assert given.mask_input is not None
    np.testing.assert_array_equal(given.mask_input, logits)
    assert given.with_mask_input(None).mask_input is None


def test_what_could_change_is_copied() -> None:
    coords = np.array([[1, 2]], np.float32)
    labels = np.array([1])
    made = Prompts(coords, labels)
    coords[:] = 9
    labels[:] = 0
    assert made.points == ((1.0, 2.0, 1),)
    for array in (made.point_coords, made.point_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert replace(made, box_xyxy=[0, 0, 1, 1]).point_coords is made.point_coords


@pytest.mark.parametrize("index", [-1, 2])
def test_points_that_are_not_there(index: int) -> None:
    with pytest.raises(ValueError, match=f"no point {index}: there are 2, counted from 0"):
        TWO.with_moved_point(index, 1, 2)
    with pytest.raises(ValueError, match=f"no point {index}"):
        TWO.without_point(index)


def test_edits_check_like_the_constructor() -> None:
    with pytest.raises(ValueError, match="must be finite"):
        TWO.with_point(float("nan"), 1)
    with pytest.raises(ValueError, match=r"must be 1 .* or 0"):
        TWO.with_point(1, 1, 2)
    with pytest.raises(ValueError, match="x1 <= x2"):
        TWO.with_box((5, 5, 1, 1))
