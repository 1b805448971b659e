from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tiny_weights import assert_same, put

from samwidget.models.base import SegmentAnything
from samwidget.predict.shared import opener
from samwidget.weights.folders import files_of
from samwidget.weights.opening import CheckpointError, load_model, locate, open_model

State = dict[str, torch.Tensor]


def save(state: State, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".safetensors":
        save_file(state, path)
    else:
        torch.save(state, path)


def halves(state: State) -> list[State]:
    names = sorted(state)
    return [{name: state[name] for name in some} for some in (names[::2], names[1::2])]


def sharded(state: State, folder: Path, pattern: str, index: str | None) -> Path:
    names = [pattern.format(n + 1) for n in range(2)]
    for part, name in zip(halves(state), names, strict=True):
        save(part, folder / name)
    if index is not None:
        owner = {key: name for part, name in zip(halves(state), names, strict=True) for key in part}
        (folder / index).write_text(json.dumps({"metadata": {}, "weight_map": owner}))
    return folder


LAYOUTS: dict[str, Callable[[State, Path], object]] = {
    "one pt": lambda state, at: save(state, at / "best.pt"),
    "one ckpt": lambda state, at: put(at / "epoch=3-step=40.ckpt", {"state_dict": state}),
    "below": lambda state, at: save(state, at / "exp" / "weights" / "best.pt"),
    "fp16 variant alone": lambda state, at: save(state, at / "model.fp16.safetensors"),
    "variant beside": lambda state, at: [
        save(state, at / "model.safetensors"),
        save({k: v.half() for k, v in state.items()}, at / "model.fp16.safetensors"),
    ],
    "variant beside, of another name": lambda state, at: [
        save(state, at / "sam.pt"),
        save({k: v.half() for k, v in state.items()}, at / "sam_fp16.safetensors"),
    ],
    "variants alone": lambda state, at: [
        save(state, at / "sam.fp32.bin"),
        save({k: v.half() for k, v in state.items()}, at / "sam.fp16.bin"),
        save({k: v.bfloat16() for k, v in state.items()}, at / "sam.bf16.safetensors"),
    ],
    "variant in two formats": lambda state, at: [
        save(state, at / "model.fp16.safetensors"),
        save({}, at / "pytorch_model.fp16.bin"),
    ],
    "shards in two formats": lambda state, at: [
        sharded(state, at, "model-{:05d}-of-00002.safetensors", None),
        save({}, at / "pytorch_model-00001-of-00003.bin"),
    ],
    "shards beside rounded ones": lambda state, at: [
        sharded(state, at, "model-{:05d}-of-00002.safetensors", None),
        save({}, at / "model.fp16-00001-of-00002.safetensors"),
        save({}, at / "model-00001-of-00002.fp16.safetensors"),
    ],
    "two formats": lambda state, at: [
        save(state, at / "sam.safetensors"),
        save(state, at / "sam.bin"),
    ],
    "both of hugging face": lambda state, at: [
        save(state, at / "model.safetensors"),
        save({}, at / "pytorch_model.bin"),
    ],
    "a trainer's": lambda state, at: [
        save(state, at / "model.safetensors"),
        *(put(at / name, {}) for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth")),
        put(at / "training_args.bin", {}),
    ],
    "a trainer's own name": lambda state, at: [
        save(state, at / "sam_best.pth"),
        *(put(at / name, {}) for name in ("optimizer.pt", "rng_state_0.pth", "scaler.pt")),
    ],
    "deepspeed": lambda state, at: [
        put(at / "mp_rank_00_model_states.pt", {"module": state}),
        put(at / "zero_pp_rank_0_mp_rank_00_optim_states.pt", {}),
    ],
    "shards": lambda state, at: sharded(
        state, at, "model-{:05d}-of-00002.safetensors", "model.safetensors.index.json"
    ),
    "shards without an index": lambda state, at: sharded(
        state, at, "model-{:05d}-of-00002.safetensors", None
    ),
    "bin shards": lambda state, at: sharded(
        state, at, "pytorch_model-{:05d}-of-00002.bin", "pytorch_model.bin.index.json"
    ),
    "fp16 shards": lambda state, at: sharded(
        state, at, "model.fp16-{:05d}-of-00002.safetensors", "model.safetensors.index.fp16.json"
    ),
    "shards of any name": lambda state, at: sharded(
        state, at, "part{}.safetensors", "model.safetensors.index.json"
    ),
    "hugging face's cache": lambda state, at: [
        save({}, at / "models--a--b/snapshots/00aa/model.safetensors"),
        save(state, at / "models--a--b/snapshots/11bb/model.safetensors"),
        (at / "models--a--b/refs").mkdir(),
        (at / "models--a--b/refs/main").write_text("11bb"),
    ],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_opens(tiny: SegmentAnything, tmp_path: Path, name: str) -> None:
    (tmp_path / "sam").mkdir()
    LAYOUTS[name](dict(tiny.state_dict()), tmp_path / "sam")
    assert_same(open_model(tmp_path / "sam"), tiny)
    assert_same(load_model(locate(str(tmp_path / "sam")).path), tiny)


@pytest.mark.parametrize("named", ["model.safetensors.index.json", "model-00002-of-00002"])
def test_an_index_or_one_shard_stands_for_all(
    tiny: SegmentAnything, tmp_path: Path, named: str
) -> None:
    LAYOUTS["shards"](dict(tiny.state_dict()), tmp_path)
    path = tmp_path / (named if named.endswith("json") else f"{named}.safetensors")
    assert_same(open_model(path), tiny)


@pytest.mark.parametrize("name", ["shards", "bin shards", "one pt", "both of hugging face"])
@pytest.mark.parametrize("damage", ["overwritten", "cut short"])
def test_an_open_model_does_not_change_with_its_folder(
    tiny: SegmentAnything, tmp_path: Path, name: str, damage: str
) -> None:
    LAYOUTS[name](dict(tiny.state_dict()), tmp_path)
    model = open_model(tmp_path)
    for path in tmp_path.iterdir():
        with path.open("r+b") as file:
            if damage == "overwritten":
                file.write(b"\xff" * path.stat().st_size)
            else:
                file.truncate(0)
    assert_same(model, tiny)


def test_a_widgets_model_is_opened_anew_when_any_shard_changes(
    tiny: SegmentAnything, tmp_path: Path
) -> None:
    state = dict(tiny.state_dict())
    LAYOUTS["shards"](state, tmp_path)
    _, open_predictor = opener(tmp_path, "cpu")
    first = open_predictor(lambda _: None)
    assert open_predictor(lambda _: None) is first
    changed = tmp_path / "model-00002-of-00002.safetensors"
    save({key: tensor + 1 for key, tensor in halves(state)[1].items()}, changed)
    assert open_predictor(lambda _: None).fingerprint != first.fingerprint


def index_of(weight_map: object) -> str:
    return json.dumps({"weight_map": weight_map})


REFUSED: dict[str, tuple[dict[str, str | State], str]] = {
    "nothing": ({}, "holds neither model.safetensors nor pytorch_model.bin, but nothing"),
    "others": ({"config.json": "{}", "a.onnx": "x"}, "but a.onnx, config.json"),
    "two": ({"best.pt": {}, "last.pt": {}}, "several files of weights: best.pt, last.pt; give the"),
    "two, one of them rounded": ({"best.pt": {}, "last.fp16.pt": {}}, "several files of weights"),
    "two of one name below": ({"a/sam.pt": {}, "b/sam.fp16.pt": {}}, "several files of weights"),
    "two below": ({"a/best.pt": {}, "b/best.pt": {}}, "several .*: a/best.pt, b/best.pt"),
    "adapter": (
        {"adapter_config.json": "{}", "adapter_model.safetensors": {}},
        r"is a LoRA adapter \(PEFT\).*merge_and_unload",
    ),
    "tensorflow": ({"saved_model.pb": "x"}, "is a TensorFlow SavedModel"),
    "core ml": ({"Manifest.json": "{}", "Data/x.mlmodel": "x"}, "is a Core ML package"),
    "distributed": ({".metadata": "x", "__0_0.distcp": "x"}, "dcp_to_torch_save"),
    "unpacked": ({"data.pkl": "x", "version": "3"}, "is a file of torch that was unpacked"),
    "missing shard": (
        {"model-00001-of-00003.safetensors": {}},
        r"lacks 2 of the 3 files that model-00001-of-00003\.safetensors is a part of: 'model-00002",
    ),
    "missing from index": (
        {"model.safetensors.index.json": index_of({"a": "x.bin", "b": "y.bin"}), "x.bin": {}},
        r"lacks 1 of the 2 files that model\.safetensors\.index\.json names: 'y\.bin'",
    ),
    "index that leads away": (
        {"model.safetensors.index.json": index_of({"a": "../../etc/passwd"})},
        "names '../../etc/passwd', which is no file of its folder",
    ),
    "index to the root": (
        {"model.safetensors.index.json": index_of({"a": "/etc/passwd"})},
        "names '/etc/passwd', which is no file of its folder",
    ),
    "index of numbers": ({"model.safetensors.index.json": index_of({"a": 3})}, "names '3'"),
    "no index": ({"model.safetensors.index.json": "[1]"}, "is no index of weights"),
    "too many": ({"m-00001-of-99999.bin": {}}, "is one of 99,999 files by its name"),
    "a damaged shard": (
        {
            "model.safetensors.index.json": index_of({"a": "x.bin", "b": "y.bin"}),
            "x.bin": "<html>",
            "y.bin": {},
        },
        "holds x.bin, which is a web page",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_folder_that_cannot_be_opened_says_why(tmp_path: Path, name: str) -> None:
    files, message = REFUSED[name]
    for file_name, content in files.items():
        path = tmp_path / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content)
        else:
            save(content, path)
    with pytest.raises(CheckpointError, match=message) as caught:
        open_model(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_json_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "sam"}')
    with pytest.raises(CheckpointError, match=r"config\.json, which is no index of weights"):
        open_model(tmp_path / "config.json")


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    path: Any = tmp_path / "best.pth"
    assert files_of(path) == (path,)
