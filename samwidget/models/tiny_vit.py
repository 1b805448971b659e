"""MobileSAM's image encoder: TinyViT (Wu et al., 2022) with the neck of the large models.

Convolutions down to stride 8, then attention within windows, each block with a depthwise
convolution between its attention and its MLP. The last stage does not halve the map any more, so
that it ends at stride 16 like the ViT (Zhang et al., 2023). Batch normalisation is folded into the
convolutions when weights are converted: none is left here.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.base import Progress
from samwidget.models.config import EMBED_DIM, TinyVitConfig
from samwidget.models.cpu.layers import (
    POSITIONS_AT_A_TIME,
    add_mlp,
    buffers_for,
    copy,
    linear,
)
from samwidget.models.cpu.scratch import Scratch
from samwidget.models.layers import LayerNorm2d, gelu_

SCORES_AT_A_TIME = 2**20
"""Of attention, 4 MB in float32."""


class TinyVitEncoder(nn.Module):
    """(B, 3, S, S) pixels in, (B, 256, S / 16, S / 16) features out."""

    def __init__(self, config: TinyVitConfig) -> None:
        super().__init__()
        dims = config.dims
        self.img_size = config.image_size
        self.patch_embed = PatchEmbed(dims[0])
        stages: list[nn.Module] = [ConvStage(dims[0], dims[1], config.depths[0])]
        for i in range(1, len(dims)):
            stages.append(
                AttentionStage(
                    dims[i],
                    dims[i + 1] if i + 1 < len(dims) else None,
                    config.depths[i],
                    config.num_heads[i],
                    config.window_sizes[i],
                    stride=1 if i + 2 == len(dims) else 2,
                )
            )
        self.layers = nn.ModuleList(stages)
        self.neck = nn.Sequential(
            nn.Conv2d(dims[-1], EMBED_DIM, 1, bias=False),
            LayerNorm2d(EMBED_DIM),
            nn.Conv2d(EMBED_DIM, EMBED_DIM, 3, padding=1, bias=False),
            LayerNorm2d(EMBED_DIM),
        )

    def forward(self, pixels: Tensor, on_progress: Progress | None = None) -> Tensor:
        return self.with_early_features(pixels, on_progress)[0]

    def with_early_features(
        self, pixels: Tensor, on_progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """Give also the input of the third stage, (B, S / 16, S / 16, C)."""
        x = self.patch_embed(pixels.to(memory_format=torch.channels_last)).permute(0, 2, 3, 1)
        scratch = buffers_for(x)
        early = x
        for i, stage in enumerate(self.layers):
            x = stage(x, scratch)
            if i == 1:
                early = x.clone()
            if on_progress is not None:
                on_progress((i + 1) / (len(self.layers) + 1))
        features: Tensor = self.neck(x.permute(0, 3, 1, 2))
        if on_progress is not None:
            on_progress(1.0)
        return features, early


class PatchEmbed(nn.Module):
    """Two convolutions to stride 4."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.seq = nn.Sequential(
            nn.Conv2d(3, dim // 2, 3, 2, 1), nn.GELU(), nn.Conv2d(dim // 2, dim, 3, 2, 1)
        )

    def forward(self, pixels: Tensor) -> Tensor:
        first, _, second = self.seq
        x: Tensor = second(gelu_(first(pixels)))
        return x


class ConvStage(nn.Module):
    """Inverted bottlenecks, then half the resolution."""

    def __init__(self, dim: int, out: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(InvertedBottleneck(dim) for _ in range(depth))
        self.downsample = PatchMerging(dim, out, 2)

    def forward(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        for block in self.blocks:
            x = block(x, scratch)
        y: Tensor = self.downsample(x, scratch)
        return y


class InvertedBottleneck(nn.Module):
    """Wide depthwise convolution around an identity (MobileNetV2's block)."""

    def __init__(self, dim: int, expand: int = 4) -> None:
        super().__init__()
        wide = dim * expand
        self.conv1 = nn.Conv2d(dim, wide, 1)
        self.conv2 = nn.Conv2d(wide, wide, 3, padding=1, groups=wide)
        self.conv3 = nn.Conv2d(wide, dim, 1)

    def forward(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        h, w = x.shape[1:3]
        if scratch is None:
            return self._strip(x, 0, h, None)
        out = torch.empty_like(x)
        rows = max(1, POSITIONS_AT_A_TIME // w)
        for top in range(0, h, rows):
            bottom = min(top + rows, h)
            out[:, top:bottom] = self._strip(x, top, bottom, scratch)
        return out

    def _strip(self, x: Tensor, top: int, bottom: int, scratch: Scratch | None) -> Tensor:
        """Give some rows of the result: they depend on one row more at either side."""
        first, last = max(0, top - 1), min(bottom + 1, x.shape[1])
        y = gelu_(linear(self.conv1, x[:, first:last], scratch, "wide"))
        beyond = (first - top + 1, bottom + 1 - last)  # rows of zeros, outside of the map
        if any(beyond):
            y = F.pad(y, (0, 0, 0, 0, *beyond))
        y = _depthwise(self.conv2, y, (0, 1))
        return gelu_(x[:, top:bottom] + linear(self.conv3, gelu_(y), scratch, "narrow"))


class PatchMerging(nn.Module):
    """To another number of channels and, with stride 2, half the resolution."""

    def __init__(self, dim: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(dim, out, 1)
        self.conv2 = nn.Conv2d(out, out, 3, stride, 1, groups=out)
        self.conv3 = nn.Conv2d(out, out, 1)

    def forward(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        y = gelu_(linear(self.conv1, x, scratch, "wide"))
        y = gelu_(_depthwise(self.conv2, y, (1, 1)))
        return linear(self.conv3, y, None, "")


class AttentionStage(nn.Module):
    """Attention blocks, then perhaps another resolution."""

    def __init__(
        self, dim: int, out: int | None, depth: int, num_heads: int, window_size: int, stride: int
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(dim, num_heads, window_size) for _ in range(depth))
        self.downsample = None if out is None else PatchMerging(dim, out, stride)

    def forward(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        for block in self.blocks:
            x = block(x, scratch)
        if self.downsample is not None:
            x = self.downsample(x, scratch)
        return x


class Block(nn.Module):
    """Window attention, depthwise convolution, MLP."""

    def __init__(self, dim: int, num_heads: int, window_size: int) -> None:
        super().__init__()
        self.attn = WindowAttention(dim, num_heads, window_size)
        self.local_conv = nn.Conv2d(dim, dim, 3, padding=1, groups=dim)
        self.mlp = Mlp(dim)

    def forward(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        """Give the block's map; with buffers ``x`` is overwritten."""
        if scratch is None:
            x = x + self.attn(x, None)
        else:
            size = self.attn.window_size
            rows = size * max(1, POSITIONS_AT_A_TIME // (size * x.shape[2]))
            for some in torch.split(x, rows, 1):  # whole rows of windows
                some.add_(self.attn(some, scratch))
        x = _depthwise(self.local_conv, x, (1, 1))
        return add_mlp(x, self.mlp.norm, self.mlp.fc1, self.mlp.fc2, scratch)


class Mlp(nn.Module):
    """Norm, linear, GELU, linear."""

    def __init__(self, dim: int, ratio: int = 4) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, ratio * dim)
        self.fc2 = nn.Linear(ratio * dim, dim)


class WindowAttention(nn.Module):
    """Attention within square windows, with a learned bias for each distance on both axes.

    The map is padded with zeros to whole windows before the norm, and the padding is attended to,
    as it was in training.
    """

    def __init__(self, dim: int, num_heads: int, window_size: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.window_size = window_size
        self.norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.attention_biases = nn.Parameter(torch.zeros(num_heads, window_size**2))

    def forward(self, x: Tensor, scratch: Scratch | None) -> Tensor:
        b, h, w, c = x.shape
        size = self.window_size
        down, right = -(-h // size), -(-w // size)  # windows
        x = self.norm(x)
        if (down * size, right * size) != (h, w):
            # What the norm makes of zeros is its bias.
            padded = self.norm.bias.to(x.dtype).expand(b, down * size, right * size, c).clone()
            padded[:, :h, :w] = x
            x = padded
        x = copy(x.view(b, down, size, right, size, c).transpose(2, 3), scratch, "windows")
        qkv = linear(self.qkv, x.view(b * down * right, size * size, c), scratch, "qkv")
        bias = self.attention_biases[:, self._distances()]  # (heads, N, N)
        # Each head has its query, key and value side by side.
        q, k, v = qkv.view(*qkv.shape[:2], self.num_heads, 3, -1).permute(3, 0, 2, 1, 4)
        if scratch is None:
            read = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        else:
            read = _attend(q, k, v, bias, scratch)
        y = linear(self.proj, read.transpose(1, 2).flatten(2), scratch, "windows")
        y = y.view(b, down, right, size, size, c).transpose(2, 3)
        return y.reshape(b, down * size, right * size, c)[:, :h, :w]

    def _distances(self) -> Tensor:
        """Tell which bias each pair of positions gets, (N, N): all |dx| of |dy| = 0 come first."""
        size = self.window_size
        steps = torch.arange(size, dtype=torch.int64, device=self.attention_biases.device)
        apart = (steps[:, None] - steps[None]).abs()
        y, x = apart[:, None, :, None], apart[None, :, None, :]
        return (y * size + x).view(size * size, size * size)


def _attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, scratch: Scratch) -> Tensor:
    """Attend with a bias (heads, N, N): (windows, heads, N, d), by some windows at a time.

    torch's own attention writes scores with such a bias several times over.
    """
    windows, heads, n, d = q.shape
    bias = bias.to(q.dtype)
    read = scratch("read", windows, heads, n, d)
    at_a_time = max(1, SCORES_AT_A_TIME // bias.numel())
    for first in range(0, windows, at_a_time):
        own = slice(first, min(first + at_a_time, windows))
        count = (own.stop - first) * heads
        scores = scratch("scores", own.stop - first, heads, n, n).copy_(bias).view(count, n, n)
        queries = copy(q[own], scratch, "queries").view(count, n, d)
        keys = copy(k[own], scratch, "keys").view(count, n, d)
        values = copy(v[own], scratch, "values").view(count, n, d)
        scores.baddbmm_(queries, keys.mT, alpha=d**-0.5)
        torch.softmax(scores, -1, out=scores)
        torch.bmm(scores, values, out=read[own].view(count, n, d))
    return read


def _depthwise(conv: nn.Conv2d, x: Tensor, padding: tuple[int, int]) -> Tensor:
    """Convolve each channel of a map (B, H, W, C) for itself."""
    y = F.conv2d(
        x.permute(0, 3, 1, 2), conv.weight, conv.bias, conv.stride, padding, 1, conv.groups
    )
    return y.permute(0, 2, 3, 1)
