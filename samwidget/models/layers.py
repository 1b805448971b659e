"""Layers that several parts of the Segment Anything models share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def gelu_(x: Tensor) -> Tensor:
    """GELU, in place where no gradient asks for the input."""
    if torch.is_grad_enabled():
        return F.gelu(x)
    y: Tensor = torch.ops.aten.gelu_(x)
    return y


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of a map (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class MlpBlock(nn.Module):
    """Linear, activation, linear: the feed-forward half of a transformer block."""

    def __init__(self, dim: int, hidden: int, activation: type[nn.Module]) -> None:
        super().__init__()
        self.lin1 = nn.Linear(dim, hidden)
        self.lin2 = nn.Linear(hidden, dim)
        self.act = activation()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.lin2(self.act(self.lin1(x)))
        return y


class Mlp(nn.Module):
    """Three linear layers with ReLU between them: the heads of the mask decoder."""

    def __init__(self, dim: int, hidden: int, out: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.Linear(dim, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, out)]
        )

    def forward(self, x: Tensor) -> Tensor:
        first, second, last = self.layers
        y: Tensor = last(F.relu(second(F.relu(first(x)))))
        return y
