from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from samwidget.values.images import load_image

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GRAY = RGB[..., 0]
UNIT = RGB.astype(np.float32) / 255


def png(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(RGB, RGB, id="uint8"),
        pytest.param(RGB.transpose(2, 0, 1), RGB, id="CHW"),
        pytest.param(GRAY, np.dstack([GRAY] * 3), id="HW"),
        pytest.param(GRAY[..., None], np.dstack([GRAY] * 3), id="HW1"),
        pytest.param(GRAY[None], np.dstack([GRAY] * 3), id="1HW"),
        pytest.param(GRAY > 127, np.dstack([(GRAY > 127) * 255] * 3), id="bool"),
        pytest.param(UNIT, RGB, id="float32 0 to 1"),
        pytest.param(UNIT.astype(np.float64), RGB, id="float64 0 to 1"),
        pytest.param(np.dstack([RGB, np.full((6, 9), 255, np.uint8)]), RGB, id="opaque"),
        pytest.param(np.dstack([RGB, np.zeros((6, 9), np.uint8)]), RGB * 0 + 255, id="transparent"),
        pytest.param(np.dstack([UNIT, np.ones((6, 9))]), RGB, id="float RGBA"),
        pytest.param(torch.from_numpy(RGB).permute(2, 0, 1), RGB, id="torch CHW"),
        pytest.param(torch.from_numpy(UNIT).requires_grad_(), RGB, id="torch with grad"),
        pytest.param(torch.from_numpy(UNIT), RGB, id="torch float"),
        pytest.param(torch.full((4, 5), 0.5).bfloat16(), np.full((4, 5, 3), 128), id="bfloat16"),
        pytest.param(RGB[:, ::-1], RGB[:, ::-1], id="negative strides"),
        pytest.param(RGB.astype(">u2"), None, id="big endian"),
        pytest.param(Image.fromarray(RGB), RGB, id="PIL"),
        pytest.param(Image.fromarray(GRAY), np.dstack([GRAY] * 3), id="PIL L"),
        pytest.param(Image.fromarray(GRAY).convert("LA"), np.dstack([GRAY] * 3), id="PIL LA"),
        pytest.param(Image.new("P", (4, 3)), np.zeros((3, 4, 3)), id="PIL P"),
        pytest.param(Image.new("1", (4, 3), 1), np.full((3, 4, 3), 255), id="PIL 1"),
        pytest.param(Image.new("CMYK", (4, 3)), np.full((3, 4, 3), 255), id="PIL CMYK"),
        pytest.param(
            Image.new("I;16", (4, 3), 9), np.full((3, 4, 3), 9), id="PIL I;16 of 0 to 255"
        ),
        pytest.param(Image.new("I;16", (4, 3), 999), np.zeros((3, 4, 3)), id="PIL I;16 constant"),
        pytest.param(Image.new("F", (4, 3), 0.5), np.full((3, 4, 3), 128), id="PIL F"),
        pytest.param(Image.new("LAB", (4, 3), (255, 128, 128)), None, id="PIL LAB"),
        pytest.param(png(Image.fromarray(RGB)), RGB, id="bytes"),
        pytest.param(bytearray(png(Image.fromarray(RGB))), RGB, id="bytearray"),
        pytest.param(
            png(Image.new("P", (4, 3)), transparency=0), np.full((3, 4, 3), 255), id="P transparent"
        ),
    ],
)
def test_sources(source: object, expected: np.ndarray | None) -> None:
    image = load_image(source)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image.ndim == 3
    if expected is not None:
        np.testing.assert_array_equal(image, expected)


class OfDlpack:
    """An array of a library that knows numpy by DLPack alone."""

    def __dlpack__(self, **options: Any) -> Any:
        return RGB.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return RGB.__dlpack_device__()


@pytest.mark.parametrize(
    "source",
    [
        memoryview(RGB),
        OfDlpack(),
        torch.from_numpy(RGB).to_sparse(),
        torch.tensor(RGB).permute(2, 0, 1).bfloat16(),
    ],
    ids=["memoryview", "DLPack", "sparse tensor", "bfloat16 tensor"],
)
def test_whatever_behaves_like_an_array_is_one(source: object) -> None:
    np.testing.assert_array_equal(load_image(source), RGB)


def test_a_tensor_without_data_is_named() -> None:
    with pytest.raises(ValueError, match=r"could not be read from a Tensor.*\(3, 9, 9\).*no data"):
        load_image(torch.zeros(3, 9, 9, device="meta"))


def test_gives_a_copy() -> None:
    source = RGB.copy()
    image = load_image(source)
    source[:] = 0
    np.testing.assert_array_equal(image, RGB)


def test_path_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to show
    path = tmp_path / "turned.png"
    Image.fromarray(RGB).save(path, exif=exif)
    np.testing.assert_array_equal(load_image(path), np.rot90(RGB, -1))
    np.testing.assert_array_equal(load_image(str(path)), np.rot90(RGB, -1))


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        (None, TypeError, "expected a path.*got NoneType"),
        ([[1, 2], [3, 4]], TypeError, "got list"),
        (np.zeros((3, 4), complex), TypeError, "dtype complex128"),
        (np.array([["a"]]), TypeError, "dtype <U1"),
        (np.zeros((5, 6, 2)), ValueError, r"shape \(5, 6, 2\)"),
        (np.zeros((2, 3, 4, 5)), ValueError, "one image of the batch"),
        (np.zeros(7), ValueError, r"shape \(7,\)"),
        (np.zeros((0, 5, 3)), ValueError, r"no pixels.*\(0, 5, 3\)"),
        (np.zeros((5, 0), np.uint8), ValueError, "no pixels"),
        (torch.zeros(3, 0, 5), ValueError, "no pixels"),
        ("nowhere/cat.jpg", FileNotFoundError, "nowhere/cat.jpg"),
        (b"", ValueError, "empty"),
        (b"<!DOCTYPE html><p>Sign in", ValueError, "an HTML page"),
        (b"\n <svg xmlns=''>", ValueError, "an SVG"),
        (b"%PDF-1.7", ValueError, "a PDF"),
        (b"version https://git-lfs.github.com/spec/v1", ValueError, "Git LFS pointer"),
        (b"hello", ValueError, "starts with b'hello'"),
        (png(Image.fromarray(RGB))[:60], ValueError, "could not be decoded"),
    ],
)
def test_what_is_no_image_is_named(source: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        load_image(source)
