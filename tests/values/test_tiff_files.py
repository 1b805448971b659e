"""TIFF as microscopes, satellites and cameras write it; all files are made here by tifffile."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samwidget.values import image_files, pictures
from samwidget.values.images import load_image, read_image
from samwidget.values.raw_values import channel_values, rendered, values_of
from samwidget.values.tiff_files import TiffWindows
from samwidget.values.tiff_header import read_pages

tifffile = pytest.importorskip("tifffile")

HEIGHT, WIDTH = 70, 50
BASE = (np.indices((HEIGHT, WIDTH)).sum(0) * 2).astype(np.uint8)
RGB = np.dstack([BASE, BASE[::-1], BASE[:, ::-1]])
GRAY3 = np.dstack([BASE] * 3)
NIR = np.random.default_rng(0).integers(60, 200, (HEIGHT, WIDTH)).astype(np.uint8)
ALPHA = np.where(BASE > 100, 255, 0).astype(np.uint8)
DTYPES = {"u1": 1, "u2": 257, "i2": 1, "u4": 1, "i4": 1, "f2": 1 / 255, "f4": 1 / 255, "f8": 1}
LAYOUTS = {
    "one strip": {},
    "strips": {"rowsperstrip": 7},
    "tiles": {"tile": (32, 16)},
    "zlib": {"compression": "zlib", "rowsperstrip": 7},
    "one strip of zlib": {"compression": "zlib", "rowsperstrip": HEIGHT},
    "tiles of zlib": {"compression": "zlib", "tile": (16, 32)},
    "predictor": {"compression": "zlib", "predictor": True, "rowsperstrip": 9},
    "LZW": {"compression": "lzw", "rowsperstrip": 9},
    "zstd": {"compression": "zstd"},
}


def tiff(array: np.ndarray, **options: object) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, **options)
    return stream.getvalue()


def without_tifffile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tifffile", None)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_colour_of_any_dtype_and_layout(
    dtype: str, layout: str, planarconfig: str, byteorder: str
) -> None:
    if dtype == "f2" and layout == "predictor":
        pytest.skip("tifffile does not write it")
    colors = (RGB * np.float64(DTYPES[dtype])).astype(dtype)
    array = colors if planarconfig == "contig" else colors.transpose(2, 0, 1)
    options = {"photometric": "rgb", "planarconfig": planarconfig, "byteorder": byteorder}
    data = tiff(array, **options, **LAYOUTS[layout])
    value_range = (0, 65535) if dtype == "u2" else None
    image = read_image(data, value_range=value_range)
    assert np.abs(image.pixels.astype(int) - RGB).max() <= (dtype == "f2")
    assert image.notes == ()


@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_many_bands_show_the_first_three_or_those_that_are_chosen(
    dtype: str, planarconfig: str
) -> None:
    bands = np.dstack([RGB, NIR, BASE]).astype(dtype)
    array = bands if planarconfig == "contig" else bands.transpose(2, 0, 1)
    data = tiff(array, photometric="minisblack", planarconfig=planarconfig)
    image = read_image(data)
    np.testing.assert_array_equal(image.pixels, RGB)
    assert image.notes == ("channels 0, 1, 2 are shown of 5 (bands=(…) for others)",)
    false_color = np.dstack([NIR, RGB[..., 0], RGB[..., 1]])
    chosen = read_image(data, bands=(3, 0, 1))
    np.testing.assert_array_equal(chosen.pixels, false_color)
    assert chosen.notes == ()
    np.testing.assert_array_equal(load_image(data, bands=4), GRAY3)
    with pytest.raises(ValueError, match="there is no channel 5: there are 5"):
        load_image(data, bands=5)


@pytest.mark.parametrize("extra", ["unspecified", "unassalpha"])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_near_infrared_is_not_alpha_whatever_the_file_calls_it(dtype: str, extra: str) -> None:
    data = tiff(np.dstack([RGB, NIR]).astype(dtype), photometric="rgb", extrasamples=[extra])
    image = read_image(data)
    np.testing.assert_array_equal(image.pixels, RGB)
    assert len(image.notes) == 1
    np.testing.assert_array_equal(load_image(data, bands=(3, 3, 3)), np.dstack([NIR] * 3))


@pytest.mark.parametrize("scale", [1, 257])
def test_alpha_is_shown_on_white(scale: int) -> None:
    dtype = "u1" if scale == 1 else "u2"
    data = tiff(
        np.dstack([RGB, ALPHA]).astype(dtype) * np.dtype(dtype).type(scale),
        photometric="rgb",
        extrasamples=["unassalpha"],
    )
    image = read_image(data, value_range=(0, 255 * scale))
    np.testing.assert_array_equal(image.pixels, np.where(ALPHA[..., None] == 255, RGB, 255))


@pytest.mark.parametrize(
    ("array", "options"),
    [
        pytest.param(BASE, {"photometric": "minisblack"}, id="uint8"),
        pytest.param(255 - BASE, {"photometric": "miniswhite"}, id="uint8, white is 0"),
        pytest.param(BASE * np.uint16(257), {"photometric": "minisblack"}, id="uint16"),
        pytest.param((255 - BASE) * np.uint16(257), {"photometric": "miniswhite"}, id="white is 0"),
        pytest.param(BASE * np.uint16(257), {"byteorder": ">"}, id="big endian"),
        pytest.param(BASE * np.uint16(257), {"bigtiff": True}, id="BigTIFF"),
        pytest.param(BASE * np.uint16(257), {"bigtiff": True, "byteorder": ">"}, id="BigTIFF >"),
        pytest.param(BASE.astype(np.float32) * 257, {"compression": "zlib"}, id="float32"),
        pytest.param(BASE.astype(np.float64) * 257, {}, id="float64"),
        pytest.param(BASE.astype(np.uint32) * 257, {}, id="uint32"),
    ],
)
def test_gray_of_any_kind(array: np.ndarray, options: dict[str, object]) -> None:
    value_range = None if array.dtype == np.uint8 else (0, 65535)
    np.testing.assert_array_equal(
        load_image(tiff(array, **options), value_range=value_range), GRAY3
    )


def test_a_bilevel_page() -> None:
    data = tiff(BASE > 100, photometric="minisblack")
    np.testing.assert_array_equal(load_image(data), np.dstack([(BASE > 100) * 255] * 3))


@pytest.mark.parametrize(("value", "dtype"), [(-9999, "f4"), (-3.4028234663852886e38, "f4")])
@pytest.mark.parametrize("bands", [1, 3])
def test_values_that_the_file_calls_missing_are_black_and_have_no_say(
    value: float, dtype: str, bands: int
) -> None:
    reflectance = (RGB[..., :bands] / 255).astype(dtype)
    reflectance[:20] = value
    tag = (42113, 2, 0, repr(value), True)  # GDAL_NODATA
    photometric = "rgb" if bands == 3 else "minisblack"
    image = read_image(tiff(reflectance.squeeze(), photometric=photometric, extratags=[tag]))
    expected = (RGB if bands == 3 else GRAY3).copy()
    expected[:20] = 0
    np.testing.assert_array_equal(image.pixels, expected)
    assert image.notes == ("29 % of the values are missing: black",)


def test_a_missing_value_is_one_only_where_all_colours_have_it() -> None:
    white_border = RGB.copy()
    white_border[:20] = 255
    white_border[30, 30] = 255, 100, 50
    tag = (42113, 2, 0, "255", True)
    image = load_image(tiff(white_border, photometric="rgb", extratags=[tag]))
    assert not image[:20].any()
    np.testing.assert_array_equal(image[30, 30], [255, 100, 50])


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_a_stack_says_which_page_was_taken(dtype: str, tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    stack = np.stack([BASE, BASE[::-1], BASE[:, ::-1]]).astype(dtype)
    path.write_bytes(tiff(stack, photometric="minisblack"))
    image = read_image(path)
    np.testing.assert_array_equal(image.pixels, GRAY3)
    assert image.notes == ("page 0 of 3 was taken (page=… for another, up to 2)",)
    for page in range(3):
        np.testing.assert_array_equal(load_image(path, page=page)[..., 0], stack[page])
    with pytest.raises(ValueError, match=r"no page 3 in .*stack\.tif: there are 3 pages"):
        load_image(path, page=3)


def test_an_imagej_stack() -> None:
    data = tiff(np.stack([BASE, BASE[::-1]]).astype(np.uint16), imagej=True)
    np.testing.assert_array_equal(load_image(data, page=1)[..., 0], BASE[::-1])


def test_smaller_copies_of_a_page_are_no_pages() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(RGB.astype(np.uint16), photometric="rgb", subifds=1)
        writer.write(RGB[::2, ::2].astype(np.uint16), photometric="rgb", subfiletype=1)
        writer.write(RGB[::4, ::4].astype(np.uint16), photometric="rgb", subfiletype=1)
    image = read_image(stream.getvalue())
    np.testing.assert_array_equal(image.pixels, RGB)
    assert image.notes == ()
    with pytest.raises(ValueError, match="there is one page"):
        load_image(stream.getvalue(), page=1)


def test_a_preview_of_a_cameras_raw_file_is_not_taken_for_the_photo() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(RGB[::4, ::4], photometric="rgb", subfiletype=1, subifds=1)
        writer.write(BASE.astype(np.uint16), photometric=32803)
    with pytest.raises(ValueError, match="a camera's raw file; develop it"):
        load_image(stream.getvalue())


def test_the_preview_in_canons_raw_files_is_not_taken_either() -> None:
    data = tiff(RGB, photometric="rgb")
    first = int.from_bytes(data[4:8], "little")
    marked = data[:4] + (first).to_bytes(4, "little") + b"CR\2\0" + data[12:]
    with pytest.raises(ValueError, match="a camera's raw file"):
        load_image(marked)


def test_a_volume_in_one_page_is_refused() -> None:
    data = tiff(np.stack([BASE] * 16), tile=(16, 16, 16), volumetric=True)
    with pytest.raises(ValueError, match="a volume of 16 layers"):
        load_image(data)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_every_orientation_is_turned_upright(dtype: str, orientation: int) -> None:
    upright = {
        1: RGB,
        2: RGB[:, ::-1],
        3: RGB[::-1, ::-1],
        4: RGB[::-1],
        5: RGB.swapaxes(0, 1),
        6: np.rot90(RGB, -1),
        7: RGB[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(RGB),
    }
    tag = (274, 3, 1, orientation, True)
    image = load_image(tiff(RGB.astype(dtype), photometric="rgb", extratags=[tag]))
    np.testing.assert_array_equal(image, upright[orientation])


@pytest.mark.parametrize("has_tifffile", [True, False])
def test_complex_numbers_are_no_picture(
    has_tifffile: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "radar.tif"
    path.write_bytes(tiff(BASE.astype("c8")))
    if not has_tifffile:
        without_tifffile(monkeypatch)
    with pytest.raises(
        ValueError, match=r"radar\.tif is a TIFF of 1 band of 64-bit complex.*abs\("
    ):
        load_image(path)


# ---------------------------------------------------------------------------- without tifffile


@pytest.mark.parametrize(
    ("array", "options", "says"),
    [
        (RGB * np.uint16(200), {"photometric": "rgb"}, "3 bands of 16-bit integers,"),
        (
            (RGB * np.uint16(200)).transpose(2, 0, 1),
            {"photometric": "rgb", "planarconfig": "separate"},
            "3 bands of 16-bit integers, one plane after the other",
        ),
        (RGB.astype("f4"), {"photometric": "rgb"}, "3 bands of 32-bit floats"),
        (BASE.astype("f8"), {}, "1 band of 64-bit floats"),
        (BASE.astype("f2"), {}, "1 band of 16-bit floats"),
        (
            np.stack([BASE] * 5),
            {"photometric": "minisblack", "planarconfig": "separate"},
            "5 bands of 8-bit integers, one plane",
        ),
    ],
)
def test_what_pillow_would_read_wrongly_names_what_to_install(
    array: np.ndarray,
    options: dict[str, object],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "cells.tif"
    path.write_bytes(tiff(array, **options))
    load_image(path)  # with it, there is no error
    without_tifffile(monkeypatch)
    with pytest.raises(ValueError, match=rf"cells\.tif is a TIFF of {says}.*samwidget\[tiff\]"):
        load_image(path)


@pytest.mark.parametrize(
    ("array", "options", "expected"),
    [
        pytest.param(RGB, {"photometric": "rgb"}, RGB, id="RGB"),
        pytest.param(BASE, {}, GRAY3, id="gray"),
        pytest.param(BASE.astype("u2"), {}, GRAY3, id="uint16"),
        pytest.param(BASE.astype("i2"), {}, GRAY3, id="int16"),
        pytest.param(BASE.astype("i4"), {}, GRAY3, id="int32"),
        pytest.param(BASE.astype("f4") / 255, {}, GRAY3, id="float32"),
        pytest.param(
            RGB.transpose(2, 0, 1),
            {"photometric": "rgb", "planarconfig": "separate"},
            RGB,
            id="planes",
        ),
        pytest.param(
            np.dstack([RGB, NIR]), {"photometric": "rgb", "extrasamples": [0]}, RGB, id="RGB, NIR"
        ),
        pytest.param(np.dstack([RGB, NIR]), {"photometric": "rgb"}, RGB, id="NIR called alpha"),
    ],
)
def test_what_pillow_reads_right_needs_nothing_else(
    array: np.ndarray,
    options: dict[str, object],
    expected: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = tiff(array, **options)
    without_tifffile(monkeypatch)
    np.testing.assert_array_equal(load_image(data), expected)


def test_without_the_codecs_of_tifffile_pillow_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = tiff(RGB, photometric="rgb", compression="lzw")
    monkeypatch.setattr(
        tifffile.TiffPage,
        "decode",
        property(lambda page: 1 / 0),  # as if none were there
    )
    np.testing.assert_array_equal(load_image(data), RGB)


# ------------------------------------------------------------------------------------ damaged


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.97])
@pytest.mark.filterwarnings("ignore")
def test_a_file_that_is_cut_short_is_an_error_with_its_name(
    compression: str | None, planarconfig: str, share: float, tmp_path: Path
) -> None:
    deep = RGB * np.uint16(200)
    array = deep if planarconfig == "contig" else deep.transpose(2, 0, 1)
    options = {"photometric": "rgb", "planarconfig": planarconfig, "rowsperstrip": 16}
    data = tiff(array, compression=compression, **options)
    path = tmp_path / "cells.tif"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ValueError, match=r"cells\.tif (could not be decoded|is not an image)"):
        load_image(path)


def test_a_chain_of_pages_that_bites_its_tail_ends() -> None:
    data = bytearray(tiff(np.stack([BASE, BASE[::-1]]), photometric="minisblack"))
    offsets = [page.offset for page in tifffile.TiffFile(io.BytesIO(data)).pages]
    count = int.from_bytes(data[offsets[1] : offsets[1] + 2], "little")
    at = offsets[1] + 2 + 12 * count
    data[at : at + 4] = offsets[0].to_bytes(4, "little")
    assert len(read_pages(io.BytesIO(bytes(data)))) == 2


def test_a_file_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    data = bytearray(tiff(BASE.astype("f8")))
    for page in tifffile.TiffFile(io.BytesIO(data)).pages:
        for tag in ("ImageWidth", "ImageLength"):
            at = page.tags[tag].offset + 8
            data[at - 6 : at - 4] = (4).to_bytes(2, "little")  # a whole number of 32 bits
            data[at : at + 4] = (200_000).to_bytes(4, "little")
    with pytest.raises(ValueError, match="40,000,000,000 pixels, the limit is"):
        load_image(bytes(data))


def test_the_limit_on_pixels_holds_for_tifffile_too(monkeypatch: pytest.MonkeyPatch) -> None:
    data = tiff(RGB.astype("f4"), photometric="rgb")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match="MAX_IMAGE_PIXELS"):
        load_image(data)


WIDE = np.dstack([BASE.astype(np.uint16) * 100 + band for band in range(5)])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
def test_the_values_of_a_large_file_are_read_where_one_looks(
    layout: str, planarconfig: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "KEPT_BYTES", 1000)
    array = WIDE if planarconfig == "contig" else WIDE.transpose(2, 0, 1)
    path = tmp_path / "wide.tif"
    tifffile.imwrite(path, array, photometric="rgb", planarconfig=planarconfig, **LAYOUTS[layout])
    values = values_of(read_image(path, keep_values=True).pixels)
    assert isinstance(values.array, TiffWindows)
    assert (values.array.shape, values.array.dtype) == (WIDE.shape, WIDE.dtype)
    for part in (np.s_[0:70, 0:50], np.s_[20:41, 13:39], np.s_[69:70, 49:50], np.s_[:, 40:]):
        np.testing.assert_array_equal(values.array[part], WIDE[part])
    assert channel_values(values).highest == WIDE.max(axis=(0, 1)).tolist()
    seen = rendered(values, [4], 0, 30_000, max_side=35)[..., 0]
    expected = np.rint(WIDE[::2, ::2, 4] * (255 / 30_000))
    assert np.abs(seen - expected).max() <= 1


def test_a_turned_file_or_one_without_a_name_keeps_no_values_that_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "KEPT_BYTES", 1000)
    path = tmp_path / "turned.tif"
    tifffile.imwrite(path, WIDE, photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    for source in (path, tiff(WIDE, photometric="rgb")):
        picture = read_image(source, keep_values=True).pixels
        assert values_of(picture).array is picture


@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
def test_a_large_plain_file_is_read_in_windows_and_is_the_same(
    photometric: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, RGB if photometric == "rgb" else BASE, photometric=photometric)
    by_pillow = load_image(path)
    monkeypatch.setattr(image_files, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(image_files, "_tiff_by_pillow", None)
    np.testing.assert_array_equal(load_image(path), by_pillow)
