"""What is measured of a mask: the names and numbers of scikit-image's ``regionprops_table``."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.mask import Mask

_PASSED = np.array([[10, 2, 10], [2, 1, 2], [10, 2, 10]])
"""Sums of these over a border pixel's neighbours on the border tell how the border goes on."""

_LENGTHS = np.zeros(50)
_LENGTHS[[5, 7, 15, 17, 25, 27]] = 1
_LENGTHS[[21, 33]] = math.sqrt(2)
_LENGTHS[[13, 23]] = (1 + math.sqrt(2)) / 2


class Measures(NamedTuple):
    """Of one mask, in pixels; NaN where an empty mask has none.

    ``centroid`` is (row, column) of pixels' centres, so that pixel (0, 0) alone has (0, 0), as
    scikit-image counts.
    """

    area: int
    bbox: tuple[int, int, int, int]  # first row and column, last row and column + 1
    centroid: tuple[float, float]
    perimeter: float
    intensity_mean: tuple[float, ...]


def measure(mask: Mask, image: NDArray[np.generic] | None) -> Measures:
    """Measure a mask, and with an image (H, W) or (H, W, C) the mean of each band within it."""
    bands = 0 if image is None else 1 if image.ndim == 2 else image.shape[2]
    x1, y1, x2, y2 = (int(side) for side in mask.box_xyxy)
    bbox = (y1, x1, y2, x2)
    if mask.is_empty:
        nan = math.nan
        return Measures(0, bbox, (nan, nan), 0.0, (nan,) * bands)
    pixels = mask.crop((x1, y1, x2, y2))
    area = mask.area
    row = float(pixels.sum(axis=1) @ np.arange(y1, y2)) / area
    column = float(pixels.sum(axis=0) @ np.arange(x1, x2)) / area
    means: tuple[float, ...] = ()
    if image is not None:
        inside = image[y1:y2, x1:x2][pixels].reshape(area, bands)
        means = tuple(inside.mean(axis=0, dtype=np.float64).tolist())
    return Measures(area, bbox, (row, column), perimeter(pixels), means)


def perimeter(pixels: NDArray[np.bool_]) -> float:
    """Estimate the length of a mask's border as a line through its pixels' centres.

    The estimator of Benkrid and Crookes (2000), which scikit-image has, too.
    """
    from scipy import ndimage  # takes 0.3 s

    border = np.pad(pixels, 1)
    border &= ~ndimage.binary_erosion(border)
    sums = ndimage.convolve(border.astype(np.int64), _PASSED, mode="constant")
    return float(_LENGTHS[sums[border]].sum())
