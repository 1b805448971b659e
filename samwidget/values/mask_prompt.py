"""How a model is told of a mask that has no logits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from samwidget.values.geometry import ResizeTransform

MASK_PROMPT_LOGIT = math.log((1 - 1e-3) / 1e-3)
"""How sure the model is told to be of a mask without logits; the value that micro-sam found to
work."""

Coverage = Callable[[tuple[float, float, float, float], tuple[int, int]], NDArray[np.float32]]
"""See :meth:`samwidget.values.mask.Mask.coverage`."""


def logits_of_coverage(
    coverage: Coverage, transform: ResizeTransform, mask_size: int
) -> NDArray[np.float32]:
    """Give low-res logits (1, M, M) float32 of a mask.

    They are as sure as ``MASK_PROMPT_LOGIT`` where a cell is entirely inside or outside, and less
    between.
    """
    columns, rows, (x, y, width, height) = transform.extent_xywh(mask_size)
    share = coverage((x, y, x + width, y + height), (columns, rows))
    # Only a part of the last row or column may belong to the image.
    content_w, content_h = transform.content_cells(mask_size)
    of_image = np.outer(
        np.clip(content_h - np.arange(rows), 0, 1),
        np.clip(content_w - np.arange(columns), 0, 1),
    )
    logits = np.full((1, mask_size, mask_size), -MASK_PROMPT_LOGIT, np.float32)
    logits[0, :rows, :columns] = MASK_PROMPT_LOGIT * np.clip(2 * share / of_image - 1, -1, 1)
    return logits
