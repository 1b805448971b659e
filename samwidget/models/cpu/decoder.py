"""The mask decoder on a CPU without gradients: same numbers, less memory, less time.

``transformer.py`` and ``mask_decoder.py`` say the same in plain terms.

Prompts are worked on one after the other. Each is a few tokens against thousands of image
positions, so it is all about the image's side:

- What the first layer projects the image to does not depend on the click. It is made once for each
  image (:func:`project`), 11 MB in float32.
- After it, the projections are multiplied into the tokens instead, see ``transformer.py``.
- Megabytes of fresh memory cost more than what is computed in them, since the system hands them
  out as zeroed pages. So the big results go into buffers that are used again, residuals are added
  by the matrix product itself, and the upscaling goes through the image in strips that stay in the
  processor's cache.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn

from samwidget.models.base import ProjectedImage
from samwidget.models.cpu.scratch import Scratch, is_frugal
from samwidget.models.transformer import CrossAttention, TwoWayBlock, TwoWayTransformer

MAX_TOKENS = 16

POSITIONS_AT_A_TIME = 512
"""Image positions that are upscaled together."""


def is_for(image: Tensor, tokens: Tensor) -> bool:
    """Tell whether this module's way is open: on a CPU, without gradients, with few tokens.

    With many tokens (B, N, C) it is the image that had better be projected.
    """
    return is_frugal(image) and tokens.shape[1] < MAX_TOKENS


def project(transformer: TwoWayTransformer, image: Tensor, positions: Tensor) -> ProjectedImage:
    """Project an image (1, P, C) for the first layer, see :class:`ProjectedImage`."""
    first = transformer.layers[0]
    assert isinstance(first, TwoWayBlock)
    placed = image + positions
    to_image, to_tokens = first.cross_attn_token_to_image, first.cross_attn_image_to_token

    def heads(x: Tensor) -> Tensor:
        return x[0].view(len(x[0]), to_image.num_heads, -1)

    return ProjectedImage(
        image,
        heads(to_image.k_proj(placed)).permute(1, 2, 0).contiguous(),
        heads(to_image.v_proj(image)).transpose(0, 1).contiguous(),
        heads(to_tokens.q_proj(placed)).permute(1, 2, 0).contiguous(),
    )


def run_transformer(
    transformer: TwoWayTransformer,
    image: Tensor,
    positions: Tensor,
    tokens: Tensor,
    projected: ProjectedImage | None,
    scratch: Scratch,
) -> tuple[Tensor, Tensor]:
    """Do what :meth:`TwoWayTransformer.forward` does, for image (P, C) and tokens (N, C).

    ``image`` is not written to.
    """
    queries = tokens
    for i, layer in enumerate(transformer.layers):
        assert isinstance(layer, TwoWayBlock)
        to_image, to_tokens = layer.cross_attn_token_to_image, layer.cross_attn_image_to_token
        if i == 0:
            queries = layer.norm1(_own_attention(layer, queries, queries))
        else:
            queries = layer.norm1(queries + _own_attention(layer, queries + tokens, queries))
        known = projected if i == 0 else None
        placed = image
        if known is None:
            placed = torch.add(image, positions, out=scratch("placed", *image.shape))
        read = _read_image(to_image, queries + tokens, placed, image, known, scratch)
        queries = layer.norm2(queries + read)
        queries = layer.norm3(queries + layer.mlp(queries))
        out = image if i else scratch("image", *image.shape)  # the first one is not ours to change
        _read_tokens(to_tokens, placed, queries + tokens, queries, image, known, scratch, out)
        image = _normalise_(layer.norm4, out)
    placed = torch.add(image, positions, out=scratch("placed", *image.shape))
    last = transformer.final_attn_token_to_image
    read = _read_image(last, queries + tokens, placed, image, None, scratch)
    normed: Tensor = transformer.norm_final_attn(queries + read)
    return normed, image


def _normalise_(norm: nn.LayerNorm, image: Tensor) -> Tensor:
    """Normalise in place, strip by strip: torch has no such norm, and fresh memory costs more."""
    for some in torch.split(image, POSITIONS_AT_A_TIME):
        some.copy_(norm(some))
    return image


def _own_attention(layer: TwoWayBlock, placed: Tensor, values: Tensor) -> Tensor:
    read: Tensor = layer.self_attn(placed[None], placed[None], values[None])[0]
    return read


def _read_image(
    attn: CrossAttention,
    queries: Tensor,
    placed: Tensor,
    image: Tensor,
    projected: ProjectedImage | None,
    scratch: Scratch,
) -> Tensor:
    """Let tokens (N, C) read the image (P, C)."""
    n, positions, heads = len(queries), len(image), attn.num_heads
    q = attn.heads(attn.q_proj(queries)[None])[0]  # (heads, N, d)
    q = q * q.shape[-1] ** -0.5
    scores = scratch("scores", heads, n, positions)
    if projected is not None:
        torch.bmm(q, projected.keys, out=scores)
    else:
        folded = torch.bmm(q, attn.by_head(attn.k_proj)).flatten(0, 1)  # (heads * N, C)
        torch.mm(folded, placed.mT, out=scores.flatten(0, 1))
    torch.softmax(scores, -1, out=scores)
    if projected is not None:
        read = torch.bmm(scores, projected.values)  # (heads, N, d)
    else:
        read = torch.mm(scores.flatten(0, 1), image).view(heads, n, -1)  # of the whole channels
        read = torch.baddbmm(
            attn.v_proj.bias.view(heads, 1, -1), read, attn.by_head(attn.v_proj).mT
        )
    out: Tensor = attn.out_proj(read.transpose(0, 1).flatten(1))
    return out


def _read_tokens(
    attn: CrossAttention,
    placed: Tensor,
    keys: Tensor,
    values: Tensor,
    image: Tensor,
    projected: ProjectedImage | None,
    scratch: Scratch,
    out: Tensor,
) -> None:
    """Write to ``out`` the image (P, C) plus what it reads from tokens (N, C)."""
    n, positions, heads = len(keys), len(image), attn.num_heads
    k = attn.heads(attn.k_proj(keys)[None])[0]  # (heads, N, d)
    k = k * k.shape[-1] ** -0.5
    v = attn.heads(attn.v_proj(values)[None])[0]
    scores = scratch("scores", heads, n, positions)
    if projected is not None:
        torch.bmm(k, projected.queries, out=scores)
    else:
        folded = torch.bmm(k, attn.by_head(attn.q_proj)).flatten(0, 1)  # (heads * N, C)
        bias = torch.bmm(k, attn.q_proj.bias.view(heads, -1, 1)).flatten(0, 1)  # (heads * N, 1)
        torch.addmm(bias, folded, placed.mT, out=scores.flatten(0, 1))
    torch.softmax(scores, 1, out=scores)
    out_proj = attn.out_proj.weight.mT.reshape(heads, -1, image.shape[1])
    # Each head's weights sum to one: with a share of the bias each they make up the whole.
    shares = torch.baddbmm(attn.out_proj.bias / heads, v, out_proj)  # (heads, N, C)
    torch.addmm(image, scores.flatten(0, 1).mT, shares.flatten(0, 1), out=out)


def draw(
    upscaling: nn.Sequential,
    image: Tensor,
    weights: Tensor,
    scratch: Scratch,
    added: Sequence[Tensor] = (),
) -> Tensor:
    """Upscale image positions (P, C) four times and weigh their channels to masks.

    Parameters
    ----------
    upscaling
        Transposed convolution, norm, GELU, transposed convolution, GELU.
    image
        (P, C) in rows of a square.
    weights
        (K, C / 8).
    scratch
        For the strips.
    added
        Of models that have them: maps (P * 4, C / 4) and (P * 16, C / 8) that are added after the
        first and the second convolution; the four cells of a position
        lie together, row by row.

    Returns
    -------
    logits
        (K, 4 * side, 4 * side), at least float32.
    """
    up1, norm, _, up2, _ = upscaling
    assert isinstance(norm, nn.LayerNorm)
    matrix1, bias1 = split_matrix(up1)
    matrix2, bias2 = split_matrix(up2)
    positions, k = len(image), len(weights)
    side = math.isqrt(positions)
    exact = torch.promote_types(image.dtype, torch.float32)
    masks = image.new_empty(k, 4 * side, 4 * side, dtype=exact)
    rows = max(1, POSITIONS_AT_A_TIME // side)
    for top in range(0, side, rows):
        bottom = min(top + rows, side)
        some = slice(top * side, bottom * side)
        p = some.stop - some.start
        x = scratch("upscaled 1", p, len(bias1))
        torch.addmm(bias1, image[some], matrix1, out=x)
        x = x.view(4 * p, -1)
        if added:
            x += added[0][4 * some.start : 4 * some.stop]
        x = torch.ops.aten.gelu_(nn.LayerNorm.forward(norm, x))  # channels are last here
        y = scratch("upscaled 2", 4 * p, len(bias2))
        torch.addmm(bias2, x, matrix2, out=y)
        y = y.view(16 * p, -1)
        if added:
            y += added[1][16 * some.start : 16 * some.stop]
        torch.ops.aten.gelu_(y)
        strip = torch.mm(weights, y.mT).to(exact)  # torch reorders bfloat16 less quickly
        strip = strip.index_select(1, _image_order(bottom - top, side))
        masks[:, 4 * top : 4 * bottom].copy_(strip.view(k, -1, 4 * side))
    return masks


def in_order_of_positions(high_res: Sequence[Tensor]) -> list[Tensor]:
    """Reorder maps (B, C, 2 * S, 2 * S), (B, C', 4 * S, 4 * S), ... to rows (B, cells, C).

    The upscaling splits each position into 2 x 2 cells and those again; cells stay together.
    """
    rows = []
    for halvings, x in enumerate(high_res, start=1):
        b, c, h, w = x.shape
        side = 2**halvings
        # (B, C, y, dy, ddy, ..., x, dx, ddx, ...) to (B, y, x, dy, dx, ddy, ddx, ..., C)
        split = x.view(b, c, h // side, *[2] * halvings, w // side, *[2] * halvings)
        ys, xs = range(2, 3 + halvings), range(3 + halvings, 4 + 2 * halvings)
        order = [axis for pair in zip(ys, xs, strict=True) for axis in pair]
        rows.append(split.permute(0, *order, 1).reshape(b, -1, c))
    return rows


@lru_cache(maxsize=8)
def _image_order(rows: int, columns: int) -> Tensor:
    """Tell for each pixel of a strip where the upscaling left it; copying in order is slower."""
    cells = torch.arange(16 * rows * columns, dtype=torch.int64, device="cpu")
    cells = cells.view(rows, columns, 2, 2, 2, 2)
    return cells.permute(0, 2, 4, 1, 3, 5).flatten()  # (y, dy, ddy, x, dx, ddx)


def split_matrix(layer: nn.Module) -> tuple[Tensor, Tensor]:
    """Give the matrix (C, 4 * C') and bias of a 2 x 2 stride-2 transposed convolution.

    It makes 2 x 2 cells of each position, all by the same linear map.
    """
    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
    return weight.permute(0, 2, 3, 1).flatten(1), bias.repeat(4)
