"""The other way from text to masks: CLIP says how much each of everything's masks is like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from samwidget.predict.detectors import check_length, shrunk
from samwidget.predict.opening_text import Parts
from samwidget.values.mask import Mask

CONTEXT = 1.2
"""How much larger than a mask's box the square is that is looked at."""

VIEW_SIDE = 512
"""Larger squares are shrunk to this before CLIP's image processor halves them once more."""

CROPS_PER_BATCH = 32
PROMPT = "a photo of {}"


class ClipRanker:
    """Compares masks with phrases.

    Of each mask two squares are looked at, one as it is and one with nothing but the mask in it,
    and their embeddings averaged: the first tells the surroundings, the second which of the things
    in the square is meant.

    Attributes
    ----------
    threshold
        The lowest likeness that counts, a cosine. Pairs of images and texts from the web that CLIP
        makes less alike were left out of LAION's collections (0.28, 0.3 before); masks of things
        are small pictures, so it is a little less here.
    """

    threshold = 0.25

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._length = parts.model.config.text_config.max_position_embeddings

    def likeness(
        self,
        image: NDArray[np.uint8],
        masks: Sequence[Mask],
        phrases: Sequence[str],
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> NDArray[np.float32]:
        """Compare masks with phrases.

        Parameters
        ----------
        image
            (H, W, 3) uint8 RGB.
        masks
            Of it, none empty.
        phrases
            Put into "a photo of ...".
        on_progress
            Told the fraction of the masks done; what it raises reaches the caller.

        Returns
        -------
        ndarray
            (masks, phrases) float32, cosines from -1 to 1.

        Raises
        ------
        ValueError
            When a phrase is longer than the model can read.
        """
        texts = self._texts(phrases)
        found = []
        for start in range(0, len(masks), CROPS_PER_BATCH):
            views = [self._views(image, mask) for mask in masks[start : start + CROPS_PER_BATCH]]
            found.append(self._images([one for pair in views for one in pair]) @ texts.T)
            on_progress(min(1.0, (start + CROPS_PER_BATCH) / len(masks)))
        if not found:
            return np.zeros((0, len(phrases)), np.float32)
        return torch.cat(found).cpu().numpy()

    def _texts(self, phrases: Sequence[str]) -> torch.Tensor:
        """Embed phrases, (phrases, D), each of the length 1."""
        parts = self._parts
        prompts = [PROMPT.format(phrase) for phrase in phrases]
        for phrase, prompt in zip(phrases, prompts, strict=True):
            check_length(phrase, len(parts.tokenizer(prompt)["input_ids"]), self._length)
        tokens = parts.tokenizer(prompts, padding=True, return_tensors="pt").to(parts.device)
        with parts.computing():
            return _unit(parts.model.get_text_features(**tokens))

    def _images(self, views: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        """Embed masks by their pairs of views, (masks, D), each of the length 1."""
        parts = self._parts
        pixels = parts.image_processor(images=list(views), return_tensors="pt").to(parts.device)
        with parts.computing():
            each = _unit(parts.model.get_image_features(**pixels))
            return _unit(each.view(-1, 2, each.shape[1]).mean(dim=1))  # (masks, 2, D) -> (masks, D)

    def _views(
        self, image: NDArray[np.uint8], mask: Mask
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Cut the square around a mask out, as it is and with the mask alone."""
        x1, y1, x2, y2 = mask.box_xyxy
        side = max(1, round(CONTEXT * max(x2 - x1, y2 - y1)))
        left, top = round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2)
        height, width = image.shape[:2]
        mean = (np.array(self._parts.image_processor.image_mean) * 255).round().astype(np.uint8)
        whole = np.empty((side, side, 3), np.uint8)
        whole[:] = mean  # which is nothing to the model
        rows = slice(max(0, top), min(height, top + side))
        columns = slice(max(0, left), min(width, left + side))
        whole[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = (
            image[rows, columns]
        )
        inside = mask.crop((left, top, left + side, top + side))
        alone = np.where(inside[..., None], whole, mean)
        return shrunk(whole, VIEW_SIDE), shrunk(alone, VIEW_SIDE)


def _unit(output: Any) -> torch.Tensor:
    """Make what embeds the length 1."""
    features: torch.Tensor = getattr(output, "pooler_output", output)
    return torch.nn.functional.normalize(features.float(), dim=-1)
