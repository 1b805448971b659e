"""Non-maximum suppression: of boxes that mean the same, only the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.errors import quoted


def box_nms(boxes_xyxy: ArrayLike, scores: ArrayLike, iou_threshold: float) -> NDArray[np.intp]:
    """Suppress boxes that overlap a better one, as ``torchvision.ops.nms`` does.

    Parameters
    ----------
    boxes_xyxy
        (N, 4).
    scores
        (N,), higher is better; of equal ones the first counts as better.
    iou_threshold
        A box goes when its IoU with a better one that stays is larger than this.

    Returns
    -------
    kept
        (K,) indices of the boxes that stay, best first.

    Raises
    ------
    ValueError
        When shapes do not fit, or the threshold is not from 0 to 1.

    Examples
    --------
    >>> box_nms([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10]], [0.8, 0.9, 0.7], 0.7).tolist()
    [1, 2]
    """
    boxes = np.asarray(boxes_xyxy, np.float64)
    boxes = boxes.reshape(0, 4) if boxes.size == 0 else boxes
    values = np.asarray(scores, np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or values.shape != boxes.shape[:1]:
        raise ValueError(
            f"expected boxes_xyxy (N, 4) and scores (N,), got {boxes.shape} and {values.shape}"
        )
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"iou_threshold: expected 0 to 1, got {quoted(iou_threshold)}")
    corner, far_corner = boxes[:, :2], boxes[:, 2:]
    areas = (far_corner - corner).prod(axis=1)
    left, kept = np.argsort(-values, kind="stable"), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        sides = np.minimum(far_corner[best], far_corner[left]) - np.maximum(
            corner[best], corner[left]
        )
        shared = sides.clip(min=0).prod(axis=1)
        left = left[shared <= iou_threshold * (areas[best] + areas[left] - shared)]
    return np.array(kept, np.intp)
