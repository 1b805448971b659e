"""Which of many found masks are worth showing: filter and non-maximum suppression.

The rules are those of segment-anything's automatic mask generator.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.nms import box_nms


class Thresholds(NamedTuple):
    """What a found mask must have to be kept.

    Attributes
    ----------
    pred_iou_thresh
        Its predicted IoU is above this; 0 or less keeps all.
    stability_score_thresh
        Its stability score is at least this.
    box_nms_thresh
        Of two masks whose boxes have a higher IoU than this the better one is kept.
    crop_nms_thresh
        The same of masks from different crops of the image; the smaller crop's is kept.
    has_crops
        Whether crops were searched, too.
    min_mask_region_area
        Smaller holes are filled, smaller islands dropped; doubles that this makes are left out.
    detection_score_thresh
        What a detector said of it is at least this.
    """

    pred_iou_thresh: float
    stability_score_thresh: float
    box_nms_thresh: float
    crop_nms_thresh: float = 0.7
    has_crops: bool = False
    min_mask_region_area: float = 0
    detection_score_thresh: float = 0


def distinct(
    boxes_xyxy: NDArray[np.float64],
    scores: NDArray[np.float64],
    stability_scores: NDArray[np.float64],
    thresholds: Thresholds,
    *,
    detection_scores: NDArray[np.float64] | None = None,
    ranks: NDArray[np.float64] | None = None,
) -> list[int]:
    """Pick the good masks and of doubles the best.

    Parameters
    ----------
    boxes_xyxy
        (N, 4), the masks' tight boxes in whole pixels.
    scores, stability_scores
        (N,), predicted IoU and stability score.
    thresholds
        What to keep.
    detection_scores
        (N,), what a detector said of them; None where none was asked.
    ranks
        (N,), which is the better of two; None for ``scores``.

    Returns
    -------
    list of int
        Indices, the best first, of equal ones the first.

    Examples
    --------
    >>> boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10]], float)
    >>> scores, stability = np.array([0.8, 0.9, 0.95]), np.array([0.9, 0.9, 0.5])
    >>> distinct(boxes, scores, stability, Thresholds(0.7, 0.6, 0.7))
    [1]
    """
    good = stability_scores >= thresholds.stability_score_thresh
    if thresholds.pred_iou_thresh > 0:
        good &= scores > thresholds.pred_iou_thresh
    if detection_scores is not None:
        good &= detection_scores >= thresholds.detection_score_thresh
    (places,) = np.nonzero(good)
    ranks = scores if ranks is None else ranks
    kept = without_doubles(boxes_xyxy[places], ranks[places], thresholds.box_nms_thresh)
    return [int(places[index]) for index in kept]


def without_doubles(
    boxes_xyxy: NDArray[np.float64], scores: NDArray[np.float64], iou_threshold: float
) -> list[int]:
    """Suppress boxes (N, 4) that overlap a better one (NMS); give the others' indices by score.

    Boxes are XYXY in pixels; compared are, as in segment-anything, those that end at the last pixel
    instead of behind it.
    """
    ends_inside = boxes_xyxy - np.array([0, 0, 1, 1])
    return [int(i) for i in box_nms(ends_inside, scores, iou_threshold)]
