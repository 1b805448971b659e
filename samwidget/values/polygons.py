"""Polygons to masks, exactly by the rule of pixel centres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import as_rows
from samwidget.values.prompt_checks import read_numbers
from samwidget.values.runs import Runs


def runs_of_polygons(polygons: Sequence[ArrayLike], size_hw: tuple[int, int]) -> Runs:
    """Fill polygons by the even-odd rule.

    A pixel is inside when its centre is: when a line from it to the left crosses the rings an odd
    number of times. A centre exactly on a left or upper edge is inside, on a right or lower edge
    outside, so that polygons which share an edge share no pixel.

    Parameters
    ----------
    polygons
        Rings, each (N, 2), (x, y) in pixels of the image frame, closed by themselves; a ring within
        another is a hole. What reaches beyond the image is cut off.
    size_hw
        The image in pixels.

    Raises
    ------
    ValueError
        When a ring has another shape, fewer than 3 points, or a number that is not finite.
    """
    height, width = size_hw
    crossings = [_crossings(_ring(i, ring), height) for i, ring in enumerate(polygons)]
    rows = np.concatenate([np.zeros(0, np.int64), *(row for row, _ in crossings)])
    xs = np.concatenate([np.zeros(0), *(x for _, x in crossings)])
    order = np.lexsort((xs, rows))
    # Rings are closed: in each row the crossings go in pairs, in and out. The first pixel whose
    # centre is not left of the crossing is the first that changes.
    columns = np.clip(np.ceil(xs[order] - 0.5), 0, width).astype(np.int64)
    return Runs.of_spans(rows[order][0::2], columns[0::2], columns[1::2])


def _ring(number: int, ring: ArrayLike) -> NDArray[np.float64]:
    name, expected = f"polygons[{number}]", "a ring (N, 2) of at least 3 points (x, y)"
    points = as_rows(read_numbers(name, ring, expected), 2)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ValueError(
            f"{name}: expected {expected}, got an array of the shape {points.shape}; several rings "
            "are a list of such arrays"
        )
    return points


def _crossings(
    ring: NDArray[np.float64], height: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give rows and x where the ring's edges cross the lines through the pixels' centres."""
    start, end = ring, np.roll(ring, -1, axis=0)
    upward = start[:, 1] > end[:, 1]  # one direction only, so that a shared edge is cut equally
    start, end = np.where(upward[:, None], end, start), np.where(upward[:, None], start, end)
    # An edge from y1 to y2 crosses the centres with y1 <= y < y2: none is counted twice at a corner
    first = np.clip(np.ceil(start[:, 1] - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.ceil(end[:, 1] - 0.5), 0, height).astype(np.int64)
    count = last - first
    edge = np.repeat(np.arange(len(ring)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    (x1, y1), (x2, y2) = start[edge].T, end[edge].T
    return row, x1 + (row + 0.5 - y1) * (x2 - x1) / (y2 - y1)
