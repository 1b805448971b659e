from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from samwidget.models.build import build_empty
from samwidget.models.config import (
    CONFIGS,
    SAM2_1,
    HieraConfig,
    ModelConfig,
    TinyVitConfig,
    VitConfig,
)
from samwidget.weights.conversion import check_state, convert
from samwidget.weights.records import CheckpointError

State = dict[str, Tensor]

SMALL = VitConfig(
    "small",
    image_size=256,
    mask_size=64,
    embed_dim=32,
    depth=3,
    num_heads=2,
    global_attn_indexes=(1,),
)


def state_of(config: ModelConfig) -> State:
    """A state without values: names and shapes are all that is looked at."""
    return dict(build_empty(config).state_dict())


def owners_file(config: ModelConfig) -> Any:
    """Give names and shapes as the file that the owner publishes has them."""
    state = state_of(config)
    if isinstance(config, HieraConfig):
        return {"model": sam2_file(state, is_2_1=config in SAM2_1)}
    if isinstance(config, TinyVitConfig):
        return with_batch_norms(state)
    return state


def with_batch_norms(state: State) -> State:
    """Take apart what conversion folds into each convolution."""
    file: State = {"image_encoder.head.weight": torch.zeros(1000, 320, device="meta")}
    for key, tensor in state.items():
        name, _, part = key.rpartition(".")
        inside = name.startswith(("image_encoder.patch_embed.", "image_encoder.layers."))
        if inside and f"{name}.bias" in state and state[f"{name}.weight"].ndim == 4:
            if part == "weight":
                file[f"{name}.c.weight"] = tensor
            else:
                for stored in ("weight", "bias", "running_mean", "running_var"):
                    file[f"{name}.bn.{stored}"] = tensor
                file[f"{name}.bn.num_batches_tracked"] = torch.zeros((), device="meta")
        else:
            file[key] = tensor
    return file


def sam2_file(state: State, is_2_1: bool) -> State:
    """Name weights as SAM 2's files do, and add some of what only videos need."""
    file: State = {}
    for key, tensor in state.items():
        name = re.sub(r"^(prompt_encoder|mask_decoder)\.", r"sam_\1.", key)
        name = name.replace(".mlp.lin1.", ".mlp.layers.0.").replace(".mlp.lin2.", ".mlp.layers.1.")
        file[name] = tensor
    for name in ("memory_attention.norm.weight", "maskmem_tpos_enc", "no_obj_ptr"):
        file[name] = torch.zeros(1)
    if is_2_1:
        file["no_obj_embed_spatial"] = torch.zeros(1, 64)
    return file


@pytest.mark.parametrize("config", CONFIGS.values(), ids=lambda config: config.name)
def test_owners_files_are_recognised_by_their_contents(config: ModelConfig) -> None:
    recognised, ours = convert(owners_file(config))
    assert recognised == config
    check_state(state_of(config), ours)


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        VitConfig("x", image_size=512, mask_size=128, embed_dim=48, depth=2, num_heads=3),
        VitConfig("x", embed_dim=64, depth=4, num_heads=1, global_attn_indexes=(0, 1, 3)),
        # All attention is global there: windows are as large as the map.
        VitConfig("x", image_size=224, mask_size=56, embed_dim=16, depth=2, num_heads=1),
    ],
)
def test_any_vit_is_read_off_its_shapes(config: VitConfig) -> None:
    state = state_of(config)
    recognised, _ = convert(state)
    assert isinstance(recognised, VitConfig)
    assert recognised.name == f"vit_{config.embed_dim}x{config.depth}"
    check_state(state_of(recognised), state)
    for name in ("image_size", "mask_size", "embed_dim", "depth", "num_heads"):
        assert getattr(recognised, name) == getattr(config, name)
    if config.image_size != 224:
        in_range = tuple(i for i in config.global_attn_indexes if i < config.depth)
        assert recognised.global_attn_indexes == in_range


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {"model": state},
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model_state": {f"sam.{key}": t for key, t in state.items()}},
        lambda state: {"state_dict": {f"model.{key}": t for key, t in state.items()}},
        lambda state: {f"module.{key}": t for key, t in state.items()},
        lambda state: {f"module.sam.{key}": t for key, t in state.items()},
    ],
    ids=["model", "state_dict", "model_state+sam.", "state_dict+model.", "module.", "module.sam."],
)
def test_wrapping_is_taken_off(wrap: Callable[[State], Any]) -> None:
    state = state_of(SMALL)
    _, ours = convert(wrap(state))
    assert ours == state


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("image_encoder.features.0.weight", "an EdgeSAM, whose licence forbids commercial use"),
        ("prompt_encoder.bbox_top_left_embeddings.weight", "an EfficientSAM, which knows neither"),
    ],
)
def test_what_is_known_but_not_supported_is_told_with_the_reason(key: str, reason: str) -> None:
    with pytest.raises(CheckpointError, match=f"holds {reason}.*not supported"):
        convert({"model": {key: torch.zeros(1)}})


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        ({}, "holds nothing instead of names and tensors"),
        ([1, 2], "holds a list instead of"),
        (torch.zeros(2), "holds a Tensor instead of"),
        ({"model": {"epoch": 1}}, "holds no tensors, but model.epoch$"),
        ({"conv1.weight": torch.zeros(1)}, "no Segment Anything model.* begin with conv1.weight"),
        ({f"layer{i}": torch.zeros(1) for i in range(9)}, "its 9 names .*layer0, .*layer4, ...$"),
    ],
)
def test_what_is_no_model_is_told(loaded: object, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        convert(loaded)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"image_encoder.pos_embed": torch.zeros(1, 16, 8, 32)},
            "positions for 16 x 8 tokens",
        ),
        ({"image_encoder.pos_embed": torch.zeros(1, 197, 32)}, "unlike that of the first"),
        ({"image_encoder.blocks.2.attn.rel_pos_h": None}, "blocks.2.attn.rel_pos_h"),
    ],
)
def test_other_vit_encoders_are_refused(change: dict[str, Tensor | None], message: str) -> None:
    changed = {key: t for key, t in (state_of(SMALL) | change).items() if t is not None}
    with pytest.raises(CheckpointError, match=message):
        convert(changed)


def test_sam_2_of_another_size_is_refused() -> None:
    state = sam2_file(state_of(replace(SAM2_1[0], stages=(1, 2, 6, 2))), is_2_1=True)
    with pytest.raises(CheckpointError, match=r"96 channels, and \(1, 2, 6, 2\) blocks"):
        convert(state)


@pytest.mark.parametrize("side", [7, 14, 9])
def test_a_sam_2_with_a_background_of_another_size_opens(side: int) -> None:
    state = state_of(SAM2_1[0])
    name = "image_encoder.trunk.pos_embed"
    state[name] = torch.zeros(1, 96, side, side, device="meta")
    config, ours = convert(sam2_file(state, is_2_1=True))
    assert config == replace(SAM2_1[0], background_size=side)
    check_state(state_of(config), ours)


def rows_of(*counts: int) -> State:
    """Relative positions with so many rows, for each block."""
    return {
        f"image_encoder.blocks.{i}.attn.rel_pos_{axis}": torch.zeros(count, 16, device="meta")
        for i, count in enumerate(counts)
        for axis in "hw"
    }


@pytest.mark.parametrize(
    ("counts", "is_global"),
    [((27, 31, 27), (1,)), ((27, 127, 27), (1,)), ((127, 27, 127), (0, 2)), ((27, 27, 27), ())],
    ids=str,
)
def test_relative_positions_of_another_size_of_images_are_fitted(
    counts: tuple[int, ...], is_global: tuple[int, ...]
) -> None:
    config, state = convert(state_of(SMALL) | rows_of(*counts))
    assert isinstance(config, VitConfig)
    assert (config.image_size, config.global_attn_indexes) == (256, is_global)
    check_state(state_of(config), state)


@pytest.mark.parametrize("counts", [(15, 31, 15), (63, 63, 63), (27, 63, 127)], ids=str)
def test_relative_positions_that_could_mean_anything_are_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(CheckpointError, match=r"do not fit that of the absolute ones.*Interpolate"):
        convert(state_of(SMALL) | rows_of(*counts))


def test_that_only_tables_of_positions_differ_is_told() -> None:
    expected = state_of(SAM2_1[0])
    changed = {
        "image_encoder.trunk.pos_embed_window": torch.zeros(1, 96, 7, 7),
        "image_encoder.trunk.pos_embed": torch.zeros(1, 96, 9, 9),
    }
    with pytest.raises(CheckpointError, match="Only its tables of positions differ, so it was"):
        check_state(expected, expected | changed)
    changed["mask_decoder.mask_tokens.weight"] = torch.zeros(5, 256)
    with pytest.raises(CheckpointError) as caught:
        check_state(expected, expected | changed)
    assert "Only" not in str(caught.value)


def test_missing_unknown_and_reshaped_keys_are_named() -> None:
    expected = state_of(SMALL)
    state = dict(expected)
    for key in [key for key in state if key.startswith("mask_decoder.transformer")]:
        del state[key]
    state["mask_decoder.extra"] = torch.zeros(1)
    state["mask_decoder.mask_tokens.weight"] = torch.zeros(5, 256)
    missing = len(expected) - len(state) + 1
    with pytest.raises(CheckpointError) as caught:
        check_state(expected, state)
    text = str(caught.value)
    assert f"{missing} missing: mask_decoder.transformer.layers.0.self_attn.q_proj.weight" in text
    assert "1 unknown: mask_decoder.extra" in text
    assert (
        "1 of another shape: mask_decoder.mask_tokens.weight (5, 256) instead of (4, 256)" in text
    )
    assert text.count("mask_decoder.transformer") == 5  # not all of them
