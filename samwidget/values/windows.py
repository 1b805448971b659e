"""Arrays that are read a window at a time: Zarr, HDF5, Dask, and whatever else comes in chunks.

They are known by ``chunks``, beside ``shape``, ``dtype`` and slices as numpy has them. Nothing of
their package is imported.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from samwidget.values.channels import channels_last

MOST_STRIP_BYTES = 1 << 26
"""Rows are read chunk by chunk unless they are more than these together."""

Where = tuple[slice, slice]
"""Rows and columns."""


class Windows(Protocol):
    """Values (H, W, C) of which parts can be had without the rest; an ndarray is such a thing."""

    @property
    def shape(self) -> tuple[int, ...]: ...  # noqa: D102

    @property
    def dtype(self) -> np.dtype[Any]: ...  # noqa: D102

    def __getitem__(self, where: Where, /) -> Any:
        """Give (h, w, C)."""


def is_chunked(source: object) -> bool:
    """Tell what is an array that is read in chunks; numpy's own are none."""
    if isinstance(source, np.ndarray | type):
        return False
    parts = ("shape", "dtype", "chunks", "__getitem__")
    return all(hasattr(source, part) for part in parts)


class ChunkedRaster:
    """An image in an array of chunks; satisfies :class:`.rasters.Raster` and :class:`Windows`.

    Parameters
    ----------
    array
        Of any of the shapes that are images, see :func:`.channels.channels_last`.
    bands, alpha
        What the caller knows better.

    Raises
    ------
    ValueError
        When it is no image.

    Examples
    --------
    >>> import dask.array
    >>> planes = dask.array.zeros((3, 200, 300), chunks=(1, 64, 64), dtype="uint8")
    >>> raster = ChunkedRaster(planes)
    >>> raster.shape, raster.row_step, raster.rows(0, 5).shape
    ((200, 300, 3), 64, (5, 300, 3))
    """

    has_alpha: bool | None = None
    nodata: float | None = None

    def __init__(
        self, array: Any, bands: tuple[int, ...] | None = None, alpha: bool | None = None
    ) -> None:
        self._array = array
        self.dtype: np.dtype[Any] = np.dtype(array.dtype)
        # A stand-in whose strides tell which axis is which; nobody reads it.
        ndim = len(array.shape)
        strides = tuple(range(1, ndim + 1))
        stand_in = as_strided(np.empty(1, np.uint8), tuple(array.shape), strides, writeable=False)
        seen = channels_last(stand_in, bands, alpha)
        self.shape: tuple[int, int, int] = (seen.shape[0], seen.shape[1], seen.shape[2])
        # Of rows, columns and channels; None for channels that are no axis.
        self._axes = [None if one == 0 else one - 1 for one in seen.strides]
        self.row_step = self._row_step()

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        """Read rows (h, W, C)."""
        return self[top:bottom, :]

    def __getitem__(self, where: Where) -> NDArray[Any]:
        """Read a window (h, w, C)."""
        index: list[slice | int] = [0] * len(self._array.shape)
        for axis, part in zip(self._axes, (*where, slice(None)), strict=True):
            if axis is not None:
                index[axis] = part
        read = np.ma.asanyarray(self._array[tuple(index)])
        left = sorted(axis for axis in self._axes if axis is not None)
        order = [left.index(axis) for axis in self._axes if axis is not None]
        values: NDArray[Any] = read.transpose(order)
        return values if len(order) == 3 else values[..., np.newaxis]

    def _row_step(self) -> int:
        chunks, axis = self._array.chunks, self._axes[0]
        if chunks is None or axis is None:  # one after the other, as HDF5 may have it
            return 1
        chunk = chunks[axis]
        tall = int(max(chunk) if isinstance(chunk, tuple) else chunk)  # Dask lists all of them
        height, width, count = self.shape
        most = MOST_STRIP_BYTES // max(1, width * count * self.dtype.itemsize)
        return tall if 0 < tall <= most else max(1, min(most, height))
