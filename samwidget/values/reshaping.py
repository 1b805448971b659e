"""Masks made larger, smaller and smoother, and taken apart: values in, values out.

The image's border is no border of the object: what reaches it goes on beyond.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.morphology import islands
from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.runs import Runs

MOST_PIXELS = 1000
"""Masks grow, shrink and are smoothed by at most so many pixels at once."""


def grown(mask: Mask, pixels: float) -> Mask:
    """Add all pixels whose centre is at most ``pixels`` from the centre of one inside.

    Raises
    ------
    ValueError
        When ``pixels`` is not above 0, or more than ``MOST_PIXELS``.
    """
    _check(pixels)
    if mask.is_empty:
        return mask
    box = _around(mask, math.floor(pixels))
    return _put(mask, box, _distance(~mask.crop(box)) <= pixels)


def shrunk(mask: Mask, pixels: float) -> Mask:
    """Take away all pixels whose centre is at most ``pixels`` from the centre of one outside.

    Raises
    ------
    ValueError
        When ``pixels`` is not above 0, or more than ``MOST_PIXELS``.
    """
    _check(pixels)
    if mask.is_empty:
        return mask
    box = _around(mask, 1)  # one pixel outside on each side, but none beyond the image
    inside = mask.crop(box)
    if inside.all():
        return mask
    return _put(mask, box, _distance(inside) > pixels)


def smoothed(mask: Mask, pixels: float) -> Mask:
    """Round off corners, bays and specks that are small against ``pixels``.

    A pixel is inside where the mask, blurred by a Gaussian of that standard deviation, is more than
    one half; a straight border stays where it is.

    Raises
    ------
    ValueError
        When ``pixels`` is not above 0, or more than ``MOST_PIXELS``.
    """
    from scipy import ndimage  # takes 0.3 s

    _check(pixels)
    if mask.is_empty:
        return mask
    box = _around(mask, math.ceil(4 * pixels))
    blurred = ndimage.gaussian_filter(mask.crop(box).astype(np.float32), pixels, mode="nearest")
    return _put(mask, box, blurred > 0.5)


def parts(mask: Mask) -> list[Mask]:
    """Take a mask apart into its islands, the largest first, of equal ones the topmost.

    Pixels that touch at a side or at a corner belong to one island.
    """
    if mask.is_empty:
        return []
    x1, y1, x2, y2 = (int(edge) for edge in mask.box_xyxy)
    numbers, areas = islands(mask.crop((x1, y1, x2, y2)))
    if len(areas) == 2:
        return [mask]
    from scipy import ndimage  # takes 0.3 s

    found = []
    for number, place in enumerate(ndimage.find_objects(numbers), 1):
        down, across = place
        pixels = numbers[place] == number
        runs = Runs.of_array(pixels, x1 + across.start, y1 + down.start)
        found.append(Mask(mask.size_hw, runs, None))
    return sorted(found, key=lambda one: (-one.area, one.box_xyxy[1], one.box_xyxy[0]))


def _distance(pixels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give how far each true pixel's centre is from that of the next false one; 0 for those."""
    from scipy import ndimage  # takes 0.3 s

    distance: NDArray[np.float64] = ndimage.distance_transform_edt(pixels)
    return distance


def _around(mask: Mask, margin: int) -> PixelBox:
    """Give the tight box with a margin, as far as the image reaches."""
    (height, width), (x1, y1, x2, y2) = mask.size_hw, (int(edge) for edge in mask.box_xyxy)
    return (
        max(0, x1 - margin),
        max(0, y1 - margin),
        min(width, x2 + margin),
        min(height, y2 + margin),
    )


def _put(mask: Mask, box: PixelBox, pixels: NDArray[np.bool_]) -> Mask:
    """Give the mask with other pixels in a box around all of it; the same one if they are equal."""
    if np.array_equal(pixels, mask.crop(box)):
        return mask
    return Mask(mask.size_hw, Runs.of_array(pixels, box[0], box[1]), None)


def _check(pixels: float) -> None:
    if not 0 < pixels <= MOST_PIXELS:
        raise ValueError(f"expected a number of pixels, 0 to {MOST_PIXELS}, got {quoted(pixels)}")
