"""HQ-SAM (Ke et al., 2023): SAM with one more token, whose mask sharpens the others.

That token's mask is drawn on finer features, made of the image embedding and of what the encoder
saw early. Parameters have the names of the owner's files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures, Progress, ProjectedImage
from samwidget.models.config import EMBED_DIM, HqTinyVitConfig, HqVitConfig, TinyVitConfig
from samwidget.models.layers import LayerNorm2d, Mlp
from samwidget.models.mask_decoder import NUM_MASKS, MaskDecoder
from samwidget.models.sam import Sam


class HqMaskDecoder(MaskDecoder):
    """The mask decoder with a token for quality; ``early_dim`` channels come from the encoder."""

    def __init__(self, early_dim: int) -> None:
        super().__init__()
        self.hf_token = nn.Embedding(1, EMBED_DIM)
        self.hf_mlp = Mlp(EMBED_DIM, EMBED_DIM, EMBED_DIM // 8)
        self.compress_vit_feat = _upscaling(early_dim, EMBED_DIM, EMBED_DIM // 8)
        self.embedding_encoder = _upscaling(EMBED_DIM, EMBED_DIM // 4, EMBED_DIM // 8)
        self.embedding_maskfeature = nn.Sequential(
            nn.Conv2d(EMBED_DIM // 8, EMBED_DIM // 4, 3, padding=1),
            LayerNorm2d(EMBED_DIM // 4),
            nn.GELU(),
            nn.Conv2d(EMBED_DIM // 4, EMBED_DIM // 8, 3, padding=1),
        )

    def own_tokens(self) -> Tensor:
        return torch.cat([super().own_tokens(), self.hf_token.weight])

    def fine_features(self, embedding: Tensor, early: Tensor) -> Tensor:
        """Give what no prompt changes, (B, C / 8, 4 * S, 4 * S)."""
        x = self.embedding_encoder(embedding.to(self.dtype))
        fine: Tensor = x + self.compress_vit_feat(early.permute(0, 3, 1, 2).to(self.dtype))
        return fine

    def decode(
        self,
        image: Tensor,
        image_positions: Tensor,
        sparse: Tensor,
        dense: Tensor,
        wanted: range,
        added: Sequence[Tensor] = (),
        projected: ProjectedImage | None = None,  # noqa: ARG002
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict as :meth:`MaskDecoder.decode` does; ``added`` holds :meth:`fine_features`.

        The mask for quality is added to every wanted mask. (The owner's code adds it to the one of
        the three that has the highest score; the same one of these three is the same mask.)
        """
        image, image_positions, sparse, dense, fine = (
            x.to(self.dtype) for x in (image, image_positions, sparse, dense, *added)
        )
        batch = max(len(image), len(sparse), len(dense))
        own = self.own_tokens().expand(batch, -1, -1)
        tokens = torch.cat([own, sparse.expand(batch, -1, -1)], dim=1)
        tokens, image = self.transformer((image + dense).contiguous(), image_positions, tokens)
        side = math.isqrt(image.shape[1])
        upscaled = self.output_upscaling(image.mT.reshape(batch, EMBED_DIM, side, side))
        sharp = self.embedding_maskfeature(upscaled) + fine
        weights, scores = self._judge(tokens, wanted)
        quality = self.hf_mlp(tokens[:, 1 + NUM_MASKS])[:, None]  # (B, 1, C / 8)
        logits = weights @ upscaled.flatten(2) + quality @ sharp.flatten(2)
        return tokens, logits.view(batch, -1, 4 * side, 4 * side).float(), scores.float()


class HqSam(Sam):
    """A SAM with :class:`HqMaskDecoder`."""

    config: HqVitConfig | HqTinyVitConfig

    def __init__(self, config: HqVitConfig | HqTinyVitConfig) -> None:
        super().__init__(config)
        if isinstance(config, TinyVitConfig):
            self.mask_decoder = HqMaskDecoder(config.dims[2])
        else:
            self.mask_decoder = HqMaskDecoder(config.embed_dim)

    def encode(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        self.check_pixels(pixels)
        embedding, early = self.image_encoder.with_early_features(pixels, on_progress)
        assert isinstance(self.mask_decoder, HqMaskDecoder)
        return ImageFeatures(embedding, (self.mask_decoder.fine_features(embedding, early),))

    def prepared(self, features: ImageFeatures) -> ImageFeatures:
        return features


def _upscaling(dim: int, between: int, out: int) -> nn.Sequential:
    """Four times the size."""
    return nn.Sequential(
        nn.ConvTranspose2d(dim, between, 2, 2),
        LayerNorm2d(between),
        nn.GELU(),
        nn.ConvTranspose2d(between, out, 2, 2),
    )
