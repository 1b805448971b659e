"""The ViT's blocks on a CPU without gradients: same numbers, less memory, less time.

``vit.py`` says the same in plain terms.

What costs a CPU with the plain formulation is memory. The scores of one global block on 64 x 64
tokens are 800 MB in float32, and every big fresh tensor costs a page fault for each 4 KB of it,
which can take longer than the arithmetic. So:

- the blocks change the tokens in place and write into a ``Scratch``, which they all share;
- position biases are made for some heads and some rows of queries at a time, and torch's attention
  makes the scores in smaller pieces yet, without keeping any;
- windows are worked on one at a time, a row of windows between each projection;
- padding has no queries, and its keys and values are the bias: it is projected nowhere.

Where the matrices are bfloat16, so is what is multiplied with them; the tokens and their
normalisation stay float32, since a small change added to a large number would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from samwidget.models.cpu.layers import ROWS_AT_A_TIME, add_linear_, add_mlp, linear_into
from samwidget.models.cpu.scratch import Scratch

if TYPE_CHECKING:
    from samwidget.models.vit import Block, WindowAttention

BIASES_AT_A_TIME = 2**22
"""16 MB in float32."""


def run_block_(block: Block, x: Tensor, scratch: Scratch) -> None:
    """Run a block on one image's tokens (H, W, C), in place."""
    for strip in torch.split(x, block.attn.window_size):  # one row of windows
        _add_attention_(block, strip, scratch)
    add_mlp(x, block.norm2, block.mlp.lin1, block.mlp.lin2, scratch)


def _add_attention_(block: Block, strip: Tensor, scratch: Scratch) -> None:
    """Add to one row of windows (H, W, C) what its tokens read from each other."""
    h, w, c = strip.shape
    attn = block.attn
    tokens = strip.view(h * w, c)
    qkv = scratch("qkv", h * w, 3 * c)
    read = scratch("read", h, w, c)
    for some, out in zip(*(torch.split(x, ROWS_AT_A_TIME) for x in (tokens, qkv)), strict=True):
        linear_into(out, block.norm1(some), attn.qkv.weight, attn.qkv.bias)
    qkv = qkv.view(h, w, 3, attn.num_heads, c // attn.num_heads)
    for window, out in zip(
        *(torch.split(x, attn.window_size, 1) for x in (qkv, read)), strict=True
    ):
        _attend(attn, window, out, scratch)
    for some, part in zip(
        *(torch.split(x, ROWS_AT_A_TIME) for x in (tokens, read.view(h * w, c))), strict=True
    ):
        add_linear_(some, attn.proj, part, scratch)


def _attend(attn: WindowAttention, qkv: Tensor, out: Tensor, scratch: Scratch) -> None:
    """Attend within a window: qkv (h, w, 3, heads, d), out (h, w, heads * d), without padding."""
    h, w, _, heads, d = qkv.shape
    size = attn.window_size
    q = scratch("q", heads, h, w, d).copy_(qkv[:, :, 0].permute(2, 0, 1, 3))
    kv = scratch("kv", 2, heads, size, size, d)
    if (h, w) != (size, size):
        kv.copy_(attn.qkv.bias.view(3, heads, 1, 1, d)[1:])
    kv[:, :, :h, :w] = qkv[:, :, 1:].permute(2, 3, 0, 1, 4)
    keys, values = kv.flatten(2, 3)  # (heads, size * size, d) each
    read = scratch("read_heads", heads, h * w, d)

    vectors_h, vectors_w = attn.position_vectors()
    per_row = w * size * size
    heads_at_a_time = max(1, BIASES_AT_A_TIME // (h * per_row))
    rows_at_a_time = max(1, BIASES_AT_A_TIME // (heads_at_a_time * per_row))
    for first in range(0, heads, heads_at_a_time):
        some = slice(first, first + heads_at_a_time)
        n = len(q[some])
        rel_h = q[some] @ vectors_h[:h].mT  # (n, h, w, size)
        rel_w = (q[some].transpose(1, 2) @ vectors_w[:w].mT).transpose(1, 2)
        for top in range(0, h, rows_at_a_time):
            rows = slice(top, min(top + rows_at_a_time, h))
            queries = q[some, rows].flatten(1, 2)
            bias = scratch("bias", n, rows.stop - top, w, size, size)
            torch.add(rel_h[:, rows, :, :, None], rel_w[:, rows, :, None, :], out=bias)
            read[some, top * w : rows.stop * w] = F.scaled_dot_product_attention(
                queries[None],
                keys[None, some],
                values[None, some],
                attn_mask=bias.view(1, n, queries.shape[1], size * size),
            )[0]
    out.view(h, w, heads, d).copy_(read.view(heads, h, w, d).permute(1, 2, 0, 3))
