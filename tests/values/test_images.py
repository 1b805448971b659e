from __future__ import annotations

import http.server
import io
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from samwidget.values import images
from samwidget.values.display import encode_for_display
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
        pytest.param(Image.new("I;16", (4, 3), 9), np.zeros((3, 4, 3)), id="PIL I;16 constant"),
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


def test_half_transparent_is_mixed_with_white() -> None:
    pixel = np.array([[[0, 100, 200, 51]]], np.uint8)
    np.testing.assert_array_equal(load_image(pixel), [[[204, 224, 244]]])
    np.testing.assert_array_equal(load_image(Image.fromarray(pixel)), [[[204, 224, 244]]])
    np.testing.assert_array_equal(load_image(pixel.astype(np.int64))[0, 0, 0], 204)


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int32, np.float32, np.float64])
def test_other_ranges_are_stretched_between_percentiles(dtype: type) -> None:
    ramp = np.linspace(-20000 if np.dtype(dtype).kind != "u" else 0, 30000, 10_000).astype(dtype)
    gray = load_image(ramp.reshape(100, 100))[..., 0].ravel()
    assert (np.diff(gray.astype(int)) >= 0).all()
    assert (gray[0], gray[5000], gray[-1]) == (0, 128, 255)
    outlier = ramp.copy()
    outlier[-1] = 32000
    assert abs(int(load_image(outlier.reshape(100, 100))[50, 0, 0]) - 128) <= 1


def test_a_few_bright_pixels_on_an_even_ground_stay_visible() -> None:
    dark = np.full((100, 100), 1000, np.uint16)
    dark[50, 50] = 5000
    image = load_image(dark)
    assert image[50, 50, 0] == 255
    assert image[0, 0, 0] == 0


def test_nan_is_black_and_infinite_is_the_end_of_the_range() -> None:
    values = np.array([[np.nan, -np.inf, np.inf, 0.0, 10.0]], np.float32)
    np.testing.assert_array_equal(load_image(values)[0, :, 0], [0, 0, 255, 0, 255])
    assert not load_image(np.full((2, 2), np.nan)).any()


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


def test_sixteen_bit_file_is_stretched(tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    Image.fromarray(np.arange(10_000, dtype=np.uint16).reshape(100, 100)).save(path)
    gray = load_image(path)[..., 0]
    assert (gray.min(), gray.max()) == (0, 255)


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


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/cat.png"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(png(Image.fromarray(RGB)) if found else b"<html>gone</html>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "*")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_url(address: str) -> None:
    np.testing.assert_array_equal(load_image(f"{address}/cat.png"), RGB)
    with pytest.raises(
        ValueError, match=f"{address}/dog.png could not be fetched: .* answered 404 Not Found"
    ):
        load_image(f"{address}/dog.png")


def test_an_address_is_read_within_limits_of_size_and_time(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_FETCHED_BYTES", 50)
    with pytest.raises(ValueError, match=f"{address}/cat.png could not be .* more than the 50 byt"):
        load_image(f"{address}/cat.png")
    monkeypatch.undo()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(images, "MAX_FETCH_SECONDS", 0)
    with pytest.raises(ValueError, match=f"{address}/cat.png could not be fetched: "):
        load_image(f"{address}/cat.png")


def test_unreachable_url_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(ValueError, match=r"http://127\.0\.0\.1:9/cat\.png could not be fetched"):
        load_image("http://127.0.0.1:9/cat.png")


@pytest.mark.parametrize(
    ("size_hw", "max_side", "mime", "shown_hw"),
    [
        ((512, 512), 4096, "image/png", (512, 512)),
        ((513, 512), 4096, "image/jpeg", (513, 512)),
        ((1000, 700), 800, "image/jpeg", (800, 560)),
        ((1, 2000), 100, "image/png", (1, 100)),
        ((1, 1), 4096, "image/png", (1, 1)),
    ],
)
def test_display_copy(
    size_hw: tuple[int, int], max_side: int, mime: str, shown_hw: tuple[int, int]
) -> None:
    data, told = encode_for_display(np.zeros((*size_hw, 3), np.uint8), max_side)
    assert told == mime
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.height, shown.width) == shown_hw
        assert Image.MIME[str(shown.format)] == mime


def test_small_display_copy_is_exact() -> None:
    np.testing.assert_array_equal(load_image(encode_for_display(RGB)[0]), RGB)
