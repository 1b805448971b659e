from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samwidget.values.thumbnails import thumbnail, thumbnail_of

LEFT_RED = np.zeros((300, 800, 3), np.uint8)
LEFT_RED[:, :400] = (220, 20, 20)
LEFT_RED[:, 400:] = (20, 20, 220)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_file_becomes_a_small_picture(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"wide.{ending}"
    Image.fromarray(LEFT_RED).save(path)
    small = opened(thumbnail(path))
    assert (small.format, small.size) == ("JPEG", (144, 54))
    assert np.abs(np.subtract(small.getpixel((20, 27)), (220, 20, 20))).max() < 25
    assert np.abs(np.subtract(small.getpixel((120, 27)), (20, 20, 220))).max() < 25


def test_it_is_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.fromarray(LEFT_RED).save(path, exif=exif)
    small = opened(thumbnail(path))
    assert small.size == (54, 144)
    red, _, blue = small.getpixel((27, 20))
    assert red > blue


def test_arrays_of_any_kind_and_small_ones() -> None:
    assert opened(thumbnail(np.arange(2000, dtype=np.uint16).reshape(40, 50))).size == (50, 40)
    assert opened(thumbnail_of(LEFT_RED, side=40)).size == (40, 15)
    assert opened(thumbnail(np.zeros((1, 3000, 3), np.uint8))).size == (144, 1)


def test_what_is_no_image_raises_as_reading_it_does(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff but no more")
    with pytest.raises(ValueError, match=r"a\.jpg"):
        thumbnail(tmp_path / "a.jpg")
    with pytest.raises(FileNotFoundError):
        thumbnail(tmp_path / "b.jpg")
