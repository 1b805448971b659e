"""Masks without rags: small islands go and pin-holes are filled, on low-res logits.

What is done here is seen alike by whoever reads masks and by the browser, which draws the logits.
Which models want it says their :attr:`~samwidget.models.config.ModelConfig.cleans_masks`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samwidget.values.levels import span_with_margin

ISLAND_SHARE = 0.1
"""An island below this share of the largest one goes, unless a foreground click is on it."""

HOLE_SHARE = 0.02
"""A hole of up to this share of the mask is filled, unless a background click is in it."""

_EIGHT_NEIGHBOURS = np.ones((3, 3), np.bool_)


def clean_logits(
    logits: NDArray[np.float32],
    foreground_xy: NDArray[np.floating],
    background_xy: NDArray[np.floating],
) -> NDArray[np.float32]:
    """Turn the sign of a mask's small islands and holes.

    Parameters
    ----------
    logits
        (M, M) float32, positive inside. Cells that touch at a side or corner are one island; a hole
        is enclosed and connected by its cells' sides, and does not reach the array's edge.
    foreground_xy, background_xy
        (N, 2) clicks, (x, y) in cells; those beyond the array count for nothing.

    Returns
    -------
    ndarray
        The same array if there is nothing to clean, else a new one.

    Examples
    --------
    >>> logits = np.full((16, 16), -2, np.float32)
    >>> logits[2:12, 2:12] = 3
    >>> logits[14, 14] = 1
    >>> logits[6, 6] = -1
    >>> cleaned = clean_logits(logits, np.array([[4, 4]]), np.zeros((0, 2)))
    >>> float(cleaned[14, 14]), float(cleaned[6, 6])
    (-1.0, 1.0)
    """
    from scipy import ndimage  # takes 0.3 s

    everywhere = logits > 0
    top, bottom = span_with_margin(everywhere, 1, 1)
    left, right = span_with_margin(everywhere, 0, 1)
    seen = np.s_[top:bottom, left:right]
    inside = everywhere[seen]
    corner = np.array([left, top])
    islands, count = ndimage.label(inside, _EIGHT_NEIGHBOURS)
    clean = inside
    if count > 1:
        areas = np.bincount(islands.ravel())
        areas[0] = 0
        stays = areas >= ISLAND_SHARE * areas.max()
        stays[_numbers_at(islands, foreground_xy - corner)] = True
        stays[0] = False
        clean = stays[islands]
    gaps, count = ndimage.label(~clean)
    if count > 1:
        is_filled = np.bincount(gaps.ravel()) <= HOLE_SHARE * np.count_nonzero(clean)
        for edge in (gaps[0], gaps[-1], gaps[:, 0], gaps[:, -1]):
            is_filled[edge] = False
        is_filled[_numbers_at(gaps, background_xy - corner)] = False
        is_filled[0] = False  # the mask itself
        clean = clean | is_filled[gaps]
    turned = clean != inside
    if not turned.any():
        return logits
    cleaned = logits.copy()
    cleaned[seen][turned] *= -1
    return cleaned


def _numbers_at(
    numbered: NDArray[np.integer], cells_xy: NDArray[np.floating]
) -> NDArray[np.integer]:
    places = np.floor(cells_xy).astype(np.intp)
    height, width = numbered.shape
    x, y = places[:, 0], places[:, 1]
    shown = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    numbers: NDArray[np.integer] = numbered[y[shown], x[shown]]
    return numbers
