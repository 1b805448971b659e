from __future__ import annotations

import pytest
import torch
from torch import Tensor

from samwidget.models import vit
from samwidget.models.config import VitConfig
from samwidget.models.cpu import layers as layers_cpu
from samwidget.models.cpu import vit as vit_cpu
from samwidget.models.vit import ImageEncoder

SMALL = VitConfig(
    "small",
    image_size=320,  # 20 x 20 tokens: two windows of 14 a side, the second one partly padding
    mask_size=80,
    embed_dim=48,
    depth=3,
    num_heads=3,
    global_attn_indexes=(1,),
)


def make_encoder(config: VitConfig = SMALL) -> ImageEncoder:
    torch.manual_seed(0)
    encoder = ImageEncoder(config).eval()
    for parameter in encoder.parameters():
        parameter.data.add_(torch.randn_like(parameter), alpha=0.1)
    return encoder


def make_pixels(batch: int = 1, size: int = SMALL.image_size) -> Tensor:
    return torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(1))


def plain(encoder: ImageEncoder, pixels: Tensor) -> Tensor:
    """The formulation that gradients flow through."""
    with torch.enable_grad():
        features: Tensor = encoder(pixels)
    assert features.requires_grad
    return features.detach()


@pytest.mark.parametrize("image_size", [320, 448, 128], ids=["padding", "whole windows", "one"])
@pytest.mark.parametrize("biases_at_a_time", [1, 30_000, 2**20], ids=["rows", "heads", "all"])
def test_blocks_in_place_equal_the_plain_ones(
    monkeypatch: pytest.MonkeyPatch, image_size: int, biases_at_a_time: int
) -> None:
    monkeypatch.setattr(vit_cpu, "BIASES_AT_A_TIME", biases_at_a_time)
    for module in (layers_cpu, vit_cpu):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 100)
    config = VitConfig("small", image_size, embed_dim=48, depth=3, num_heads=3)
    encoder = make_encoder(config)
    pixels = make_pixels(2, image_size)
    with torch.no_grad():
        ours = encoder(pixels)
    torch.testing.assert_close(ours, plain(encoder, pixels), rtol=0, atol=2e-5)


def test_plain_global_attention_by_rows_equals_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder, pixels = make_encoder(), make_pixels()
    at_once = plain(encoder, pixels)
    monkeypatch.setattr(vit, "MAX_BIAS_VALUES", 3 * 20**3 * 2)  # two of twenty rows, three heads
    torch.testing.assert_close(plain(encoder, pixels), at_once, rtol=0, atol=1e-5)


def test_gradients_reach_every_parameter() -> None:
    encoder = make_encoder()
    encoder(make_pixels()).square().sum().backward()
    silent = [name for name, p in encoder.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


@torch.no_grad()
def test_images_of_a_batch_do_not_mix() -> None:
    encoder, pixels = make_encoder(), make_pixels(2)
    both = encoder(pixels)
    torch.testing.assert_close(both[1:], encoder(pixels[1:]), rtol=0, atol=1e-5)


@torch.no_grad()
def test_pixels_are_left_alone_and_results_repeat() -> None:
    encoder, pixels = make_encoder(), make_pixels()
    before = pixels.clone()
    first = encoder(pixels)
    assert torch.equal(pixels, before)
    assert torch.equal(encoder(pixels), first)


@torch.no_grad()
def test_progress_rises_to_one() -> None:
    fractions: list[float] = []
    make_encoder()(make_pixels(), fractions.append)
    assert fractions == [0.25, 0.5, 0.75, 1.0]


@torch.no_grad()
def test_raising_in_progress_ends_the_encoding() -> None:
    class Cancelled(Exception):  # noqa: N818
        pass

    calls: list[float] = []

    def cancel(fraction: float) -> None:
        calls.append(fraction)
        raise Cancelled

    with pytest.raises(Cancelled):
        make_encoder()(make_pixels(), cancel)
    assert calls == [0.25]


@torch.no_grad()
def test_half_precision_stays_near() -> None:
    encoder, pixels = make_encoder(), make_pixels()
    exact = encoder(pixels)
    rough = encoder.to(torch.bfloat16)(pixels.bfloat16()).float()
    assert (rough - exact).abs().mean() < 0.05 * exact.abs().mean()
