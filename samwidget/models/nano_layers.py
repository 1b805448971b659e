"""Layers that the encoders and the decoder of the embedded model are made of."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv_norm(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """3x3 convolution without bias, then batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False),
        nn.BatchNorm2d(c_out),
    )


class Attention(nn.Module):
    """Multi-head attention from one sequence to another."""

    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)

    def heads(self, x: Tensor) -> Tensor:
        """(B, heads, N, d) of (B, N, heads * d)."""
        b, n, c = x.shape
        return x.view(b, n, self.num_heads, c // self.num_heads).transpose(1, 2)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, key_mask: Tensor | None = None) -> Tensor:
        """Attend; ``key_mask`` is (B, K) bool, True where a key may be read."""
        mask = None if key_mask is None else key_mask[:, None, None, :]
        x = F.scaled_dot_product_attention(
            self.heads(self.q(q)), self.heads(self.k(k)), self.heads(self.v(v)), attn_mask=mask
        )
        mixed: Tensor = self.out(x.transpose(1, 2).flatten(2))
        return mixed


class Mlp(nn.Sequential):
    """Linear, GELU, Linear."""

    def __init__(self, dim: int, hidden: int, out: int) -> None:
        super().__init__(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, out))


class EncoderBlock(nn.Module):
    """Pre-norm transformer block over all positions of a map."""

    def __init__(self, dim: int, num_heads: int, mlp_ratio: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = Attention(dim, num_heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim, dim * mlp_ratio, dim)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        x = x + self.attention(y, y, y)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


def sine_positions(height: int, width: int, dim: int, like: Tensor) -> Tensor:
    """(H * W, dim) sines and cosines of the relative positions of a map's cells."""

    def steps(count: int) -> Tensor:
        return torch.arange(count, dtype=torch.float32, device=like.device)

    octaves = 2.0 ** steps(dim // 4) * (torch.pi / 2)
    octaves = octaves.clamp(max=float(16 * torch.pi))
    y = (steps(height) + 0.5) / height
    x = (steps(width) + 0.5) / width
    rows, cols = y[:, None] * octaves, x[:, None] * octaves
    rows, cols = torch.cat([rows.sin(), rows.cos()], 1), torch.cat([cols.sin(), cols.cos()], 1)
    grid = torch.cat(
        [rows[:, None].expand(-1, width, -1), cols[None].expand(height, -1, -1)], dim=2
    )
    return F.pad(grid, (0, dim - grid.shape[2])).flatten(0, 1).to(like.dtype)


def upsample(x: Tensor) -> Tensor:
    """Twice the size, bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
