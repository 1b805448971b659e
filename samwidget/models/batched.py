"""Several images in one call, as segment-anything's ``Sam`` is called; end to end in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from samwidget.models.base import SegmentAnything


@torch.no_grad()
def segment_batch(
    model: SegmentAnything, batched_input: list[dict[str, Any]], multimask_output: bool
) -> list[dict[str, Tensor]]:
    """Encode images and predict on each, see :meth:`SegmentAnything.forward`."""
    side = model.config.image_size
    answers = []
    for given in batched_input:
        resized = given["image"].to(model.device)
        height, width = resized.shape[-2:]
        mean, std = (
            torch.tensor(values, device=model.device)[:, None, None]
            for values in (model.config.pixel_mean, model.config.pixel_std)
        )
        pixels = F.pad((resized - mean) / std, (0, side - width, 0, side - height))
        logits, scores = model.decode(
            model.encode(pixels[None]),
            point_coords=given.get("point_coords"),
            point_labels=given.get("point_labels"),
            boxes=given.get("boxes"),
            mask_input=given.get("mask_inputs"),
            multimask_output=multimask_output,
        )
        size = tuple(given["original_size"])
        masks = F.interpolate(logits, (side, side), mode="bilinear", align_corners=False)
        masks = F.interpolate(
            masks[..., :height, :width], size, mode="bilinear", align_corners=False
        )
        inside = masks > model.mask_threshold
        answers.append({"masks": inside, "iou_predictions": scores, "low_res_logits": logits})
    return answers
