"""The shapes in which doors take prompts from code, to one value per object.

Which numbers they may hold is the rule of :mod:`samwidget.values.prompt_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import as_rows, to_array
from samwidget.values.errors import quoted
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.mask_shapes import mask_logits, read_mask_prompts
from samwidget.values.prompt_checks import (
    Bounds,
    boxes_within,
    points_within,
    read_labels,
    read_numbers,
)
from samwidget.values.prompts import Point, Prompts

_Clicks = tuple[NDArray[np.float64], NDArray[np.int64]]
_NO_CLICKS: _Clicks = (np.zeros((0, 2)), np.zeros(0, np.int64))
_POINTS = (
    "(x, y) for one object, (N, 2) for N objects of one point each or (N, P, 2) for N objects of "
    "P points each"
)
_ONE_BOX = "four numbers, (x1, y1, x2, y2)"
_BOXES = "(x1, y1, x2, y2) for one object or (N, 4) for N objects"


@dataclass(frozen=True, eq=False)
class AskedObjects:
    """Prompts for several objects, of an image that is not known yet. See :func:`read_prompts`."""

    _clicks: list[_Clicks] | None
    _boxes: NDArray[np.float64] | None
    _masks: list[Mask] | NDArray[Any] | None

    @property
    def is_empty(self) -> bool:
        """Whether no object is asked for."""
        masks = self._masks
        has_points = any(len(coords) for coords, _ in self._clicks or ())
        has_boxes = self._boxes is not None and len(self._boxes) > 0
        has_masks = bool(masks) if isinstance(masks, list) else masks is not None and masks.size > 0
        return not (has_points or has_boxes or has_masks)

    def on_image(self, transform: ResizeTransform, mask_size: int) -> list[Prompts]:
        """Give the prompts of each object.

        Parameters
        ----------
        transform, mask_size
            Of the image and of the model that they are for.

        Raises
        ------
        ValueError
            When a point or a box is outside of the image, a mask has another size than image or
            model, or the numbers of objects differ.
        """
        clicks, boxes = self._clicks, self._boxes
        bounds = Bounds.of_image(transform.original_size_hw)
        logits = mask_logits(self._masks, transform, mask_size)
        count = _common_count((("points", clicks), ("bboxes", boxes), ("masks", logits)))
        cut = None if boxes is None else boxes_within("bboxes", boxes, bounds)
        asked = []
        for i in range(count):
            coords, labels = _NO_CLICKS if clicks is None else clicks[i]
            inside = points_within(f"points[{i}]" if count > 1 else "points", coords, bounds)
            prompts = Prompts(
                inside,
                labels,
                box_xyxy=None if cut is None else cut[i],
                mask_input=None if logits is None else logits[i],
            )
            if prompts.is_empty:
                raise ValueError(
                    f"points[{i}] is empty, and there is neither a box nor a mask for this object"
                )
            asked.append(prompts)
        return asked


def read_prompts(
    points: ArrayLike | Sequence[ArrayLike] | None,
    labels: ArrayLike | Sequence[ArrayLike] | None,
    bboxes: object,
    masks: ArrayLike | Mask | Sequence[Mask] | None,
) -> AskedObjects:
    """Read prompts for several objects, as :meth:`samwidget.SAM.predict` takes them.

    Parameters
    ----------
    points
        (2,) one object; (N, 2) N objects of one point each; (N, P, 2) N objects of P points each;
        or a sequence of N arrays (P, 2) with any P. Pixels of the image frame, (x, y).
    labels
        1 foreground, 0 background: one for each point, in the same nesting. None: all 1.
    bboxes
        (4,) or (N, 4), XYXY in pixels of the image frame.
    masks
        (H, W) or (N, H, W) bool in the image frame, or (M, M) or (N, M, M) float, the low-res
        logits of earlier predictions; or a :class:`Mask`, such as a result's ``shape``, or N.

    Raises
    ------
    ValueError
        When a shape or a number is none of these, or the numbers of objects differ.
    """
    clicks = _clicks(points, labels)
    boxes = None if bboxes is None else _boxes(bboxes)
    _common_count((("points", clicks), ("bboxes", boxes)))
    return AskedObjects(clicks, boxes, None if masks is None else read_mask_prompts(masks))


def one_object(
    point_coords: ArrayLike | None,
    point_labels: ArrayLike | None,
    box: ArrayLike | None,
    mask_input: ArrayLike | None,
    size_hw: tuple[int, int],
) -> Prompts | None:
    """Read prompts for one object, as :meth:`samwidget.SamPredictor.predict` takes them.

    Parameters
    ----------
    point_coords, point_labels, box, mask_input
        (N, 2), (N,), (4,) and (1, M, M); axes of length 1 may stand before.
    size_hw
        Of the image.

    Returns
    -------
    Prompts or None
        None where prompts were given that are all empty: there is no object.

    Raises
    ------
    ValueError
        When a shape or a number is none of these, or what is asked for is not on the image.
    """
    if point_coords is not None and point_labels is None:
        raise ValueError("point_labels must be given with point_coords: 1 for foreground, 0 else")
    bounds = Bounds.of_image(size_hw)
    points = as_rows(read_numbers("point_coords", () if point_coords is None else point_coords), 2)
    coords: NDArray[Any] = points
    if points.size and points.shape[1:] == (2,):
        coords = points_within("point_coords", points, bounds)
    prompts = Prompts(coords, () if point_labels is None else point_labels)  # type: ignore[arg-type]
    if box is not None:
        boxes = _boxes(box, "box", _ONE_BOX)
        if len(boxes) > 1:
            raise ValueError(
                f"box: expected {_ONE_BOX}, got the shape {boxes.shape}; predict one object "
                "after the other, or use SAM.predict(bboxes=...) for several"
            )
        if len(boxes):
            prompts = prompts.with_box(boxes_within("box", boxes, bounds)[0])
    if mask_input is not None:
        logits = read_numbers("mask_input", mask_input)
        prompts = prompts.with_mask_input(logits if logits.size else None)  # type: ignore[arg-type]
    given = (point_coords, box, mask_input)
    return None if prompts.is_empty and any(one is not None for one in given) else prompts


def read_clicks(points: object, labels: object = None) -> tuple[Point, ...]:
    """Read clicks on one object: (N, 2) and (N,), or one label for all; None: all 1.

    Raises
    ------
    ValueError
        When a shape, a label or a number is none of these.
    """
    coords = read_numbers("points", points, "an array (N, 2) of x and y")
    coords = as_rows(coords, 2) if coords.size else np.zeros((0, 2))
    if coords.ndim != 2 or coords.shape[1] != 2:
        raise ValueError(f"points: expected an array (N, 2) of x and y, got {quoted(points)}")
    given = np.ones(1, np.int64) if labels is None else read_labels("labels", labels).reshape(-1)
    if len(given) not in (1, len(coords)):
        raise ValueError(
            f"labels: expected one for each of {len(coords)} points, or one for all, got "
            f"{len(given)}"
        )
    return Prompts(coords, np.broadcast_to(given, len(coords)).copy()).points  # type: ignore[arg-type]


def one_box(box: object, size_hw: tuple[int, int]) -> tuple[float, float, float, float]:
    """Read the box of one object: four numbers, in an array of any shape with axes of length 1.

    Raises
    ------
    ValueError
        When it is none, or nothing of it is on an image (H, W).
    """
    boxes = _boxes(box, "the box", _ONE_BOX)
    if len(boxes) != 1:
        raise ValueError(f"the box: expected {_ONE_BOX}, got {len(boxes)} boxes; an object has one")
    x1, y1, x2, y2 = boxes_within("the box", boxes, Bounds.of_image(size_hw))[0].tolist()
    return x1, y1, x2, y2


def _common_count(prompts: Sequence[tuple[str, Any]]) -> int:
    counts = {name: len(value) for name, value in prompts if value is not None}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} for {count}" for name, count in counts.items())
        leave_out = " Leave out what there is none of." if 0 in counts.values() else ""
        raise ValueError(
            f"points, bboxes and masks go together object by object, but there are {listed}. "
            "Points (N, 2) are N objects of one point each; points on one object have the shape "
            f"(1, P, 2).{leave_out}"
        )
    return max(counts.values(), default=0)


def _clicks(points: object, labels: object) -> list[_Clicks] | None:
    given = None if labels is None else _rows(labels)
    if points is None:
        if given is None:
            return None
        if sum(np.size(row) for row in given):
            raise ValueError("labels came without points; each label belongs to a point")
        return []
    coords = _coords(points)
    if given is None:
        return [(one, np.ones(len(one), np.int64)) for one in coords]
    rows = _labels_of(coords, given)
    if rows is None:
        total = sum(map(len, coords))
        raise ValueError(
            f"expected one label for each of {total} points on {len(coords)} object(s), got labels "
            f"{quoted(labels)}. Points (N, 2) are N objects of one point each; points on one "
            "object have the shape (1, P, 2) and labels the shape (1, P)."
        )
    return list(zip(coords, rows, strict=True))


def _rows(labels: object) -> list[NDArray[np.int64]]:
    """Read labels in their nesting: one array, or arrays of several lengths."""
    try:
        return [read_labels("labels", labels)]
    except ValueError:
        if not isinstance(labels, list | tuple) or any(np.isscalar(row) for row in labels):
            raise
        return [read_labels(f"labels[{i}]", row) for i, row in enumerate(labels)]


def _labels_of(
    coords: list[NDArray[np.float64]], given: list[NDArray[np.int64]]
) -> list[NDArray[np.int64]] | None:
    """Give each object's labels (P,), None where they do not fit."""
    lengths = [len(one) for one in coords]
    if len(given) == 1 and len(set(lengths)) <= 1:
        # Alike but for axes of length 1: (N,) for N objects of one point, (P,) for one object.
        points_each = lengths[0] if lengths else 0
        core = tuple(side for side in (len(coords), points_each) if side != 1)
        if tuple(side for side in given[0].shape if side != 1) != core:
            both_empty = given[0].size == 0 and sum(lengths) == 0
            return [given[0].reshape(-1)] * len(coords) if both_empty else None
        return list(given[0].reshape(len(coords), points_each))
    rows = given if len(given) > 1 else list(given[0]) if given[0].ndim > 1 else []
    rows = [row.reshape(-1) for row in rows]
    return rows if [len(row) for row in rows] == lengths else None


def _coords(points: object) -> list[NDArray[np.float64]]:
    """Give each object's points, (P, 2)."""
    if isinstance(points, list | tuple) and _is_ragged(points):
        coords = [read_numbers(f"points[{i}]", one) for i, one in enumerate(points)]
        coords = [one.reshape(0, 2) if one.size == 0 else as_rows(one, 2) for one in coords]
    else:
        array = read_numbers("points", points, _POINTS)
        if array.size == 0:  # (N, 0, 2) are N objects without a point
            count = array.shape[0] if array.ndim == 3 else 0
            return [np.zeros((0, 2))] * count
        while array.ndim > 3 and array.shape[0] == 1:
            array = array[0]
        array = array[None, None] if array.ndim == 1 else array
        coords = list(array[:, None] if array.ndim == 2 else np.atleast_1d(array))
    if any(one.ndim != 2 or one.shape[1] != 2 for one in coords):
        raise ValueError(f"points: expected {_POINTS}, got {quoted(points)}")
    return coords


def _is_ragged(rows: Sequence[object]) -> bool:
    """Whether these are arrays of several shapes, none of them a single number."""
    try:
        shapes = {to_array(row).shape for row in rows}
    except Exception:  # what is wrong is said by whoever reads it in earnest
        return False
    return len(shapes) > 1 and all(len(shape) > 1 or shape == (0,) for shape in shapes)


def _boxes(bboxes: object, name: str = "bboxes", expected: str = _BOXES) -> NDArray[np.float64]:
    """Give boxes (N, 4) whose corners are not looked at yet."""
    boxes = read_numbers(name, bboxes, expected)
    if boxes.size == 0:
        return np.zeros((0, 4))
    came = boxes.shape
    boxes = as_rows(boxes, 4)
    if boxes.ndim != 2 or boxes.shape[-1] != 4:
        more = boxes.ndim == 2 and boxes.shape[-1] > 4
        first = f"; give the first four columns, {name}[:, :4]" if more else ""
        what = quoted(bboxes) if isinstance(bboxes, list | tuple) else f"the shape {came}"
        raise ValueError(f"{name}: expected {expected}, got {what}{first}")
    return boxes
