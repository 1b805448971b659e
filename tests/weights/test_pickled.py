"""Python objects beside weights: the weights are read, and nothing of the file is run."""

from __future__ import annotations

import argparse
import collections
import datetime
import enum
import functools
import io
import os
import pickle
import subprocess
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_weights import assert_same
from torch import nn

from samwidget.models.base import SegmentAnything
from samwidget.weights.opening import CheckpointError, open_model

RAN: list[str] = []
"""What code of this file has run although it was only to be read."""


class Attributes(dict[str, Any]):
    """A dict with attributes, as Lightning's and mmengine's settings are."""

    def __setitem__(self, key: str, value: Any) -> None:
        RAN.append("__setitem__")
        super().__setitem__(key, value)


class Settings:
    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs

    def __setstate__(self, state: Any) -> None:
        RAN.append("__setstate__")


@dataclass
class Slots:
    __slots__ = ("lr",)
    lr: float


class Mode(enum.Enum):
    TRAIN = "train"


class Quiet:
    """Calls a function of a module that looks harmless."""

    def __reduce__(self) -> tuple[object, ...]:
        return note, ("__reduce__",)


def note(what: str) -> str:
    RAN.append(what)
    return what


def filled(settings: dict[str, Any]) -> Attributes:
    attributes = Attributes()
    dict.update(attributes, settings)
    return attributes


BESIDE: dict[str, Any] = {
    "numpy scalars": {"loss": np.float64(0.1), "epoch": np.int64(3), "flag": np.bool_(True)},
    "a numpy half": {"loss": np.float16(0.1), "s": np.str_("x"), "when": np.datetime64("2024")},
    "numpy arrays": {"curve": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "bc"])},
    "an array of objects": {"names": np.array([{"a": 1}, None], dtype=object)},
    "arguments": {"args": argparse.Namespace(lr=0.1, device=torch.device("cpu"))},
    "a namespace": {"args": types.SimpleNamespace(lr=0.1)},
    "paths": {"at": Path("a/b.pth"), "pure": [Path("x")]},
    "an enum": {"mode": Mode.TRAIN},
    "a key that is an object": {Mode.TRAIN: 3},
    "times": {"now": datetime.datetime(2024, 1, 2), "took": datetime.timedelta(seconds=3)},
    "a default dict": {"meters": collections.defaultdict(list, {"loss": [0.1]})},
    "a deque": {"last": collections.deque([1, 2, 3], maxlen=3)},
    "a counter": {"seen": collections.Counter("abca")},
    "a dict of its own kind": {"hyper_parameters": filled({"lr": 0.1, "deep": filled({"a": 1})})},
    "settings": {"config": Settings(lr=0.1)},
    "slots": {"config": Slots(0.1)},
    "a function": {"norm": functools.partial(nn.LayerNorm, eps=1e-6), "act": nn.functional.gelu},
    "a module": {"head": nn.Linear(2, 2)},
    "an optimizer": {"optimizer": torch.optim.AdamW([nn.Parameter(torch.ones(2))])},
    "sets and bytes": {"a": {1, 2}, "b": frozenset([1]), "c": b"\x00\xff", "d": 3 + 4j},
    "random states": {"rng": (np.random.RandomState(0).get_state(), torch.get_rng_state())},
    "a generator": {"rng": np.random.default_rng(0)},
    "a class": {"kind": nn.Linear},
    "an exception": {"error": ValueError("x")},
    "what has a price": {"quiet": Quiet()},
    "all of a trainer's": {
        "args": argparse.Namespace(out=Path("x"), cfg=Settings(a=1)),
        "best": np.float32(0.3),
        "meters": collections.defaultdict(list, {"loss": [np.float64(0.1)]}),
        "hyper_parameters": filled({"out": Path("x")}),
    },
}  # fmt: skip


CLASSES = ("a function", "a module", "a class")
"""The format before torch 1.6 keeps the source of modules, which torch reads in no safe way."""


def legacy(value: object, path: Path) -> None:
    torch.save(value, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize("write", [torch.save, legacy], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", BESIDE)
def test_objects_beside_weights_are_passed_over(
    tiny: SegmentAnything, tmp_path: Path, name: str, write: Callable[..., None]
) -> None:
    path = tmp_path / "weights.pth"
    write({**BESIDE[name], "model": tiny.state_dict()}, path)
    RAN.clear()
    if write is legacy and name in CLASSES:
        with pytest.raises(CheckpointError, match=r"holds Python objects \(.*so it is refused"):
            open_model(path)
    else:
        assert_same(open_model(path), tiny)
    assert RAN == []
    allowed = torch.serialization.get_safe_globals()
    assert not [one for one in allowed if isinstance(one, tuple) and "numpy" in one[1]]
    assert not [one for one in allowed if isinstance(one, tuple) and "Namespace" in one[1]]


class Whole(nn.Module):
    """As segment-anything's model is built: parts by their names, buffers that are not saved."""

    def __init__(self, model: SegmentAnything) -> None:
        super().__init__()
        self.image_encoder = model.image_encoder
        self.prompt_encoder = model.prompt_encoder
        self.mask_decoder = model.mask_decoder
        mean, std = (torch.tensor(x) for x in (model.config.pixel_mean, model.config.pixel_std))
        self.register_buffer("pixel_mean", mean.view(-1, 1, 1), persistent=False)
        self.register_buffer("pixel_std", std.view(-1, 1, 1), persistent=False)
        self.settings = Settings(lr=0.1)


class Wrapper(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.sam_model = inner
        self.head = nn.Linear(2, 2)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: Whole(model),
        lambda model: {"model": Whole(model), "epoch": np.int64(3)},
        lambda model: Wrapper(Whole(model)),
        lambda model: nn.DataParallel(Wrapper(Whole(model))),
        lambda model: {"ema": Whole(model).half().float(), "cfg": filled({"lr": 0.1})},
    ],
    ids=["alone", "in a dict", "in a module", "parallel", "with settings"],
)
@pytest.mark.filterwarnings("ignore:.*DataParallel")
def test_a_module_that_was_saved_whole_opens_without_its_code(
    tiny: SegmentAnything,
    tmp_path: Path,
    wrap: Callable[[SegmentAnything], Any],
) -> None:
    path = tmp_path / "whole.pth"
    torch.save(wrap(tiny), path)
    RAN.clear()
    opened = open_model(path)
    assert opened.config == tiny.config
    for key, tensor in opened.state_dict().items():
        torch.testing.assert_close(tensor, tiny.state_dict()[key], atol=2e-3, rtol=2e-3)
    assert RAN == []


@pytest.mark.parametrize("order", ["C", "F", ">f4", "f2", "f8"])
def test_weights_may_be_numpy_arrays(tiny: SegmentAnything, tmp_path: Path, order: str) -> None:
    state: dict[str, Any] = {}
    for key, tensor in tiny.state_dict().items():
        array = tensor.numpy()
        state[key] = np.asarray(array, order=order) if order in "CF" else array.astype(order)  # type: ignore[call-overload]
    torch.save({"params": state}, tmp_path / "weights.pth")
    opened = open_model(tmp_path / "weights.pth")
    for key, tensor in opened.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), state[key].astype(np.float32))


class Call:
    """Runs a function when it is unpickled."""

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


ATTACKS: dict[str, Any] = {
    "os.system": Call(os.system, "touch pwned"),
    "eval": Call(eval, "open('pwned', 'w')"),
    "exec": Call(exec, "open('pwned', 'w')"),
    "open": Call(open, "pwned", "w"),
    "subprocess": Call(subprocess.Popen, ["touch", "pwned"]),
    "import": Call(__import__, "this"),
    "pickle": Call(pickle.loads, pickle.dumps(Call(os.system, "touch pwned"))),
    "deep": [{"a": (1, Call(exec, "open('pwned', 'w')"))}],
}


@pytest.mark.parametrize("write", [torch.save, legacy], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", ATTACKS)
def test_what_was_made_to_run_code_is_refused_and_not_run(
    tiny: SegmentAnything,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    write: Callable[..., None],
) -> None:
    monkeypatch.chdir(tmp_path)
    write({"extra": ATTACKS[name], "model": tiny.state_dict()}, tmp_path / "weights.pth")
    with pytest.raises(CheckpointError, match=r"made to run code\. .* nothing of it was run"):
        open_model(tmp_path / "weights.pth")
    assert not Path("pwned").exists()


def test_a_stand_in_cannot_be_reached_through_attributes(tmp_path: Path) -> None:
    """``getattr`` is met in honest files and stands for nothing here, too."""
    stream = io.BytesIO()
    torch.save({"a": Call(getattr, Path, "home")}, stream)
    (tmp_path / "weights.pth").write_bytes(stream.getvalue())
    with pytest.raises(CheckpointError, match="holds no tensors"):
        open_model(tmp_path / "weights.pth")


def test_what_a_person_allows_torch_stays_allowed(tiny: SegmentAnything, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"args": argparse.Namespace(lr=1), "model": tiny.state_dict()}, path)
    with torch.serialization.safe_globals([argparse.Namespace]):
        assert_same(open_model(path), tiny)
        assert torch.load(path, weights_only=True)["args"].lr == 1
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path, weights_only=True)


def test_several_threads_may_open_such_files_at_once(tiny: SegmentAnything, tmp_path: Path) -> None:
    paths = []
    for name in ("arguments", "paths", "an enum", "settings"):
        paths.append(tmp_path / f"{name}.pth")
        torch.save({**BESIDE[name], "model": tiny.state_dict()}, paths[-1])
    failures: list[BaseException] = []

    def read(path: Path) -> None:
        try:
            for _ in range(3):
                open_model(path)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
