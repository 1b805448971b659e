"""What a model answers to the prompts of one object."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from samwidget.values.arrays import frozen
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.upsample import full_mask

NOTHING_LOGIT = -1.0
"""Of every pixel where prompts name no object: outside, but nobody is sure."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The candidate masks of one object.

    Attributes
    ----------
    low_res_logits
        (K, M, M) float32 over the model frame, positive inside; K = 3 candidates or 1.
    iou_predictions
        (K,) float32, the model's estimate of each mask's IoU; not clamped.
    transform
        How the image lies in the model frame.
    """

    low_res_logits: NDArray[np.float32]
    iou_predictions: NDArray[np.float32]
    transform: ResizeTransform
    _candidates: dict[int, Mask] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of_nothing(cls, transform: ResizeTransform, mask_size: int, candidates: int) -> Prediction:
        """Give empty masks of score 0, the answer where prompts name no object."""
        logits = np.full((candidates, mask_size, mask_size), NOTHING_LOGIT, np.float32)
        return cls(logits, np.zeros(candidates, np.float32), transform)

    @property
    def best(self) -> int:
        """Index of the mask with the highest predicted IoU."""
        return int(self.iou_predictions.argmax())

    def candidate(self, index: int) -> Mask:
        """Give one mask as a value; the same one at each call. It shares the logits, uncopied."""
        if index not in self._candidates:
            logits = frozen(self.low_res_logits[index].view())
            self._candidates[index] = Mask.from_logits(logits, self.transform)
        return self._candidates[index]

    def mask(self, index: int) -> NDArray[np.bool_]:
        """Give one mask at the image's resolution, (H, W) bool."""
        return full_mask(self.low_res_logits[index], self.transform)

    def masks(self) -> NDArray[np.bool_]:
        """Give all masks at the image's resolution, (K, H, W) bool."""
        return np.stack([full_mask(logits, self.transform) for logits in self.low_res_logits])
