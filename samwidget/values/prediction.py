"""What a model answers to the prompts of one object."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from samwidget.values.arrays import frozen
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.upsample import full_mask, measured

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
        How the image, or the region of it that the model saw, lies in the model frame.
    corner_xy
        The pixel of the image where that region begins.
    image_size_hw
        Of the image, where the region is not all of it.
    """

    low_res_logits: NDArray[np.float32]
    iou_predictions: NDArray[np.float32]
    transform: ResizeTransform
    corner_xy: tuple[int, int] = (0, 0)
    image_size_hw: tuple[int, int] | None = None
    _candidates: dict[int, Mask] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of_nothing(cls, transform: ResizeTransform, mask_size: int, candidates: int) -> Prediction:
        """Give empty masks of score 0, the answer where prompts name no object."""
        logits = np.full((candidates, mask_size, mask_size), NOTHING_LOGIT, np.float32)
        return cls(logits, np.zeros(candidates, np.float32), transform)

    def placed(self, left: int, top: int, size_hw: tuple[int, int]) -> Prediction:
        """Give the prediction of a region as one of its image, in which it begins there."""
        return replace(self, corner_xy=(left, top), image_size_hw=size_hw)

    def stability_score(self, index: int, threshold: float = 0.0, offset: float = 1.0) -> float:
        """Tell how little a candidate depends on the threshold, 0 to 1, as segment-anything does.

        The IoU of the masks that are ``offset`` logits above and below, at the image's size.
        """
        levels = threshold + offset, threshold - offset
        (inner, outer), _ = measured(self.low_res_logits[index], self.transform, levels)
        return inner / max(1, outer)

    @property
    def region_xyxy(self) -> PixelBox | None:
        """The part of the image that the model saw; None for all of it."""
        if self.image_size_hw is None:
            return None
        (left, top), (height, width) = self.corner_xy, self.transform.original_size_hw
        return left, top, left + width, top + height

    @property
    def best(self) -> int:
        """Index of the mask with the highest predicted IoU."""
        return int(self.iou_predictions.argmax())

    def candidate(self, index: int) -> Mask:
        """Give one mask as a value; the same one at each call. It shares the logits, uncopied."""
        if index not in self._candidates:
            logits = frozen(self.low_res_logits[index].view())
            mask = Mask.from_logits(logits, self.transform)
            if self.image_size_hw is not None:
                mask = mask.placed(*self.corner_xy, self.image_size_hw)
            self._candidates[index] = mask
        return self._candidates[index]

    def mask(self, index: int) -> NDArray[np.bool_]:
        """Give one mask at the image's resolution, (H, W) bool."""
        if self.image_size_hw is not None:
            return self.candidate(index).full()
        return full_mask(self.low_res_logits[index], self.transform)

    def masks(self) -> NDArray[np.bool_]:
        """Give all masks at the image's resolution, (K, H, W) bool."""
        return np.stack([self.mask(index) for index in range(len(self.low_res_logits))])
