"""A part of a picture as fine as a screen wants it, for who zooms into a large one."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.values.pixel_boxes import PixelBox

MOST_PIXELS = 1 << 20
"""A part has no more pixels than these once it is reduced."""
_MOST_REDUCED = 64
_JPEG_QUALITY = 95


def checked_part(size_hw: tuple[int, int], part_xyxy: PixelBox, reduce: int) -> PixelBox:
    """Give a part of an image that can be had, cut where it reaches beyond.

    Parameters
    ----------
    size_hw
        Of the image in pixels.
    part_xyxy
        In whole pixels of the image.
    reduce
        So many pixels of the image, along each side, become one.

    Raises
    ------
    ValueError
        When nothing of it is in the image, or it has more than :data:`MOST_PIXELS`.

    Examples
    --------
    >>> checked_part((100, 120), (64, 64, 128, 128), 1)
    (64, 64, 120, 100)
    """
    height, width = size_hw
    x1, y1 = max(0, part_xyxy[0]), max(0, part_xyxy[1])
    x2, y2 = min(width, part_xyxy[2]), min(height, part_xyxy[3])
    if not (x1 < x2 and y1 < y2):
        raise ValueError(
            f"a part is (x1, y1, x2, y2) with x1 < x2 and y1 < y2, in the image of {width} x "
            f"{height} pixels; got {part_xyxy}"
        )
    if not 1 <= reduce <= _MOST_REDUCED:
        raise ValueError(f"a part is reduced by 1 to {_MOST_REDUCED}; got {reduce}")
    if -(-(x2 - x1) // reduce) * -(-(y2 - y1) // reduce) > MOST_PIXELS:
        raise ValueError(
            f"a part of {x2 - x1} x {y2 - y1} pixels, reduced by {reduce}, has more than "
            f"{MOST_PIXELS:,} pixels; ask for smaller ones"
        )
    return x1, y1, x2, y2


def encode_detail(
    part: NDArray[np.uint8], reduce: int, *, exact: bool = False
) -> tuple[bytes, Literal["image/jpeg", "image/png"]]:
    """Encode a part of a picture for the browser.

    Parameters
    ----------
    part
        (h, w, 3) uint8 RGB.
    reduce
        So many pixels along each side become one: their mean.
    exact
        Every value is to be as it is.

    Returns
    -------
    data, mime
        A JPEG with all colours of every pixel, so that edges stay where they are; PNG if exact.

    Examples
    --------
    >>> data, mime = encode_detail(np.zeros((64, 48, 3), np.uint8), 2)
    >>> Image.open(io.BytesIO(data)).size, mime
    ((24, 32), 'image/jpeg')
    """
    picture = Image.fromarray(np.ascontiguousarray(part))
    if reduce > 1:
        picture = picture.reduce(reduce)
    stream = io.BytesIO()
    if exact:
        picture.save(stream, "PNG", compress_level=1)
        return stream.getvalue(), "image/png"
    picture.save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return stream.getvalue(), "image/jpeg"
