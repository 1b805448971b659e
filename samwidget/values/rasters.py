"""Pixels of any dtype with any number of channels, read a few rows at a time.

A picture of 178 megapixels is made from one without a second copy of all of it in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

STRIP_PIXELS = 1 << 16
"""About as many pixels are worked on at once."""


class Raster(Protocol):
    """What pictures are made from.

    Attributes
    ----------
    shape
        (H, W, C), C channels of any meaning.
    dtype
        Of the values: bool, integers or floats.
    has_alpha
        Whether the last channel is known to be alpha; None when nobody said so.
    nodata
        The value that stands for none.
    row_step
        Rows are read best in multiples of so many.
    """

    @property
    def shape(self) -> tuple[int, int, int]: ...  # noqa: D102

    @property
    def dtype(self) -> np.dtype[Any]: ...  # noqa: D102

    @property
    def has_alpha(self) -> bool | None: ...  # noqa: D102

    @property
    def nodata(self) -> float | None: ...  # noqa: D102

    @property
    def row_step(self) -> int: ...  # noqa: D102

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        """Give rows as (h, W, C), values without meaning masked if it is a masked array."""
        ...


@dataclass(frozen=True)
class ArrayRaster:
    """An array (H, W, C) as it is."""

    array: NDArray[Any]
    has_alpha: bool | None = None
    nodata: float | None = None
    row_step: int = 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        height, width, channels = self.array.shape
        return height, width, channels

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        dtype: np.dtype[Any] = self.array.dtype
        return dtype

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        """Give a view of rows."""
        return self.array[top:bottom]


def strips(raster: Raster) -> Iterator[tuple[slice, NDArray[Any], NDArray[np.bool_] | None]]:
    """Read a raster from top to bottom.

    Yields
    ------
    rows
        Which.
    values
        (h, W, C) of the raster's dtype.
    missing
        (h, W, C) bool, where there is no value; None when there is one everywhere. Infinity is one.
    """
    height, width, _ = raster.shape
    few = max(STRIP_PIXELS // width, 1)
    step = max(few // raster.row_step, 1) * raster.row_step
    for top in range(0, height, step):
        read = raster.rows(top, min(top + step, height))
        for first in range(0, len(read), few):  # large tiles are many rows
            values = read[first : first + few]
            rows = slice(top + first, top + first + len(values))
            yield rows, np.ma.getdata(values), _missing(values, raster.nodata)


def _missing(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_] | None:
    data = np.ma.getdata(values)
    found = [np.ma.getmaskarray(values)] if np.ma.is_masked(values) else []
    if data.dtype.kind == "f":
        found.append(np.isnan(data))
    if nodata is not None:
        # In one channel alone it may be a value like any other: the 255 of a bright red.
        none = (data == nodata).all(axis=-1, keepdims=True)
        found.append(np.broadcast_to(none, data.shape))
    found = [one for one in found if one.any()]
    if not found:
        return None
    missing: NDArray[np.bool_] = np.logical_or.reduce(found)
    return missing
