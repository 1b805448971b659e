from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.prompt_shapes import read_clicks, read_prompts
from samwidget.values.prompts import Prompts
from samwidget.values.upsample import full_mask

TRANSFORM = ResizeTransform.for_image((40, 80), 64)
MASK_SIZE = 16


def split(**prompts: Any) -> list[Prompts]:
    given = dict.fromkeys(("points", "labels", "bboxes", "masks")) | prompts
    return read_prompts(**given).on_image(TRANSFORM, MASK_SIZE)


@pytest.mark.parametrize(
    ("points", "labels", "expected"),
    [
        ([9, 5], None, [([[9, 5]], [1])]),
        ([9, 5], [0], [([[9, 5]], [0])]),
        ([9, 5], 0, [([[9, 5]], [0])]),
        ([[9, 5]], [[0]], [([[9, 5]], [0])]),
        ([[9, 5], [7, 3]], None, [([[9, 5]], [1]), ([[7, 3]], [1])]),
        ([[9, 5], [7, 3]], [1, 0], [([[9, 5]], [1]), ([[7, 3]], [0])]),
        ([[9, 5], [7, 3]], [[1], [0]], [([[9, 5]], [1]), ([[7, 3]], [0])]),
        ([[[9, 5], [7, 3]]], None, [([[9, 5], [7, 3]], [1, 1])]),
        ([[[9, 5], [7, 3]]], [[1, 0]], [([[9, 5], [7, 3]], [1, 0])]),
        ([[[9, 5], [7, 3]]], [1, 0], [([[9, 5], [7, 3]], [1, 0])]),
        (
            [[[9, 5], [7, 3]], [[2, 2], [4, 4]]],
            [[1, 0], [0, 1]],
            [([[9, 5], [7, 3]], [1, 0]), ([[2, 2], [4, 4]], [0, 1])],
        ),
        (
            [[[9, 5]], [[2, 2], [4, 4]]],
            [[1], [0, 1]],
            [([[9, 5]], [1]), ([[2, 2], [4, 4]], [0, 1])],
        ),
        ([[[9, 5]], [[2, 2], [4, 4]]], None, [([[9, 5]], [1]), ([[2, 2], [4, 4]], [1, 1])]),
        ((9.5, 5), [True], [([[9.5, 5]], [1])]),
    ],
)
@pytest.mark.parametrize("as_array", [False, True])
def test_points_mean_what_they_mean_in_ultralytics(
    points: Any, labels: Any, expected: list[tuple[Any, Any]], as_array: bool
) -> None:
    if as_array:
        try:
            points = np.array(points)
        except ValueError:
            points = [np.array(one) for one in points]
    found = split(points=points, labels=labels)
    assert [(p.point_coords.tolist(), p.point_labels.tolist()) for p in found] == expected
    assert all(p.box_xyxy is None and p.mask_input is None for p in found)


@pytest.mark.parametrize(
    ("bboxes", "expected"),
    [
        ([1, 2, 3, 4], [[1, 2, 3, 4]]),
        ([[1, 2, 3, 4]], [[1, 2, 3, 4]]),
        ([[1, 2, 3, 4], [5, 6, 7, 8]], [[1, 2, 3, 4], [5, 6, 7, 8]]),
    ],
)
def test_boxes_are_one_object_each(bboxes: Any, expected: Any) -> None:
    found = split(bboxes=bboxes)
    assert [p.box_xyxy.tolist() for p in found if p.box_xyxy is not None] == expected
    assert all(len(p.point_coords) == 0 for p in found)


def test_points_boxes_and_masks_pair_up_object_by_object() -> None:
    masks = np.zeros((2, MASK_SIZE, MASK_SIZE), np.float32)
    masks[1] = 5
    found = split(points=[[9, 5], [7, 3]], bboxes=[[1, 2, 3, 4], [5, 6, 7, 8]], masks=masks)
    second = found[1]
    assert second.point_coords.tolist() == [[7, 3]]
    assert second.box_xyxy is not None
    assert second.box_xyxy.tolist() == [5, 6, 7, 8]
    assert second.mask_input is not None
    assert second.mask_input.shape == (1, MASK_SIZE, MASK_SIZE)
    assert (second.mask_input == 5).all()


def test_one_low_res_mask_is_one_object() -> None:
    (one,) = split(masks=np.ones((MASK_SIZE, MASK_SIZE), np.float64))
    assert one.mask_input is not None
    assert one.mask_input.dtype == np.float32


def test_a_bool_mask_says_the_same_in_logits() -> None:
    mask = np.zeros((40, 80), bool)
    mask[10:30, 20:60] = True
    (one,) = split(masks=mask)
    assert one.mask_input is not None
    assert one.mask_input.shape == (1, MASK_SIZE, MASK_SIZE)
    # What lies below the 8 cells of the image is padding.
    assert (one.mask_input[0, 8:] < 0).all()
    assert (full_mask(one.mask_input[0], TRANSFORM) ^ mask).mean() < 0.05
    assert len(split(masks=np.stack([mask, mask, mask]))) == 3


def test_mask_values_are_prompts_too() -> None:
    values = np.random.default_rng(0).normal(size=(MASK_SIZE, MASK_SIZE)).astype(np.float32)
    shape = Mask.from_logits(values, TRANSFORM)
    for masks, count in ((shape, 1), ([shape, shape], 2), ((shape,), 1)):
        found = split(masks=masks)
        assert len(found) == count
        for one in found:
            np.testing.assert_array_equal(one.mask_input, values[None])


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ({"labels": [1]}, "labels came without points"),
        ({"points": [1, 2, 3]}, r"points: expected .* got \[1, 2, 3\]"),
        ({"points": np.zeros((12, 3))}, r"got an ndarray of the shape \(12, 3\)"),
        ({"points": np.zeros((12, 1, 1, 2))}, r"an ndarray of the shape \(12, 1, 1, 2\)"),
        ({"points": "here"}, "points: expected .* got 'here'"),
        ({"points": 7}, "points: expected .* got 7"),
        ({"points": [[[1, 2]], [[1, 2, 3]]]}, "points: expected"),
        (
            {"points": [[1, 2], [3, 4], [5, 6]], "labels": [1, 0]},
            r"each of 3 points on 3 object\(s\), got labels \[1, 0\].*N objects.*\(1, P, 2\)",
        ),
        (
            {"points": [[[1, 2], [3, 4]]], "labels": [1]},
            r"each of 2 points on 1 object\(s\)",
        ),
        ({"points": [[[1, 2]], [[3, 4], [5, 6]]], "labels": [1, 1, 0]}, "each of 3 points on 2"),
        ({"points": [[[1, 2]], [[3, 4], [5, 6]]], "labels": [[1, 1], [0]]}, "each of 3 points"),
        ({"points": [1, 2], "labels": []}, r"got labels \[\]"),
        ({"points": [1, 2], "labels": [2]}, "labels must be 1 .* or 0"),
        ({"points": [1, 2], "labels": ["cat"]}, "labels must be 1"),
        ({"points": [1, float("nan")]}, "points must be finite"),
        ({"bboxes": [1, 2, 3]}, r"bboxes: expected .* got \[1, 2, 3\]"),
        ({"bboxes": [[1, 2, 3, 4], [1, 2]]}, "bboxes: expected"),
        ({"bboxes": [3, 4, 1, 2]}, "x1 <= x2"),
        (
            {"points": [[1, 2], [3, 4]], "bboxes": [1, 2, 3, 4]},
            "object by object, but there are points for 2, bboxes for 1",
        ),
        (
            {"masks": np.zeros((40, 81), np.uint8)},
            r"masks: expected \(N, 40, 80\) bool.*\(N, 16, 16\) float.*got \(40, 81\) uint8",
        ),
        (
            {"masks": np.full((40, 80), 255, np.uint8)},
            "must hold 0 and 1 only, got values from 255 to 255; compare first",
        ),
        ({"masks": np.zeros((16, 16), bool)}, r"got \(16, 16\) bool"),
        ({"masks": np.zeros((40, 80), np.float32)}, r"got \(40, 80\) float32; .*masks > 0.5"),
        ({"masks": [np.zeros((2, 2)), np.zeros((3, 3))]}, "masks: expected arrays of one shape"),
    ],
)
def test_other_shapes_are_refused_with_what_came(prompts: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split(**prompts)


@pytest.mark.parametrize(
    ("points", "labels", "expected"),
    [
        ([(9, 5), (7, 3)], None, ((9, 5, 1), (7, 3, 1))),
        ([(9, 5), (7, 3)], 0, ((9, 5, 0), (7, 3, 0))),
        (np.array([[9, 5], [7, 3]]), [1, 0], ((9, 5, 1), (7, 3, 0))),
        ([(9, 5)], [0], ((9, 5, 0),)),
        (np.zeros((0, 2)), None, ()),
        ([], [], ()),
    ],
)
def test_clicks_on_one_object(points: Any, labels: Any, expected: tuple) -> None:
    assert read_clicks(points, labels) == expected


@pytest.mark.parametrize(
    ("points", "labels", "says"),
    [
        ([1, 2, 3], None, r"points: expected an array \(N, 2\)"),
        ([(1, 2, 3)], None, r"points: expected an array \(N, 2\)"),
        ([(1, 2), (3, 4)], [1, 0, 1], "labels: expected one for each of 2 points.*got 3"),
        ([(1, 2)], [2], r"labels must be 1 \(foreground\) or 0"),
        ([(1, "a")], None, "points: expected an array"),
    ],
)
def test_what_is_no_clicks_is_refused(points: Any, labels: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_clicks(points, labels)
