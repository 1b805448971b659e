"""The values that a picture was made from, for whoever wants to look at them.

A model sees a picture of uint8; a person may want to know what a pixel measures, or see another
band of it. :func:`keep` ties the values to the picture, and they go when it goes.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.pixels import Sample, Scale, scale_of
from samwidget.values.rasters import ArrayRaster, Raster, strips
from samwidget.values.windows import Windows

PATCH_SIDE = 64
"""Pixels along a side of what :func:`patch_at` gives."""


@dataclass(frozen=True, eq=False)
class RawValues:
    """What a picture shows.

    Attributes
    ----------
    array
        (H, W, C) of any dtype, upright; it may be the person's own array, or a file's values that
        are read a window at a time.
    shown
        The channels that are the picture's red, green and blue, or its gray.
    black, white
        The values that are 0 and 255 in the picture.
    """

    array: Windows
    shown: tuple[int, ...]
    black: float
    white: float


class Patch(NamedTuple):
    """The values of a few pixels.

    ``data`` holds ``height`` rows of ``width`` pixels of ``channels`` values as little-endian
    float32; pixel (``x``, ``y``) of the image comes first.
    """

    x: int
    y: int
    width: int
    height: int
    channels: int
    is_whole: bool
    data: bytes


class ChannelValues(NamedTuple):
    """What the values of each channel are like, (C,) each.

    ``lowest`` and ``highest`` are the ends of all values, ``black`` and ``white`` what
    :mod:`samwidget.values.pixels` would stretch the channel alone between.
    """

    lowest: list[float]
    highest: list[float]
    black: list[float]
    white: list[float]


_kept: dict[int, tuple[weakref.ref[NDArray[np.uint8]], RawValues]] = {}


def keep(picture: NDArray[np.uint8], values: RawValues) -> None:
    """Have :func:`values_of` give these for the picture as long as there is the picture."""
    number = id(picture)
    _kept[number] = (weakref.ref(picture, lambda _: _kept.pop(number, None)), values)


def known_values_of(picture: NDArray[Any]) -> RawValues | None:
    """Give what is kept for a picture, None if nothing is."""
    reference, values = _kept.get(id(picture), (None, None))
    return values if reference is not None and reference() is picture else None


def values_of(picture: NDArray[np.uint8]) -> RawValues:
    """Give what a picture, (H, W, 3) uint8 RGB, was made from: itself unless more is known."""
    return known_values_of(picture) or RawValues(picture, (0, 1, 2), 0.0, 255.0)


def patch_at(values: RawValues, x: int, y: int) -> Patch:
    """Give the values around a pixel, which is clipped to the image."""
    height, width, channels = values.array.shape
    left = _start(x, width)
    top = _start(y, height)
    cut = np.ma.getdata(values.array[top : top + PATCH_SIDE, left : left + PATCH_SIDE])
    with np.errstate(over="ignore"):
        data = np.ascontiguousarray(cut, "<f4").tobytes()
    is_whole = values.array.dtype.kind != "f"
    return Patch(left, top, cut.shape[1], cut.shape[0], channels, is_whole, data)


def _start(place: int, length: int) -> int:
    return max(0, min(int(place) - PATCH_SIDE // 2, length - PATCH_SIDE))


def channel_values(values: RawValues) -> ChannelValues:
    """Look through all values; what is not finite does not count."""
    sample = Sample.of(raster_of(values.array))
    scales = [
        Scale(0, 1) if values.array.dtype == np.bool_ else scale_of(sample, (channel,))
        for channel in range(values.array.shape[2])
    ]
    lowest = [float(low) for low in sample.lowest]
    highest = [float(high) for high in sample.highest]
    for channel, (low, high) in enumerate(zip(lowest, highest, strict=True)):
        if low > high:  # no value counts
            lowest[channel], highest[channel] = 0.0, 1.0
    return ChannelValues(
        lowest, highest, [one.black for one in scales], [one.white for one in scales]
    )


def raster_of(array: Windows) -> Raster:
    """Give what reads values a few rows at a time."""
    return ArrayRaster(array) if isinstance(array, np.ndarray) else cast(Raster, array)


def rendered(
    values: RawValues, bands: Sequence[int], black: float, white: float, max_side: int = 4096
) -> NDArray[np.uint8]:
    """Make another picture of the values.

    Parameters
    ----------
    values
        What there is.
    bands
        One channel for gray, or three for red, green and blue, counted from 0.
    black, white
        The values that become 0 and 255.
    max_side
        Of a larger image every second, third ... pixel is taken.

    Returns
    -------
    picture
        (h, w, 3) uint8 RGB; h and w are those of the image where it is no larger than ``max_side``.

    Raises
    ------
    ValueError
        When there is no such channel, or black is not below white.
    """
    height, width, _ = values.array.shape
    step = -(-max(height, width) // max_side)
    if isinstance(values.array, np.ndarray):
        return _rendered(values, np.s_[::step, ::step], bands, black, white)
    tall = step * max(1, raster_of(values.array).row_step // step)
    parts = [
        _rendered(values, np.s_[top : min(top + tall, height), :], bands, black, white, step)
        for top in range(0, height, tall)
    ]
    return np.concatenate(parts)


def rendered_part(
    values: RawValues, part_xyxy: PixelBox, bands: Sequence[int], black: float, white: float
) -> NDArray[np.uint8]:
    """Make a picture of a part, which is within the image, see :func:`rendered`; (h, w, 3)."""
    x1, y1, x2, y2 = part_xyxy
    return _rendered(values, np.s_[y1:y2, x1:x2], bands, black, white)


def _rendered(
    values: RawValues,
    where: tuple[slice, slice],
    bands: Sequence[int],
    black: float,
    white: float,
    step: int = 1,
) -> NDArray[np.uint8]:
    count = values.array.shape[2]
    if len(bands) not in (1, 3) or not all(0 <= band < count for band in bands):
        raise ValueError(
            f"bands are one channel or three of the {count} that there are, counted from 0; "
            f"got {list(bands)}"
        )
    if not black < white:
        raise ValueError(f"black must be below white, got {black:.6g} and {white:.6g}")
    seen = values.array[where][::step, ::step][..., list(bands)]
    scale = Scale(black, white)
    picture = np.empty((*seen.shape[:2], 3), np.uint8)
    for rows, part, missing in strips(ArrayRaster(seen)):
        picture[rows] = scale.apply(part, missing)
    return picture
