"""What pixel values mean: the table of ``samwidget/values/pixels.py``, tried with whole images."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

from samwidget.values.images import load_image, read_image
from samwidget.values.pixels import decide

HEIGHT, WIDTH = 120, 160
PHOTO = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
PHOTOS = {
    "full range": PHOTO,
    "dark": PHOTO // 4,
    "night": PHOTO // 12,
    "bright": 200 + PHOTO // 5,
    "low contrast": 100 + PHOTO // 16,
    "black": np.zeros_like(PHOTO),
    "one gray": np.full_like(PHOTO, 77),
    "white": np.full_like(PHOTO, 255),
    "stars": np.where(PHOTO[..., :1] > 254, PHOTO, 0) * (PHOTO[..., 1:2] > 230),
}


@pytest.mark.parametrize("dtype", ["i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", ">u2", ">f4"])
@pytest.mark.parametrize("name", PHOTOS)
def test_a_copy_of_a_photo_in_another_dtype_is_the_photo(name: str, dtype: str) -> None:
    photo = PHOTOS[name]
    np.testing.assert_array_equal(load_image(photo.astype(dtype)), photo)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_divided_by_255_is_the_photo(name: str, dtype: str) -> None:
    photo = PHOTOS[name]
    np.testing.assert_array_equal(load_image(photo.astype(dtype) / 255), photo)
    near = load_image((photo.astype(dtype) / 255).astype("f2")).astype(int)
    assert np.abs(near - photo).max() <= 1


def with_one(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(image: np.ndarray) -> np.ndarray:
        changed = image.copy()
        changed[HEIGHT // 2, WIDTH // 2, 1] = value
        return changed

    return change


@pytest.mark.parametrize("value", [1.0001, 1.5, 2, 17, 254, 255, 1e6, -0.0001, -1, -9999, np.inf])
def test_one_value_does_not_decide_what_fractions_mean(value: float) -> None:
    found = load_image(with_one(value)(PHOTO / np.float32(255)))
    expected = PHOTO.copy()
    expected[HEIGHT // 2, WIDTH // 2, 1] = 255 * min(max(value, 0), 1)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("value", [256, 1000, 1e6, -1, -9999])
@pytest.mark.parametrize("dtype", ["i4", "f4"])
def test_one_value_does_not_decide_what_a_copy_of_a_photo_means(value: float, dtype: str) -> None:
    found = load_image(with_one(value)(PHOTO.astype(dtype)))
    expected = PHOTO.copy()
    expected[HEIGHT // 2, WIDTH // 2, 1] = min(max(value, 0), 255)
    np.testing.assert_array_equal(found, expected)


def test_one_fraction_does_not_decide_what_a_dark_photo_means() -> None:
    dark = (PHOTO // 12).astype(np.float32)
    np.testing.assert_array_equal(load_image(with_one(0.5)(dark)), with_one(0)(PHOTO // 12))


@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_what_a_resize_leaves_beyond_the_range_is_cut(scale: float) -> None:
    """Lanczos and bicubic overshoot at edges, here by 8 % at one value in ten."""
    image = PHOTO / np.float32(255) * np.float32(scale)
    chosen = np.random.default_rng(1).random(image.shape) < 0.1
    over = np.where(chosen & (PHOTO > 200), 1.08 * scale, image)
    both = np.where(chosen & (PHOTO < 50), -0.08 * scale, over).astype(np.float32)
    expected = np.where(chosen & (PHOTO > 200), 255, PHOTO)
    expected = np.where(chosen & (PHOTO < 50), 0, expected)
    np.testing.assert_array_equal(load_image(both), expected)
    assert any("beyond" in note for note in read_image(both).notes)


@pytest.mark.parametrize("is_integer", [False, True])
@pytest.mark.parametrize("whole", [0.0, 0.5, 1.0])
def test_a_little_more_changes_a_little(is_integer: bool, whole: float) -> None:
    """Of fractions everywhere; of whole numbers from 2 on, since 0 and 1 are a mask."""
    if is_integer:
        whole = 1.0
    start = 1.31 if whole else 0.01
    highs = np.geomspace(start, 100_000, 20_000)
    scales = [decide(0, high, whole=whole, is_integer=is_integer) for high in highs]
    whites = np.array([scale.white for scale in scales])
    assert (np.diff(np.log(whites)) >= 0).all()
    assert np.diff(np.log(whites)).max() < 0.02  # its step is 0.0006 to 0.0008


def test_a_little_below_zero_changes_a_little() -> None:
    blacks = [decide(low, 1, whole=0, is_integer=False).black for low in np.linspace(0, -1, 2001)]
    assert (np.diff(blacks) <= 0).all()
    assert np.abs(np.diff(blacks)).max() < 0.005
    assert (blacks[0], blacks[-1]) == (0, -1)


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int32, np.float32, np.float64])
def test_other_ranges_are_stretched_between_percentiles(dtype: type) -> None:
    ramp = np.linspace(-20000 if np.dtype(dtype).kind != "u" else 0, 30000, 10_000).astype(dtype)
    gray = load_image(ramp.reshape(100, 100))[..., 0].ravel()
    assert (np.diff(gray.astype(int)) >= 0).all()
    assert (gray[0], gray[5000], gray[-1]) == (0, 128, 255)
    outlier = ramp.copy()
    outlier[-1] = 32000
    assert abs(int(load_image(outlier.reshape(100, 100))[50, 0, 0]) - 128) <= 1


@pytest.mark.parametrize(
    ("low", "high"),
    [(-1, 1), (-2.1, 2.6), (280, 310), (0.2, 9.5), (-30, -5), (5.0, 5.5), (0, 1e30), (-1e3, 3e3)],
)
def test_physical_values_are_stretched_over_their_own_range(low: float, high: float) -> None:
    ramp = np.linspace(low, high, 10_000).reshape(100, 100)
    image = read_image(ramp)
    gray = image.pixels[..., 0].ravel()
    assert (gray[0], gray[-1]) == (0, 255)
    assert abs(int(gray[5000]) - 128) <= 2
    assert "stretched" in image.notes[0]


def test_the_stretch_is_the_same_for_all_three_colours() -> None:
    image = np.zeros((50, 60, 3), np.uint16)
    image[..., 0], image[..., 1] = 4000, 2000
    np.testing.assert_array_equal(load_image(image)[0, 0], [255, 128, 0])


def test_a_few_bright_pixels_on_an_even_ground_stay_visible() -> None:
    dark = np.full((100, 100), 1000, np.uint16)
    dark[50, 50] = 5000
    image = load_image(dark)
    assert image[50, 50, 0] == 255
    assert image[0, 0, 0] == 0


def test_of_a_large_image_a_few_bright_pixels_stay_visible_too() -> None:
    """A sample may miss them."""
    dark = np.full((1500, 1500), 1000, np.uint16)
    dark[700, 700] = 5000
    image = load_image(dark)
    assert (image[700, 700, 0], image.max(axis=2).sum()) == (255, 255)


def test_a_sample_of_a_large_image_tells_the_same_each_time() -> None:
    noise = np.random.default_rng(0).normal(1000, 100, (900, 1100)).astype(np.float32)
    image = load_image(noise)
    np.testing.assert_array_equal(image, load_image(noise.copy()))
    low, high = np.percentile(noise, (0.1, 99.9))
    exact = np.rint(np.clip((noise - low) * 255 / (high - low), 0, 255))
    assert np.abs(image[..., 0] - exact).max() <= 4


def test_nan_is_black_and_infinite_is_the_end_of_the_range() -> None:
    values = np.array([[np.nan, -np.inf, np.inf, 0.0, 1.0]], np.float32)
    np.testing.assert_array_equal(load_image(values)[0, :, 0], [0, 0, 255, 0, 255])
    assert not load_image(np.full((2, 2), np.nan)).any()
    assert load_image(np.full((2, 2), np.inf)).all()


@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "f4", "f8"])
def test_what_is_masked_is_black_and_has_no_say(dtype: str) -> None:
    image = np.ma.array(PHOTO.astype(dtype))
    nodata = 0 if dtype == "u1" else 60_000
    image[:40] = nodata
    image[:40] = np.ma.masked
    expected = PHOTO.copy()
    expected[:40] = 0
    found = read_image(image)
    np.testing.assert_array_equal(found.pixels, expected)
    assert found.notes == ("33 % of the values are missing: black",)


def test_a_masked_array_without_a_mask_or_with_one_that_hides_all_is_an_image() -> None:
    np.testing.assert_array_equal(load_image(np.ma.array(PHOTO)), PHOTO)
    assert not load_image(np.ma.masked_all((4, 5), np.float32)).any()
    assert not load_image(np.ma.masked_all((4, 5), np.uint16)).any()


def test_masked_channels_first_and_masked_fractions() -> None:
    unit = np.ma.masked_greater(np.where(PHOTO > 250, 1e20, PHOTO / 255), 2)
    expected = np.where(PHOTO > 250, 0, PHOTO)
    np.testing.assert_array_equal(load_image(unit), expected)
    np.testing.assert_array_equal(load_image(unit.transpose(2, 0, 1)), expected)


@pytest.mark.parametrize(
    ("values", "value_range", "expected"),
    [
        (np.array([[0, 50, 100, 200]], np.uint8), (0, 100), [0, 128, 255, 255]),
        (np.array([[0, 1, 1, 0]], np.uint8), (0, 1), [0, 255, 255, 0]),
        (np.array([[-5, 0, 5, 10]], np.int16), (0, 10), [0, 0, 128, 255]),
        (np.array([[0, 0.5, 1, 2]]), (0, 2), [0, 64, 128, 255]),
        (np.array([[np.nan, 0, 9, np.inf]]), (0, 10), [0, 0, 230, 255]),
        (np.array([[False, True]]), (-1, 1), [128, 255]),
        (np.array([[4000, 6000]], np.uint16), np.array([4000.0, 8000.0]), [0, 128]),
    ],
)
def test_who_knows_the_range_says_it(
    values: np.ndarray, value_range: object, expected: list[int]
) -> None:
    image = read_image(values, value_range=value_range)
    np.testing.assert_array_equal(image.pixels[0, :, 0], expected)
    assert not any("stretched" in note for note in image.notes)


@pytest.mark.parametrize(
    ("value_range", "error", "says"),
    [
        ((1, 1), ValueError, r"black below white; got \(1.0, 1.0\)"),
        ((5, 2), ValueError, "black below white"),
        ((0, np.nan), ValueError, "finite"),
        ((0, np.inf), ValueError, "finite"),
        (5, TypeError, r"value_range is \(black, white\), two numbers; got 5"),
        ((1, 2, 3), TypeError, "two numbers"),
        ("a" * 1000, TypeError, r"two numbers; got 'a+'\.\.\. \(1,000 characters\)$"),
    ],
)
def test_a_range_that_is_none_is_refused(
    value_range: object, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        load_image(PHOTO, value_range=value_range)


@pytest.mark.parametrize(
    ("source", "notes"),
    [
        pytest.param(PHOTO, [], id="uint8"),
        pytest.param(PHOTO / 255, [], id="fractions"),
        pytest.param(PHOTO.astype(np.int64), [], id="int copy"),
        pytest.param(PHOTO > 99, [], id="bool"),
        pytest.param(PHOTO * np.uint16(257), ["values .* stretched from black"], id="16 bit"),
        pytest.param(PHOTO // 30, ["nearly black: at most 8 of 255"], id="dark"),
        pytest.param((PHOTO > 99).astype(np.uint8), ["nearly black: at most 1 of 255"], id="0, 1"),
        pytest.param(with_one(3)(PHOTO / 255), ["under 0.01 % .* beyond 0 to 1: cut"], id="one"),
        pytest.param(
            np.where(PHOTO > 127, np.nan, PHOTO / 255), ["50 % .* missing: black"], id="NaN"
        ),
        pytest.param(torch.from_numpy(PHOTO).float() / 255, [], id="tensor"),
        pytest.param(PHOTO * 1e-9, ["nearly black: at most 0 of 255"], id="tiny"),
        pytest.param(np.zeros((9, 9)), [], id="black"),
        pytest.param(np.full((9, 9), np.nan), ["^100 % .* missing: black"], id="all missing"),
        pytest.param(
            np.where(np.arange(PHOTO[..., 0].size).reshape(PHOTO.shape[:2]) > 0, np.nan, 0.5),
            ["^over 99 % .* missing: black"],
            id="nearly all missing",
        ),
    ],
)
def test_notes_tell_what_was_done(source: object, notes: list[str]) -> None:
    found = read_image(source).notes
    assert len(found) == len(notes)
    for told, expected in zip(found, notes, strict=True):
        assert re.search(expected, told), told


def test_the_values_are_not_written_to() -> None:
    for source in (PHOTO.copy(), PHOTO.astype(np.float32), PHOTO.astype(np.float64) * 40):
        before = source.copy()
        source.setflags(write=False)
        load_image(source)
        np.testing.assert_array_equal(source, before)
