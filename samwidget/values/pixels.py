"""What pixel values mean: from any dtype and range to an RGB picture of uint8.

===================  ====================================  =========================================
dtype                values                                black and white are
===================  ====================================  =========================================
uint8                any                                   0 and 255
bool                                                       False and True
float                fractions of 0 to 1                   0 and 1
float                0 to 255                              0 and 255, a photo as float
other integers       0 to 255                              0 and 255, a photo as int16, int64 ...
float, integers      beyond                                their own range: *low* and *high*
any                  with ``value_range=(black, white)``   these
===================  ====================================  =========================================

*low* and *high* are the 0.1 percentile of all values and the 99.9 percentile of those that are not
0, of all colours together, so that no single value decides. (Of more than 262,144 pixels a sample
tells, always the same.) What lies beyond black and white is cut.

Between the rows the change is gradual. Let ``s`` say how far black and white are drawn from the
usual range to *low* and *high*, 0 not at all and 1 wholly; it is interpolated between

- *high* of 280 (0) and 290 (1);
- *low* of -0.1 (0) and -0.3 (1) times the usual white, so that what a resize leaves below 0 is cut
  and an image of -1 to 1 is stretched;
- for floats that are not whole numbers, *high* of 1.1 (0), 1.3 (1), 32 (1) and 64 (0): up to the
  first they are fractions of 1, from the last on a photo; in between they are neither.

Floats count as whole numbers when 99 % of those that are not 0 are, and not when fewer than 90 %
are.

Values that are missing (NaN, masked in a ``numpy.ma`` array, or a TIFF's nodata value) are black
and have no say; infinity is the end of the range. What is transparent is mixed with white. For
which channels are the colours see :mod:`samwidget.values.channels`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.values.rasters import Raster, strips

PERCENTILES = (0.1, 99.9)
SAMPLE_PIXELS = 1 << 18

_UNIT, _BYTE = 1.0, 255.0
_UNIT_ENDS = 1.3
_PAST_BYTE = ([280, 290], [0, 1])
_FRACTIONS = ([1.1, 1.3, 32, 64, 280, 290], [0, 1, 1, 0, 0, 1])
_BELOW_ZERO = ([0.1, 0.3], [0, 1])
_WHOLE_SHARE = ([0.9, 0.99], [0, 1])


@dataclass(frozen=True)
class Scale:
    """The values that become black and white, and a note when they are not the usual ones."""

    black: float
    white: float
    is_stretched: bool = False

    def apply(self, values: NDArray[Any], missing: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
        """Scale values to 0 to 255; the dtypes that are taken as they are must not come here."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            scaled = values.astype(np.result_type(values.dtype, np.float32))
            scaled -= self.black
            scaled *= 255 / (self.white - self.black)
        np.clip(scaled, 0, 255, out=scaled)
        if missing is not None:
            scaled[missing] = 0
        np.rint(scaled, out=scaled)
        rgb: NDArray[np.uint8] = np.nan_to_num(scaled, copy=False, nan=0).astype(np.uint8)
        return rgb


def scale_of(sample: Sample, channels: tuple[int, ...]) -> Scale:
    """Find black and white of some channels from what was sampled."""
    values, lowest, highest = sample.colors(channels)
    is_integer = values.dtype.kind != "f"
    if values.size == 0:
        return Scale(0, _BYTE if is_integer else _UNIT)
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    bright = values[values != 0]
    low = float(np.percentile(values, PERCENTILES[0]))
    high = float(np.percentile(bright, PERCENTILES[1])) if bright.size else 0.0
    if low >= high:  # all but a few values are equal: take the few
        low, high = lowest, highest
    whole = 1.0 if is_integer else _share_of_whole(bright)
    return decide(low, high, whole=whole, is_integer=is_integer)


def _share_of_whole(values: NDArray[Any]) -> float:
    return float((values == np.rint(values)).mean()) if values.size else 0.0


def decide(low: float, high: float, *, whole: float, is_integer: bool) -> Scale:
    """Find black and white, as the table of this module says.

    Parameters
    ----------
    low, high
        The ends of the values.
    whole
        The share of whole numbers, 0 to 1.
    is_integer
        Of the dtype.

    Examples
    --------
    >>> decide(0, 1.0001, whole=0, is_integer=False)
    Scale(black=0.0, white=1.0, is_stretched=False)
    >>> decide(103, 3990, whole=1, is_integer=True)
    Scale(black=103.0, white=3990.0, is_stretched=True)
    """
    usual = _UNIT if high < _UNIT_ENDS and not is_integer else _BYTE
    counted = float(np.interp(whole, *_WHOLE_SHARE))
    drawn = counted * float(np.interp(high, *_PAST_BYTE))
    drawn += (1 - counted) * float(np.interp(high, *_FRACTIONS))
    drawn = max(drawn, float(np.interp(-low / usual, *_BELOW_ZERO)))
    black, white = drawn * low, drawn * high + (1 - drawn) * usual
    if white <= black:
        white = black + 1
    return Scale(black + 0.0, white + 0.0, drawn > 0)


@dataclass(frozen=True)
class Sample:
    """Pixels (n, C) from everywhere in a raster; missing values of floats are NaN.

    ``missing`` is (n, C), None when no value is; ``lowest`` and ``highest`` (C,) are of all pixels.
    """

    pixels: NDArray[Any]
    missing: NDArray[np.bool_] | None
    lowest: NDArray[Any]
    highest: NDArray[Any]

    @classmethod
    def of(cls, raster: Raster) -> Sample:
        """Read all of it, keep at most about :data:`SAMPLE_PIXELS`."""
        height, width, count = raster.shape
        share = min(1.0, SAMPLE_PIXELS / (height * width))
        random = np.random.default_rng(0)
        pixels, absent, ranges = [], [], []
        for _, values, missing in strips(raster):
            flat = values.reshape(-1, count)
            holes = np.zeros(1, np.bool_) if missing is None else missing.reshape(-1, count)
            counts = np.isfinite(flat) & ~holes
            ranges.append(_range_of(flat, counts))
            if share < 1:
                chosen = random.integers(0, len(flat), math.ceil(share * len(flat)))
                flat, counts = flat[chosen], counts[chosen]
            pixels.append(flat)
            absent.append(~counts)
        lows, highs = zip(*ranges, strict=True)
        together = np.concatenate(absent)
        return cls(
            np.concatenate(pixels),
            together if together.any() else None,
            np.min(lows, axis=0),
            np.max(highs, axis=0),
        )

    def colors(self, channels: tuple[int, ...]) -> tuple[NDArray[Any], float, float]:
        """Give the values of some channels that there are, (n,), and the ends of all."""
        values = self.pixels[:, list(channels)]
        if self.missing is not None:
            values = values[~self.missing[:, list(channels)]]
        lowest, highest = self.lowest[list(channels)].min(), self.highest[list(channels)].max()
        return values.ravel(), float(lowest), float(highest)


def _range_of(flat: NDArray[Any], counts: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the least and greatest value (C,) of those that count; turned around if none does."""
    if flat.dtype == np.bool_:
        flat = flat.view(np.uint8)
    ends: Any = np.finfo(flat.dtype) if flat.dtype.kind == "f" else np.iinfo(flat.dtype)
    low = flat.min(axis=0, where=counts, initial=ends.max)
    high = flat.max(axis=0, where=counts, initial=ends.min)
    return low, high
