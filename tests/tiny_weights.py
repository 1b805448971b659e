"""Files of weights of a model that is small enough to be made in a test."""

from __future__ import annotations

from pathlib import Path

import torch

from samwidget.models.base import SegmentAnything
from samwidget.models.config import VitConfig

TINY = VitConfig(
    "vit_32x2",
    image_size=64,
    mask_size=16,
    embed_dim=32,
    depth=2,
    num_heads=2,
    global_attn_indexes=(1,),
)


def put(path: Path, state: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path)
    return path


def assert_same(model: SegmentAnything, expected: SegmentAnything) -> None:
    assert model.config == expected.config
    assert not model.training
    state, expected_state = model.state_dict(), expected.state_dict()
    assert state.keys() == expected_state.keys()
    for key, tensor in state.items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, expected_state[key]), key
