"""The layers of encoders on a CPU without gradients: same numbers, less memory, less time.

``layers.py`` and torch say the same in plain terms; ``hiera.py`` and ``tiny_vit.py`` are built of
these.

Megabytes of fresh memory are handed out as zeroed pages, and that can take longer than what is
computed in them. So results go into buffers that are used again, residuals are added by the matrix
product itself, and big maps go through a layer strip by strip. Elsewhere there are no buffers
(``scratch`` is None), and each function does what its name says in the plain way.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from samwidget.models.cpu.scratch import Scratch, is_frugal
from samwidget.models.layers import gelu_

POSITIONS_AT_A_TIME = 4096
"""Of a map, through attention within windows and through convolutions."""

ROWS_AT_A_TIME = 2048
"""Through linear layers: few enough for the processor's caches, enough to read weights seldom."""


def buffers_for(x: Tensor) -> Scratch | None:
    """Give buffers for an encoder's work on ``x`` where memory is what costs time, else None.

    They have the dtype in which matrices are multiplied.
    """
    if not is_frugal(x):
        return None
    rounded = torch.is_autocast_enabled("cpu")
    dtype = torch.get_autocast_dtype("cpu") if rounded else x.dtype
    return Scratch(x.new_empty(0, dtype=dtype))


def copy(x: Tensor, scratch: Scratch | None, name: str) -> Tensor:
    """Give ``x`` contiguous, in a buffer and its dtype."""
    return x.contiguous() if scratch is None else scratch(name, *x.shape).copy_(x)


def linear(layer: nn.Module, x: Tensor, scratch: Scratch | None, name: str) -> Tensor:
    """Apply a linear layer, or a 1 x 1 convolution, to the last dimension of (..., C)."""
    weight, bias = _matrix(layer)
    if scratch is None:
        return nn.functional.linear(x, weight, bias)
    out = scratch(name, x.shape[:-1].numel(), len(bias))
    linear_into(out, x.reshape(-1, x.shape[-1]), weight, bias)
    return out.view(*x.shape[:-1], -1)


def linear_into(out: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> None:
    """Write to ``out`` (N, C') what a linear layer makes of ``x`` (N, C)."""
    dtype = out.dtype
    torch.addmm(bias.to(dtype), x.to(dtype), weight.to(dtype).mT, out=out)


def add_linear_(x: Tensor, layer: nn.Module, y: Tensor, scratch: Scratch) -> None:
    """``x += layer(y)`` for ``x`` (N, C') and ``y`` (N, C)."""
    weight, bias = _matrix(layer)
    if x.dtype == y.dtype:
        x.add_(bias.to(x.dtype)).addmm_(y, weight.to(x.dtype).mT)
    else:
        more = scratch("more", *x.shape)
        linear_into(more, y, weight, bias)
        x.add_(more)


def add_mlp(
    x: Tensor, norm: nn.Module, first: nn.Module, second: nn.Module, scratch: Scratch | None
) -> Tensor:
    """Give ``x + second(gelu(first(norm(x))))``; where there are buffers, it is ``x`` changed."""
    if scratch is None:
        y: Tensor = x + second(gelu_(first(norm(x))))
        return y
    for rows in torch.split(x.view(-1, x.shape[-1]), ROWS_AT_A_TIME):
        hidden = torch.ops.aten.gelu_(linear(first, norm(rows), scratch, "hidden"))
        add_linear_(rows, second, hidden, scratch)
    return x


def _matrix(layer: nn.Module) -> tuple[Tensor, Tensor]:
    return layer.get_parameter("weight").flatten(1), layer.get_parameter("bias")
