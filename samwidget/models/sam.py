"""The first family of Segment Anything models (Kirillov et al., 2023).

Parameters have the names of Meta's files, so these load as they are.
"""

from __future__ import annotations

import torch
from torch import Tensor

from samwidget.models.base import ImageFeatures, Progress, SegmentAnything, check_labelled
from samwidget.models.config import TinyVitConfig, VitConfig
from samwidget.models.mask_decoder import NUM_MASKS, MaskDecoder, with_projection
from samwidget.models.prompt_encoder import PromptEncoder
from samwidget.models.tiny_vit import TinyVitEncoder
from samwidget.models.vit import PATCH_SIZE, ImageEncoder


def image_encoder(config: VitConfig | TinyVitConfig) -> ImageEncoder | TinyVitEncoder:
    """Build the encoder of a config."""
    if isinstance(config, TinyVitConfig):
        return TinyVitEncoder(config)
    return ImageEncoder(config)


class Sam(SegmentAnything):
    """Image encoder, prompt encoder, mask decoder.

    Parameters
    ----------
    config
        ``image_size`` must be a multiple of 16 and four times ``mask_size``.

    Examples
    --------
    >>> import torch
    >>> from samwidget.models.config import TinyVitConfig, VitConfig
    >>> sizes = {"image_size": 64, "mask_size": 16}
    >>> config = VitConfig("small", **sizes, embed_dim=32, depth=1, num_heads=2)
    >>> sam = Sam(config).eval()
    >>> features = sam.encode(torch.zeros(1, 3, 64, 64))
    >>> point, label = torch.tensor([[[40.0, 30.0]]]), torch.tensor([[1]])
    >>> logits, iou = sam.decode(features, point_coords=point, point_labels=label)
    >>> tuple(logits.shape), tuple(iou.shape)
    ((1, 3, 16, 16), (1, 3))
    """

    config: VitConfig | TinyVitConfig

    def __init__(self, config: VitConfig | TinyVitConfig) -> None:
        super().__init__()
        if config.image_size % PATCH_SIZE or config.mask_size * 4 != config.image_size:
            raise ValueError(
                f"image_size must be a multiple of {PATCH_SIZE} and four times mask_size, got "
                f"image_size={config.image_size} and mask_size={config.mask_size}"
            )
        self.config = config
        self.image_encoder = image_encoder(config)
        self.prompt_encoder = PromptEncoder(config.image_size, config.image_size // PATCH_SIZE)
        self.mask_decoder = MaskDecoder()

    def set_precision(self, dtype: torch.dtype) -> None:
        if isinstance(self.image_encoder, ImageEncoder):
            self.image_encoder.set_precision(dtype)
        self.mask_decoder.to(dtype)

    def encode(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        self.check_pixels(pixels)
        return self.prepared(ImageFeatures(self.image_encoder(pixels, on_progress)))

    def prepared(self, features: ImageFeatures) -> ImageFeatures:
        return with_projection(features, self.prompt_encoder, self.mask_decoder)

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
        check_labelled(point_coords, point_labels)
        sparse, dense = self.prompt_encoder(point_coords, point_labels, boxes, mask_input)
        image = features.image_embedding.flatten(2).transpose(1, 2)  # (1 or B, S * S, 256)
        positions = self.prompt_encoder.dense_positions(self.mask_decoder.dtype)
        _, logits, scores = self.mask_decoder.decode(
            image,
            positions,
            sparse,
            dense,
            range(1, NUM_MASKS) if multimask_output else range(1),
            features.high_res,
            features.projected if mask_input is None else None,
        )
        return logits, scores
