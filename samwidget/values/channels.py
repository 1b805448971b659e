"""Which channels of an image are its colours, which one is alpha.

===========  ==================================================================================
channels     what they are, unless ``bands`` or ``alpha`` say otherwise
===========  ==================================================================================
1            gray
2            gray and alpha where the file says so; of other files the first; of arrays refused
3            red, green, blue
4            red, green, blue and alpha where the file says so; else the fourth is alpha when it
             looks like it, and left out when not (near-infrared)
5 and more   of files the first three; of arrays refused
===========  ==================================================================================

A fourth channel looks like alpha when at least three quarters of its values are either 0 or the
full value, and not all are 0; pixels of which all channels are 0 say nothing. The full value is 1,
255 or 65535, whichever occurs most and is hardly exceeded, so that uint8 alpha of 0 and 1 is opaque
at 1. Fewer than 64 pixels cannot tell: their fourth channel is alpha.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from samwidget.values.errors import quoted

ALPHA_SHARE = 0.75
"""At least so many values of alpha are either transparent or opaque."""

_FULL = (1.0, 255.0, 65535.0)
_RARE = 0.01
_FEW = 64
_AT_THE_END = (1, 3, 4)
_COMMONLY_BANDS = 32
_CHANNELS = "expected an array (H, W), (H, W, 1 | 3 | 4) or (1 | 3 | 4, H, W)"

Bands = SupportsIndex | Sequence[SupportsIndex]


class WishError(ValueError):
    """What the caller asked for does not fit this image."""


@dataclass(frozen=True)
class Channels:
    """What is shown of an image: three channels or a gray one, and alpha if there is any."""

    colors: tuple[int, ...]
    alpha: int | None = None
    note: str = ""


def checked_bands(bands: Bands | None) -> tuple[int, ...] | None:
    """Give 1 or 3 channel numbers, counted from 0."""
    if bands is None:
        return None
    problem = (
        f"bands are one channel or three (red, green, blue), counted from 0; got {quoted(bands)}"
    )
    try:
        single = not isinstance(bands, Sequence | np.ndarray)
        listed: list[Any] = [bands] if single else list(bands)  # type: ignore[arg-type]
        if isinstance(bands, str) or any(isinstance(one, bool | np.bool_) for one in listed):
            raise TypeError
        numbers = tuple(operator.index(one) for one in listed)
    except TypeError:
        raise TypeError(problem) from None
    if len(numbers) not in (1, 3) or min(numbers) < 0:
        raise ValueError(problem)
    return numbers


def channels_last(
    array: NDArray[Any], bands: tuple[int, ...] | None, alpha: bool | None
) -> NDArray[Any]:
    """Give a view (H, W, C) of an array.

    Axes of length 1 that are too many are dropped: (1, 1, H, W), (1, H, W, 3), (3, 1, H, W).
    Without ``bands`` or ``alpha`` C is 1, 3 or 4; the last axis decides when both ends could be
    channels. With them the channels are the shorter end that has enough of them.

    Raises
    ------
    ValueError
        When it is another shape.
    """
    shape = array.shape
    while array.ndim > 3 and 1 in array.shape:
        array = array.squeeze(array.shape.index(1))
    if array.ndim == 2:
        return array[..., np.newaxis]
    if array.ndim != 3:
        hint = "; give one image of the batch" if array.ndim >= 4 else ""
        raise ValueError(f"{_CHANNELS}; got an array of shape {shape}{hint}")
    first, last = array.shape[0], array.shape[-1]
    if bands is not None:
        enough = [axis for axis in (-1, 0) if max(bands) < array.shape[axis]]
        if not enough:
            raise WishError(
                f"there is no channel {max(bands)}: the array has the shape {shape}, channels are "
                "counted from 0"
            )
        return _ended(array, min(enough, key=lambda axis: array.shape[axis]))
    allowed = (*_AT_THE_END, 2) if alpha else _AT_THE_END
    if last in allowed or first in allowed:
        return _ended(array, -1 if last in allowed else 0)
    count = min(first, last)
    hint = ""
    if count <= _COMMONLY_BANDS:
        hint = f"; of {count} channels say which to show: bands=(red, green, blue) or bands=gray"
        if count == 2:
            hint = "; if these are gray and alpha, say alpha=True, else which to show: bands=0"
    raise ValueError(f"{_CHANNELS}; got an array of shape {shape}{hint}")


def _ended(array: NDArray[Any], axis: int) -> NDArray[Any]:
    return array if axis == -1 else np.moveaxis(array, axis, -1)


def is_open(
    count: int, bands: tuple[int, ...] | None, alpha: bool | None, has_alpha: bool | None
) -> bool:
    """Whether the values must tell if there is alpha."""
    return count == 4 and bands is None and alpha is None and has_alpha is None


def choose(
    count: int,
    bands: tuple[int, ...] | None,
    alpha: bool | None,
    has_alpha: bool | None,
    looks_like_alpha: bool,
) -> Channels:
    """Apply the table.

    Parameters
    ----------
    count
        How many channels there are.
    bands, alpha
        What the caller knows better.
    has_alpha
        What the file says about the last one.
    looks_like_alpha
        What the values say about the last one; counts where :func:`is_open`.
    """
    last = count - 1
    if bands is not None:
        missing = [band for band in bands if band > last]
        if missing:
            raise WishError(f"there is no channel {missing[0]}: there are {count}, counted from 0")
        if alpha and (last in bands or count == 1):
            raise WishError(
                f"the last channel ({last}) is alpha when alpha=True, so bands cannot show it"
            )
        is_there = bool(alpha) or (alpha is None and has_alpha is True and last not in bands)
        return Channels(bands, last if is_there else None)
    if alpha and count in (1, 3):
        raise WishError(
            f"alpha=True says that the last channel is alpha, but there "
            f"{'is one channel' if count == 1 else 'are three, taken for red, green and blue'}"
        )
    is_there = bool(alpha)
    if alpha is None:
        is_there = looks_like_alpha if is_open(count, bands, alpha, has_alpha) else bool(has_alpha)
    colors = (0, 1, 2) if count >= 3 else (0,)
    left = count - len(colors) - is_there
    if not left or (alpha is False and left == 1 and count in (2, 4)):
        return Channels(colors, last if is_there else None)
    if is_open(count, bands, alpha, has_alpha):
        note = "the fourth channel was left out, it does not look like alpha (alpha=True if it is)"
    else:
        shown = "channels 0, 1, 2 are" if len(colors) == 3 else "channel 0 is"
        note = f"{shown} shown of {count} (bands=(…) for others)"
    return Channels(colors, last if is_there else None, note)


def looks_like_alpha(pixels: NDArray[Any]) -> bool:
    """Tell from pixels (n, 4) whether the fourth channel is alpha."""
    if len(pixels) < _FEW:
        return True
    telling = pixels[(pixels != 0).any(axis=1), -1]
    extreme = (telling == 0) | (telling == full_value(telling))
    return bool(telling.any() and extreme.mean() >= ALPHA_SHARE)


def full_value(alpha: NDArray[Any]) -> float:
    """Give the value of alpha at which it is opaque."""
    if alpha.dtype == np.bool_:
        return 1.0
    values = alpha[np.isfinite(alpha)]
    reached = [full for full in _FULL if (values == full).any() and (values > full).mean() < _RARE]
    if reached:
        return max(reached, key=lambda full: np.count_nonzero(values == full))
    highest = float(values.max()) if values.size else 0.0
    usual = _FULL if alpha.dtype.kind == "f" else _FULL[1:]
    return next((full for full in usual if full >= highest), highest)
