"""The shapes in which :meth:`samwidget.SAM.predict` takes prompts, to one value per object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.prompts import Prompts

_Clicks = tuple[NDArray[np.float32], NDArray[Any]]
_NO_CLICKS: _Clicks = (np.zeros((0, 2), np.float32), np.zeros(0, np.int64))


def split_prompts(
    points: ArrayLike | Sequence[ArrayLike] | None,
    labels: ArrayLike | Sequence[ArrayLike] | None,
    bboxes: object,
    masks: ArrayLike | Mask | Sequence[Mask] | None,
    *,
    transform: ResizeTransform,
    mask_size: int,
) -> list[Prompts]:
    """Turn prompts for several objects into a list with one entry per object.

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
    transform, mask_size
        Of the image and of the model that the prompts are for.

    Raises
    ------
    ValueError
        When a shape is none of these, when the numbers of objects differ, or without any prompt.
    """
    clicks = _clicks(points, labels)
    boxes = _boxes(bboxes)
    logits = _mask_logits(masks, transform, mask_size)
    found = (("points", clicks), ("bboxes", boxes), ("masks", logits))
    counts = {name: len(value) for name, value in found if value is not None}
    if not counts:
        raise ValueError(
            "prompts are needed, but points, bboxes and masks are empty; leave them all out to "
            "segment everything"
        )
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} for {count}" for name, count in counts.items())
        raise ValueError(
            f"points, bboxes and masks go together object by object, but there are {listed}. "
            "Points (N, 2) are N objects of one point each; points on one object have the shape "
            "(1, P, 2)."
        )
    return [
        Prompts(
            *(_NO_CLICKS if clicks is None else clicks[i]),
            box_xyxy=None if boxes is None else boxes[i],
            mask_input=None if logits is None else logits[i],
        )
        for i in range(max(counts.values()))
    ]


def _clicks(points: object, labels: object) -> list[_Clicks] | None:
    if points is None:
        if labels is not None:
            raise ValueError("labels came without points; each label belongs to a point")
        return None
    coords = _coords(points)
    if not coords:
        return None
    if labels is None:
        return [(one, np.ones(len(one), np.int64)) for one in coords]
    try:
        flat = np.asarray(labels)
        rows = list(flat.reshape(len(coords), -1)) if flat.size else []
    except ValueError:  # lists of unequal length, or a number that does not divide
        rows = [np.asarray(row) for row in labels] if isinstance(labels, Sequence) else []
    if [row.shape for row in rows] != [one.shape[:1] for one in coords]:
        total = sum(map(len, coords))
        raise ValueError(
            f"expected one label for each of {total} points on {len(coords)} object(s), got labels "
            f"{_shown(labels)}. Points (N, 2) are N objects of one point each; points on one "
            "object have the shape (1, P, 2) and labels the shape (1, P)."
        )
    return list(zip(coords, rows, strict=True))


def _coords(points: object) -> list[NDArray[np.float32]]:
    """Give each object's points, (P, 2)."""
    try:
        array = np.asarray(points, np.float32)
    except (TypeError, ValueError):  # lists of unequal length, perhaps
        try:
            coords = [np.asarray(one, np.float32) for one in points]  # type: ignore[attr-defined]
        except (TypeError, ValueError):
            coords = []
    else:
        if array.size == 0:
            return []
        array = array[None, None] if array.ndim == 1 else array
        coords = list(array[:, None] if array.ndim == 2 else np.atleast_1d(array))
    if not coords or any(one.ndim != 2 or one.shape[1] != 2 for one in coords):
        raise ValueError(
            "points: expected (x, y) for one object, (N, 2) for N objects of one point each or "
            f"(N, P, 2) for N objects of P points each, got {_shown(points)}"
        )
    return coords


def _boxes(bboxes: object) -> list[NDArray[np.float32]] | None:
    if bboxes is None:
        return None
    try:
        boxes = np.asarray(bboxes, np.float32)
    except (TypeError, ValueError):
        boxes = np.zeros((), np.float32)
    if boxes.size == 0 and boxes.ndim:
        return None
    if boxes.ndim not in (1, 2) or boxes.shape[-1] != 4:
        raise ValueError(
            "bboxes: expected (x1, y1, x2, y2) for one object or (N, 4) for N objects, got "
            + _shown(bboxes)
        )
    return list(np.atleast_2d(boxes))


def _mask_logits(
    masks: object, transform: ResizeTransform, mask_size: int
) -> list[NDArray[np.float32]] | None:
    """Give each object's low-res logits, (1, M, M)."""
    if masks is None:
        return None
    shapes = [masks] if isinstance(masks, Mask) else masks
    if isinstance(shapes, list | tuple) and shapes and all(isinstance(m, Mask) for m in shapes):
        return [shape.as_mask_input(transform, mask_size) for shape in shapes]
    try:
        array = np.asarray(masks)
    except ValueError:
        raise ValueError("masks: expected arrays of one shape, got several shapes") from None
    if array.size == 0:
        return None
    low_res = (mask_size, mask_size)
    expected = transform.original_size_hw if array.dtype == np.bool_ else low_res
    if array.ndim not in (2, 3) or array.shape[-2:] != expected or array.dtype.kind not in "bf":
        height, width = transform.original_size_hw
        raise ValueError(
            f"masks: expected (N, {height}, {width}) bool, as large as the image, or "
            f"(N, {mask_size}, {mask_size}) float low-res logits, got {array.shape} {array.dtype}"
        )
    array = array.reshape(-1, *expected)
    if array.dtype == np.bool_:
        return [Mask.from_array(mask).as_mask_input(transform, mask_size) for mask in array]
    return list(array.astype(np.float32)[:, None])


def _shown(value: object) -> str:
    """Describe what came: the shape of an array, or the value if it is short."""
    shape = getattr(value, "shape", None)
    text = f"an array of the shape {tuple(shape)}" if shape is not None else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
