"""Files of every kind, whole, damaged and of other kinds; most are made here by Pillow."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import sys
import threading
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from samwidget.values.images import load_image, read_image

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
LARGE = np.asarray(Image.fromarray(RGB).resize((90, 60)))
SHAPE = np.indices((60, 90)).sum(0) > 70
EXIF_ORIENTATION = 0x0112


def png(image: Image.Image, **options: object) -> bytes:
    return encoded(image, "PNG", **options)


def npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, image=np.zeros((4, 3), np.uint8))
    return stream.getvalue()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def test_folder_and_text_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a folder"):
        load_image(tmp_path)
    (tmp_path / "notes.txt").write_text("not a picture")
    with pytest.raises(ValueError, match=r"notes\.txt is not an image.*b'not a picture'"):
        load_image(tmp_path / "notes.txt")


def test_large_images_load_without_a_warning_and_bombs_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = png(Image.fromarray(RGB))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    np.testing.assert_array_equal(load_image(data), RGB)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    with pytest.raises(ValueError, match="MAX_IMAGE_PIXELS"):
        load_image(data)


KINDS = [
    *("BMP", "DDS", "GIF", "ICO", "JPEG", "JPEG2000", "MPO", "PCX", "PNG", "PPM", "QOI", "SGI"),
    *("TGA", "TIFF", "WEBP"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_opens_as_pillow_opens_it(kind: str) -> None:
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip("this Pillow cannot write it")
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, kind)
    with Image.open(io.BytesIO(stream.getvalue())) as picture:
        expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(load_image(stream.getvalue()), expected)


def test_a_kind_that_this_pillow_cannot_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Image.init()
    readers = {"NEW": (None, lambda prefix: "the kind is known but support not installed")}
    monkeypatch.setattr(Image, "ID", ["NEW"])
    monkeypatch.setattr(Image, "OPEN", readers)
    with pytest.raises(ValueError, match=r"unknown kind .* known but support not installed"):
        load_image(b"some bytes")


def test_an_error_of_any_kind_in_a_reader_comes_with_the_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reader(*args: object) -> None:
        raise OSError("cannot find the table")

    path = tmp_path / "cat.png"
    path.write_bytes(png(Image.fromarray(RGB)))
    monkeypatch.setattr(Image, "ID", ["PNG"])
    monkeypatch.setattr(Image, "OPEN", {"PNG": (reader, None)})
    with pytest.raises(ValueError, match=r"cat\.png could not be decoded: cannot find the table"):
        load_image(path)


def test_threads_that_load_at_once_leave_the_warning_filters_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = png(Image.fromarray(RGB))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)  # Pillow itself would warn
    filters, registered = warnings.filters, list(warnings.filters)
    read, accepts = Image.OPEN["PNG"]
    inside = threading.Barrier(8)
    untouched = []

    def reader(*args: object) -> Image.Image:
        inside.wait(30)  # until all are in the midst of opening
        untouched.append(warnings.filters is filters)
        return read(*args)

    monkeypatch.setitem(Image.OPEN, "PNG", (reader, accepts))
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(load_image, [data] * 8))  # warnings are errors here
    assert len(loaded) == 8
    assert untouched == [True] * 8
    assert warnings.filters is filters
    assert list(warnings.filters) == registered


# --------------------------------------------------------------------------- turned upright


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(Image.fromarray(RGB), kind, exif=exif, **options)
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()  # Pillow turns TIFF while it loads
        expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    image = load_image(data)
    np.testing.assert_array_equal(image, expected)
    assert image.flags.c_contiguous


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_is_none_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    np.testing.assert_array_equal(load_image(png(Image.fromarray(RGB), exif=exif)), RGB)


@pytest.mark.parametrize("exif", [b"Exif\0\0no such thing", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"x"])
@pytest.mark.filterwarnings("ignore")  # Pillow's own about the block
def test_damaged_exif_data_does_not_hide_the_picture(exif: bytes) -> None:
    np.testing.assert_array_equal(load_image(png(Image.fromarray(RGB), exif=exif)), RGB)


# ------------------------------------------------------------------------------ transparency


def transparent_kinds() -> list[object]:
    alpha = np.where(SHAPE, 255, 0).astype(np.uint8)
    rgba = Image.fromarray(np.dstack([LARGE, alpha]))
    palette = rgba.quantize(64)
    assert palette.mode == "P"
    assert palette.palette is not None
    assert palette.palette.mode == "RGBA"
    deep = np.where(SHAPE, 40_000, 9).astype(np.uint16)
    return [
        pytest.param(rgba, id="RGBA"),
        pytest.param(rgba.convert("LA"), id="LA"),
        pytest.param(rgba.convert("LA").convert("La"), id="La"),
        pytest.param(rgba.convert("RGBa"), id="RGBa"),
        pytest.param(palette, id="P with a palette of RGBA"),
        pytest.param(png(palette), id="its file"),
        pytest.param(encoded(rgba, "GIF"), id="GIF"),
        pytest.param(encoded(rgba, "WEBP"), id="WEBP"),
        pytest.param(encoded(rgba, "TIFF"), id="TIFF"),
        pytest.param(png(Image.fromarray(deep), transparency=9), id="16-bit gray with a key"),
        pytest.param(png(Image.fromarray(alpha), transparency=0), id="gray with a key"),
        pytest.param(png(Image.fromarray(SHAPE), transparency=0), id="1 bit with a key"),
        pytest.param(
            png(Image.fromarray(np.where(SHAPE[..., None], LARGE | 1, 0)), transparency=(0, 0, 0)),
            id="RGB with a key",
        ),
    ]


@pytest.mark.parametrize("source", transparent_kinds())
def test_what_is_transparent_is_white_in_every_mode(source: object) -> None:
    image = read_image(source)
    assert (image.pixels[~SHAPE] == 255).all()
    assert "what is transparent is shown on white" in image.notes


def test_a_palette_with_partial_transparency_is_mixed() -> None:
    picture = Image.new("P", (20, 10), 1)
    picture.putpalette([0, 0, 0, 0, 100, 200])
    data = png(picture, transparency=bytes([255, 51]))
    np.testing.assert_array_equal(load_image(data)[0, 0], [204, 224, 244])


# ------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_several_pages_the_first_is_taken_and_it_is_told_how_to_choose(
    kind: str, tmp_path: Path
) -> None:
    pages = [Image.new("RGB", (30, 20), (shade, shade, shade)) for shade in (0, 100, 200)]
    path = tmp_path / f"stack.{kind.lower()}"
    options = {"lossless": True} if kind == "WEBP" else {}
    pages[0].save(path, kind, save_all=True, append_images=pages[1:], **options)
    first = read_image(path)
    assert (first.pixels == 0).all()
    assert first.notes[0] == "page 0 of 3 was taken (page=… for another, up to 2)"
    for page, shade in enumerate((0, 100, 200)):
        chosen = read_image(path, page=page)
        assert (chosen.pixels == shade).all()
        assert not any("page" in note for note in chosen.notes)
    with pytest.raises(ValueError, match=rf"no page 3 in .*stack.{kind.lower()}: there are 3 pag"):
        load_image(path, page=3)


def test_a_file_of_one_page_has_page_0_alone() -> None:
    np.testing.assert_array_equal(load_image(png(Image.fromarray(RGB)), page=0), RGB)
    with pytest.raises(ValueError, match=r"there is no page 1 in .* there is one page"):
        load_image(png(Image.fromarray(RGB)), page=1)


def test_a_persons_picture_stays_at_its_page() -> None:
    pages = [Image.new("L", (30, 20), shade) for shade in (0, 100, 200)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with Image.open(io.BytesIO(data)) as picture:
        picture.seek(1)
        assert (load_image(picture) == 100).all()
        assert (load_image(picture, page=2) == 200).all()
        assert picture.tell() == 1
        with pytest.raises(ValueError, match="there is no page 7"):
            load_image(picture, page=7)
        assert picture.tell() == 1
        assert (load_image(picture) == 100).all()


def test_a_later_page_that_is_damaged_does_not_hide_the_first() -> None:
    pages = [Image.fromarray(np.roll(LARGE, shift, 0)) for shift in (0, 9, 18)]
    data = encoded(pages[0], "GIF", save_all=True, append_images=pages[1:])
    first = load_image(data)
    np.testing.assert_array_equal(load_image(data[: len(data) * 6 // 10]), first)


# -------------------------------------------------------------------------- special contents


def test_a_png_with_more_text_than_pillow_reads_opens() -> None:
    """As some programs write whole workflows into their pictures."""
    info = PngInfo()
    info.add_text("workflow", "node " * 600_000, zip=True)
    info.add_itxt("prompt", "a cat", zip=False)
    data = png(Image.fromarray(RGB), pnginfo=info)
    with pytest.raises(ValueError, match="MAX_TEXT"):
        Image.open(io.BytesIO(data)).load()
    np.testing.assert_array_equal(load_image(data), RGB)
    with pytest.raises(ValueError, match=r"bytes (could not be decoded|is not .* a damaged PNG)"):
        load_image(data[:-200])


def test_sixteen_bit_colour_that_pillow_cuts_is_told() -> None:
    wide = RGB.astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    header = struct.pack(">IIBBBBB", 9, 6, 16, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(name + body))
        data += struct.pack(">I", len(body)) + name + body + checksum
    image = read_image(data)
    np.testing.assert_array_equal(image.pixels, RGB)
    assert image.notes == ("Pillow cut its 16 bits to 8",)


def test_a_sixteen_bit_gray_file_keeps_its_bits() -> None:
    deep = (1000 + np.arange(5400) // 5).reshape(60, 90).astype(np.uint16)
    image = load_image(png(Image.fromarray(deep)))[..., 0]
    assert (image.min(), image.max()) == (0, 255)
    assert len(np.unique(image)) == 256


def test_array_files_are_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "photo.npy", RGB.astype(np.float32))
    np.testing.assert_array_equal(load_image(tmp_path / "photo.npy"), RGB)
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"objects\.npy could not be decoded"):
        load_image(tmp_path / "objects.npy")
    np.save(tmp_path / "stack.npy", np.zeros((7, 60, 80)))
    with pytest.raises(ValueError, match=r"stack\.npy.*bands="):
        load_image(tmp_path / "stack.npy")


# ------------------------------------------------------------------------------------- HEIC


GENTLE = np.dstack([np.indices((60, 90)).sum(0), *np.indices((60, 90)) * 2]).astype(np.uint8)


def heic(**options: object) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(GENTLE)).save(stream, quality=-1, **options)
    return stream.getvalue()


def test_heic_opens_upright_with_pillow_heif_and_leaves_pillows_readers_alone() -> None:
    before = list(Image.ID)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    assert np.abs(load_image(heic()).astype(int) - GENTLE).max() <= 8
    turned = load_image(heic(exif=exif.tobytes())).astype(int)
    assert np.abs(turned - np.rot90(GENTLE, -1)).max() <= 8
    Image.init()
    assert "HEIF" not in Image.ID or "HEIF" in before


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1", b"hevc"])
def test_heic_without_pillow_heif_says_what_to_install(
    brand: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + b"\0" * 40)
    with pytest.raises(ValueError, match=r"IMG_0001\.HEIC is .* HEIC photo.*pillow-heif"):
        load_image(path)


def test_avif_is_not_called_heic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "OPEN", {})
    monkeypatch.setattr(Image, "ID", [])
    with pytest.raises(ValueError, match=r"an AVIF image; Pillow 11\.3"):
        load_image(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 40)


# ------------------------------------------------------------------------------ other kinds


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\3\4" + b"\0" * 40, "a ZIP archive"),
        (npz(), r"an archive of numpy arrays; give one of them, as in numpy\.load"),
        (b"\0" * 128 + b"DICM" + b"\0" * 40, "DICOM.*pydicom"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 40, "HDF5.*h5py"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 40, "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 40, "a video"),
        (b"RIFF\0\0\0\0AVI LIST" + b"\0" * 40, "a video"),
        (b"\xef\xbb\xbf<!doctype HTML>", "an HTML page"),
        (b"<?xml version='1.0'?>\n<svg>", "an SVG drawing"),
        (b"GRIB" + b"\0" * 3 + b"\1" + b"\0" * 40, "GRIB"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "a damaged PNG"),
        (b"II*\0\x08\0\0\0", "a damaged TIFF"),
        (b"\0" * 3000, "unknown kind"),
    ],
)
def test_files_of_other_kinds_are_named(data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=f"scan is not an image: it is .*{says}"):
        load_image(path)


# ----------------------------------------------------------------------------------- damaged


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def overwritten(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 20)):
        changed[chance.randrange(min(len(data), chance.choice([100, len(data)])))] ^= 0xFF
    return bytes(changed)


def shortened(data: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(data))
    return data[:begin] + data[begin + chance.randrange(1, 100) :]


@pytest.mark.parametrize("damage", [cut, overwritten, shortened])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")  # Pillow's own about what it can still read
def test_a_damaged_file_is_an_image_or_an_error_with_its_name(
    kind: str, damage: Callable[[bytes, random.Random], bytes], tmp_path: Path
) -> None:
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip("this Pillow cannot write it")
    whole = encoded(Image.fromarray(LARGE), kind)
    chance = random.Random(kind + damage.__name__)
    path = tmp_path / "holiday photo.bin"
    for _ in range(25):
        path.write_bytes(damage(whole, chance))
        try:
            image = load_image(path)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017
            assert len(str(error)) < len(str(path)) + 400  # noqa: PT017
        else:
            assert image.dtype == np.uint8
            assert image.shape[2] == 3


@pytest.mark.parametrize(
    "error",
    [
        OSError("broken"),
        ValueError("broken"),
        KeyError("broken"),
        MemoryError(),
        ZeroDivisionError("broken"),
        RecursionError("broken"),
        AttributeError("broken"),
        RuntimeError("line one\n" + "x" * 5000),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("when", ["open", "load"])
def test_whatever_a_reader_raises_comes_with_the_name(
    error: Exception, when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, accepts = Image.OPEN["PNG"]

    def fail(*args: object) -> None:
        raise error

    def reader(*args: object) -> Image.Image:
        picture = read(*args)
        if when == "open":
            raise error
        picture.load = fail
        return picture

    path = tmp_path / "cat.png"
    path.write_bytes(png(Image.fromarray(RGB)))
    monkeypatch.setitem(Image.OPEN, "PNG", (reader, accepts))
    with pytest.raises(ValueError, match=r"cat\.png could not be decoded: \S") as caught:
        load_image(path)
    assert len(str(caught.value)) < len(str(path)) + 400
    assert "\n" not in str(caught.value)


def test_wishes_that_do_not_fit_a_file_are_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(png(Image.fromarray(RGB)))
    with pytest.raises(ValueError, match=r"cat\.png: there is no channel 5: there are 3"):
        load_image(path, bands=5)
    with pytest.raises(ValueError, match=r"cat\.png: alpha=True"):
        load_image(path, alpha=True)


def test_an_open_file_is_closed_whatever_happens(tmp_path: Path) -> None:
    """ResourceWarning is an error here: a file that is left open fails the test."""
    path = tmp_path / "cat.png"
    for data in (png(Image.fromarray(RGB)), png(Image.fromarray(RGB))[:70], b"none"):
        path.write_bytes(data)
        with contextlib.suppress(ValueError):
            load_image(path)
        path.unlink()
