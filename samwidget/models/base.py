"""What every Segment Anything model in this package can do, whatever its encoder.

A model turns one preprocessed image into :class:`ImageFeatures` once (slow) and prompts on those
features into masks as often as wanted (fast). Everything here is float32 unless the caller moved
the module to another dtype.

Frames: the *model frame* is the square the encoder sees, ``config.image_size`` pixels a side, x to
the right, y down, origin at the outer corner of the first pixel. Points and boxes reach
:meth:`SegmentAnything.decode` in that frame, without any half-pixel shift: the prompt encoder adds
it, as the published models do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.modes import on_its_device
from samwidget.models.prompt_tensors import as_tensors, without_guesses
from samwidget.values.prompt_batches import read_batch
from samwidget.values.prompt_checks import Bounds

if TYPE_CHECKING:
    from samwidget.models.config import ModelConfig

Progress = Callable[[float], None]
"""Called between the steps of an encoder with the fraction done, 0 to 1. What it raises ends the
encoding and reaches the caller: this is how an encoding is cancelled."""


class ProjectedImage(NamedTuple):
    """One image as the first layer of a two-way transformer sees it, when no mask is given.

    Attributes
    ----------
    image
        (1, P, C), the image's positions with what stands for no mask.
    keys, values
        (heads, d, P) and (heads, P, d), for the tokens to read.
    queries
        (heads, d, P), to read the tokens with.
    """

    image: Tensor
    keys: Tensor
    values: Tensor
    queries: Tensor


class ImageFeatures(NamedTuple):
    """What an image encoder returns for one image or a batch of images.

    Attributes
    ----------
    image_embedding
        (B, C, S, S) float, the coarse map that the mask decoder's transformer reads.
    high_res
        Finer maps for decoders that use them, coarse to fine, each (B, C_i, S_i, S_i). Empty for
        the first SAM family.
    projected
        Made of ``image_embedding`` once, so that each prompt is faster; without it all works, too.
    """

    image_embedding: Tensor
    high_res: tuple[Tensor, ...] = ()
    projected: ProjectedImage | None = None


class SegmentAnything(nn.Module, ABC):
    """A promptable segmentation model."""

    config: ModelConfig
    mask_threshold = 0.0
    image_format = "RGB"

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.parameters()).device

    @on_its_device
    def forward(
        self, batched_input: list[dict[str, Any]], multimask_output: bool
    ) -> list[dict[str, Tensor]]:
        """Segment several images in one call, as segment-anything does.

        Parameters
        ----------
        batched_input
            For each image ``image``, (3, h, w) colours of 0 to 255, resized to the model frame;
            ``original_size``, (H, W); and, as far as there are, ``point_coords`` (B, N, 2),
            ``point_labels`` (B, N), ``boxes`` (B, 4) and ``mask_inputs`` (B, 1, M, M), all in the
            model frame.
        multimask_output
            Three candidate masks for each prompt; else one.

        Returns
        -------
        list of dict
            For each image ``masks`` (B, K, H, W) bool, ``iou_predictions`` (B, K) and
            ``low_res_logits`` (B, K, M, M).

        Raises
        ------
        ValueError
            When prompts are not of the shapes above or not on their image, see
            :mod:`samwidget.values.prompt_checks`.
        """
        return [self._segment(given, multimask_output) for given in batched_input]

    def _segment(self, given: dict[str, Any], multimask_output: bool) -> dict[str, Tensor]:
        """Do one image of :meth:`forward`."""
        side = self.config.image_size
        resized = given["image"].to(self.device)
        height, width = resized.shape[-2:]
        mean, std = (
            torch.tensor(values, dtype=torch.float32, device=self.device)[:, None, None]
            for values in (self.config.pixel_mean, self.config.pixel_std)
        )
        pixels = F.pad((resized - mean) / std, (0, side - width, 0, side - height))
        size = tuple(given["original_size"])
        batch = read_batch(
            given.get("point_coords"),
            given.get("point_labels"),
            given.get("boxes"),
            given.get("mask_inputs"),
            bounds=Bounds.of_model_frame((height, width), size),
            mask_size=self.config.mask_size,
        )
        prompts = {name: x.to(self.device) for name, x in as_tensors(batch).items()}
        logits, scores = self.decode(
            self.encode(pixels[None].to(next(self.parameters()).dtype)),
            **prompts,
            multimask_output=multimask_output,
        )
        if batch.names_nothing.any():
            logits, scores = without_guesses(batch, logits, scores)
        masks = F.interpolate(logits, (side, side), mode="bilinear", align_corners=False)
        masks = F.interpolate(
            masks[..., :height, :width], size, mode="bilinear", align_corners=False
        )
        inside = masks > self.mask_threshold
        return {"masks": inside, "iou_predictions": scores, "low_res_logits": logits}

    def set_precision(self, dtype: torch.dtype) -> None:
        """Hold the matrices that bear it in float32 or in bfloat16; by default all stay float32.

        Features, logits and scores keep their dtype. What was rounded to bfloat16 stays rounded.
        """

    def check_pixels(self, pixels: Tensor) -> None:
        """Raise a ValueError unless they have the shape that :meth:`encode` wants."""
        side = self.config.image_size
        if pixels.ndim != 4 or pixels.shape[1:] != (3, side, side):
            raise ValueError(
                f"pixels must have the shape (B, 3, {side}, {side}), got {tuple(pixels.shape)}"
            )

    @abstractmethod
    def encode(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        """Encode preprocessed images.

        Parameters
        ----------
        pixels
            (B, 3, S, S) float with S = ``config.image_size``: RGB, normalised with
            ``config.pixel_mean`` and ``config.pixel_std``, padded with zeros at the right and at
            the bottom after normalising.
        on_progress
            Told the fraction done between steps; may raise to cancel.
        """

    def prepared(self, features: ImageFeatures) -> ImageFeatures:
        """Add what makes each prompt on one image faster; :meth:`encode` has done it already."""
        return features

    @abstractmethod
    def decode(
        self,
        features: ImageFeatures,
        *,
        point_coords: Tensor | None = None,
        point_labels: Tensor | None = None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
        multimask_output: bool = True,
    ) -> tuple[Tensor, Tensor]:
        """Predict the masks of B prompts.

        Parameters
        ----------
        features
            Of one image (B prompts on it) or of B images (one prompt each).
        point_coords
            (B, N, 2) float, (x, y) in the model frame.
        point_labels
            (B, N) int: 1 foreground, 0 background, -1 a padding point that says nothing.
        boxes
            (B, 4) float, XYXY in the model frame.
        mask_input
            (B, 1, M, M) float low-res logits with M = ``config.mask_size``, usually an earlier
            answer of this method.
        multimask_output
            True: three candidate masks, for prompts that may mean several things. False: one.

        Returns
        -------
        low_res_logits
            (B, K, M, M) float, K = 3 or 1; positive is foreground.
        iou_predictions
            (B, K) float, the model's own estimate of each mask's IoU; not clamped.
        """


def check_labelled(point_coords: Tensor | None, point_labels: Tensor | None) -> None:
    """Raise a ValueError unless points came with labels, or neither came."""
    if (point_coords is None) != (point_labels is None):
        raise ValueError("point_coords and point_labels go together; one of them is None")
