"""The embedded model's mask decoder on a CPU without gradients: same numbers in half the time.

``NanoMaskDecoder.forward`` says the same in plain terms.

- A prompt is a few tokens against hundreds of cells. So the projections are multiplied into the
  tokens instead of the cells, as in ``decoder.py`` beside this file.
- Channels lie last in memory everywhere, which is how both convolutions and products with matrices
  want them; nothing is reordered but the masks at the end.
- Only the masks that are asked for are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.cpu.scratch import is_frugal
from samwidget.models.nano_layers import sine_positions, upsample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from samwidget.models.base import ImageFeatures
    from samwidget.models.nano import NanoMaskDecoder, TwoWayLayer
    from samwidget.models.nano_layers import Attention
    from samwidget.models.nano_prompts import Prompts

MAX_TOKENS = 16


def is_for(image: Tensor, tokens: Tensor) -> bool:
    """Tell whether this module's way is open: on a CPU, without gradients, with few tokens.

    With many tokens (B, N, C) it is the cells that had better be projected.
    """
    return is_frugal(image) and tokens.shape[1] < MAX_TOKENS


def run(
    decoder: NanoMaskDecoder, features: ImageFeatures, prompts: Prompts, kept: slice
) -> tuple[Tensor, Tensor]:
    """Do what ``NanoMaskDecoder.forward`` does, for the kept ones of the four masks."""
    x8 = decoder.enter_norm(decoder.entered(_last(prompts.dense), prompts.channels))
    x8 = F.relu_(x8 + _last(features.high_res[0][:, -decoder.d8 :]))  # (B, d8, S/8, S/8)
    x16 = decoder.down(x8) + _last(features.image_embedding)  # (B, d16, S/16, S/16)
    b, d16, h, w = x16.shape
    tokens, token_mask = decoder.with_mask_tokens(prompts)
    positions = sine_positions(h, w, d16, x16)
    cells = _cells(x16)
    for layer in cast("Iterable[TwoWayLayer]", decoder.layers):
        tokens, cells = _two_way(layer, tokens, token_mask, cells, positions, (h, w))
    tokens = decoder.norm(tokens[:, : len(decoder.mask_tokens)])  # (B, 4, d16)

    x8 = x8 + upsample(_mixed(decoder.up8, cells, (h, w)))
    x8 = F.relu_(decoder.norm8(decoder.conv8(x8))).add_(x8)
    x4 = upsample(_mixed(decoder.up4, _cells(x8), x8.shape[-2:])) + _last(features.high_res[1])
    if prompts.mask is not None:
        x4 += decoder.mask4(_last(prompts.mask))
    x4 = F.relu_(x4)  # (B, d4, S/4, S/4)
    x4 = F.relu_(decoder.conv4(x4)).add_(x4)
    x2 = F.relu_(_split(decoder.up2, x4, _last(features.high_res[2])))
    x2 = F.relu_(decoder.conv2(x2)).add_(x2)  # (B, d2, S/2, S/2)

    weights = torch.stack(
        [decoder.hyper[i](tokens[:, i]) for i in range(len(decoder.hyper))[kept]], dim=1
    )
    d2, d4 = x2.shape[1], x4.shape[1]
    # A constant may be added before it is upsampled as well.
    coarse = torch.baddbmm(weights[..., -1:], weights[..., d2 : d2 + d4], _cells(x4).mT)
    drawn = upsample(coarse.view(b, -1, *x4.shape[-2:])).flatten(2)
    torch.baddbmm(drawn, weights[..., :d2], _cells(x2).mT, out=drawn)
    logits = drawn.view(b, -1, *x2.shape[-2:])
    return logits, decoder.scores(tokens[:, kept], x8, logits)


def _two_way(
    layer: TwoWayLayer,
    tokens: Tensor,
    token_mask: Tensor,
    cells: Tensor,
    positions: Tensor,
    size_hw: tuple[int, int],
) -> tuple[Tensor, Tensor]:
    """Do what :meth:`TwoWayLayer.forward` does, for cells (B, P, C)."""
    t = layer.norm_tokens(tokens)
    tokens = tokens + layer.self_attention(t, t, t, token_mask)
    keys = layer.norm_map(cells)
    located = keys + positions
    tokens = tokens + _read_map(layer.to_map, layer.norm_query(tokens), located, keys)
    tokens = tokens + layer.mlp(layer.norm_mlp(tokens))
    t = layer.norm_back(tokens)
    cells = _read_tokens(layer.from_tokens, located, t, token_mask, cells)
    y = layer.conv_norm(layer.conv(_map(cells, size_hw)))
    return tokens, _cells(F.relu_(y)).add_(cells)


def _read_map(attention: Attention, queries: Tensor, located: Tensor, cells: Tensor) -> Tensor:
    """Let tokens (B, N, C) read cells (B, P, C)."""
    b, n, c = queries.shape
    heads = attention.num_heads
    q = attention.heads(attention.q(queries)) * (c // heads) ** -0.5  # (B, heads, N, d)
    folded = (q @ _by_head(attention.k, heads)).flatten(1, 2)  # (B, heads * N, C)
    read = torch.bmm(torch.bmm(folded, located.mT).softmax(2), cells)
    values = read.view(b, heads, n, c) @ _by_head(attention.v, heads).mT
    values = values + attention.v.bias.view(heads, 1, -1)
    mixed: Tensor = attention.out(values.transpose(1, 2).flatten(2))
    return mixed


def _read_tokens(
    attention: Attention, located: Tensor, tokens: Tensor, token_mask: Tensor, cells: Tensor
) -> Tensor:
    """Give cells (B, P, C) plus what they read from tokens (B, N, C)."""
    b, n, c = tokens.shape
    heads = attention.num_heads
    k = attention.heads(attention.k(tokens)) * (c // heads) ** -0.5  # (B, heads, N, d)
    v = attention.heads(attention.v(tokens))
    folded = (k @ _by_head(attention.q, heads)).flatten(1, 2)  # (B, heads * N, C)
    bias = k @ attention.q.bias.view(heads, -1, 1)  # (B, heads, N, 1)
    bias = bias.masked_fill(~token_mask[:, None, :, None], -torch.inf)
    scores = torch.baddbmm(bias.view(b, -1, 1), folded, located.mT)  # (B, heads * N, P)
    scores = scores.view(b, heads, n, -1).softmax(2).flatten(1, 2)
    shares = v @ attention.out.weight.mT.view(heads, -1, c)  # (B, heads, N, C)
    return torch.baddbmm(cells + attention.out.bias, scores.mT, shares.flatten(1, 2))


def _by_head(linear: nn.Linear, heads: int) -> Tensor:
    """(heads, d, C) weights of a projection from C channels."""
    return linear.weight.view(heads, -1, linear.in_features)


def _split(up: nn.Conv2d, x: Tensor, added: Tensor) -> Tensor:
    """Turn a cell's channels into four cells, and add a map: (B, C, 2 * H, 2 * W)."""
    b, _, h, w = x.shape
    c = up.out_channels // 4
    assert up.bias is not None
    # As pixel_shuffle has them: channel, row, column. Here the two cells of a row lie together.
    weight, bias = (
        part.view(c, 2, 2, -1).permute(1, 2, 0, 3).flatten(1, 2) for part in (up.weight, up.bias)
    )  # (2, 2 * C, .)
    rows = added.permute(0, 2, 3, 1).reshape(-1, h, 2, w, 2 * c)
    fine = x.new_empty(b, h, 2, w, 2 * c)
    for row in range(2):
        cells = (_cells(x) @ weight[row].mT).view(b, h, w, 2 * c)
        # The bias goes into the map, of which there is one for all prompts.
        torch.add(cells, rows[:, :, row] + bias[row].flatten(), out=fine[:, :, row])
    return fine.view(b, 2 * h, 2 * w, c).permute(0, 3, 1, 2)


def _mixed(conv: nn.Conv2d, cells: Tensor, size_hw: tuple[int, ...]) -> Tensor:
    """Apply a 1 x 1 convolution to cells (B, P, C) and give them as a map."""
    return _map(F.linear(cells, conv.weight.flatten(1), conv.bias), size_hw)


def _last(x: Tensor) -> Tensor:
    """Give a map (B, C, H, W) with its channels last in memory."""
    return x.contiguous(memory_format=torch.channels_last)


def _cells(x: Tensor) -> Tensor:
    """(B, H * W, C) of a map (B, C, H, W) with channels last, uncopied."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, x.shape[1])


def _map(cells: Tensor, size_hw: tuple[int, ...]) -> Tensor:
    """(B, C, H, W) with channels last, uncopied, of cells (B, H * W, C)."""
    return cells.view(cells.shape[0], *size_hw, -1).permute(0, 3, 1, 2)
