"""SAM 2 and 2.1 for still images (Ravi et al., 2024).

What a video needs, the memory, is left out; an image without memory gets what stands for none.
Parameters are named as in :mod:`samwidget.models.sam`, those that only SAM 2 has as in its owner's
files.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures, Progress, SegmentAnything, check_labelled
from samwidget.models.config import EMBED_DIM, HieraConfig
from samwidget.models.cpu import decoder as decoder_cpu
from samwidget.models.hiera import HieraEncoder
from samwidget.models.layers import Mlp
from samwidget.models.mask_decoder import NUM_MASKS, MaskDecoder, with_projection
from samwidget.models.prompt_encoder import PromptEncoder

STRIDE = 16

STABILITY_DELTA, STABILITY_THRESHOLD = 0.05, 0.98
"""A single mask whose border moves more than this with the logits is not trusted."""


class Sam2MaskDecoder(MaskDecoder):
    """The mask decoder with finer image features, and a token that tells whether there is any."""

    def __init__(self) -> None:
        super().__init__()
        self.obj_score_token = nn.Embedding(1, EMBED_DIM)
        self.pred_obj_score_head = Mlp(EMBED_DIM, EMBED_DIM, 1)
        self.conv_s0 = nn.Conv2d(EMBED_DIM, EMBED_DIM // 8, 1)
        self.conv_s1 = nn.Conv2d(EMBED_DIM, EMBED_DIM // 4, 1)

    def own_tokens(self) -> Tensor:
        # The last one here is the first one there: attention does not see any order.
        return torch.cat([super().own_tokens(), self.obj_score_token.weight])


class Sam2(SegmentAnything):
    """Hiera encoder, prompt encoder, mask decoder.

    Parameters
    ----------
    config
        ``image_size`` must be a multiple of 32 and four times ``mask_size``.
    """

    config: HieraConfig
    no_mem_embed: Tensor

    def __init__(self, config: HieraConfig) -> None:
        super().__init__()
        if config.image_size % 32 or config.mask_size * 4 != config.image_size:
            raise ValueError(
                "image_size must be a multiple of 32 and four times mask_size, got "
                f"image_size={config.image_size} and mask_size={config.mask_size}"
            )
        self.config = config
        self.image_encoder = HieraEncoder(config)
        self.prompt_encoder = PromptEncoder(
            config.image_size, config.image_size // STRIDE, pads_boxes=True
        )
        self.mask_decoder = Sam2MaskDecoder()
        self.no_mem_embed = nn.Parameter(torch.zeros(1, 1, EMBED_DIM))

    def set_precision(self, dtype: torch.dtype) -> None:
        conv_s0, conv_s1 = self.mask_decoder.conv_s0, self.mask_decoder.conv_s1
        self.mask_decoder.to(dtype)
        conv_s0.float()  # part of the encoder's work
        conv_s1.float()

    def encode(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        self.check_pixels(pixels)
        encoder = self.image_encoder
        maps = encoder.trunk(pixels, on_progress)
        coarse = encoder.neck.coarse(maps) + self.no_mem_embed.view(1, EMBED_DIM, 1, 1)
        high_res = (
            encoder.neck.fine(maps, 1, self.mask_decoder.conv_s1),
            encoder.neck.fine(maps, 0, self.mask_decoder.conv_s0),
        )
        features = self.prepared(ImageFeatures(coarse, high_res))
        if on_progress is not None:
            on_progress(1.0)
        return features

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
        """Predict the masks of B prompts, see :meth:`SegmentAnything.decode`.

        The single mask is one of the three candidates, the one with the highest score, where the
        mask that is meant for this is not stable.
        """
        logits, scores, _ = self.decode_all(
            features,
            point_coords=point_coords,
            point_labels=point_labels,
            boxes=boxes,
            mask_input=mask_input,
        )
        if multimask_output:
            return logits[:, 1:], scores[:, 1:]
        return most_stable(logits, scores)

    def decode_all(
        self,
        features: ImageFeatures,
        *,
        point_coords: Tensor | None = None,
        point_labels: Tensor | None = None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict all four masks (B, 4, M, M), the single one first, and their scores (B, 4).

        The third answer is (B, 1): positive where the model sees an object at the prompts at all.
        """
        check_labelled(point_coords, point_labels)
        sparse, dense = self.prompt_encoder(point_coords, point_labels, boxes, mask_input)
        decoder = self.mask_decoder
        read, logits, scores = decoder.decode(
            features.image_embedding.flatten(2).transpose(1, 2),
            self.prompt_encoder.dense_positions(decoder.dtype),
            sparse,
            dense,
            range(NUM_MASKS),
            decoder_cpu.in_order_of_positions(features.high_res),
            features.projected if mask_input is None else None,
        )
        objectness = decoder.pred_obj_score_head(read[:, NUM_MASKS + 1]).float()
        return logits, scores.sigmoid(), objectness


def most_stable(logits: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Give the first mask where it is stable, else the best of the others: (B, 1, M, M), (B, 1)."""
    single = logits[:, 0].flatten(1)
    inner = (single > STABILITY_DELTA).sum(1)
    outer = (single > -STABILITY_DELTA).sum(1)
    stable = inner >= STABILITY_THRESHOLD * outer.float()  # also where both are zero
    best = torch.where(stable, 0, scores[:, 1:].argmax(1) + 1)
    rows = torch.arange(len(best), dtype=torch.int64, device=best.device)
    return logits[rows, best][:, None], scores[rows, best][:, None]
