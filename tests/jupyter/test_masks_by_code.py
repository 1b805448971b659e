"""Painting by code, with a model behind it or none that works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from fakes import FakeModel, fake_predictor

from samwidget.jupyter.widget import SamWidget

IMAGE = np.zeros((48, 64, 3), np.uint8)


@pytest.fixture
def widget() -> Iterator[SamWidget]:
    widget = SamWidget(IMAGE, fake_predictor())
    yield widget
    widget.close()


def square(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros((48, 64), bool)
    mask[y1:y2, x1:x2] = True
    return mask


def test_what_is_painted_is_read_like_any_mask(widget: SamWidget) -> None:
    widget.paint([(10, 20), (30, 20)], 3)
    widget.erase([(20, 20)], 5)
    assert widget.masks.shape == (1, 48, 64)
    assert widget.masks[0, 20, 10]
    assert not widget.masks[0, 20, 20]
    widget.commit("bar")
    assert (widget.labels, widget.scores.tolist()) == (["bar"], [1.0])
    assert widget.objects[0].edited


def test_numpy_points_and_one_point_will_do(widget: SamWidget) -> None:
    widget.paint(np.array([[10, 20], [30, 20]]), np.float32(3))
    widget.paint([[10, 20], [30, 20]], 3)
    widget.undo()
    assert len(widget.objects) == 0, "the second one changed nothing"


def test_a_click_refines_what_was_painted_and_undo_brings_it_back(widget: SamWidget) -> None:
    widget.paint([(10, 20), (30, 20)], 3)
    painted = widget.masks[0]
    widget.add_point(12, 20)
    assert widget.objects[0].point_coords.tolist() == [[12, 20]]
    widget.undo()
    np.testing.assert_array_equal(widget.masks[0], painted)
    widget.redo()
    assert widget.objects[0].point_coords.tolist() == [[12, 20]]


def test_polygons_are_added_cut_and_set(widget: SamWidget) -> None:
    widget.add_polygon([(10, 10), (30, 10), (30, 30), (10, 30)])
    widget.cut_polygon([(10, 10), (20, 10), (20, 20), (10, 20)])
    np.testing.assert_array_equal(widget.masks[0], square(10, 10, 30, 30) & ~square(10, 10, 20, 20))
    widget.set_outline([[(1, 1), (5, 1), (5, 5), (1, 5)]])
    np.testing.assert_array_equal(widget.masks[0], square(1, 1, 5, 5))


def test_an_object_changes_in_its_place(widget: SamWidget) -> None:
    widget.add_mask(square(10, 10, 20, 20))
    widget.add_mask(square(30, 10, 40, 20))
    widget.grow(2, 1)
    widget.shrink(2, object_id=2)
    sides, corners = 4 * 10 * 2, 4  # the diagonal neighbours are 1.4 away
    assert [one.area for one in widget.objects] == [100 + sides + corners, 36]
    widget.smooth(1, 1)
    widget.paint([(60, 40)], 3, object_id=2)
    widget.drop_islands(object_id=2)
    widget.fill_holes(object_id=2)
    assert widget.objects[1].area == 36
    widget.paint([(60, 40)], 3, object_id=2)
    widget.split(2)
    assert [one.id for one in widget.objects] == [1, 2, 3]
    widget.union([2, 3])
    assert [one.id for one in widget.objects] == [1, 2]


def test_exclusive_objects_share_no_pixel(widget: SamWidget) -> None:
    assert widget.exclusive is False
    widget.exclusive = True
    widget.add_mask(square(10, 10, 30, 30))
    widget.add_mask(square(20, 10, 40, 30))
    assert widget.masks.sum(axis=0).max() == 1
    assert widget.objects[1].area == 400


@pytest.mark.parametrize("value", [1, "yes", None])
def test_exclusive_is_true_or_false(widget: SamWidget, value: object) -> None:
    with pytest.raises(TypeError, match="True or False"):
        widget.exclusive = value  # type: ignore[assignment]


def test_painting_needs_no_model_that_works() -> None:
    model = FakeModel()
    model.encode_error = RuntimeError("no memory")
    widget = SamWidget(IMAGE, fake_predictor(model))
    widget.paint([(10, 20), (30, 20)], 3)
    widget.commit("bar")
    assert widget.labels == ["bar"]
    with pytest.raises(RuntimeError, match="no memory"):
        widget.add_point(10, 10)
    assert widget.labels == ["bar"]
    widget.close()


@pytest.mark.parametrize(
    "number",
    [np.float32, np.array, lambda one: torch.tensor(float(one), requires_grad=True)],
    ids=["numpy", "0-d array", "tensor"],
)
def test_numbers_and_paths_come_as_they_come(widget: SamWidget, number: Any) -> None:
    widget.paint(torch.tensor([[10.0, 20], [30, 20]], requires_grad=True), number(3))
    widget.erase(torch.tensor([[10, 20]], dtype=torch.bfloat16), number(1))
    widget.grow(number(2))
    widget.fill_holes(number(0.5))
    widget.commit()
    widget.add_polygon(np.array([[[40, 10]], [[60, 10]], [[60, 40]]], np.int32))  # as OpenCV
    assert widget.masks.any(axis=(1, 2)).tolist() == [True, True]
    assert not any(word in widget.code() for word in ("tensor", "array(", "float32"))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (
            lambda w: w.paint([(10, 20)], "3"),
            "a brush's radius must be a number in pixels, got '3'",
        ),
        (lambda w: w.paint([(10, 20)], None), "a brush's radius must be a number in pixels"),
        (lambda w: w.paint(None, 3), "a path: expected a list of points .* got None"),
        (lambda w: w.grow([1, 2]), r"pixels must be a number in pixels, got \[1, 2\]"),
        (lambda w: w.grow(np.inf), "pixels must be a number in pixels, got inf"),
        (lambda w: w.fill_holes("all"), "max_share must be a number in shares of the mask's area"),
        (lambda w: w.add_polygon([10, None]), "a path: expected a list of points .*None is no"),
    ],
)
def test_what_is_no_number_is_named(widget: SamWidget, ask: Any, says: str) -> None:
    widget.add_point(20, 20)
    with pytest.raises(ValueError, match=says):
        ask(widget)
    assert len(widget.masks) == 1
