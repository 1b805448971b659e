"""Weights whose tables of positions are of two sizes: segment-anything interpolates one of them."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
import torch

from samwidget.models.config import VitConfig
from samwidget.models.sam import Sam
from samwidget.weights.conversion import check_state, convert

pytestmark = pytest.mark.parity

SMALL = VitConfig(
    "vit_48x3",
    image_size=320,
    mask_size=80,
    embed_dim=48,
    depth=3,
    num_heads=3,
    global_attn_indexes=(1,),
)


@pytest.mark.parametrize("trained_side", [64, 32, 16, 21])
def test_relative_positions_of_another_size_are_interpolated_as_theirs_are(
    peers: ModuleType, trained_side: int
) -> None:
    theirs: Any = peers.segment_anything_sam(
        SMALL, peers.random_sam(SMALL).state_dict()
    ).image_encoder
    attention = theirs.blocks[1].attn
    for axis in ("rel_pos_h", "rel_pos_w"):
        rows = torch.randn(2 * trained_side - 1, 16, generator=torch.Generator().manual_seed(2))
        setattr(attention, axis, torch.nn.Parameter(rows))
    file = peers.random_sam(SMALL).state_dict() | {
        f"image_encoder.{name}": tensor for name, tensor in theirs.state_dict().items()
    }
    config, state = convert({"model": file})
    assert config == replace(SMALL, name=config.name)
    ours = Sam(SMALL).eval()
    check_state(ours.state_dict(), state)
    ours.load_state_dict(state)
    pixels = torch.randn(1, 3, 320, 320, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        torch.testing.assert_close(
            ours.encode(pixels).image_embedding, theirs(pixels), atol=1e-4, rtol=1e-4
        )
