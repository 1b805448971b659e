"""Islands and holes of masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EIGHT_NEIGHBOURS = np.ones((3, 3), np.bool_)


def drop_islands(
    mask: NDArray[np.bool_], min_area: float, keep_xy: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Leave out the islands of a mask that are too small.

    Parameters
    ----------
    mask
        (h, w) bool. Pixels that touch at a side or at a corner belong to one island.
    min_area
        In pixels. Islands of at least this area stay, and always the largest one.
    keep_xy
        (N, 2) column and row of pixels; the islands that they lie on stay.

    Returns
    -------
    ndarray
        (h, w) bool, a new array.
    """
    from scipy import ndimage  # takes 0.3 s

    islands, count = ndimage.label(mask, _EIGHT_NEIGHBOURS)
    if count < 2:
        return mask.copy()
    areas = np.bincount(islands.ravel())
    areas[0] = 0  # the outside
    stays = areas >= min_area
    stays[areas.argmax()] = True
    stays[islands[keep_xy[:, 1], keep_xy[:, 0]]] = True
    stays[0] = False
    kept: NDArray[np.bool_] = stays[islands]
    return kept


def fill_holes(mask: NDArray[np.bool_], max_area: float) -> NDArray[np.bool_]:
    """Fill the holes of a mask that are small enough.

    Parameters
    ----------
    mask
        (h, w) bool. A hole is an area outside of the mask that is connected by its pixels' sides
        and does not reach the array's edge.
    max_area
        In pixels. Holes of at most this area are filled.

    Returns
    -------
    ndarray
        (h, w) bool, a new array.
    """
    from scipy import ndimage  # takes 0.3 s

    gaps, _ = ndimage.label(~mask)
    small = np.bincount(gaps.ravel()) <= max_area
    for edge in (gaps[0], gaps[-1], gaps[:, 0], gaps[:, -1]):
        small[edge] = False
    small[0] = True  # the mask itself
    filled: NDArray[np.bool_] = small[gaps]
    return filled
