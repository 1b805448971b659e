"""Small pictures of images, to find one among many."""

from __future__ import annotations

import io
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from samwidget.values.images import read_image
from samwidget.values.resizing import LARGE_PIXELS, resized
from samwidget.values.sources import File, as_file
from samwidget.values.zarr_folders import opened_zarr

THUMBNAIL_SIDE = 144
"""Pixels of the longer side: 72 on a screen of two pixels each."""
_QUALITY = 80


def thumbnail(source: object, side: int = THUMBNAIL_SIDE) -> bytes:
    """Make a small picture of an image, without decoding all of it where its format allows.

    Parameters
    ----------
    source
        What :func:`samwidget.load_image` takes.
    side
        The longer side has at most so many pixels.

    Returns
    -------
    bytes
        A JPEG file, upright.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        When it is no image; as :func:`samwidget.load_image` says.

    Examples
    --------
    >>> Image.open(io.BytesIO(thumbnail(np.zeros((300, 600, 3), np.uint8)))).size
    (144, 72)
    """
    source = opened_zarr(source)
    found = as_file(source)
    if isinstance(found, File):
        with found.opened() as file:
            small = _coarse_jpeg(file, side)
        if small is not None:
            return _encoded(small, side)
    return thumbnail_of(read_image(source if isinstance(found, File) else found).pixels, side)


def thumbnail_of(image: NDArray[np.uint8], side: int = THUMBNAIL_SIDE) -> bytes:
    """Make a small picture, a JPEG file, of an image (H, W, 3) uint8 RGB."""
    height, width = image.shape[:2]
    scale = 2 * side / max(height, width)  # the rest is quickly done
    if height * width < LARGE_PIXELS or scale >= 1:
        return _encoded(Image.fromarray(image), side)
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return _encoded(resized(image, size_wh, Image.Resampling.BOX, reducing_gap=2.0), side)


def _coarse_jpeg(file: BinaryIO, side: int) -> Image.Image | None:
    """Decode an ordinary JPEG at an eighth to the whole of its size; None for all else."""
    try:
        picture = Image.open(file)
        if picture.format != "JPEG" or picture.mode not in ("RGB", "L"):
            return None
        picture.draft(picture.mode, (side, side))
        return ImageOps.exif_transpose(picture).convert("RGB")
    except Exception:  # whoever reads the whole of it says what is wrong
        return None


def _encoded(picture: Image.Image, side: int) -> bytes:
    scale = side / max(picture.size)
    if scale < 1:
        width, height = picture.size
        size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = picture.resize(size_wh, Image.Resampling.BOX, reducing_gap=2.0)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
