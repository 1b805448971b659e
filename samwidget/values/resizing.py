"""Smaller pictures by Pillow, of large images without a copy of all of them in between."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.values.mapped import release

LARGE_PIXELS = 1 << 25
"""From so many on an image is read a few rows at a time."""
_REDUCED_IN_STRIPS = 1 << 21
"""From so many on Pillow's copy takes longer than all the rest, where it is reduced first."""
_STRIP_PIXELS = 1 << 22
_SUPPORT = {
    Image.Resampling.BOX: 0.5,
    Image.Resampling.BILINEAR: 1.0,
    Image.Resampling.LANCZOS: 3.0,
}
"""How far each reaches, in pixels of the smaller picture."""


def resized(
    image: NDArray[np.uint8],
    size_wh: tuple[int, int],
    resample: Image.Resampling,
    reducing_gap: float | None = None,
) -> Image.Image:
    """Give a smaller picture of an image (H, W, 3) uint8 RGB, as ``PIL.Image.resize`` makes it.

    Examples
    --------
    >>> resized(np.zeros((60, 80, 3), np.uint8), (40, 30), Image.Resampling.LANCZOS).size
    (40, 30)
    """
    height, width = image.shape[:2]
    is_smaller = width >= size_wh[0] and height >= size_wh[1]
    if reducing_gap is not None and is_smaller and height * width >= _REDUCED_IN_STRIPS:
        pairs = zip((width, height), size_wh, strict=True)
        across, down = (int(of / to / reducing_gap) or 1 for of, to in pairs)
        if (across, down) != (1, 1):
            small = _reduced(image, across, down)
            return small.resize(size_wh, resample, box=(0, 0, width / across, height / down))
    if height * width < LARGE_PIXELS or not is_smaller:
        return Image.fromarray(image).resize(size_wh, resample, reducing_gap=reducing_gap)
    return _in_bands(image, size_wh, resample)


def resized_exactly(
    image: NDArray[np.uint8], size_wh: tuple[int, int], resample: Image.Resampling
) -> Image.Image:
    """Give what ``PIL.Image.resize`` gives to the bit, for a picture of a few pixels across."""
    height, width = image.shape[:2]
    if height * width < LARGE_PIXELS:
        return Image.fromarray(np.ascontiguousarray(image)).resize(size_wh, resample)
    # As Pillow does it: first all rows, then all columns.
    narrow = np.empty((height, size_wh[0], 3), np.uint8)
    for rows in _strips(image, 1):
        strip = Image.fromarray(np.ascontiguousarray(image[rows]))
        narrow[rows] = np.asarray(strip.resize((size_wh[0], strip.height), resample))
    release(image)
    return Image.fromarray(narrow).resize(size_wh, resample)


def _reduced(image: NDArray[np.uint8], across: int, down: int) -> Image.Image:
    height, width = image.shape[:2]
    small = np.empty((-(-height // down), -(-width // across), 3), np.uint8)
    for rows in _strips(image, down):
        strip = Image.fromarray(np.ascontiguousarray(image[rows])).reduce((across, down))
        small[rows.start // down :][: strip.height] = np.asarray(strip)
    release(image)
    return Image.fromarray(small)


def _in_bands(
    image: NDArray[np.uint8], size_wh: tuple[int, int], resample: Image.Resampling
) -> Image.Image:
    height, width = image.shape[:2]
    scale = height / size_wh[1]
    reach = math.ceil(_SUPPORT[resample] * scale) + 1
    small = Image.new("RGB", size_wh)
    step = max(1, int(_STRIP_PIXELS / width / scale))
    for top in range(0, size_wh[1], step):
        bottom = min(top + step, size_wh[1])
        first = max(0, math.floor(top * scale) - reach)
        last = min(height, math.ceil(bottom * scale) + reach)
        strip = Image.fromarray(np.ascontiguousarray(image[first:last]))
        box = (0, top * scale - first, width, min(bottom * scale - first, last - first))
        small.paste(strip.resize((size_wh[0], bottom - top), resample, box=box), (0, top))
    release(image)
    return small


def _strips(image: NDArray[np.uint8], multiple: int) -> list[slice]:
    height, width = image.shape[:2]
    step = max(1, _STRIP_PIXELS // width // multiple) * multiple
    return [slice(top, min(top + step, height)) for top in range(0, height, step)]
