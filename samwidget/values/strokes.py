"""Brush strokes to masks: a path and a radius to pixels, by one rule on both sides.

``js/frame/strokes.ts`` does the same sums in the same order, so that the browser paints at once
what the kernel will say; ``tests/fixtures/strokes.json`` holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import as_rows
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.prompt_checks import read_number, read_numbers
from samwidget.values.runs import Runs

MOST_POINTS = 20_000
"""A path has at most so many points: some minutes of a hand that never rests."""

Floats = NDArray[np.float64]


def stroke_mask(points: ArrayLike, radius: float, size_hw: tuple[int, int]) -> Mask:
    """Give what a round brush covers that goes along a path.

    A pixel is inside when its centre is at most ``radius`` away from the path; what reaches beyond
    the image is cut off.

    Parameters
    ----------
    points
        (N, 2), (x, y) in pixels of the image frame, in the order of the stroke; one alone is a dab.
        They may lie beyond the image.
    radius
        In pixels, above 0.
    size_hw
        The image in pixels.

    Raises
    ------
    ValueError
        When there is no point, one is not finite, or the radius is none.

    Examples
    --------
    >>> stroke_mask([(2, 1.5), (5, 1.5)], 1.0, (3, 8)).area
    11
    """
    path = path_of("a stroke", points, least=1)
    if not (brush := read_number("a brush's radius", radius)) > 0:
        raise ValueError(f"a brush's radius is a number of pixels above 0, got {quoted(radius)}")
    return Mask(size_hw, _runs(path, brush, size_hw), None)


def path_of(name: str, points: ArrayLike, least: int) -> Floats:
    """Read a path (N, 2) of finite numbers, in pixels of the image frame.

    Raises
    ------
    ValueError
        When it has another shape, fewer than ``least`` points, too many, or a number that is none.
    """
    path = as_rows(read_numbers(name, points, "a list of points (x, y)"), 2)
    if path.ndim != 2 or path.shape[1] != 2:
        raise ValueError(
            f"{name} is a list of points (x, y), got an array of the shape {path.shape}"
        )
    if not least <= len(path) <= MOST_POINTS:
        noun = "point" if least == 1 else "points"
        raise ValueError(
            f"{name} has at least {least} {noun} and at most {MOST_POINTS}, got {len(path)}"
        )
    return path


def _runs(path: Floats, radius: float, size_hw: tuple[int, int]) -> Runs:
    height, width = size_hw
    start = path[:-1] if len(path) > 1 else path
    end = path[1:] if len(path) > 1 else path
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.clip(np.ceil(low - radius - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.floor(high + radius - 0.5) + 1, first, height).astype(np.int64)
    count = last - first
    segment = np.repeat(np.arange(len(start)), count)
    row = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count) + first[segment]
    # Around a segment everything within the radius is convex: one span in each row.
    left = np.full(len(row), np.inf)
    right = np.full(len(row), -np.inf)
    for a, b in _widths(start, end, radius, segment, row + 0.5):
        np.minimum(left, a, out=left)
        np.maximum(right, b, out=right)
    nothing = left > right
    left[nothing] = right[nothing] = 0.0
    begin = np.clip(np.ceil(left - 0.5), 0, width).astype(np.int64)
    stop = np.clip(np.floor(right - 0.5) + 1, 0, width).astype(np.int64)
    return _merged(row, begin, np.where(nothing, begin, stop), width)


def _widths(
    start: Floats, end: Floats, radius: float, segment: NDArray[np.int64], y: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Give where lines through pixels' centres enter and leave parts of what is around a segment.

    The parts are the disks around its ends and the edges of the rectangle between; a line that
    misses a part enters it at infinity.
    """
    for centre in (start, end):
        x_centre, down = centre[segment, 0], y - centre[segment, 1]
        squared = radius * radius - down * down
        half = np.sqrt(np.maximum(squared, 0.0))
        missed = squared < 0
        yield np.where(missed, np.inf, x_centre - half), np.where(missed, -np.inf, x_centre + half)
    delta = end - start
    length = np.sqrt(delta[:, 0] * delta[:, 0] + delta[:, 1] * delta[:, 1])
    to_side = radius / np.where(length > 0, length, 1.0)
    side = np.stack([-delta[:, 1] * to_side, delta[:, 0] * to_side], axis=1)
    corners = (start + side, end + side, end - side, start - side)
    for one, other in zip(corners, (*corners[1:], corners[0]), strict=True):
        (x1, y1), (x2, y2) = one[segment].T, other[segment].T
        crossed = (np.minimum(y1, y2) <= y) & (y <= np.maximum(y1, y2)) & (y1 != y2)
        rise = np.where(crossed, y2 - y1, 1.0)
        x = x1 + (y - y1) * (x2 - x1) / rise
        yield np.where(crossed, x, np.inf), np.where(crossed, x, -np.inf)


def _merged(
    row: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64], width: int
) -> Runs:
    """Encode spans that may overlap, in any order."""
    filled = stop > start
    row, start, stop = row[filled], start[filled], stop[filled]
    order = np.lexsort((start, row))
    # One number line for all rows, with a gap between them.
    begins = row[order] * (width + 1) + start[order]
    ends = np.maximum.accumulate(row[order] * (width + 1) + stop[order])
    apart = np.concatenate([[True], begins[1:] > ends[:-1]])[: len(begins)]
    group_begins = begins[apart]
    group_ends = ends[np.concatenate([apart[1:], [True]])[: len(begins)]]
    rows = group_begins // (width + 1)
    return Runs.of_spans(rows, group_begins - rows * (width + 1), group_ends - rows * (width + 1))
