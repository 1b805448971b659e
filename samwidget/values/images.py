"""Whatever a person calls an image, to an upright (H, W, 3) uint8 RGB array; and that to a file."""

from __future__ import annotations

import io
import struct
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from samwidget.values.errors import quoted
from samwidget.values.sources import File, as_file

STRETCH_PERCENTILES = (0.1, 99.9)
"""The values of 16-bit, float and other arrays that become black and white."""

_ALPHA_MODES = ("RGBA", "LA", "PA", "RGBa", "La")
_PREFIX_BYTES = 16
"""As much of a file's beginning as Pillow's readers want to see."""
_PNG_PIXELS = 512 * 512
_JPEG_QUALITY = 90
_EXPECTED = (
    "expected a path, an http(s) address, a data: URI, base64, bytes, an open binary file, an "
    "upload, a PIL image, a numpy array (H, W), (H, W, 1 | 3 | 4) or (1 | 3 | 4, H, W), or a torch "
    "tensor of such a shape"
)

RgbImage = NDArray[np.uint8]


def load_image(source: object) -> RgbImage:
    """Load an image from anything that is one.

    Parameters
    ----------
    source
        - An image file: a path, an http(s) address, a ``data:`` URI, base64, bytes, an open
          binary file (read from where it stands, and left open), a member of a zip archive, an
          uploaded file; see :func:`samwidget.values.sources.as_file`. Or a PIL image. Turned
          upright where its EXIF data says so, of several frames the first. From an address at most
          1 GB is read, for at most 10 minutes, and what drips is given up sooner, see
          :func:`samwidget.values.web.stream`.
        - An array or tensor (H, W), (H, W, C) or (C, H, W) with C = 1, 3 (RGB) or 4 (RGBA); the
          last axis decides when both ends could be channels. uint8 is taken as it is, bool is
          black and white, floats are 0 to 1. Everything else (16-bit, other integers, floats
          beyond 0 to 1) is stretched: the 0.1 and 99.9 percentiles of all finite values become
          0 and 255. NaN becomes 0.

        What is transparent is shown on white.

    Returns
    -------
    image
        (H, W, 3) uint8 RGB, contiguous, a copy.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    TypeError, ValueError
        When it is no image; the text says what came instead.

    Examples
    --------
    >>> load_image(np.eye(4, dtype=bool)).shape
    (4, 4, 3)
    """
    source = as_file(source)
    if isinstance(source, File):
        with source.opened() as file:
            return _from_bytes(file.read(), source.name)
    if isinstance(source, Image.Image):
        return _from_pil(source, "the PIL image")
    if hasattr(source, "detach") and hasattr(source, "cpu"):
        return _from_array(_tensor_to_numpy(source))
    if hasattr(source, "__array__"):
        return _from_array(np.asarray(source))
    raise TypeError(f"{_EXPECTED}; got {type(source).__name__}")


def encode_for_display(
    image: RgbImage, max_side: int = 4096
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
    picture = Image.fromarray(image)
    scale = max_side / max(height, width)
    if scale < 1:
        size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = picture.resize(size_wh, Image.Resampling.LANCZOS, reducing_gap=2.0)
    stream = io.BytesIO()
    if picture.width * picture.height <= _PNG_PIXELS:
        picture.save(stream, "PNG")
        return stream.getvalue(), "image/png"
    picture.save(stream, "JPEG", quality=_JPEG_QUALITY)
    return stream.getvalue(), "image/jpeg"


def _from_bytes(data: bytes, origin: str) -> RgbImage:
    try:
        picture = _opened(data)
    except UnidentifiedImageError as error:
        known = f" ({error})" if str(error) else ""
        raise ValueError(f"{origin} is not an image: it is {_describe(data)}{known}") from error
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"{origin} is too large for Pillow's limit: {error}. If you trust it, set "
            "PIL.Image.MAX_IMAGE_PIXELS = None, or pass a part of it as an array"
        ) from error
    except Exception as error:  # a broken file fails anywhere in Pillow, in any way
        raise ValueError(f"{origin} could not be decoded: {error}") from error
    with picture:
        return _from_pil(picture, origin)


def _opened(data: bytes) -> Image.Image:
    """Open a file like ``PIL.Image.open``, but without its warning from 89 megapixels on.

    People do have such images; the hard limit at twice that stays. Silencing the warning would
    change the filters of the whole process under the feet of other threads, so Pillow's readers are
    asked here, as it does itself.
    """
    tried: set[str] = set()
    refusals: list[str] = []
    for register_readers in (Image.preinit, Image.init):  # the common ones, then all
        register_readers()
        for name in [name for name in Image.ID if name not in tried]:
            tried.add(name)
            reader, accepts = Image.OPEN[name]
            try:
                verdict = accepts is None or accepts(data[:_PREFIX_BYTES])
                if isinstance(verdict, str):  # it knows the kind, but cannot read it here
                    refusals.append(verdict)
                elif verdict:
                    picture = reader(io.BytesIO(data), "")
                    _check_pixels(picture.width * picture.height)
                    return picture
            except (SyntaxError, IndexError, TypeError, struct.error):
                continue  # Pillow's sign that it is another reader's
    raise UnidentifiedImageError("; ".join(refusals))


def _check_pixels(count: int) -> None:
    if Image.MAX_IMAGE_PIXELS is not None and count > 2 * Image.MAX_IMAGE_PIXELS:
        raise Image.DecompressionBombError(
            f"it has {count:,} pixels, the limit is {2 * Image.MAX_IMAGE_PIXELS:,}"
        )


def _describe(data: bytes) -> str:
    start = data[:200].lstrip().lower()
    if not data:
        return "empty"
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page; give the address of the image itself, not of the page that shows it"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer; fetch the file itself with `git lfs pull`"
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in data[:2000]):
        return "an SVG drawing; export it as PNG"
    if start.startswith(b"%pdf"):
        return "a PDF; export the page as PNG"
    return f"a file of an unknown kind that starts with {quoted(data[:16])}"


def _from_pil(picture: Image.Image, origin: str) -> RgbImage:
    if picture.width == 0 or picture.height == 0:
        raise ValueError(f"{origin} has no pixels: it is {picture.width} x {picture.height}")
    try:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith(("I", "F")):
            return _from_array(np.asarray(upright))
        if upright.mode in _ALPHA_MODES or "transparency" in upright.info:
            rgba = upright.convert("RGBA")
            canvas = Image.new("RGBA", rgba.size, "white")
            upright = Image.alpha_composite(canvas, rgba)
        return np.array(upright.convert("RGB"))
    except Exception as error:  # a broken file fails anywhere in Pillow, in any way
        raise ValueError(f"{origin} could not be decoded: {error}") from error


def _tensor_to_numpy(tensor: Any) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    try:
        array = tensor.numpy()
    except TypeError:  # bfloat16 and its like are unknown to numpy
        array = tensor.float().numpy()
    return np.asarray(array)


def _from_array(array: NDArray[Any]) -> RgbImage:
    if array.dtype.kind not in "buif":
        raise TypeError(f"{_EXPECTED}; got an array of dtype {array.dtype}")
    pixels = _channels_last(array)
    if pixels.size == 0:
        raise ValueError(f"the image has no pixels: its shape is {array.shape}")
    color, alpha = pixels[..., :3], pixels[..., 3:]
    rgb = _to_uint8(color)
    if alpha.shape[-1]:
        opacity = _opacity(alpha)
        rgb = np.rint(rgb * opacity + 255 * (1 - opacity)).astype(np.uint8)
    height, width = rgb.shape[:2]
    return np.array(np.broadcast_to(rgb, (height, width, 3)), order="C")


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 2:
        return array[..., np.newaxis]
    if array.ndim == 3 and array.shape[-1] in (1, 3, 4):
        return array
    if array.ndim == 3 and array.shape[0] in (1, 3, 4):
        return np.moveaxis(array, 0, -1)
    hint = "; give one image of the batch" if array.ndim == 4 else ""
    raise ValueError(f"{_EXPECTED}; got an array of shape {array.shape}{hint}")


def _to_uint8(values: NDArray[Any]) -> RgbImage:
    """Scale colours as :func:`load_image` says."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    scaled = values.astype(np.result_type(values.dtype, np.float32))
    finite = scaled[np.isfinite(scaled)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    else:
        inner_low, inner_high = np.percentile(finite, STRETCH_PERCENTILES)
        if inner_low < inner_high:  # else all but a few values are equal: take the few
            low, high = inner_low, inner_high
    with np.errstate(over="ignore", invalid="ignore"):
        span = high - low if high > low else 1.0
        scaled = np.clip((scaled - low) * (255 / span), 0, 255)
    rgb: RgbImage = np.rint(np.nan_to_num(scaled, nan=0.0)).astype(np.uint8)
    return rgb


def _opacity(alpha: NDArray[Any]) -> NDArray[np.float32]:
    """Scale an alpha channel to 0 to 1; opaque is the lowest usual full value that reaches it."""
    values = np.nan_to_num(alpha.astype(np.float32))
    usual = (1.0, 255.0, 65535.0) if alpha.dtype.kind in "bf" else (255.0, 65535.0)
    highest = float(values.max())
    full = next((value for value in usual if value >= highest), highest)
    opacity: NDArray[np.float32] = np.clip(values / np.float32(full), 0, 1)
    return opacity
