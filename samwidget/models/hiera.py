"""SAM 2's image encoder: Hiera (Ryali et al., 2023) with a feature pyramid (Ravi et al., 2024).

A transformer in four stages from stride 4 to stride 32. Its blocks attend within windows, but for
three that attend to everything. The first block of a stage halves the resolution by pooling its
queries; it still has the windows of the stage before.
"""

from __future__ import annotations

from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.base import Progress
from samwidget.models.config import EMBED_DIM, HieraConfig
from samwidget.models.cpu.layers import POSITIONS_AT_A_TIME, add_mlp, buffers_for, copy, linear
from samwidget.models.cpu.scratch import Scratch
from samwidget.models.layers import gelu_


class HieraEncoder(nn.Module):
    """(B, 3, S, S) pixels in, maps of strides 16, 8 and 4 out."""

    def __init__(self, config: HieraConfig) -> None:
        super().__init__()
        self.trunk = Hiera(config)
        self.neck = FeaturePyramid(config.embed_dim)


class Hiera(nn.Module):
    """(B, 3, S, S) pixels to the last map of each stage, (B, H, W, C), fine to coarse."""

    def __init__(self, config: HieraConfig) -> None:
        super().__init__()
        self.ends = [end - 1 for end in accumulate(config.stages)]
        self.patch_embed = PatchEmbed(config.embed_dim)
        background, window = config.background_size, config.window_sizes[0]
        self.pos_embed = nn.Parameter(torch.zeros(1, config.embed_dim, background, background))
        self.pos_embed_window = nn.Parameter(torch.zeros(1, config.embed_dim, window, window))
        blocks = []
        dim, heads, stage = config.embed_dim, config.num_heads, 0
        for i in range(sum(config.stages)):
            size = 0 if i in config.global_attn_indexes else config.window_sizes[stage]
            pools = i - 1 in self.ends
            if pools:
                stage += 1
                heads *= 2
            blocks.append(Block(dim, dim * 2 if pools else dim, heads, size))
            dim = dim * 2 if pools else dim
        self.blocks = nn.ModuleList(blocks)

    def forward(self, pixels: Tensor, on_progress: Progress | None = None) -> list[Tensor]:
        x = self.patch_embed(pixels)  # (B, S / 4, S / 4, C)
        x = x + self._positions(x.shape[1], x.shape[2])
        scratch = buffers_for(x)
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x, scratch)
            if i in self.ends:
                maps.append(x)
            if on_progress is not None:
                on_progress((i + 1) / (len(self.blocks) + 1))
        return maps

    def _positions(self, height: int, width: int) -> Tensor:
        """Give (1, H, W, C): a background over the whole map plus a pattern for each window."""
        window = self.pos_embed_window
        rows, columns = (
            _bicubic(self.pos_embed, old, new)
            for old, new in zip(self.pos_embed.shape[2:], (height, width), strict=True)
        )
        grid = rows @ self.pos_embed @ columns.mT
        grid = grid + window.tile(1, 1, height // window.shape[2], width // window.shape[3])
        return grid.permute(0, 2, 3, 1)


def _bicubic(like: Tensor, old: int, new: int) -> Tensor:
    """Give the matrix (new, old) of one axis of an interpolation, which torch does less quickly."""
    unit = torch.eye(old, dtype=like.dtype, device=like.device)
    return F.interpolate(unit[None, :, :, None], (new, 1), mode="bicubic")[0, :, :, 0].mT


class PatchEmbed(nn.Module):
    """Overlapping patches of 7 x 7 pixels, one every 4."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, 7, 4, 3)

    def forward(self, pixels: Tensor) -> Tensor:
        x: Tensor = self.proj(pixels.to(memory_format=torch.channels_last))
        return x.permute(0, 2, 3, 1)


class Block(nn.Module):
    """Pre-norm transformer block on a map (B, H, W, C); a wider one halves the resolution."""

    def __init__(self, dim: int, out: int, num_heads: int, window_size: int) -> None:
        super().__init__()
        self.window_size = window_size
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = PoolingAttention(dim, out, num_heads)
        self.norm2 = nn.LayerNorm(out, eps=1e-6)
        self.mlp = Mlp(out)
        if out != dim:
            self.proj = nn.Linear(dim, out)

    def forward(self, x: Tensor, scratch: Scratch | None = None) -> Tensor:
        """Give the block's map; with buffers it is ``x`` changed, unless it has another size."""
        h, w = x.shape[1:3]
        rows = h
        if self.window_size and scratch is not None:  # whole rows of windows
            rows = self.window_size * max(1, POSITIONS_AT_A_TIME // (self.window_size * w))
        strips = [self._attended(some, scratch) for some in torch.split(x, rows, 1)]
        if self.attn.pools or scratch is None:
            x = strips[0] if len(strips) == 1 else torch.cat(strips, 1)
        first, second = self.mlp.layers
        return add_mlp(x, self.norm2, first, second, scratch)

    def _attended(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        """Give the map, or a strip of whole windows, with what its positions read."""
        normed = self.norm1(x)
        if self.attn.pools:
            x = pool(linear(self.proj, normed, scratch, "wider")).to(x.dtype)
        attend = self._within_windows if self.window_size else self.attn
        read: Tensor = attend(normed, scratch)
        return x + read if scratch is None else x.add_(read)

    def _within_windows(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        """Attend within windows; the map is padded with zeros, which are attended to."""
        b, h, w, c = x.shape
        size = self.window_size
        down, right = -(-h // size), -(-w // size)  # windows
        if (down * size, right * size) != (h, w):
            x = F.pad(x, (0, 0, 0, right * size - w, 0, down * size - h))
        x = copy(x.view(b, down, size, right, size, c).transpose(2, 3), scratch, "windows")
        x = self.attn(x.view(b * down * right, size, size, c), scratch)
        if self.attn.pools:
            h, w, size = h // 2, w // 2, size // 2
        x = copy(x.view(b, down, right, size, size, -1).transpose(2, 3), scratch, "whole")
        return x.view(b, down * size, right * size, -1)[:, :h, :w]


class PoolingAttention(nn.Module):
    """Attention over a map (B, H, W, C); where it widens, queries are pooled to half the size."""

    def __init__(self, dim: int, out: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.pools = out != dim
        self.qkv = nn.Linear(dim, 3 * out)
        self.proj = nn.Linear(out, out)

    def forward(self, x: Tensor, scratch: Scratch | None = None) -> Tensor:
        b, h, w, _ = x.shape
        q, k, v = linear(self.qkv, x, scratch, "qkv").chunk(3, -1)  # (B, H, W, C') each
        if self.pools:
            q = pool(q)
            h, w = h // 2, w // 2
        q, k, v = (t.reshape(b, -1, self.num_heads, t.shape[-1] // self.num_heads).transpose(1, 2)
                   for t in (q, k, v))  # fmt: skip
        read = F.scaled_dot_product_attention(q, k, v)
        y = linear(self.proj, read.transpose(1, 2).flatten(2), scratch, "read")
        return y.view(b, h, w, -1)


class Mlp(nn.Module):
    """Linear, GELU, linear."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)])

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.layers
        y: Tensor = second(gelu_(first(x)))
        return y


def pool(x: Tensor) -> Tensor:
    """Largest of each 2 x 2 cells of (B, H, W, C); torch's own pooling would copy its input."""
    rows = torch.maximum(x[:, ::2], x[:, 1::2])
    return torch.maximum(rows[:, :, ::2], rows[:, :, 1::2])


class FeaturePyramid(nn.Module):
    """Every stage's map to 256 channels; the coarsest is added to the one before."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(Lateral(embed_dim * 2**i) for i in (3, 2, 1, 0))

    def coarse(self, maps: list[Tensor]) -> Tensor:
        """Give the map of stride 16, (B, 256, S / 16, S / 16)."""
        top, lateral = self.convs[0](maps[3]), self.convs[1](maps[2])
        x: Tensor = lateral + F.interpolate(top, scale_factor=2.0, mode="nearest")
        return x

    def fine(self, maps: list[Tensor], level: int, then: nn.Conv2d) -> Tensor:
        """Give the map of stride 4 (level 0) or 8 (level 1) after one more 1 x 1 convolution.

        Two linear maps in a row are one, through far fewer than 256 channels.
        """
        lateral = self.convs[3 - level].get_submodule("conv")
        weight, bias = lateral.get_parameter("weight"), lateral.get_parameter("bias")
        matrix = then.weight.flatten(1) @ weight.flatten(1)
        assert then.bias is not None
        shift = then.weight.flatten(1) @ bias + then.bias
        return F.linear(maps[level], matrix, shift).permute(0, 3, 1, 2)


class Lateral(nn.Module):
    """A 1 x 1 convolution of a map (B, H, W, C) to (B, 256, H, W)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(dim, EMBED_DIM, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x.permute(0, 3, 1, 2))
        return y
