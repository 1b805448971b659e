"""Checkpoints as people save them: which weights of a file are the model's."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_weights import assert_same, put
from torch import Tensor, nn

from samwidget.models.base import SegmentAnything
from samwidget.weights.conversion import convert
from samwidget.weights.opening import CheckpointError, open_model

State = dict[str, Tensor]


def prefixed(state: State, prefix: str) -> State:
    return {f"{prefix}{key}": tensor for key, tensor in state.items()}


def within(state: State, part: str, wrapper: str) -> State:
    """As when one part of the model is wrapped for itself."""
    start = f"{part}."
    return {
        key.replace(start, f"{start}{wrapper}.", 1) if key.startswith(start) else key: tensor
        for key, tensor in state.items()
    }


def nested(state: State) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, tensor in state.items():
        *parents, last = key.split(".")
        at = tree
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = tensor
    return tree


def parts_of(state: State) -> dict[str, State]:
    parts: dict[str, State] = {}
    for key, tensor in state.items():
        part, _, rest = key.partition(".")
        parts.setdefault(part, {})[rest] = tensor
    return parts


def other(state: State) -> State:
    return {key: tensor + 1 for key, tensor in state.items()}


def adam(state: State) -> dict[str, Any]:
    return {
        "state": {
            i: {"step": torch.tensor(3.0), "exp_avg": t} for i, t in enumerate(state.values())
        },
        "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.99), "params": list(range(len(state)))}],
    }


def adam_by_name(state: State) -> dict[str, Any]:
    return {"state": {key: {"exp_avg": other(state)[key]} for key in state}}


def lightning(state: State) -> dict[str, Any]:
    return {
        "epoch": 3,
        "global_step": 120,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": OrderedDict(
            prefixed(state, "model.sam.")
            | {"loss_fn.weight": torch.ones(2), "iou.total": torch.ones(1)}
        ),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"current": {"ready": 4}}}},
        "callbacks": {"ModelCheckpoint{'mode': 'min'}": {"best_model_score": torch.tensor(0.1)}},
        "optimizer_states": [adam(state)],
        "lr_schedulers": [{"last_epoch": 3, "_last_lr": [0.1]}],
        "hyper_parameters": {"lr": 1e-4},
    }


WRAPPED: dict[str, Callable[[State], object]] = {
    **{
        f"prefix {prefix}": lambda state, prefix=prefix: prefixed(state, prefix)
        for prefix in (
            *("net.", "module.", "sam_model.", "sam.", "_orig_mod.", "model.", "network.sam."),
            *("module._orig_mod.", "_orig_mod.module.", "model.module.sam_model.net.", "a.b.c.d."),
            *("backbone.foundation.", "model._fsdp_wrapped_module."),
        )
    },
    **{
        f"key {key}": lambda state, key=key: {key: state}
        for key in ("model", "state_dict", "ema_state_dict", "net", "model_state_dict", "weights")
    },
    "state_dict in model": lambda state: {"model": {"state_dict": state}},
    "deep": lambda state: {"a": {"b": {"c": {"d": {"model": prefixed(state, "module.")}}}}},
    "in a list": lambda state: [state, {"epoch": 3}],
    "in a tuple": lambda state: ({"epoch": 3}, {"model": state}),
    "nested by module": nested,
    "a dict of parts": parts_of,
    "parts in a key": lambda state: {"model": parts_of(state), "epoch": 3},
    "compiled encoder": lambda state: within(state, "image_encoder", "_orig_mod"),
    "parallel decoder": lambda state: within(state, "mask_decoder", "module"),
    "every part wrapped": lambda state: within(
        within(within(state, "image_encoder", "module"), "mask_decoder", "_orig_mod"),
        "prompt_encoder",
        "_fsdp_wrapped_module",
    ),
    "mixed prefixes": lambda state: {
        f"{'module.' if key.startswith('image') else 'head.'}{key}": t for key, t in state.items()
    },
    "one part without a prefix": lambda state: {
        f"{'encoder.' if key.startswith('image') else ''}{key}": t for key, t in state.items()
    },
    "optimizer beside": lambda state: {"model": state, "optimizer": adam(other(state))},
    "optimizer by name": lambda state: {"optimizer": adam_by_name(state), "model": state},
    "gradients beside": lambda state: {"grads": other(state), "model": state},
    "lightning": lightning,
    "other modules beside": lambda state: (
        prefixed(state, "sam.")
        | {"classifier.weight": torch.ones(3), "class_embed.0.bias": torch.ones(3)}
    ),
    "numbers beside": lambda state: {**state, "epoch": 3, "loss": 0.1, "name": "x", "best": None},
    "names in bytes": lambda state: {key.encode(): tensor for key, tensor in state.items()},
    "optimised": lambda state: {"optimized_model": state, "optim_best": 3},
    "shared dict": lambda state: {"model": state, "state_dict": state},
    "equal copies": lambda state: {"model": state, "net": copy.deepcopy(state)},
    "averaged and raw": lambda state: {"model": other(state), "model_ema": state},
    "averaged and raw in one dict": lambda state: (
        prefixed(other(state), "model.") | prefixed(state, "ema_model.module.")
    ),
    "timm": lambda state: {"state_dict": other(state), "state_dict_ema": state},
    "ultralytics": lambda state: {"model": other(state), "ema": state, "updates": 3},
    "swa": lambda state: {"model": other(state), "swa_model": prefixed(state, "module.")},
    "averages of a part only": lambda state: {
        "model": state,
        "ema": {key: t + 1 for key, t in state.items() if key.startswith("mask_decoder.")},
    },
    "averaging settings": lambda state: {"model": state, "ema_decay": 0.99, "ema": None},
    "an unusual name beside a usual one": lambda state: {"teacher": other(state), "model": state},
    "names of the model's own as parameters": lambda state: {
        "model": {key: nn.Parameter(tensor) for key, tensor in state.items()}
    },
    "a module in itself": lambda state: _cyclic(state),
}


def _cyclic(state: State) -> dict[str, Any]:
    checkpoint: dict[str, Any] = {"model": state}
    checkpoint["self"] = checkpoint
    return checkpoint


@pytest.mark.parametrize("name", WRAPPED)
def test_weights_are_found_in(tiny: SegmentAnything, tmp_path: Path, name: str) -> None:
    state = dict(tiny.state_dict())
    assert_same(open_model(put(tmp_path / "weights.pth", WRAPPED[name](state))), tiny)


DTYPES = [torch.float16, torch.bfloat16, torch.float64]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["key model", "lightning", "averaged and raw"])
def test_weights_of_every_precision_become_float32(
    tiny: SegmentAnything, tmp_path: Path, name: str, dtype: torch.dtype
) -> None:
    state = {key: tensor.to(dtype) for key, tensor in tiny.state_dict().items()}
    model = open_model(put(tmp_path / "weights.pth", WRAPPED[name](state)))
    for key, tensor in model.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, state[key].float())


def test_precisions_may_be_mixed_and_memory_in_any_order(
    tiny: SegmentAnything, tmp_path: Path
) -> None:
    state = {}
    for number, (key, tensor) in enumerate(tiny.state_dict().items()):
        one = tensor.half() if number % 2 else tensor
        if one.ndim == 4:
            one = one.contiguous(memory_format=torch.channels_last)
        elif one.ndim == 2:
            one = one.T.contiguous().T
        state[key] = one
    model = open_model(put(tmp_path / "weights.pth", state))
    for key, tensor in model.state_dict().items():
        assert tensor.is_contiguous()
        assert torch.equal(tensor, state[key].float())


def only(state: State, *parts: str) -> State:
    return {key: tensor for key, tensor in state.items() if key.startswith(parts)}


REFUSED: dict[str, tuple[Callable[[State], object], str]] = {
    "two models": (
        lambda state: {"student": state, "teacher": other(state)},
        "holds several models, under 'student' and under 'teacher'; save the state_dict",
    ),
    "two usual ones": (
        lambda state: {"model": state, "net": other(state)},
        "holds several models, under 'model' and under 'net'",
    ),
    "two averages": (
        lambda state: {"ema": state, "swa": other(state)},
        "holds several models, under 'ema' and under 'swa'",
    ),
    "two encoders": (
        lambda state: (
            prefixed(only(state, "image_encoder"), "a.")
            | prefixed(only(other(state), "image_encoder"), "b.")
            | only(state, "prompt_encoder", "mask_decoder")
        ),
        "holds several weights of its image_encoder, under 'a' and under 'b'",
    ),
    "a tensor twice": (
        lambda state: (
            state | {"image_encoder.module.pos_embed": state["image_encoder.pos_embed"] + 1}
        ),
        "holds 'image_encoder.pos_embed' twice, with other values",
    ),
    "decoder alone": (
        lambda state: {"model": only(state, "mask_decoder")},
        "a part of .* mask_decoder, but lacks image_encoder and prompt_encoder: load it into",
    ),
    "no encoder": (
        lambda state: only(state, "mask_decoder", "prompt_encoder"),
        "mask_decoder and prompt_encoder, but lacks image_encoder",
    ),
    "encoder alone": (lambda state: only(state, "image_encoder"), "image_encoder, but lacks mask_"),
    "optimizer alone": (
        lambda state: {"optimizer": adam_by_name(state)},
        "holds no Segment Anything model that is known; its",
    ),
    "lora alone": (
        lambda state: {
            "base_model.model.vision_encoder.layers.0.attn.qkv.lora_A.weight": torch.ones(2)
        },
        r"holds a LoRA adapter \('base_model.*lora_A.weight'\), .*merge_and_unload",
    ),
    "lora beside": (
        lambda state: state | {"image_encoder.blocks.0.attn.qkv.lora_down.weight": torch.ones(2)},
        "holds a LoRA adapter .*merge it into its base model first",
    ),
    "lora of peft": (
        lambda state: (
            {
                key.replace("attn.qkv.", "attn.qkv.base_layer."): tensor
                for key, tensor in state.items()
            }
            | {"image_encoder.blocks.0.attn.qkv.lora_A.default.weight": torch.ones(2)}
        ),
        "holds a LoRA adapter",
    ),
    "samed": (
        lambda state: (
            {"w_a_000": torch.ones(2), "w_b_000": torch.ones(2)}
            | only(state, "mask_decoder", "prompt_encoder")
        ),
        "holds a LoRA adapter",
    ),
    "adapters": (
        lambda state: state | {"image_encoder.blocks.0.MLP_Adapter.D_fc1.weight": torch.ones(2)},
        "holds a model with adapters between its layers .*MLP_Adapter.*not supported",
    ),
    "a number for a weight": (
        lambda state: state | {"image_encoder.pos_embed": 3},
        "holds a int under the name 'image_encoder.pos_embed', where a tensor was expected",
    ),
    "whole numbers": (
        lambda state: {key: (tensor * 100).to(torch.int8) for key, tensor in state.items()},
        r"holds whole numbers in the place of weights: .* \(torch\.int8\).*quantised",
    ),
    "sparse": (
        lambda state: (
            state
            | {"mask_decoder.iou_token.weight": state["mask_decoder.iou_token.weight"].to_sparse()}
        ),
        "holds a tensor that is no plain one",
    ),
    "a tensor without end": (
        lambda state: (
            state | {"image_encoder.pos_embed": torch.ones(1).expand(1, 10**6, 10**6, 32)}
        ),
        "holds a tensor of 128,000,000,000,000 bytes that repeats 4 bytes over and over",
    ),
    "complex": (
        lambda state: {key: tensor.to(torch.complex64) for key, tensor in state.items()},
        "holds a tensor that is no plain one",
    ),
    "without values": (
        lambda state: {key: tensor.to("meta") for key, tensor in state.items()},
        "holds tensors without values",
    ),
    "not a number": (
        lambda state: (
            state | {"image_encoder.pos_embed": state["image_encoder.pos_embed"] * torch.nan}
        ),
        r"holds weights that are NaN or infinite: image_encoder\.pos_embed; its training has div",
    ),
    "infinite": (
        lambda state: {
            key: tensor.half() * 1e9 if "neck" in key else tensor for key, tensor in state.items()
        },
        "holds weights that are NaN or infinite: image_encoder.neck",
    ),
    "long names": (
        lambda state: state | {"image_encoder." + "x" * 100_000: torch.ones(1)},
        r"does not fit the model: 1 unknown: image_encoder\.x{,20} \.\.\. x{20,60}$",
    ),
    "many names": (
        lambda state: {f"layer{i}.weight": torch.ones(1) for i in range(500)},
        "its 500 names begin with layer0.weight, .*, ...$",
    ),
}


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_model_is_named(tiny: SegmentAnything, tmp_path: Path, name: str) -> None:
    make, message = REFUSED[name]
    path = put(tmp_path / "weights.pth", make(dict(tiny.state_dict())))
    with pytest.raises(CheckpointError, match=message) as caught:
        open_model(path)
    text = str(caught.value)
    assert text.startswith(f"{path} ")
    assert len(text) < len(str(path)) + 700
    assert "\n" not in text


def test_large_finite_weights_are_no_mistake(tiny: SegmentAnything, tmp_path: Path) -> None:
    """Their sum is infinite, they are not."""
    state = dict(tiny.state_dict())
    state["mask_decoder.iou_token.weight"] = torch.full((1, 256), 3e38)
    model = open_model(put(tmp_path / "weights.pth", state))
    assert torch.equal(
        model.state_dict()["mask_decoder.iou_token.weight"][0, :1], torch.tensor([3e38])
    )


def test_contents_made_to_never_end_are_gone_through_once() -> None:
    bomb: dict[str, Any] = {"image_encoder": torch.ones(1)}
    for _ in range(60):
        bomb = {"a": bomb, "b": bomb}
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep]
    for loaded in (bomb, deep):
        with pytest.raises(CheckpointError):
            convert(loaded)


@contextmanager
def means(value: tuple[Any, Any] | None) -> Iterator[State]:
    yield (
        {}
        if value is None
        else {
            "pixel_mean": torch.as_tensor(value[0]).view(-1, 1, 1),
            "pixel_std": torch.as_tensor(value[1]).view(-1, 1, 1),
        }
    )


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        (None, None),
        (((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)), None),
        (((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), None),
        (((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))),
        (((10.0, 20.0, 30.0), (40.0, 50.0, 60.0)), ((10.0, 20.0, 30.0), (40.0, 50.0, 60.0))),
        (((0.0, 0.0, 0.0), (255.0, 255.0, 255.0)), ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))),
    ],
    ids=str,
)
def test_the_colours_that_a_model_was_trained_with_are_taken_over(
    tiny: SegmentAnything, tmp_path: Path, saved: Any, expected: Any
) -> None:
    with means(saved) as beside:
        state = prefixed(dict(tiny.state_dict()) | beside, "sam.")
    model = open_model(put(tmp_path / "weights.pth", state))
    mean, std = expected or (tiny.config.pixel_mean, tiny.config.pixel_std)
    assert model.config.pixel_mean == pytest.approx(mean)
    assert model.config.pixel_std == pytest.approx(std)
    assert (model.config == tiny.config) == (expected is None)


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (((1.0, 2.0), (1.0, 2.0)), "holds a pixel_mean that is no three numbers"),
        (((1.0, 2.0, 3.0), (1.0, 0.0, 3.0)), "holds a pixel_std that is not above zero"),
        (((1.0, torch.nan, 3.0), (1.0, 1.0, 3.0)), "pixel_mean that is no three numbers"),
    ],
    ids=str,
)
def test_colours_that_cannot_be_meant_are_refused(
    tiny: SegmentAnything, tmp_path: Path, saved: Any, message: str
) -> None:
    with means(saved) as beside:
        path = put(tmp_path / "weights.pth", dict(tiny.state_dict()) | beside)
    with pytest.raises(CheckpointError, match=message):
        open_model(path)
