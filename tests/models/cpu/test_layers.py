from __future__ import annotations

import pytest
import torch
from torch import nn

from samwidget.models.cpu import layers as layers_cpu
from samwidget.models.cpu.scratch import Scratch, ScratchPool, is_frugal

X = torch.randn(3, 5, 7, 16, generator=torch.Generator().manual_seed(0))


def made(layer: nn.Module) -> nn.Module:
    torch.manual_seed(1)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    return layer


def test_it_is_for_a_cpu_without_gradients() -> None:
    assert not is_frugal(X)
    with torch.no_grad():
        assert is_frugal(X)
        assert not is_frugal(X.to("meta"))


@torch.no_grad()
@pytest.mark.parametrize("kind", [nn.Linear(16, 24), nn.Conv2d(16, 24, 1)], ids=["linear", "conv"])
def test_linear_is_the_plain_layer(kind: nn.Module) -> None:
    layer = made(kind)
    last = isinstance(layer, nn.Linear)
    plain = layer(X) if last else layer(X.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    for scratch in (None, layers_cpu.buffers_for(X)):
        own = layers_cpu.linear(layer, X, scratch, "any")
        torch.testing.assert_close(own, plain, rtol=1e-5, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("rows", [4, 10_000])
def test_an_mlp_in_strips_is_the_plain_one(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers_cpu, "ROWS_AT_A_TIME", rows)
    norm, first, second = made(nn.LayerNorm(16)), made(nn.Linear(16, 32)), made(nn.Linear(32, 16))
    plain = X + second(nn.functional.gelu(first(norm(X))))
    for scratch in (None, layers_cpu.buffers_for(X)):
        own = layers_cpu.add_mlp(X.clone(), norm, first, second, scratch)
        torch.testing.assert_close(own, plain, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_a_sum_with_a_rounded_product_stays_exact_in_the_sum() -> None:
    layer = made(nn.Linear(16, 16))
    x = 1000 * torch.ones(4, 16)
    layers_cpu.add_linear_(x, layer, X[0, 0, :4].bfloat16(), Scratch(X.new_empty(0).bfloat16()))
    exact = 1000 + layer(X[0, 0, :4])
    torch.testing.assert_close(x, exact, rtol=0, atol=0.2)


def test_work_at_the_same_time_has_buffers_of_its_own() -> None:
    pool = ScratchPool()
    with pool.lend(X) as one, pool.lend(X) as other:
        assert one is not other
        first, second = one("a", 2, 3), other("a", 2, 3)
        assert first.data_ptr() != second.data_ptr()
    with pool.lend(X) as again:
        assert again in (one, other)
    with pool.lend(X.double()) as another:
        assert another not in (one, other)
        assert another("a", 2).dtype == torch.float64
