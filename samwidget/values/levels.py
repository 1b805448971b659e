"""Masks as the browser draws them: small grey images whose iso-line is the border (numpy)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.geometry import ResizeTransform

LIVE_BYTES = 65536
"""The live form is padded to this. Smaller replies in a burst wait about 40 ms in the notebook
server's socket (Nagle's algorithm against delayed acknowledgements); one as large as a loopback
segment does not."""


class Levels(NamedTuple):
    """The values of ``protocol.LevelField``, which says what they mean."""

    width: int
    height: int
    stride: int
    extent_xywh: tuple[float, float, float, float]
    data: bytes


def level_field(
    low_res_logits: NDArray[np.floating],
    transform: ResizeTransform,
    *,
    cropped: bool = False,
    clamp: float = 8.0,
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
    clamp
        Logits of this size and beyond become 255, and 0 when negative. Smaller values keep the
        border's place more exactly, larger ones its neighbourhood.

    Returns
    -------
    levels
        A byte is greater than 127.5 exactly where the logit is positive. When no cell of the image
        is positive, the cropped form is its first cell alone.
    """
    logits = np.nan_to_num(np.asarray(low_res_logits, np.float32), nan=-clamp)
    level = np.rint(np.clip(logits / np.float32(clamp), -1, 1) * 127.5 + 127.5)
    grey = np.where(logits > 0, np.maximum(level, 128), np.minimum(level, 127)).astype(np.uint8)
    cells_w, cells_h, (x, y, extent_w, extent_h) = transform.extent_xywh(grey.shape[0])
    if not cropped:
        data = grey.tobytes().ljust(LIVE_BYTES, b"\0")
        return Levels(cells_w, cells_h, grey.shape[1], (x, y, extent_w, extent_h), data)
    inside = grey[:cells_h, :cells_w] > 127
    top, bottom = _span_with_margin(inside.any(axis=1))
    left, right = _span_with_margin(inside.any(axis=0))
    cell_w, cell_h = extent_w / cells_w, extent_h / cells_h
    width, height = right - left, bottom - top
    extent = (x + left * cell_w, y + top * cell_h, width * cell_w, height * cell_h)
    return Levels(width, height, width, extent, grey[top:bottom, left:right].tobytes())


def _span_with_margin(occupied: NDArray[np.bool_]) -> tuple[int, int]:
    """Give start and stop of the true values with one value margin; (0, 1) when none is true."""
    (places,) = np.nonzero(occupied)
    if not len(places):
        return 0, 1
    return max(0, int(places[0]) - 1), min(len(occupied), int(places[-1]) + 2)
