"""Run lengths: an exact mask in a few KB. Everything here works on the tight box or less.

A run is a row of equal pixels. Runs are counted row by row through the tight box, so that a run may
go on in the next row, and alternate: outside, inside, outside, and so on, the first outside (its
length may be zero), the last inside. This is COCO's uncompressed RLE but for the box and for the
order, which is by columns there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import frozen
from samwidget.values.pixel_boxes import EMPTY_BOX, PixelBox, shifted

_PIXELS_AT_A_TIME = 1 << 24
"""Of a large mask, which is not copied as a whole."""


@dataclass(frozen=True, eq=False)
class Runs:
    """The run lengths of one mask. Make them with :meth:`of_array` or :meth:`of_spans`.

    Attributes
    ----------
    box_xyxy
        The tight box, zeros when the mask is empty.
    lengths
        (R,) int32, alternately outside and inside, read-only. They end with the last pixel inside.

    Examples
    --------
    >>> runs = Runs.of_array(np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]], bool))
    >>> runs.box_xyxy, runs.lengths.tolist()
    ((1, 1, 3, 3), [0, 2, 1, 1])
    """

    box_xyxy: PixelBox
    lengths: NDArray[np.int32]

    @classmethod
    def of_array(cls, array: NDArray[np.bool_], left: int = 0, top: int = 0) -> Runs:
        """Encode (h, w) bool, of which the first pixel lies at (left, top) of the image."""
        box = tight_box(array)
        if box == EMPTY_BOX:
            return cls(EMPTY_BOX, _lengths(np.zeros(0, np.int64)))
        x1, y1, x2, y2 = box
        edges = _edges(array[y1:y2, x1:x2])
        return cls((left + x1, top + y1, left + x2, top + y2), _lengths(edges))

    @classmethod
    def of_spans(cls, rows: ArrayLike, starts: ArrayLike, stops: ArrayLike) -> Runs:
        """Encode spans of a row each, columns ``start`` to ``stop - 1``.

        They must be sorted by row and start and must not overlap; empty ones are left out.
        """
        row, start, stop = (np.asarray(part, np.int64) for part in (rows, starts, stops))
        filled = stop > start
        row, start, stop = row[filled], start[filled], stop[filled]
        if not len(row):
            return cls(EMPTY_BOX, _lengths(row))
        x1, x2, y1, y2 = int(start.min()), int(stop.max()), int(row[0]), int(row[-1]) + 1
        first = (row - y1) * (x2 - x1) - x1  # where column 0 of the span's row would be
        begins, ends = first + start, first + stop
        apart = begins[1:] != ends[:-1]  # else the two spans are one run
        begins = begins[np.concatenate([[True], apart])]
        ends = ends[np.concatenate([apart, [True]])]
        return cls((x1, y1, x2, y2), _lengths(np.stack([begins, ends], axis=1).ravel()))

    @cached_property
    def area(self) -> int:
        """Pixels inside."""
        return int(self.lengths[1::2].sum(dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """Bytes of the run lengths."""
        return self.lengths.nbytes

    def contains(self, column: int, row: int) -> bool:
        """Whether a pixel is inside; one beyond the box is not."""
        x1, y1, x2, y2 = self.box_xyxy
        if not (x1 <= column < x2 and y1 <= row < y2):
            return False
        place = (row - y1) * (x2 - x1) + column - x1
        return bool(np.searchsorted(np.cumsum(self.lengths), place, side="right") % 2)

    def shifted(self, right: int, down: int) -> Runs:
        """Give the same runs so many pixels further to the right and down."""
        return Runs(shifted(self.box_xyxy, right, down), self.lengths)

    def crop(self, box_xyxy: PixelBox) -> NDArray[np.bool_]:
        """Decode the part inside a box: (y2 - y1, x2 - x1) bool, False beyond the tight box."""
        x1, y1, x2, y2 = box_xyxy
        part = np.zeros((y2 - y1, x2 - x1), np.bool_)
        own_x1, own_y1, own_x2, own_y2 = self.box_xyxy
        left, top = max(x1, own_x1), max(y1, own_y1)
        right, bottom = min(x2, own_x2), min(y2, own_y2)
        if left < right and top < bottom:
            part[top - y1 : bottom - y1, left - x1 : right - x1] = self._rows(top, bottom)[
                :, left - own_x1 : right - own_x1
            ]
        return part

    def _rows(self, top: int, bottom: int) -> NDArray[np.bool_]:
        """Decode some rows of the tight box."""
        x1, y1, x2, _ = self.box_xyxy
        width = x2 - x1
        begin, end = (top - y1) * width, (bottom - y1) * width
        edges = np.clip(np.cumsum(self.lengths, dtype=np.int64), begin, end)
        lengths = np.diff(edges, prepend=begin, append=end)
        inside = np.arange(len(lengths)) % 2 == 1
        return np.repeat(inside, lengths).reshape(bottom - top, width)

    def spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Give rows, starts and stops (S,) of the spans inside, in the image frame, sorted."""
        x1, y1, x2, _ = self.box_xyxy
        width = max(1, x2 - x1)
        edges = np.cumsum(self.lengths, dtype=np.int64)
        begins, ends = edges[0::2], edges[1::2]
        first_row = begins // width
        rows_each = (ends - 1) // width - first_row + 1
        run = np.repeat(np.arange(len(begins)), rows_each)
        nth = np.arange(len(run)) - np.repeat(np.cumsum(rows_each) - rows_each, rows_each)
        row = first_row[run] + nth
        start = np.maximum(begins[run] - row * width, 0)
        stop = np.minimum(ends[run] - row * width, width)
        return row + y1, start + x1, stop + x1

    def coverage(
        self, region_xyxy: tuple[float, float, float, float], cells_wh: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Average the mask over equal cells that fill a region; exact, also for parts of pixels.

        Parameters
        ----------
        region_xyxy
            In the image frame; it may reach beyond the image, where nothing is inside.
        cells_wh
            Columns and rows of cells in the region.

        Returns
        -------
        ndarray
            (rows, columns) float32: which part of each cell is inside, 0 to 1.
        """
        x1, y1, x2, y2 = region_xyxy
        columns, rows = cells_wh
        row, start, stop = self.spans()
        # A span is a rectangle: four quarter planes with alternating signs, each of which begins at
        # a corner. Their averages over cells are running sums, over both axes, of at most 2 x 2
        # values around the corner. Only cells that something reaches are summed.
        to_x, to_y = columns / (x2 - x1), rows / (y2 - y1)
        across = [(s, _step((edge - x1) * to_x, columns)) for s, edge in ((1, start), (-1, stop))]
        down = [(s, _step((edge - y1) * to_y, rows)) for s, edge in ((1, row), (-1, row + 1))]
        taps = [
            (cell_y * (columns + 1) + cell_x, sign * weight_x * weight_y)
            for (down_sign, taps_y), (across_sign, taps_x) in product(down, across)
            for (cell_y, weight_y), (cell_x, weight_x) in product(taps_y, taps_x)
            for sign in (down_sign * across_sign,)
        ]
        places, weights = (np.concatenate(part) for part in zip(*taps, strict=True))
        total = np.bincount(places, weights, minlength=(rows + 1) * (columns + 1))
        inside = total.reshape(rows + 1, columns + 1)[:rows, :columns]
        for axis in (1, 0):
            np.cumsum(inside, axis=axis, out=inside)
        # Sums of so many terms miss 0 and 1 by some 1e-12, which float32 cannot tell from 1.
        averages = (inside + 1).astype(np.float32) - np.float32(1)
        return averages.clip(0, 1, out=averages)


def tight_box(array: NDArray[np.bool_], left: int = 0, top: int = 0) -> PixelBox:
    """Give the smallest box around (h, w) bool, of which the first pixel lies at (left, top)."""
    (rows,) = np.nonzero(array.any(axis=1))
    if not len(rows):
        return EMPTY_BOX
    y1, y2 = int(rows[0]), int(rows[-1]) + 1
    (columns,) = np.nonzero(array[y1:y2].any(axis=0))
    return left + int(columns[0]), top + y1, left + int(columns[-1]) + 1, top + y2


def _edges(array: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give the places where pixels of (h, w), row by row, are unlike the ones before."""
    found, begin, last = [], 0, False
    few = max(1, _PIXELS_AT_A_TIME // array.shape[1])
    for top in range(0, len(array), few):
        flat = array[top : top + few].ravel()
        if flat[0] != last:
            found.append(np.array([begin]))
        found.append(np.flatnonzero(flat[1:] != flat[:-1]) + (begin + 1))
        begin, last = begin + flat.size, bool(flat[-1])
    if last:
        found.append(np.array([begin]))
    return np.concatenate(found)


def _lengths(edges: NDArray[np.int64]) -> NDArray[np.int32]:
    return frozen(np.diff(edges, prepend=0).astype(np.int32))


def _step(
    places: NDArray[np.floating], cells: int
) -> list[tuple[NDArray[np.intp], NDArray[np.floating]]]:
    """Give the differences, from cell to cell, of the averages of steps that begin at ``places``.

    What begins before the first cell begins with it; what begins beyond the last one does not
    matter and falls into a spare cell.
    """
    clipped = np.clip(places, 0, cells)
    cell = np.minimum(clipped.astype(np.intp), cells)
    share = clipped - cell
    return [(cell, 1 - share), (np.minimum(cell + 1, cells), share)]
