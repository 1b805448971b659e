from __future__ import annotations

import gc
import io
import math
import weakref

import numpy as np
import pytest
from PIL import Image

from samwidget.values.images import read_image
from samwidget.values.raw_values import (
    PATCH_SIDE,
    RawValues,
    channel_values,
    patch_at,
    rendered,
    values_of,
)


def ramp(height: int, width: int, dtype: type = np.uint16) -> np.ndarray:
    """Values of 100 and more that grow by one from pixel to pixel."""
    return (100 + np.arange(height * width).reshape(height, width)).astype(dtype)


def test_an_arrays_own_values_are_behind_its_picture() -> None:
    array = np.dstack([ramp(40, 50), ramp(40, 50) * 2, ramp(40, 50) * 3, ramp(40, 50)])
    picture, _ = read_image(array, bands=(2, 1, 0), value_range=(0, 10_000))
    values = values_of(picture)
    assert np.shares_memory(values.array, array)
    assert (values.shown, values.black, values.white) == ((2, 1, 0), 0, 10_000)


def test_a_picture_that_was_read_with_wishes_is_read_again_with_its_values() -> None:
    array = np.dstack([ramp(40, 50)] * 5)
    chosen = read_image(array, bands=(4, 3, 2), value_range=(0, 9_000)).pixels
    again, notes = read_image(chosen)
    assert again is not chosen
    assert notes == ()
    values = values_of(again)
    assert np.shares_memory(values.array, array)
    assert (values.shown, values.white) == ((4, 3, 2), 9_000)
    part = read_image(chosen, bands=0).pixels  # a wish about the picture itself
    assert values_of(part).array is part


def test_channels_that_come_first_are_last_in_the_values() -> None:
    planes = np.stack(
        [ramp(40, 50), ramp(40, 50) + 7, ramp(40, 50) + 9, ramp(40, 50), ramp(40, 50)]
    )
    picture, _ = read_image(planes, bands=(0, 1, 2))
    assert values_of(picture).array.shape == (40, 50, 5)
    assert values_of(picture).array[3, 4, 1] == planes[1, 3, 4]


def test_a_picture_of_which_no_more_is_known_is_what_it_shows() -> None:
    photo = np.random.default_rng(1).integers(0, 256, (30, 20, 3), np.uint8)
    picture, _ = read_image(photo)
    values = values_of(picture)
    assert values.array is picture
    assert (values.shown, values.black, values.white) == ((0, 1, 2), 0, 255)


def test_they_go_with_the_picture_and_never_belong_to_another() -> None:
    picture, _ = read_image(ramp(40, 50))
    gone = weakref.ref(picture)
    del picture
    gc.collect()
    assert gone() is None
    for _ in range(50):  # one of them is likely to lie where the first one lay
        other = np.zeros((40, 50, 3), np.uint8)
        assert values_of(other).array is other


@pytest.mark.parametrize("keeps", [True, False])
def test_a_files_values_are_kept_where_that_was_asked_for(keeps: bool) -> None:
    stream = io.BytesIO()
    Image.fromarray(ramp(40, 50)).save(stream, "PNG")
    picture, _ = read_image(stream.getvalue(), keep_values=keeps)
    values = values_of(picture)
    assert (values.array.dtype == np.uint16) == keeps
    if keeps:
        np.testing.assert_array_equal(values.array[..., 0], ramp(40, 50))


def test_a_turned_files_values_stand_upright() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees, clockwise
    Image.fromarray(ramp(40, 50)).save(stream, "PNG", exif=exif)
    picture, _ = read_image(stream.getvalue(), keep_values=True)
    assert picture.shape == (50, 40, 3)
    np.testing.assert_array_equal(values_of(picture).array[..., 0], np.rot90(ramp(40, 50), -1))


def raw(array: np.ndarray) -> RawValues:
    return RawValues(array if array.ndim == 3 else array[..., None], (0,), 0, 1)


@pytest.mark.parametrize(
    ("at", "corner", "size"),
    [
        ((100, 60), (68, 28), (64, 64)),
        ((0, 0), (0, 0), (64, 64)),
        ((199, 149), (136, 86), (64, 64)),
        ((10_000, -5), (136, 0), (64, 64)),
    ],
)
def test_a_patch_lies_around_its_place_and_within_the_image(
    at: tuple, corner: tuple, size: tuple
) -> None:
    values = raw(ramp(150, 200))
    patch = patch_at(values, *at)
    assert (patch.x, patch.y) == corner
    assert (patch.width, patch.height, patch.channels) == (*size, 1)
    pixels = np.frombuffer(patch.data, "<f4").reshape(size)
    np.testing.assert_array_equal(
        pixels, ramp(150, 200)[corner[1] :, corner[0] :][: size[1], : size[0]]
    )
    assert patch.is_whole


def test_a_small_image_is_one_patch() -> None:
    patch = patch_at(raw(ramp(3, 5, np.float64) / 3), 1, 1)
    assert (patch.x, patch.y, patch.width, patch.height) == (0, 0, 5, 3)
    assert max(patch.width, patch.height) < PATCH_SIDE
    assert not patch.is_whole


def test_channels_are_described_each_for_itself() -> None:
    array = np.dstack([ramp(100, 100), ramp(100, 100) * 2]).astype(np.float32)
    array[0, 0, 1] = math.nan
    found = channel_values(raw(array))
    assert found.lowest == [100, 202]
    assert found.highest == [10_099, 20_198]
    assert 100 <= found.black[0] < 200 < 9_900 < found.white[0] <= 10_099
    assert found.white[1] == pytest.approx(2 * found.white[0], rel=0.01)


def test_a_channel_without_a_value_has_a_range_all_the_same() -> None:
    found = channel_values(raw(np.full((20, 30), math.nan, np.float32)))
    assert found.lowest[0] < found.highest[0]
    assert found.black[0] < found.white[0]


def test_black_white_and_bands_make_another_picture() -> None:
    array = np.dstack([ramp(20, 30), ramp(20, 30) + 1000])
    gray = rendered(raw(array), [1], 1100, 1100 + 255)
    np.testing.assert_array_equal(gray[..., 0], np.minimum(np.arange(600), 255).reshape(20, 30))
    assert (gray == gray[..., :1]).all()
    colors = rendered(raw(array), [0, 1, 0], 100, 10_000)
    assert (colors[..., 0] == colors[..., 2]).all()
    assert (colors[..., 1] > colors[..., 0]).all()


def test_what_is_too_large_for_a_page_is_thinned_out() -> None:
    assert rendered(raw(ramp(50, 400)), [0], 0, 1, max_side=100).shape == (13, 100, 3)


@pytest.mark.parametrize(
    ("bands", "window", "match"),
    [([2], (0, 1), "of the 2 that there are"), ([0, 1], (0, 1), "one channel or three"),
     ([-1], (0, 1), "counted from 0"), ([0], (5, 5), "black must be below white")],
)  # fmt: skip
def test_what_cannot_be_shown_is_said(bands: list, window: tuple, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        rendered(raw(np.zeros((4, 4, 2), np.uint16)), bands, *window)
