"""The low-res logits that a mask came from, whole while one works on it, thinned for good."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import frozen
from samwidget.values.geometry import ResizeTransform
from samwidget.values.levels import (
    CLAMP,
    Levels,
    level_bytes,
    level_field,
    logits_of_bytes,
    span_with_margin,
)
from samwidget.values.upsample import check_logits

KEPT_BYTES = 65536
"""What the thinned logits of one mask may take; float16 where they fit, else the browser's bytes"""

_MARGIN = 4
_HUGE = 32.0
_TINY = np.float16(6e-8)


@dataclass(frozen=True, eq=False)
class LogitCells:
    """Low-res logits over the model frame, or those of their cells that lie around the mask.

    Attributes
    ----------
    values
        (h, w), the logits less the threshold, positive inside: float32, or thinned, float16, or
        uint8 as :func:`samwidget.values.levels.level_bytes` writes them. Read-only.
    left, top
        The cell where they begin.
    mask_size
        Cells M along a side of the model frame.
    transform
        How the image lies in the model frame.
    threshold
        In logits.
    """

    values: NDArray[np.float32 | np.float16 | np.uint8]
    left: int
    top: int
    mask_size: int
    transform: ResizeTransform
    threshold: float

    @classmethod
    def whole(
        cls, low_res_logits: ArrayLike, transform: ResizeTransform, threshold: float
    ) -> LogitCells:
        """Take all logits (M, M). They are copied unless they are read-only already."""
        logits = check_logits(low_res_logits)
        if threshold != 0 or logits.flags.writeable:
            logits = frozen(logits - np.float32(threshold))
        return cls(logits, 0, 0, len(logits), transform, threshold)

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left out or rounded, so that the exact mask follows from them."""
        return self.values.dtype == np.float32

    def at(self, threshold: float) -> LogitCells:
        """Give the same logits with another threshold.

        Cells that were left out are outside: of a thinned mask the logits are known only a few
        cells around it.
        """
        if threshold == self.threshold:
            return self
        values = self.values.astype(np.float32, copy=True)
        if self.values.dtype == np.uint8:
            values = logits_of_bytes(values)
        values += np.float32(self.threshold) - np.float32(threshold)
        # Left out is what is beyond the cells' border, which the frame repeats: close it.
        rows, columns = values.shape
        is_left_out = (
            (np.s_[0, :], self.top > 0),
            (np.s_[-1, :], self.top + rows < self.mask_size),
            (np.s_[:, 0], self.left > 0),
            (np.s_[:, -1], self.left + columns < self.mask_size),
        )
        for border, is_open in is_left_out:
            if is_open:
                values[border] = np.minimum(values[border], np.float32(-1))
        return replace(self, values=frozen(values), threshold=float(threshold))

    def frame(self) -> NDArray[np.float32]:
        """Give the logits less the threshold over the model frame, (M, M) float32.

        Cells that were left out get the value of the nearest cell that was not.
        """
        values = self.values.astype(np.float32, copy=False)
        if self.values.dtype == np.uint8:
            values = logits_of_bytes(values)
        height, width = values.shape
        after = self.mask_size - self.top - height, self.mask_size - self.left - width
        padding = ((self.top, after[0]), (self.left, after[1]))
        return np.pad(values, padding, mode="edge")

    def levels(self) -> Levels:
        """Give what the browser draws, cropped to the mask."""
        return level_field(self.frame(), self.transform, cropped=True)

    def cropped(self) -> LogitCells:
        """Leave out cells around the mask, of which none is inside; it stays exact.

        An image's pixel reads at most three neighbouring cells along an axis. So no pixel inside,
        and none next to one, reads a cell that is left out; all others stay outside whatever takes
        its place.
        """
        if not self.is_exact or self.values.shape != (self.mask_size, self.mask_size):
            return self
        inside = self.values > 0
        cells_wh = self.transform.content_cells(self.mask_size)
        pixels_wh = self.transform.original_size_hw[::-1]
        across, down = (
            _MARGIN + math.ceil(2 * cells / pixels)
            for cells, pixels in zip(cells_wh, pixels_wh, strict=True)
        )
        top, bottom = span_with_margin(inside, 1, down)
        left, right = span_with_margin(inside, 0, across)
        values = frozen(self.values[top:bottom, left:right].copy())
        return replace(self, values=values, left=left, top=top)

    def thinned(self) -> LogitCells | None:
        """Give what is worth keeping for good; None when even that is too much."""
        if not self.is_exact:
            return self
        cells_w, cells_h, _ = self.transform.extent_xywh(self.mask_size)
        content = np.nan_to_num(self.frame()[:cells_h, :cells_w], nan=-CLAMP)
        inside = content > 0
        top, bottom = span_with_margin(inside, 1, _MARGIN)
        left, right = span_with_margin(inside, 0, _MARGIN)
        part = np.clip(content[top:bottom, left:right], -_HUGE, _HUGE)
        kept: NDArray[np.float32 | np.float16 | np.uint8]
        if 2 * part.size <= KEPT_BYTES:
            half = part.astype(np.float16)
            kept = np.where(part > 0, np.maximum(half, _TINY), half)
        elif part.size <= KEPT_BYTES:
            kept = level_bytes(part)
        else:
            return None
        return replace(self, values=frozen(kept), left=left, top=top)
