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
    numbers, areas = islands(mask)
    stays = _large_or_largest(areas, min_area)
    stays[numbers[keep_xy[:, 1], keep_xy[:, 0]]] = True
    stays[0] = False
    kept: NDArray[np.bool_] = stays[numbers]
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


def drop_small_regions(mask: NDArray[np.bool_], min_area: float) -> tuple[NDArray[np.bool_], bool]:
    """Fill small holes and then drop small islands as segment-anything's generator does.

    Parameters
    ----------
    mask
        (h, w) bool. Pixels that touch at a side or at a corner belong to one region, inside as
        outside. What lies outside is a hole also at the array's edge.
    min_area
        In pixels. Regions of at least this area stay; of islands that all are smaller, the largest.

    Returns
    -------
    ndarray
        (h, w) bool, a new array.
    had_any
        Whether there was a small region, even if it is the island that stays.
    """
    gaps, gap_areas = islands(~mask)
    is_hole = gap_areas < min_area
    is_hole[0] = False
    filled = mask | is_hole[gaps]
    numbers, areas = islands(filled)
    kept: NDArray[np.bool_] = _large_or_largest(areas, min_area)[numbers]
    return kept, bool(is_hole.any() or (areas[1:] < min_area).any())


def islands(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Give the number of each pixel's island, 0 outside, and areas by these numbers, 0 for 0."""
    from scipy import ndimage  # takes 0.3 s

    numbers, _ = ndimage.label(mask, _EIGHT_NEIGHBOURS)
    areas = np.bincount(numbers.ravel(), minlength=1)
    areas[0] = 0
    return numbers, areas


def _large_or_largest(areas: NDArray[np.intp], min_area: float) -> NDArray[np.bool_]:
    stays = areas >= min_area
    stays[areas.argmax()] = True
    stays[0] = False
    return stays
