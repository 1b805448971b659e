"""Which channels are shown, which one is alpha: the table of ``samwidget/values/channels.py``."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from samwidget.values.images import load_image, read_image

HEIGHT, WIDTH = 60, 80
RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
GRAY = RGB[..., 0]
GRAY3 = np.dstack([GRAY] * 3)
ROWS, COLUMNS = np.indices((HEIGHT, WIDTH))
SHAPE = ROWS > 20
ON_WHITE = np.where(SHAPE[..., None], RGB, 255).astype(np.uint8)
SMOOTH = (60 + ROWS + COLUMNS).astype(np.uint8)
SHADOW = np.clip((ROWS - 20) * 30, 0, 255).astype(np.uint8)


def stack(*channels: np.ndarray, dtype: str = "u1") -> np.ndarray:
    return np.dstack([channel.astype(dtype) for channel in channels])


@pytest.mark.parametrize(
    "fourth",
    [
        pytest.param(RGB[::-1, ..., 1], id="noise"),
        pytest.param(SMOOTH, id="smooth"),
        pytest.param(np.where(SHAPE, SMOOTH, 0), id="black border in all channels"),
        pytest.param(255 - GRAY, id="inverse"),
        pytest.param(np.minimum(SMOOTH.astype(int) * 2, 255), id="saturated in places"),
        pytest.param(GRAY // 20, id="dim"),
        pytest.param(np.full_like(GRAY, 180), id="even"),
        pytest.param(np.where(ROWS == 0, 0, 180), id="nearly even"),
    ],
)
@pytest.mark.parametrize("dtype", ["u1", "i4", "f4"])
def test_near_infrared_is_not_taken_for_alpha(fourth: np.ndarray, dtype: str) -> None:
    rgb = np.where((fourth == 0)[..., None], 0, RGB).astype(np.uint8)
    image = read_image(stack(rgb, fourth, dtype=dtype))
    np.testing.assert_array_equal(image.pixels, rgb)
    assert "fourth channel was left out" in image.notes[0]


@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_near_infrared_of_reflectances(dtype: str) -> None:
    scale = 10_000 if dtype == "u2" else 1
    bands = (stack(RGB, SMOOTH, dtype="f8") / 255 * scale).astype(dtype)
    whole = load_image(bands, value_range=(0, scale))
    assert np.abs(whole.astype(int) - RGB).max() <= 1


@pytest.mark.parametrize(
    ("alpha", "dtype"),
    [
        pytest.param(SHAPE * 255, "u1", id="uint8"),
        pytest.param(SHAPE * 1, "u1", id="uint8 of 0 and 1"),
        pytest.param(SHAPE * 255, "i8", id="int64"),
        pytest.param(SHAPE * 1, "i8", id="int64 of 0 and 1"),
        pytest.param(SHAPE * 255.0, "f4", id="float of 0 and 255"),
        pytest.param(SHAPE * 1.0, "f4", id="float of 0 and 1 beside 0 to 255"),
        pytest.param(SHAPE * 65535, "u2", id="uint16"),
    ],
)
def test_alpha_of_any_range_shows_what_is_transparent_on_white(
    alpha: np.ndarray, dtype: str
) -> None:
    image = read_image(stack(RGB, alpha, dtype=dtype))
    np.testing.assert_array_equal(image.pixels, ON_WHITE)
    assert image.notes == ("what is transparent is shown on white",)


@pytest.mark.parametrize("value", [1, 255])
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4"])
def test_alpha_that_is_opaque_everywhere_changes_nothing(value: int, dtype: str) -> None:
    image = read_image(stack(RGB, np.full_like(GRAY, value), dtype=dtype))
    np.testing.assert_array_equal(image.pixels, RGB)
    assert image.notes == ()


def test_a_fourth_channel_that_was_never_written_is_left_out() -> None:
    """As in the frame buffers of screens; nothing at all would be seen otherwise."""
    image = read_image(stack(RGB, np.zeros_like(GRAY)))
    np.testing.assert_array_equal(image.pixels, RGB)
    assert "fourth channel was left out" in image.notes[0]
    assert (load_image(Image.fromarray(stack(RGB, np.zeros_like(GRAY)))) == 255).all()


def test_a_soft_edge_is_still_alpha_and_one_odd_value_changes_nothing() -> None:
    image = load_image(stack(RGB, SHADOW))
    opacity = SHADOW[..., None] / 255
    np.testing.assert_array_equal(image, np.rint(RGB * opacity + 255 * (1 - opacity)))
    odd = SHAPE.astype(np.uint8)
    odd[40, 40] = 2
    np.testing.assert_array_equal(load_image(stack(RGB, odd)), ON_WHITE)
    odd = SHAPE.astype(np.uint8) * 255
    odd[40, 40:50] = 1
    found = load_image(stack(RGB, odd))
    np.testing.assert_array_equal(found[:40], ON_WHITE[:40])


def test_half_transparent_is_mixed_with_white() -> None:
    pixel = np.array([[[0, 100, 200, 51]]], np.uint8)
    np.testing.assert_array_equal(load_image(pixel), [[[204, 224, 244]]])
    np.testing.assert_array_equal(load_image(Image.fromarray(pixel)), [[[204, 224, 244]]])
    np.testing.assert_array_equal(load_image(pixel.astype(np.int64))[0, 0, 0], 204)


def test_who_knows_better_says_whether_there_is_alpha() -> None:
    ramp = (COLUMNS * 3).astype(np.uint8)
    np.testing.assert_array_equal(load_image(stack(RGB, ramp)), RGB)
    opacity = ramp[..., None] / 255
    mixed = np.rint(RGB * opacity + 255 * (1 - opacity))
    np.testing.assert_array_equal(load_image(stack(RGB, ramp), alpha=True), mixed)
    plain = read_image(stack(RGB, SHAPE * 255), alpha=False)
    np.testing.assert_array_equal(plain.pixels, RGB)
    assert plain.notes == ()
    np.testing.assert_array_equal(
        load_image(Image.fromarray(stack(RGB, SHAPE * 255)), alpha=False), RGB
    )
    np.testing.assert_array_equal(
        load_image(stack(GRAY, SHAPE * 255), alpha=True), np.where(SHAPE[..., None], GRAY3, 255)
    )
    five = load_image(stack(RGB, SMOOTH, SHAPE * 255), alpha=True, bands=(0, 1, 2))
    np.testing.assert_array_equal(five, ON_WHITE)


@pytest.mark.parametrize(
    ("source", "bands", "expected"),
    [
        pytest.param(RGB, (2, 1, 0), RGB[..., ::-1], id="BGR"),
        pytest.param(RGB, [1], np.dstack([RGB[..., 1]] * 3), id="one in a list"),
        pytest.param(RGB, 2, np.dstack([RGB[..., 2]] * 3), id="one"),
        pytest.param(RGB, np.array([0, 0, 1]), RGB[..., [0, 0, 1]], id="array, one twice"),
        pytest.param(RGB.transpose(2, 0, 1), (2, 1, 0), RGB[..., ::-1], id="CHW"),
        pytest.param(stack(SMOOTH, SMOOTH, RGB), (2, 3, 4), RGB, id="five"),
        pytest.param(stack(SMOOTH, SMOOTH, RGB).transpose(2, 0, 1), (2, 3, 4), RGB, id="5HW"),
        pytest.param(stack(SMOOTH, GRAY), 1, GRAY3, id="two"),
        pytest.param(stack(RGB, SHAPE * 255), (0, 1, 2), RGB, id="four, no alpha asked for"),
        pytest.param(stack(*[GRAY] * 50, RGB), (50, 51, 52), RGB, id="hyperspectral"),
        pytest.param(GRAY, 0, GRAY3, id="gray"),
        pytest.param(torch.from_numpy(RGB).permute(2, 0, 1), (2, 1, 0), RGB[..., ::-1], id="torch"),
        pytest.param(Image.fromarray(RGB), (2, 1, 0), RGB[..., ::-1], id="PIL"),
    ],
)
def test_bands_choose_what_is_shown(source: object, bands: object, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(load_image(source, bands=bands), expected)


@pytest.mark.parametrize(
    ("bands", "error", "says"),
    [
        ((0, 1), ValueError, "one channel or three"),
        ((), ValueError, "one channel or three"),
        ((0, 1, -1), ValueError, "counted from 0"),
        ((0, 1, 3), ValueError, r"no channel 3: the array has the shape \(60, 80, 3\)|are 3"),
        ("rgb", TypeError, "one channel or three"),
        ((0.0, 1.0, 2.0), TypeError, "one channel or three"),
        (True, TypeError, "got True"),
        ((True, False, True), TypeError, "one channel or three"),
        (list(range(10_000)), ValueError, r"got \[0, 1, 2.{10,90}\.\.\.\]$"),
    ],
)
def test_bands_that_are_none_are_refused(bands: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        load_image(Image.fromarray(RGB), bands=bands)


@pytest.mark.parametrize(
    ("source", "wishes", "error", "says"),
    [
        (RGB, {"alpha": True}, ValueError, "last channel is alpha, but there are three"),
        (GRAY, {"alpha": True}, ValueError, "there is one channel"),
        (RGB, {"alpha": 1}, TypeError, "alpha is True, False or None; got 1"),
        (RGB, {"alpha": "yes"}, TypeError, "alpha is True, False or None"),
        (RGB, {"page": 0}, ValueError, r"page is for files .* array\[3\]"),
        (RGB, {"page": True}, TypeError, "whole number"),
        (RGB, {"page": 1.0}, TypeError, "whole number"),
        (RGB, {"page": -1}, ValueError, "counted from 0; got -1"),
        (stack(RGB, GRAY), {"alpha": True, "bands": (1, 2, 3)}, ValueError, "bands cannot show it"),
        (stack(RGB, GRAY), {"bands": 99}, ValueError, r"no channel 99.*\(60, 80, 4\)"),
    ],
)
def test_wishes_that_do_not_fit_are_refused(
    source: object, wishes: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        load_image(source, **wishes)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(GRAY[None, None], GRAY3, id="11HW"),
        pytest.param(GRAY[None, None, None], GRAY3, id="111HW"),
        pytest.param(GRAY[None, ..., None], GRAY3, id="1HW1"),
        pytest.param(GRAY[..., None, None], GRAY3, id="HW11"),
        pytest.param(RGB[None], RGB, id="1HWC"),
        pytest.param(RGB[None, None], RGB, id="11HWC"),
        pytest.param(RGB.transpose(2, 0, 1)[None], RGB, id="1CHW"),
        pytest.param(RGB.transpose(2, 0, 1)[:, None], RGB, id="C1HW"),
        pytest.param(RGB[:, :, None], RGB, id="HW1C"),
        pytest.param(torch.from_numpy(RGB).permute(2, 0, 1)[None], RGB, id="torch 1CHW"),
        pytest.param(torch.from_numpy(GRAY)[None, None], GRAY3, id="torch 11HW"),
        pytest.param(RGB[None, :1], RGB[:1], id="one row"),
        pytest.param(RGB[:1, :1][None], RGB[:1, :1], id="one pixel"),
        pytest.param(GRAY[None, None] > 99, np.dstack([(GRAY > 99) * 255] * 3), id="mask 11HW"),
        pytest.param(np.ma.array(RGB[None]), RGB, id="masked 1HWC"),
    ],
)
def test_axes_of_length_one_are_dropped(source: object, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(load_image(source), expected)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((2, 60, 80, 3), "one image of the batch"),
        ((2, 1, 60, 80, 3), "one image of the batch"),
        ((60, 80, 2), "alpha=True, else .* bands=0"),
        ((60, 80, 5), r"of 5 channels say which to show: bands=\(red, green, blue\)"),
        ((12, 60, 80), "of 12 channels say which to show"),
        ((60, 70, 80), r"got an array of shape \(60, 70, 80\)$"),
        ((), r"shape \(\)"),
        ((1,), r"shape \(1,\)"),
    ],
)
def test_other_shapes_are_refused_with_what_to_do(shape: tuple[int, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        load_image(np.zeros(shape, np.uint8))
