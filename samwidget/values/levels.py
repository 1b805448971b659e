"""Masks as the browser draws them: small grey images whose iso-line is the border (numpy)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.geometry import ResizeTransform
from samwidget.values.runs import Runs

LIVE_BYTES = 65536
"""The live form is padded to this. Smaller replies in a burst wait about 40 ms in the notebook
server's socket (Nagle's algorithm against delayed acknowledgements); one as large as a loopback
segment does not."""

CLAMP = 8.0
"""Logits of this size and beyond become 255, and 0 when negative. Smaller values keep the border's
place more exactly, larger ones its neighbourhood."""

FINEST = 512
"""Cells along a side that the levels of a mask without logits have at most."""


class Levels(NamedTuple):
    """The values of ``protocol.LevelField``, which says what they mean."""

    width: int
    height: int
    stride: int
    extent_xywh: tuple[float, float, float, float]
    data: bytes

    def shifted(self, left: int, top: int) -> Levels:
        """Give those of a part of an image as of the image, in which it begins there."""
        x, y, width, height = self.extent_xywh
        return self._replace(extent_xywh=(x + left, y + top, width, height))


def level_field(
    low_res_logits: NDArray[np.floating],
    transform: ResizeTransform,
    *,
    cropped: bool = False,
) -> Levels:
    """Turn low-res logits into the level field of their mask.

    Parameters
    ----------
    low_res_logits
        (M, M) float over the model frame, positive inside.
    transform
        How the image lies in the model frame.
    cropped
        False: all cells, padding included, for what changes while one looks at it (see
        ``LIVE_BYTES``). True: only the cells around the mask with one cell margin, small, for
        what stays.

    Returns
    -------
    levels
        A byte is greater than 127.5 exactly where the logit is positive. When no cell of the image
        is positive, the cropped form is its first cell alone.
    """
    grey = level_bytes(low_res_logits)
    cells_w, cells_h, (x, y, extent_w, extent_h) = transform.extent_xywh(grey.shape[0])
    if not cropped:
        data = grey.tobytes().ljust(LIVE_BYTES, b"\0")
        return Levels(cells_w, cells_h, grey.shape[1], (x, y, extent_w, extent_h), data)
    inside: NDArray[np.bool_] = grey[:cells_h, :cells_w] > 127
    top, bottom = span_with_margin(inside, 1, 1)
    left, right = span_with_margin(inside, 0, 1)
    cell_w, cell_h = extent_w / cells_w, extent_h / cells_h
    width, height = right - left, bottom - top
    extent = (x + left * cell_w, y + top * cell_h, width * cell_w, height * cell_h)
    return Levels(width, height, width, extent, grey[top:bottom, left:right].tobytes())


def level_bytes(logits: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Quantise logits: above 127.5 exactly where they are positive, 0 and 255 at ``CLAMP``."""
    known = np.nan_to_num(np.asarray(logits, np.float32), nan=-CLAMP)
    level = np.rint(np.clip(known / np.float32(CLAMP), -1, 1) * 127.5 + 127.5)
    kept = np.where(known > 0, np.maximum(level, 128), np.minimum(level, 127))
    grey: NDArray[np.uint8] = kept.astype(np.uint8)
    return grey


def logits_of_bytes(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give logits that :func:`level_bytes` turns into these bytes, which came as float32."""
    logits: NDArray[np.float32] = (levels - np.float32(127.5)) * np.float32(CLAMP / 127.5)
    return logits


def run_levels(runs: Runs, size_hw: tuple[int, int]) -> Levels:
    """Turn run lengths into the level field of their mask.

    The cells are pixels where the tight box is small enough, and else average several, at most
    ``FINEST`` along a side. There is one cell margin around the box, but none beyond the image.

    Returns
    -------
    levels
        A byte is greater than 127.5 exactly where more than half of the cell is inside; where that
        is nowhere so, where anything is: no mask is invisible unless it is empty.
    """
    x1, y1, x2, y2 = runs.box_xyxy
    if not runs.area:
        return Levels(1, 1, 1, (0.0, 0.0, float(size_hw[1]), float(size_hw[0])), b"\0")
    left, right, width = _fine_cells(x1, x2, size_hw[1])
    top, bottom, height = _fine_cells(y1, y2, size_hw[0])
    share = runs.coverage((left, top, right, bottom), (width, height))
    if not (share > 0.5).any():
        share = (share > 0).astype(np.float32)
    grey = np.where(share > 0.5, np.maximum(np.rint(share * 255), 128), np.rint(share * 254))
    extent = (left, top, right - left, bottom - top)
    return Levels(width, height, width, extent, grey.astype(np.uint8).tobytes())


def _fine_cells(start: int, stop: int, length: int) -> tuple[float, float, int]:
    """Give start, stop and number of the cells along one axis of a box in an image."""
    cell = max(1.0, (stop - start) / (FINEST - 2))
    first, last = max(0.0, start - cell), min(float(length), stop + cell)
    return first, last, min(FINEST, max(1, round((last - first) / cell)))


def span_with_margin(inside: NDArray[np.bool_], axis: int, margin: int) -> tuple[int, int]:
    """Give start and stop of what is true along the other axis than ``axis``, with a margin.

    (0, 1) when nothing is true.
    """
    (places,) = np.nonzero(inside.any(axis=axis))
    if not len(places):
        return 0, 1
    length = inside.shape[1 - axis]
    return max(0, int(places[0]) - margin), min(length, int(places[-1]) + 1 + margin)
