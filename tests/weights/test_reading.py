from __future__ import annotations

import argparse
import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from samwidget.weights.opening import CheckpointError, load_model, open_model
from samwidget.weights.reading import read_weights


def torch_bytes(value: object, **options: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


class Malicious:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch pwned",)


def a_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


STATE = {"image_encoder.pos_embed": torch.zeros(1, 64, 64, 8)}
ZIPPED, SAFE = torch_bytes(STATE), save(STATE)
LEGACY = torch_bytes(STATE, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is an empty file, instead of weights"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"hello, this is a text file", "is a text, not weights; it begins with 'hello, this is "),
        (ZIPPED[: len(ZIPPED) // 2], "is truncated: its end is missing; fetch the file again"),
        (a_zip(), "is a zip archive with 'readme.txt' in it, not weights; unpack it"),
        (LEGACY[:-100], "is truncated or broken: torch cannot read it"),
        (LEGACY[:30], "is truncated or broken: torch cannot read it"),
        (SAFE[:-100], "is a truncated or broken safetensors file"),
        (SAFE[:40], "is a truncated or broken safetensors file"),
        (torch_bytes({"model": Malicious()}), r"\('\w+\.system'\) .* made to run code"),
        (
            torch_bytes({"model": Malicious()}, _use_new_zipfile_serialization=False),
            r"\('\w+\.system'\) .* made to run code",
        ),
        (pickle.dumps(Malicious(), protocol=2), "is a plain pickle, .* have its maker write torch"),
        (pickle.dumps(STATE), "is a plain pickle, not a file of torch.save"),
        (torch_bytes(STATE, pickle_protocol=4), "was written with pickle_protocol=4, which torch"),
        (torch_bytes(argparse.Namespace(epochs=3)), "holds a argparse.Namespace instead of names"),
        (torch_bytes([1, 2]), "holds a list instead of names and tensors"),
        (torch_bytes({"image_encoder.features.0": torch.zeros(1)}), "holds an EdgeSAM"),
        (torch_bytes(STATE), "holds a part of .* image_encoder, but lacks mask_decoder and prompt"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_told_with_the_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as caught:
        open_model(path)
    assert str(caught.value).startswith(f"{path} ")
    assert "\n" not in str(caught.value)
    assert not Path("pwned").exists()


@pytest.mark.skipif(os.name == "nt", reason="has no such files")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "weights.pth")
    for path in (tmp_path / "weights.pth", Path("/dev/zero")):
        with pytest.raises(CheckpointError, match="cannot be read: it is no regular file"):
            load_model(path)


class Recorder:
    """Stands in for torch.load, which must not even begin on what is not safe."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *args: object, **kwargs: object) -> dict[str, torch.Tensor]:
        self.calls += 1
        return STATE


@pytest.mark.parametrize(
    "version", ["1.13.1", "2.4.0", "2.5.1+cu121", "2.6.0", "2.9.1", "2.9.1+cpu", "2.9.0a0+git1f3a"]
)
@pytest.mark.parametrize("content", [ZIPPED, LEGACY], ids=["zipped", "legacy"])
def test_a_torch_that_cannot_read_pickles_safely_does_not_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, content: bytes
) -> None:
    """CVE-2025-32434 is mended in torch 2.6, CVE-2026-24747 in 2.10."""
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    load = Recorder()
    monkeypatch.setattr(torch, "load", load)
    monkeypatch.setattr(torch, "__version__", version)
    with pytest.raises(CheckpointError) as caught:
        open_model(path)
    text = str(caught.value)
    assert text.startswith(f"{path} is a pickle, which torch {version} cannot read safely")
    assert "Install torch 2.10 or newer, or give the weights as .safetensors" in text
    assert load.calls == 0


@pytest.mark.parametrize("version", ["2.10.0", "2.10.1+cu128", "2.13.0+cpu", "3.0.0"])
def test_a_safe_torch_reads_pickles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(ZIPPED)
    load = Recorder()
    monkeypatch.setattr(torch, "load", load)
    monkeypatch.setattr(torch, "__version__", version)
    assert read_weights(path) is STATE
    assert load.calls == 1


def test_safetensors_open_with_any_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(SAFE)
    monkeypatch.setattr(torch, "__version__", "2.4.0")
    assert list(read_weights(path)) == list(STATE)
