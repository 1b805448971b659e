from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from samwidget.weights.opening import CheckpointError, open_model


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"\x80\x02}.")
    return stream.getvalue()


def a_torch_file() -> bytes:
    stream = io.BytesIO()
    torch.save({"image_encoder.pos_embed": torch.zeros(1, 4, 4, 8)}, stream)
    return stream.getvalue()


def in_a_zip(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def in_a_tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("best.pth")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    return stream.getvalue()


def torchscript() -> bytes:
    """As torch.jit.save writes it; that function itself is on its way out of torch."""
    return zipped("model/data.pkl", "model/code/__torch__.py", "model/constants.pkl")


def exported() -> bytes:
    stream = io.BytesIO()
    torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.zeros(1, 2),)), stream)
    return stream.getvalue()


def npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, weight=np.zeros(3))
    return stream.getvalue()


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, kind)
    return stream.getvalue()


def protobuf(*fields: bytes) -> bytes:
    """ir_version 8, then what comes first in files of different exporters."""
    return b"\x08\x08" + b"".join(fields)


ONNX = protobuf(b"\x12\x07pytorch", b"\x1a\x052.1.0", b":\x04\x0a\x02ab")
CASES = {
    "onnx": (ONNX, "a model in a protobuf, such as ONNX"),
    "onnx without a producer": (protobuf(b":\xff\x01\x0a\xfe"), "such as ONNX or Core ML"),
    "torchscript": (torchscript(), r"is a TorchScript program .*torch\.jit\.load\(path\)"),
    "numpy": (b"\x93NUMPY\x01\x00v\x00{'descr'", "a numpy array"),
    "npz": (npz(), "archive of numpy arrays"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file, such as Keras writes"),
    "tflite": (b"\x1c\0\0\0TFL3" + bytes(40), "TensorFlow Lite"),
    "gguf": (b"GGUF\x03\0\0\0", "GGUF"),
    "gzip": (gzip.compress(a_torch_file()), "compressed with gzip, not weights; unpack it"),
    "xz": (lzma.compress(a_torch_file()), "compressed with xz, not weights; unpack it"),
    "tar": (in_a_tar(), "a tar archive, not weights; unpack it"),
    "zip in zip": (in_a_zip("best.pth", a_torch_file()), "'best.pth' in it, not weights; unpack"),
    "deep in a zip": (in_a_zip("a/b/m.zip", zipped("x")), "'a/b/m.zip' in it"),
    "keras": (zipped("config.json", "model.weights.h5"), "'config.json', 'model.weights.h5' in it"),
    "empty zip": (zipped(), "a zip archive with nothing in it"),
    "zip of many": (zipped(*(f"{i}.txt" for i in range(9))), "'2.txt', ... in it"),
    "png": (picture("PNG"), r"is a picture \(PNG\), not weights"),
    "jpeg": (picture("JPEG"), r"is a picture \(JPEG\)"),
    "zeros": (bytes(5000), "begins with nothing but zeros, as what was cut short"),
    "json error": (
        b'{"error":"Invalid credentials"}',
        'is a text, .* begins with .{"error":"Inval',
    ),
    "not found": (b"Entry not found", "is a text, not weights; it begins with 'Entry not found'"),
    "yaml": ("größe: 3\n".encode() * 400, "is a text, not weights; it begins with 'größe: 3"),
    "xml": (b"<?xml version='1.0'?><Error><Code>AccessDenied", "is a web page"),
    "annexed": (b"/annex/objects/SHA256E-s1--00.pth\n", "is a text, not weights; .*annex"),
    "noise": (bytes(range(129, 255)), "is no file of weights of torch or safetensors"),
    "torchscript cut short": (torchscript()[:60], "is truncated: its end is missing"),
    "a page before a zip": (b"<html>" + a_torch_file(), "is a web page"),
}


@pytest.mark.parametrize("ending", ["pth", "safetensors", "bin"])
@pytest.mark.parametrize("name", CASES)
def test_what_is_no_file_of_weights_is_named_whatever_it_is_called(
    tmp_path: Path, name: str, ending: str
) -> None:
    content, message = CASES[name]
    path = tmp_path / f"weights.{ending}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as caught:
        open_model(path)
    text = str(caught.value)
    assert text.startswith(f"{path} ")
    assert "\n" not in text
    assert len(text) < len(str(path)) + 400


@pytest.mark.filterwarnings("ignore")
def test_an_exported_program_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.pt2"
    path.write_bytes(exported())
    with pytest.raises(CheckpointError, match=r"is a program of torch\.export, not weights"):
        open_model(path)
