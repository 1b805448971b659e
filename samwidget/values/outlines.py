"""Masks to polygons: the borders of their pixels, exactly; the way back is in ``polygons.py``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.int64]
Polygon = list[Ring]
"""The outer ring and then its holes."""


def outlines(pixels: NDArray[np.bool_], left: int = 0, top: int = 0) -> list[Polygon]:
    """Trace the borders of a mask's pixels.

    Parameters
    ----------
    pixels
        (h, w) bool.
    left, top
        Where its first pixel lies in the image.

    Returns
    -------
    list of list of ndarray
        A polygon for each part whose pixels hang together by their sides: its outer ring, clockwise
        on the screen, then its holes, counter-clockwise. A ring is (N, 2) int64, (x, y) of its
        corners in the image frame, closed by itself. Rings pass no corner twice and cross nowhere;
        a hole may touch its outer ring in a corner. So the polygons are valid for GEOS and its kin.

    Examples
    --------
    >>> [ring.tolist() for ring in outlines(np.array([[False, True, True]]))[0]]
    [[[1, 0], [3, 0], [3, 1], [1, 1]]]
    """
    from scipy import ndimage  # takes 0.3 s

    parts, count = ndimage.label(pixels)
    shells: dict[int, Ring] = {}
    holes: dict[int, Polygon] = {number: [] for number in range(1, count + 1)}
    for ring in _rings(np.pad(pixels, 1)):
        part = int(parts[_pixel_inside(ring)])
        if _doubled_area(ring) > 0:
            shells[part] = ring
        else:
            holes[part].append(ring)
    corner = np.array([left, top])
    return [[ring + corner for ring in (shells[i], *holes[i])] for i in sorted(shells)]


def _rings(padded: NDArray[np.bool_]) -> list[Ring]:
    """Link the corners of the border to rings that have the mask on their right hand."""
    above_left, above_right = padded[:-1, :-1], padded[:-1, 1:]
    below_left, below_right = padded[1:, :-1], padded[1:, 1:]
    is_corner = above_left ^ above_right ^ below_left ^ below_right
    # Where two pixels touch by their corners alone, each has a corner of its own.
    falling = above_left & below_right & ~above_right & ~below_left
    rising = above_right & below_left & ~above_left & ~below_right
    places = [np.argwhere(one) for one in (is_corner, falling, falling, rising, rising)]
    rows, columns = np.concatenate(places).T
    # Which of the two ends the line from the left, and which of them the line from above.
    along = np.repeat([0, 0, 1, 0, 1], [len(one) for one in places])
    down = np.repeat([0, 0, 1, 1, 0], [len(one) for one in places])
    across = _partners(np.lexsort((along, columns, rows)))
    upright = _partners(np.lexsort((down, rows, columns)))
    goes_right = columns[across] > columns
    (starts,) = np.nonzero(goes_right & below_right[rows, columns])
    seen = np.zeros(len(rows), np.bool_).tolist()
    to_side, to_row = across.tolist(), upright.tolist()
    found: list[Ring] = []
    points = np.stack([columns, rows], axis=1)
    for start in starts.tolist():
        if seen[start]:
            continue
        ring, at = [], start
        while not seen[at]:
            beside = to_side[at]
            seen[at] = seen[beside] = True
            ring += [at, beside]
            at = to_row[beside]
        found += _simple(points[ring])
    return found


def _partners(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Corners on a line belong together two by two."""
    partners = np.empty_like(order)
    partners[order[0::2]], partners[order[1::2]] = order[1::2], order[0::2]
    return partners


def _simple(ring: Ring) -> list[Ring]:
    """Divide a ring at the corners that it passes twice."""
    if len(np.unique(ring, axis=0)) == len(ring):
        return [ring]
    found: list[Ring] = []
    path: list[tuple[int, int]] = []
    at: dict[tuple[int, int], int] = {}
    for x, y in ring.tolist():
        point = x, y
        if point in at:
            begin = at[point]
            found.append(np.array(path[begin:], np.int64))
            for passed in path[begin:]:
                del at[passed]
            del path[begin:]
        at[point] = len(path)
        path.append(point)
    return [*found, np.array(path, np.int64)]


def _pixel_inside(ring: Ring) -> tuple[int, int]:
    """Give (row, column) of a pixel of the mask at the ring's first line."""
    (x, y), (to_x, to_y) = ring[0].tolist(), ring[1].tolist()
    if to_y == y:
        return (y, x) if to_x > x else (y - 1, x - 1)
    return (y, x - 1) if to_y > y else (y - 1, x)


def _doubled_area(ring: Ring) -> int:
    x, y = ring.T
    return int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
