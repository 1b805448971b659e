from __future__ import annotations

import pytest
import torch

from samwidget.models.transformer import CrossAttention, TwoWayTransformer


def make_attention() -> CrossAttention:
    torch.manual_seed(0)
    attention = CrossAttention(dim=32, inner_dim=16, num_heads=2)
    for parameter in attention.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return attention


@torch.no_grad()
@pytest.mark.parametrize(("prompts", "images"), [(1, 1), (3, 1), (3, 3)])
@pytest.mark.parametrize("tokens", [1, 7, 8, 20])  # projecting pays from 8 tokens of 2 heads on
def test_folded_attention_equals_the_plain_one(prompts: int, images: int, tokens: int) -> None:
    attention = make_attention()
    few, few_placed = torch.randn(prompts, tokens, 32), torch.randn(prompts, tokens, 32)
    image, image_placed = torch.randn(images, 100, 32), torch.randn(images, 100, 32)
    torch.testing.assert_close(
        attention.read_image(few_placed, image_placed, image),
        attention(few_placed, image_placed, image),
        rtol=0,
        atol=2e-5,
    )
    torch.testing.assert_close(
        attention.read_tokens(image_placed, few_placed, few),
        attention(image_placed, few_placed, few),
        rtol=0,
        atol=2e-5,
    )


@torch.no_grad()
def test_an_image_shared_by_prompts_equals_copies_of_it() -> None:
    torch.manual_seed(0)
    transformer = TwoWayTransformer(dim=32, num_heads=2, mlp=64).eval()
    tokens, image, positions = torch.randn(3, 5, 32), torch.randn(1, 36, 32), torch.randn(36, 32)
    shared = transformer(image, positions, tokens)
    copies = transformer(image.repeat(3, 1, 1), positions, tokens)
    assert shared[1].shape == (3, 36, 32)
    torch.testing.assert_close(shared, copies, rtol=0, atol=1e-5)
