"""Prompts of B objects as segment-anything's batches hold them: in the model frame.

Which numbers they may hold is the rule of :mod:`samwidget.values.prompt_checks`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.arrays import as_rows, squeezed
from samwidget.values.errors import quoted
from samwidget.values.prompt_checks import (
    Bounds,
    boxes_within,
    check_finite,
    points_within,
    read_labels,
    read_numbers,
)


class PromptBatch(NamedTuple):
    """What was given for B objects, as :meth:`samwidget.models.base.SegmentAnything.decode` wants.

    Attributes
    ----------
    point_coords, point_labels
        (B, N, 2) float32 and (B, N) int64, or None.
    boxes
        (B, 4) float32, or None.
    mask_input
        (B, 1, M, M) float32, or None.
    names_nothing
        (B,) bool: there are points, but none says what the object is, nor does anything else.
    """

    point_coords: NDArray[np.float32] | None
    point_labels: NDArray[np.int64] | None
    boxes: NDArray[np.float32] | None
    mask_input: NDArray[np.float32] | None
    names_nothing: NDArray[np.bool_]


def read_batch(
    point_coords: Any,
    point_labels: Any,
    boxes: Any,
    mask_input: Any,
    *,
    bounds: Bounds,
    mask_size: int,
) -> PromptBatch:
    """Read prompts of B objects in the model frame.

    Parameters
    ----------
    point_coords, point_labels
        (B, N, 2), (x, y), and (B, N): 1 foreground, 0 background, -1 for a point that only fills
        the row and may lie anywhere.
    boxes
        (B, 4), XYXY, or (4,) for one object.
    mask_input
        (B, 1, M, M) or (B, M, M) low-res logits; one alone is for all objects.
    bounds
        Of the image in the model frame.
    mask_size
        Side M of the model's low-res logits.

    Raises
    ------
    ValueError
        When a shape or a number is none of these, the numbers of objects differ, or something is
        not on the image.
    """
    if (point_coords is None) != (point_labels is None):
        raise ValueError("point_coords and point_labels go together; one of them is None")
    counts: dict[str, int] = {}
    coords = labels = framed = logits = None
    if point_coords is not None:
        coords, labels = _points(point_coords, point_labels, bounds)
        counts["point_coords"] = len(coords)
    if boxes is not None:
        framed = _boxes(boxes, bounds)
        counts["boxes"] = len(framed)
    if mask_input is not None:
        logits = _logits(mask_input, mask_size)
        if len(logits) == 1 and counts:
            logits = np.repeat(logits, max(counts.values()), axis=0)
        counts["mask_input"] = len(logits)
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} for {count}" for name, count in counts.items())
        raise ValueError(f"prompts go together object by object, but there are {listed} objects")
    count = max(counts.values(), default=1)
    nothing = np.zeros(count, np.bool_)
    if labels is not None and framed is None and logits is None:
        nothing = ~(labels == 1).any(axis=1)
    return PromptBatch(coords, labels, framed, logits, nothing)


def _points(
    point_coords: Any, point_labels: Any, bounds: Bounds
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    labels = read_labels("point_labels", point_labels, may_fill=True)
    # Where a point only fills the row may stand anything.
    coords = read_numbers("point_coords", point_coords, "(B, N, 2)", finite=False)
    if coords.size == 0 == labels.size and coords.ndim < 3:
        return np.zeros((0, 1, 2), np.float32), np.zeros((0, 1), np.int64)
    while coords.ndim > 3 and coords.shape[0] == 1:
        coords = coords[0]
    while labels.ndim > 2 and labels.shape[0] == 1:
        labels = labels[0]
    if coords.ndim != 3 or coords.shape[-1] != 2:
        raise ValueError(
            "point_coords: expected (B, N, 2), B objects of N points each, got "
            f"{quoted(point_coords)}"
        )
    if labels.shape != coords.shape[:2]:
        raise ValueError(
            f"point_labels must hold one label for each point, {coords.shape[:2]}, got the shape "
            f"{labels.shape}"
        )
    framed = np.zeros(coords.shape, np.float32)
    for i, (own, own_labels) in enumerate(zip(coords, labels, strict=True)):
        counts = own_labels != -1
        name = f"point_coords[{i}]"
        framed[i, counts] = points_within(name, check_finite(name, own[counts]), bounds)
    return framed, labels


def _boxes(boxes: Any, bounds: Bounds) -> NDArray[np.float32]:
    array = read_numbers("boxes", boxes, "(B, 4)")
    if array.size == 0:
        return np.zeros((0, 4), np.float32)
    array = as_rows(array, 4)
    if array.ndim != 2 or array.shape[-1] != 4:
        raise ValueError(f"boxes: expected (B, 4), (x1, y1, x2, y2), got {quoted(boxes)}")
    return boxes_within("boxes", array, bounds)


def _logits(mask_input: Any, mask_size: int) -> NDArray[np.float32]:
    array = read_numbers("mask_input", mask_input, "low-res logits")
    shape = (1, mask_size, mask_size)
    if array.size == 0:
        return np.zeros((0, *shape), np.float32)
    if squeezed(array, keep=2).ndim > 3 or array.shape[-2:] != shape[1:]:
        raise ValueError(
            f"mask_input must have the shape (B, {', '.join(map(str, shape))}), got "
            f"{quoted(mask_input)}"
        )
    return array.astype(np.float32).reshape(-1, *shape)
