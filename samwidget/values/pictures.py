"""From pixels of any kind to a picture, and what was done to get it in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.channels import (
    Bands,
    Channels,
    channels_last,
    checked_bands,
    choose,
    full_value,
    is_open,
    looks_like_alpha,
)
from samwidget.values.errors import quoted
from samwidget.values.mapped import MAPPED_BYTES, give_back, release, room
from samwidget.values.pixels import Sample, Scale, scale_of
from samwidget.values.rasters import ArrayRaster, Raster, strips
from samwidget.values.raw_values import RawValues, keep, known_values_of
from samwidget.values.windows import ChunkedRaster, Windows

EXPECTED = (
    "expected a path, an http(s) address, a data: URI, base64, bytes, an open binary file, an "
    "upload, a PIL image, a numpy array (H, W), (H, W, 1 | 3 | 4) or (1 | 3 | 4, H, W), or a torch "
    "tensor of such a shape"
)

_STORED: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}
"""A view of the upright picture as it lies in the file, by EXIF orientation."""
_TURNED = (5, 6, 7, 8)
"""Those that swap width and height."""
KEPT_BYTES = 1 << 27
"""Values that are read from a file are kept beside the picture up to this."""
_RELEASED = 1 << 25
"""Whenever so many bytes of a picture are made, their memory is let go of if it can be."""
_DIM = 16
"""A picture that is nowhere brighter is told of."""

ValueRange = Sequence[float]


class ReadImage(NamedTuple):
    """A picture and what was done to get it.

    Attributes
    ----------
    pixels
        (H, W, 3) uint8 RGB, contiguous.
    notes
        Sentences without a full stop about what may not be meant so; none for an ordinary image.
    """

    pixels: NDArray[np.uint8]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """What the caller knows better, see :func:`samwidget.load_image`; checked."""

    bands: tuple[int, ...] | None = None
    alpha: bool | None = None
    value_range: tuple[float, float] | None = None
    page: int | None = None
    keep_values: bool = False

    @classmethod
    def of(
        cls,
        bands: Bands | None = None,
        alpha: bool | None = None,
        value_range: ValueRange | None = None,
        page: int | None = None,
        keep_values: bool = False,
    ) -> Wishes:
        """Check them."""
        if not isinstance(alpha, bool | np.bool_ | None):
            raise TypeError(f"alpha is True, False or None; got {quoted(alpha)}")
        if page is not None:
            if isinstance(page, bool | np.bool_) or not isinstance(page, int | np.integer):
                raise TypeError(f"page is a whole number, counted from 0; got {quoted(page)}")
            if page < 0:
                raise ValueError(f"pages are counted from 0; got {page}")
        return cls(
            checked_bands(bands),
            None if alpha is None else bool(alpha),
            _checked_range(value_range),
            None if page is None else int(page),
            keep_values,
        )


def picture_of(raster: Raster, wishes: Wishes, orientation: object = None) -> ReadImage:
    """Make a picture, as the tables say.

    Parameters
    ----------
    raster
        (H, W, C) of any dtype; its rows are read up to twice.
    wishes
        What the caller knows better.
    orientation
        How the picture must be turned to stand upright, as EXIF data says it: 1 to 8.

    Raises
    ------
    WishError
        When a wish does not fit the image.
    """
    height, width, count = raster.shape
    looked: list[Sample] = []  # at most one: only where the values have a say

    def sample() -> Sample:
        if not looked:
            looked.append(Sample.of(raster))
        return looked[0]

    bands, alpha, known = wishes.bands, wishes.alpha, raster.has_alpha
    alike = is_open(count, bands, alpha, known) and looks_like_alpha(sample().pixels)
    channels = choose(count, bands, alpha, known, looks_like_alpha=alike)
    full = 1.0 if channels.alpha is None else full_value(sample().pixels[:, channels.alpha])
    scale: Scale | None = None  # as it is
    if wishes.value_range is not None:
        scale = Scale(*wishes.value_range)
    elif raster.dtype == np.bool_:
        scale = Scale(0, 1)
    elif raster.dtype != np.uint8:
        scale = scale_of(sample(), channels.colors)
    stored = _STORED.get(orientation) if isinstance(orientation, int) else None
    is_turned = isinstance(orientation, int) and orientation in _TURNED
    out = room((width, height, 3) if is_turned else (height, width, 3), np.uint8)
    as_stored = out if stored is None else stored(out)
    tally = _Tally()
    raw, raw_as_stored = _room_for_values(raster, wishes, out, stored)
    for rows, values, missing in strips(raster):
        as_stored[rows] = strip = _strip(values, missing, channels, scale, full, tally)
        tally.brightest = max(tally.brightest, int(strip.max()))
        if rows.stop * 3 * width // _RELEASED > rows.start * 3 * width // _RELEASED:
            release(out)
        if raw_as_stored is not None:
            raw_as_stored[rows] = values
    if out.nbytes >= MAPPED_BYTES:
        give_back()
    if raw is not None:
        black, white = (0, 255) if scale is None else (scale.black, scale.white)
        keep(out, RawValues(raw, channels.colors, black, white))
    is_lit = bool(looked) and bool((looked[0].highest[list(channels.colors)] > 0).any())
    return ReadImage(out, tuple(_notes(wishes, channels, scale, tally, is_lit=is_lit)))


def _room_for_values(
    raster: Raster,
    wishes: Wishes,
    out: NDArray[np.uint8],
    stored: Callable[[NDArray[Any]], NDArray[Any]] | None,
) -> tuple[Windows | None, NDArray[Any] | None]:
    """Give where the values are kept, upright and as they come; the latter None if they are there.

    Nothing is kept where the picture itself has the values.
    """
    height, width, count = raster.shape
    if raster.dtype == np.uint8 and count <= 4:
        return None, None
    if isinstance(raster, ArrayRaster) and stored is None:
        return raster.array, None
    if isinstance(raster, ChunkedRaster):
        return raster, None
    if not wishes.keep_values:
        return None, None
    if height * width * count * raster.dtype.itemsize > KEPT_BYTES:
        windows = getattr(raster, "windows", None)  # of a file that is read again where one looks
        return (None if windows is None or stored is not None else windows()), None
    raw = np.empty((*out.shape[:2], count), raster.dtype)
    return raw, raw if stored is None else stored(raw)


@dataclass
class _Tally:
    """What was met on the way."""

    values: int = 0
    missing: int = 0
    cut: int = 0
    transparent: int = 0
    brightest: int = 0


def _strip(
    values: NDArray[Any],
    missing: NDArray[np.bool_] | None,
    channels: Channels,
    scale: Scale | None,
    full: float,
    tally: _Tally,
) -> NDArray[np.uint8]:
    """Make the picture of a few rows; (h, W, 1 | 3)."""
    colors = _picked(values, channels.colors)
    gone = None if missing is None else _picked(missing, channels.colors)
    tally.values += colors.size
    if gone is not None:
        tally.missing += int(np.count_nonzero(gone))
    if scale is None:
        rgb: NDArray[np.uint8] = colors if gone is None else np.where(gone, np.uint8(0), colors)
    else:
        if not scale.is_stretched and colors.dtype != np.bool_:
            beyond = (colors < scale.black) | (colors > scale.white)
            tally.cut += int(np.count_nonzero(beyond if gone is None else beyond & ~gone))
        rgb = scale.apply(colors, gone)
    if channels.alpha is None:
        return rgb
    opacity = np.nan_to_num(values[..., channels.alpha, np.newaxis].astype(np.float32))
    opacity = np.clip(opacity / np.float32(full or 1), 0, 1)
    tally.transparent += int(np.count_nonzero(opacity < 1))
    mixed: NDArray[np.uint8] = np.rint(rgb * opacity + 255 * (1 - opacity)).astype(np.uint8)
    return mixed


def _picked(array: NDArray[Any], channels: tuple[int, ...]) -> NDArray[Any]:
    if channels == tuple(range(len(channels))):
        return array[..., : len(channels)]  # a view
    return array[..., list(channels)]


def picture_of_array(array: NDArray[Any], wishes: Wishes) -> ReadImage:
    """Make a picture from an array of any of the shapes that are images, masked or not."""
    _check_array(array.dtype, wishes)
    pixels = channels_last(array, wishes.bands, wishes.alpha)
    if pixels.size == 0:
        raise ValueError(f"the image has no pixels: its shape is {array.shape}")
    read = picture_of(ArrayRaster(pixels), wishes)
    known = known_values_of(array) if wishes == Wishes(keep_values=wishes.keep_values) else None
    if known is not None:  # it was read before, with wishes
        keep(read.pixels, known)
    return read


def picture_of_chunks(array: Any, wishes: Wishes) -> ReadImage:
    """Make a picture from an array in chunks, of which never all is in memory."""
    _check_array(np.dtype(array.dtype), wishes)
    raster = ChunkedRaster(array, wishes.bands, wishes.alpha)
    if 0 in raster.shape:
        raise ValueError(f"the image has no pixels: its shape is {tuple(array.shape)}")
    return picture_of(raster, wishes)


def _check_array(dtype: np.dtype[Any], wishes: Wishes) -> None:
    if dtype.kind not in "buif":
        raise TypeError(f"{EXPECTED}; got an array of dtype {dtype}")
    if wishes.page is not None:
        raise ValueError("page is for files of several pages; of an array give the part: array[3]")


def _checked_range(value_range: ValueRange | None) -> tuple[float, float] | None:
    if value_range is None:
        return None
    try:
        black, white = (float(end) for end in value_range)
    except (TypeError, ValueError):
        raise TypeError(
            f"value_range is (black, white), two numbers; got {quoted(value_range)}"
        ) from None
    if not (math.isfinite(black) and math.isfinite(white) and black < white):
        raise ValueError(
            f"value_range is (black, white), finite and black below white; got ({black}, {white})"
        )
    return black, white


def _notes(
    wishes: Wishes,
    channels: Channels,
    scale: Scale | None,
    tally: _Tally,
    *,
    is_lit: bool,
) -> list[str]:
    notes = [channels.note] if channels.note else []
    if tally.transparent:
        notes.append("what is transparent is shown on white")
    if tally.missing:
        notes.append(f"{_percent(tally.missing, tally.values)} of the values are missing: black")
    if wishes.value_range is not None or scale is None:
        return notes + _dim(tally.brightest, wishes, is_lit=is_lit)
    ends = f"{scale.black:.4g} to {scale.white:.4g}"
    if scale.is_stretched:
        notes.append(
            f"values {ends} were stretched from black to white (value_range=(…) for others)"
        )
        return notes
    if tally.cut:
        notes.append(f"{_percent(tally.cut, tally.values)} of the values lie beyond {ends}: cut")
    return notes + _dim(tally.brightest, wishes, is_lit=is_lit)


def _dim(brightest: int, wishes: Wishes, *, is_lit: bool) -> list[str]:
    """Tell of what is nearly black; of what is black only where some value is above 0."""
    if wishes.value_range is not None or brightest >= _DIM or not (brightest or is_lit):
        return []
    return [f"nearly black: at most {brightest} of 255 (value_range=(…) brightens)"]


def _percent(part: int, of: int) -> str:
    share = 100 * part / of
    if share >= 99.5:
        return "100 %" if part == of else "over 99 %"
    return f"{share:.2g} %" if share >= 0.01 else "under 0.01 %"
