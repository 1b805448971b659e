"""The ViT image encoder of the first Segment Anything models (Kirillov et al., 2023).

A plain vision transformer after ViTDet (Li et al., 2022): most blocks attend within windows of
14 x 14 tokens, a few attend globally, all with decomposed relative positions (MViTv2). A global
block is written as a block with one window that holds the whole map.

This file is the model, told plainly; it also runs with gradients and on accelerators. On a CPU
without gradients ``cpu/vit.py`` runs the same blocks with less memory and less work.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.base import Progress
from samwidget.models.config import EMBED_DIM, VitConfig
from samwidget.models.cpu.scratch import Scratch, is_frugal
from samwidget.models.cpu.vit import run_block_
from samwidget.models.layers import LayerNorm2d, MlpBlock

PATCH_SIZE = 16
WINDOW_SIZE = 14

MAX_BIAS_VALUES = 2**26
"""Position biases held at a time; global attention on 64 x 64 tokens has 2**24 for each head."""


class ImageEncoder(nn.Module):
    """(B, 3, S, S) pixels in, (B, 256, S / 16, S / 16) features out."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        dim = config.embed_dim
        side = config.image_size // PATCH_SIZE
        self.img_size = config.image_size
        self.patch_embed = PatchEmbed(dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, side, side, dim))
        self.blocks = nn.ModuleList(
            Block(
                dim,
                config.mlp_dim or 4 * dim,
                config.num_heads,
                side if i in config.global_attn_indexes else WINDOW_SIZE,
            )
            for i in range(config.depth)
        )
        self.first_global = min(config.global_attn_indexes, default=None)
        self.neck = nn.Sequential(
            nn.Conv2d(dim, EMBED_DIM, 1, bias=False),
            LayerNorm2d(EMBED_DIM),
            nn.Conv2d(EMBED_DIM, EMBED_DIM, 3, padding=1, bias=False),
            LayerNorm2d(EMBED_DIM),
        )

    @property
    def dtype(self) -> torch.dtype:
        """What the blocks multiply in; tokens and norms between them stay as they are."""
        qkv: nn.Linear = self.blocks[0].get_submodule("attn.qkv")  # type: ignore[assignment]
        return qkv.weight.dtype

    def set_precision(self, dtype: torch.dtype) -> None:
        """Let the blocks' matrices be float32 or bfloat16."""
        for block in self.blocks:
            block.get_submodule("attn").to(dtype)
            block.get_submodule("mlp").to(dtype)

    def forward(self, pixels: Tensor, on_progress: Progress | None = None) -> Tensor:
        return self.with_early_features(pixels, on_progress)[0]

    def with_early_features(
        self, pixels: Tensor, on_progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """Give also what comes out of the first global block, (B, S / 16, S / 16, C)."""
        x = self.patch_embed(pixels) + self.pos_embed  # (B, S / 16, S / 16, C)
        frugal = is_frugal(x)
        scratch = Scratch(x.new_empty(0, dtype=self.dtype))
        early = x
        for i, block in enumerate(self.blocks):
            if frugal:
                assert isinstance(block, Block)
                for image in x:
                    run_block_(block, image, scratch)
            else:
                x = block(x)
            if i == self.first_global:
                early = x.clone() if frugal else x
            if on_progress is not None:
                on_progress((i + 1) / (len(self.blocks) + 1))
        features: Tensor = self.neck(x.permute(0, 3, 1, 2))
        if on_progress is not None:
            on_progress(1.0)
        return features, early


class PatchEmbed(nn.Module):
    """One token for each patch of 16 x 16 pixels."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, PATCH_SIZE, stride=PATCH_SIZE)

    def forward(self, pixels: Tensor) -> Tensor:
        tokens: Tensor = self.proj(pixels)
        return tokens.permute(0, 2, 3, 1).contiguous()  # (B, S / 16, S / 16, C)


class Block(nn.Module):
    """Pre-norm transformer block on a map of tokens (B, H, W, C)."""

    def __init__(self, dim: int, mlp_dim: int, num_heads: int, window_size: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = WindowAttention(dim, num_heads, window_size)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = MlpBlock(dim, mlp_dim, nn.GELU)

    def forward(self, x: Tensor) -> Tensor:
        dtype = self.attn.qkv.weight.dtype
        x = x + self.attn(self.norm1(x).to(dtype))
        y: Tensor = x + self.mlp(self.norm2(x).to(dtype))
        return y


class WindowAttention(nn.Module):
    """Self-attention within square windows, with decomposed relative positions.

    The score of a query at (y, x) for a key at (y', x') is their scaled product plus the query's
    products with a vector for y - y' and another for x - x'. The map is padded with zeros at the
    right and at the bottom to whole windows, and the padding is attended to, as it was in training.
    """

    def __init__(self, dim: int, num_heads: int, window_size: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.window_size = window_size
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * window_size - 1, dim // num_heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * window_size - 1, dim // num_heads))

    def position_vectors(self) -> tuple[Tensor, Tensor]:
        """Give the vectors of all pairs (query, key) on either axis, (window, window, d) each."""
        steps = torch.arange(self.window_size, dtype=torch.int64, device=self.rel_pos_h.device)
        offsets = steps[:, None] - steps[None, :] + self.window_size - 1
        return self.rel_pos_h[offsets], self.rel_pos_w[offsets]

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, c = x.shape
        size, heads = self.window_size, self.num_heads
        down, right = -(-h // size), -(-w // size)  # windows
        qkv = self.qkv(x)
        if (down * size, right * size) != (h, w):
            # The projection of a zero is the bias: there is nothing to multiply for the padding.
            padded = self.qkv.bias.expand(b, down * size, right * size, -1).clone()
            padded[:, :h, :w] = qkv
            qkv = padded
        qkv = qkv.view(b, down, size, right, size, 3, heads, c // heads)
        qkv = qkv.permute(5, 0, 1, 3, 6, 2, 4, 7)  # (3, B, down, right, heads, size, size, d)
        q, k, v = qkv.reshape(3, b * down * right, heads, size, size, c // heads)
        out = self._attend(q, k.flatten(2, 3), v.flatten(2, 3))
        out = out.view(b, down, right, heads, size, size, c // heads)
        out = out.permute(0, 1, 4, 2, 5, 3, 6).reshape(b, down * size, right * size, c)
        y: Tensor = self.proj(out[:, :h, :w])
        return y

    def _attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend from q (N, heads, H, W, d) to k, v (N, heads, H * W, d): (N, heads, H * W, d)."""
        vectors_h, vectors_w = self.position_vectors()
        rel_h = torch.einsum("nmhwd,hkd->nmhwk", q, vectors_h)
        rel_w = torch.einsum("nmhwd,wkd->nmhwk", q, vectors_w)
        rows = max(1, MAX_BIAS_VALUES // (k[..., 0].numel() * q.shape[3]))
        out = []
        for q_rows, h_rows, w_rows in zip(
            *(torch.split(x, rows, 2) for x in (q, rel_h, rel_w)), strict=True
        ):
            bias = h_rows[..., :, None] + w_rows[..., None, :]  # (N, heads, rows, W, H, W)
            out.append(
                F.scaled_dot_product_attention(
                    q_rows.flatten(2, 3), k, v, attn_mask=bias.flatten(4).flatten(2, 3)
                )
            )
        return torch.cat(out, 2)
