"""TIFF files that Pillow cannot read as they are, through tifffile: any dtype, any bands."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from samwidget.values.tiff_header import TiffPage

_JPEG_COMPRESSIONS = (6, 7, 34892, 33007)
_SMALL_SEGMENT = 1 << 20
_ALPHA = (1, 2)
"""Extra samples that are alpha: associated and not."""


def tifffile_or_none() -> ModuleType | None:
    """Give tifffile when it is installed."""
    try:
        import tifffile
    except ImportError:
        return None
    module: ModuleType = tifffile
    return module


@dataclass
class TiffRaster:
    """A page of a TIFF; rows are read from the file when they are asked for.

    Of a compressed page the strips or tiles that hold the rows are decoded, so memory stays small
    unless the file is one single compressed strip.
    """

    file: BinaryIO
    page: Any
    header: TiffPage
    windows: Callable[[], TiffWindows] | None = None
    """Opens the file anew, for its values."""
    row_step: int = field(init=False)
    _decoded: dict[int, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # As (separate planes, depth, height, width, samples side by side)
        self._planes, depth, self._height, self._width, self._inner = self.page.shaped
        if depth != 1:
            raise ValueError(f"it is a volume of {depth} layers in one page; give one as an array")
        self._is_raw_bytes = bool(self.page.is_contiguous and self.page.is_final)
        tall = self.page.tilelength if self.page.is_tiled else self.page.rowsperstrip
        self._segment_rows = min(int(tall or self._height), self._height)
        is_small = self._segment_rows * self._width <= _SMALL_SEGMENT
        is_aligned = not self._is_raw_bytes and (self.page.is_tiled or is_small)
        self.row_step = self._segment_rows if is_aligned else 1
        if not (self._is_raw_bytes or is_aligned):  # each look would decode all of it
            self.windows = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        return self._height, self._width, self._planes * self._inner

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        dtype: np.dtype[Any] = np.dtype(self.page.dtype)
        return dtype

    @property
    def nodata(self) -> float | None:
        """What GDAL writes for values that are missing."""
        nodata = self.header.nodata
        if nodata is None or self.dtype.kind != "f":
            return nodata
        with np.errstate(over="ignore"):  # as the pixels have it, not as the text with 17 digits
            return float(self.dtype.type(nodata))

    @property
    def has_alpha(self) -> bool | None:
        """What the file says; None as well where it says alpha, since many write that of any."""
        extra = self.header.extra
        if extra and extra[-1] in _ALPHA:
            return None if self.shape[2] == 4 else True
        return False

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        """Read rows (h, W, C)."""
        return self.window(top, bottom, 0, self._width)

    def window(self, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        """Read a part (h, w, C); of tiles those that hold it are decoded."""
        every = range(self._planes)
        if self._is_raw_bytes:
            planes = [self._read(plane, top, bottom)[:, left:right] for plane in every]
        else:
            planes = [self._decode(plane, top, bottom, left, right) for plane in every]
        values = planes[0] if len(planes) == 1 else np.concatenate(planes, axis=-1)
        if self.header.photometric == 0 and self.dtype.kind == "u":  # white is 0
            most = (1 << max(self.header.bits)) - 1
            values = self.dtype.type(most) - values
        return values

    def _read(self, plane: int, top: int, bottom: int) -> NDArray[Any]:
        dtype = np.dtype(self.page.parent.byteorder + self.page.dtype.char)
        row_values = self._width * self._inner
        begin = (plane * self._height + top) * row_values * dtype.itemsize
        self.file.seek(self.page.dataoffsets[0] + begin)
        count = (bottom - top) * row_values
        data = self.file.read(count * dtype.itemsize)
        if len(data) < count * dtype.itemsize:
            raise ValueError(f"the file ends before row {bottom} of {self._height}")
        values: NDArray[Any] = np.frombuffer(data, dtype).reshape(-1, self._width, self._inner)
        return values.astype(dtype.newbyteorder("="), copy=False)

    def _decode(self, plane: int, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        page = self.page
        wide = int(page.tilewidth) if page.is_tiled else self._width
        out = np.zeros((bottom - top, right - left, self._inner), self.dtype)
        across = -(-self._width // page.tilewidth) if page.is_tiled else 1
        tall = self._segment_rows
        down = -(-self._height // tall)
        for y in range(top // tall, -(-bottom // tall)):
            for x in range(left // wide, -(-right // wide)):
                index = (plane * down + y) * across + x
                piece = self._segment(index)
                if piece is None:  # left out of the file: 0
                    continue
                if len(piece) < min(tall, self._height - y * tall):
                    raise ValueError(f"the file ends before row {bottom} of {self._height}")
                begin, edge = y * tall, x * wide
                first, last = max(begin, top), min(begin + len(piece), bottom)
                start, end = max(edge, left), min(edge + piece.shape[1], right)
                part = piece[first - begin : last - begin, start - edge : end - edge]
                out[first - top : last - top, start - left : end - left] = part
        return out

    def _segment(self, index: int) -> NDArray[Any] | None:
        """Decode a strip or tile, (h, w, C); one of each plane is kept for the next rows."""
        if index in self._decoded:
            return self._decoded[index]
        page = self.page
        while len(self._decoded) >= self._planes:
            del self._decoded[min(self._decoded)]
        if index >= len(page.dataoffsets):
            raise ValueError(f"strip or tile {index} is not in the file")
        count = page.databytecounts[index]
        if count == 0:
            return None
        self.file.seek(page.dataoffsets[index])
        data = self.file.read(count)
        if len(data) < count:
            raise ValueError(f"the file ends in strip or tile {index}")
        more = {}
        if page.compression in _JPEG_COMPRESSIONS:
            more = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
        decoded, _, shape = page.decode(data, index, **more)
        if decoded is None:
            return None
        piece: NDArray[Any] = decoded[0, : shape[1], : shape[2]]
        if self.row_step == 1:  # else these rows are not asked for again
            self._decoded[index] = piece
        return piece


class TiffWindows:
    """The values of a page, (H, W, C), read from the file where one looks; by one thread at a time.

    Satisfies :class:`.windows.Windows` and :class:`.rasters.Raster`. The file stays open.

    Parameters
    ----------
    path
        Of a file of which :class:`TiffRaster` has read this page.
    header
        Of the page.
    """

    def __init__(self, path: Path, header: TiffPage) -> None:
        tifffile = tifffile_or_none()
        assert tifffile is not None
        file = path.open("rb")
        weakref.finalize(self, file.close)
        self._raster = TiffRaster(file, tifffile.TiffFile(file).pages[header.index], header)
        self._reading = threading.Lock()
        self.shape, self.dtype = self._raster.shape, self._raster.dtype
        self.has_alpha, self.nodata = self._raster.has_alpha, self._raster.nodata
        self.row_step = self._raster.row_step

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        """Read rows (h, W, C)."""
        return self[top:bottom, :]

    def __getitem__(self, where: tuple[slice, slice]) -> NDArray[Any]:
        """Read a window (h, w, C) without steps."""
        (top, bottom, _), (left, right, _) = (
            part.indices(length) for part, length in zip(where, self.shape[:2], strict=True)
        )
        with self._reading:
            return self._raster.window(top, bottom, left, right)
