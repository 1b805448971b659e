"""How alike two masks are."""

from __future__ import annotations

import cv2
import numpy as np

from training.prompts import Mask

BOUNDARY_WIDTH = 0.02
"""Width of the boundary band as a share of the image's diagonal (Cheng et al., 2021)."""


def iou(predicted: Mask, truth: Mask, known: Mask) -> float:
    """Intersection over union of two masks where the truth is known; 1 if both are empty."""
    union = int(((predicted | truth) & known).sum())
    return int((predicted & truth & known).sum()) / union if union else 1.0


def boundary_band(mask: Mask) -> Mask:
    """The pixels of a mask that lie within the band's width of its outline."""
    width = max(1, round(BOUNDARY_WIDTH * float(np.hypot(*mask.shape))))
    padded = np.pad(mask.astype(np.uint8), 1)
    kernel = np.ones((3, 3), np.uint8)
    inner = cv2.erode(padded, kernel, iterations=width)[1:-1, 1:-1].astype(bool)
    return mask & ~inner


def boundary_iou(predicted: Mask, truth: Mask, known: Mask) -> float:
    """IoU of the two masks' boundary bands."""
    return iou(boundary_band(predicted), boundary_band(truth), known)
