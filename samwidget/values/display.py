"""An image as the browser gets it."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.values.mapped import give_back
from samwidget.values.resizing import LARGE_PIXELS, resized

_PNG_PIXELS = 512 * 512
_JPEG_QUALITY = 90


def encode_for_display(
    image: NDArray[np.uint8], max_side: int = 4096
) -> tuple[bytes, Literal["image/jpeg", "image/png"]]:
    """Encode an image for the browser.

    Parameters
    ----------
    image
        (H, W, 3) uint8 RGB.
    max_side
        The copy is shrunk until its longer side has no more pixels than this.

    Returns
    -------
    data, mime
        PNG for small images (up to 512 x 512 pixels), else JPEG of quality 90.
    """
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale < 1:
        size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = resized(image, size_wh, Image.Resampling.LANCZOS, reducing_gap=2.0)
    else:
        picture = Image.fromarray(image)
    stream = io.BytesIO()
    if picture.width * picture.height <= _PNG_PIXELS:
        picture.save(stream, "PNG")
        return stream.getvalue(), "image/png"
    picture.save(stream, "JPEG", quality=_JPEG_QUALITY)
    if height * width >= LARGE_PIXELS:
        del picture
        give_back()
    return stream.getvalue(), "image/jpeg"
