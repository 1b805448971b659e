"""Image and prompt tokens to masks with their scores: the mask decoder."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.layers import LayerNorm2d, Mlp
from samwidget.models.transformer import TwoWayTransformer

DIM = 256
NUM_MASKS = 4
"""One for prompts that mean one thing, three candidates for those that may mean several."""


class MaskDecoder(nn.Module):
    """Predict masks; see :meth:`forward`."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = TwoWayTransformer(DIM)
        self.iou_token = nn.Embedding(1, DIM)
        self.mask_tokens = nn.Embedding(NUM_MASKS, DIM)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(DIM, DIM // 4, 2, stride=2),
            LayerNorm2d(DIM // 4),
            nn.GELU(),
            nn.ConvTranspose2d(DIM // 4, DIM // 8, 2, stride=2),
            nn.GELU(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            Mlp(DIM, DIM, DIM // 8) for _ in range(NUM_MASKS)
        )
        self.iou_prediction_head = Mlp(DIM, DIM, NUM_MASKS)

    def forward(
        self,
        image: Tensor,
        image_positions: Tensor,
        sparse: Tensor,
        dense: Tensor,
        multimask_output: bool,
    ) -> tuple[Tensor, Tensor]:
        """Predict masks and their scores.

        Parameters
        ----------
        image
            (1 or B, S * S, C), the image's tokens.
        image_positions
            (S * S, C).
        sparse, dense
            From the prompt encoder: (B, N, C) and (B, S * S, C) or (1, 1, C).
        multimask_output
            The three candidates, or the single mask.

        Returns
        -------
        logits
            (B, K, 4 * S, 4 * S).
        iou_predictions
            (B, K).
        """
        batch = max(len(image), len(sparse), len(dense))
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(batch, -1, -1), sparse.expand(batch, -1, -1)], dim=1)
        tokens, image = self.transformer((image + dense).contiguous(), image_positions, tokens)

        wanted = range(1, NUM_MASKS) if multimask_output else range(1)
        weights = torch.stack(
            [self.output_hypernetworks_mlps[i](tokens[:, 1 + i]) for i in wanted], dim=1
        )  # (B, K, C / 8)
        iou_predictions = self.iou_prediction_head(tokens[:, 0])
        return self._draw(image, weights), iou_predictions[:, wanted.start : wanted.stop]

    def _draw(self, image: Tensor, weights: Tensor) -> Tensor:
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
        x = F.gelu(nn.LayerNorm.forward(norm, x))  # channels are last here
        x = F.gelu(_split_cells(up2, x))  # (B, P * 16, C / 8)
        masks = (weights @ x.mT).view(b, -1, side, side, 2, 2, 2, 2)
        masks = masks.permute(0, 1, 2, 4, 6, 3, 5, 7)  # (B, K, y, dy, ddy, x, dx, ddx)
        return masks.reshape(b, -1, 4 * side, 4 * side)


def _split_cells(layer: nn.Module, x: Tensor) -> Tensor:
    """Apply a 2 x 2 stride-2 transposed convolution to (B, P, C): (B, P * 4, C'), cells y, x."""
    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
    matrix = weight.permute(2, 3, 1, 0).flatten(0, 2)  # (C, C', 2, 2) to (2 * 2 * C', C)
    return F.linear(x, matrix, bias.repeat(4)).view(len(x), -1, weight.shape[1])
