"""Image and prompt tokens to masks with their scores: the mask decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures, ProjectedImage
from samwidget.models.config import EMBED_DIM
from samwidget.models.cpu import decoder as decoder_cpu
from samwidget.models.cpu.scratch import ScratchPool
from samwidget.models.layers import LayerNorm2d, Mlp
from samwidget.models.prompt_encoder import PromptEncoder
from samwidget.models.transformer import TwoWayTransformer

NUM_MASKS = 4
"""One for prompts that mean one thing, three candidates for those that may mean several."""


class MaskDecoder(nn.Module):
    """Predict masks; see :meth:`decode`."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = TwoWayTransformer(EMBED_DIM)
        self.iou_token = nn.Embedding(1, EMBED_DIM)
        self.mask_tokens = nn.Embedding(NUM_MASKS, EMBED_DIM)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(EMBED_DIM, EMBED_DIM // 4, 2, stride=2),
            LayerNorm2d(EMBED_DIM // 4),
            nn.GELU(),
            nn.ConvTranspose2d(EMBED_DIM // 4, EMBED_DIM // 8, 2, stride=2),
            nn.GELU(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            Mlp(EMBED_DIM, EMBED_DIM, EMBED_DIM // 8) for _ in range(NUM_MASKS)
        )
        self.iou_prediction_head = Mlp(EMBED_DIM, EMBED_DIM, NUM_MASKS)
        self._scratch = ScratchPool()

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in; its answers are float32."""
        return self.iou_token.weight.dtype

    def project(self, image: Tensor, image_positions: Tensor, dense: Tensor) -> ProjectedImage:
        """Prepare one image (1, S * S, C) for prompts without a mask; shapes as in ``decode``."""
        placed = (image + dense).to(self.dtype)
        return decoder_cpu.project(self.transformer, placed, image_positions.to(self.dtype))

    def own_tokens(self) -> Tensor:
        """Give the tokens of the decoder itself: the scores', the masks', then any others."""
        return torch.cat([self.iou_token.weight, self.mask_tokens.weight])

    def decode(
        self,
        image: Tensor,
        image_positions: Tensor,
        sparse: Tensor,
        dense: Tensor,
        wanted: range,
        added: Sequence[Tensor] = (),
        projected: ProjectedImage | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict masks and their scores.

        Parameters
        ----------
        image
            (1 or B, S * S, C), the image's tokens.
        image_positions
            (S * S, C).
        sparse, dense
            From the prompt encoder: (B, N, C) and (B, S * S, C) or (1, 1, C).
        wanted
            Which of the four masks.
        added
            Finer maps of the image, if the model has them: (1 or B, S * S * 4, C / 4) and
            (1 or B, S * S * 16, C / 8), see :func:`decoder_cpu.in_order_of_positions`.
        projected
            From :meth:`project`, of the same image; None when ``dense`` is of a mask.

        Returns
        -------
        tokens
            (B, ..., C), what became of :meth:`own_tokens` and of the prompts.
        logits
            (B, K, 4 * S, 4 * S).
        scores
            (B, K), as the head has them.
        """
        image_positions, sparse, dense, *added = (
            x.to(self.dtype) for x in (image_positions, sparse, dense, *added)
        )
        batch = max(len(image), len(sparse), len(dense))
        own = self.own_tokens().expand(batch, -1, -1)
        tokens = torch.cat([own, sparse.expand(batch, -1, -1)], dim=1)
        if decoder_cpu.is_for(image, tokens):
            return self._decode_frugally(
                image, image_positions, tokens, dense, wanted, added, projected
            )
        image = (image.to(self.dtype) + dense).contiguous()
        tokens, image = self.transformer(image, image_positions, tokens)
        weights, scores = self._judge(tokens, wanted)
        return tokens, self._draw(image, weights, added).float(), scores.float()

    def _judge(self, tokens: Tensor, wanted: range) -> tuple[Tensor, Tensor]:
        """Give the wanted masks' weights of channels (B, K, C / 8), and their scores (B, K)."""
        weights = torch.stack(
            [self.output_hypernetworks_mlps[i](tokens[:, 1 + i]) for i in wanted], dim=1
        )
        return weights, self.iou_prediction_head(tokens[:, 0])[:, wanted.start : wanted.stop]

    def _decode_frugally(
        self,
        image: Tensor,
        image_positions: Tensor,
        tokens: Tensor,
        dense: Tensor,
        wanted: range,
        added: Sequence[Tensor],
        projected: ProjectedImage | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Do the same one prompt after the other: together they would not fit any cache."""
        reads, logits, scores = [], [], []
        with self._scratch.lend(tokens) as scratch:
            for i in range(len(tokens)):
                if projected is not None:
                    one = projected.image[0]
                else:
                    one = image[i % len(image)].to(self.dtype) + dense[i % len(dense)]
                read, drawn = decoder_cpu.run_transformer(
                    self.transformer, one, image_positions, tokens[i], projected, scratch
                )
                weights, score = self._judge(read[None], wanted)
                finer = [x[i % len(x)] for x in added]
                logits.append(
                    decoder_cpu.draw(self.output_upscaling, drawn, weights[0], scratch, finer)
                )
                reads.append(read)
                scores.append(score)
        return torch.stack(reads), torch.stack(logits).float(), torch.cat(scores).float()

    def _draw(self, image: Tensor, weights: Tensor, added: Sequence[Tensor]) -> Tensor:
        """Upscale the image's tokens four times and weigh their channels to masks.

        A transposed convolution whose stride is its kernel size makes 2 x 2 cells of each token,
        all by the same linear map. So the tokens stay in rows, channels last, through both of them
        and through the weighing; only the finished masks are put in the order of an image.
        """
        up1, norm, _, up2, _ = self.output_upscaling
        assert isinstance(norm, LayerNorm2d)
        b, p, _ = image.shape
        side = math.isqrt(p)
        x = _split_cells(up1, image)  # (B, P * 4, C / 4)
        if added:
            x = x + added[0]
        x = F.gelu(nn.LayerNorm.forward(norm, x))  # channels are last here
        x = _split_cells(up2, x)  # (B, P * 16, C / 8)
        if added:
            x = x + added[1]
        x = F.gelu(x)
        masks = (weights @ x.mT).view(b, -1, side, side, 2, 2, 2, 2)
        masks = masks.permute(0, 1, 2, 4, 6, 3, 5, 7)  # (B, K, y, dy, ddy, x, dx, ddx)
        return masks.reshape(b, -1, 4 * side, 4 * side)


def _split_cells(layer: nn.Module, x: Tensor) -> Tensor:
    """Apply a 2 x 2 stride-2 transposed convolution to (B, P, C): (B, P * 4, C'), cells y, x."""
    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
    matrix = weight.permute(2, 3, 1, 0).flatten(0, 2)  # (C, C', 2, 2) to (2 * 2 * C', C)
    return F.linear(x, matrix, bias.repeat(4)).view(len(x), -1, weight.shape[1])


def with_projection(
    features: ImageFeatures, prompt_encoder: PromptEncoder, mask_decoder: MaskDecoder
) -> ImageFeatures:
    """Add what makes each prompt on one image faster; nothing for several, or for training."""
    if len(features.image_embedding) != 1 or torch.is_grad_enabled():
        return features
    projected = mask_decoder.project(
        features.image_embedding.flatten(2).transpose(1, 2),
        prompt_encoder.dense_positions(mask_decoder.dtype),
        prompt_encoder.no_mask_embed.weight[None],
    )
    return features._replace(projected=projected)
