from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from samwidget.values.details import MOST_PIXELS, checked_part, encode_detail


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ((0, 0, 64, 64), (0, 0, 64, 64)),
        ((100, 80, 164, 144), (100, 80, 120, 90)),
        ((-10, -5, 7, 8), (0, 0, 7, 8)),
    ],
    ids=["within", "beyond the end", "before the beginning"],
)
def test_a_part_is_cut_at_the_images_border(part: tuple, expected: tuple) -> None:
    assert checked_part((90, 120), part, 1) == expected


@pytest.mark.parametrize(
    ("part", "reduce", "reason"),
    [
        ((120, 0, 130, 10), 1, "in the image of 120 x 90 pixels; got"),
        ((5, 5, 5, 9), 1, "x1 < x2"),
        ((0, 0, 10, 10), 0, "reduced by 1 to 64; got 0"),
        ((0, 0, 10, 10), 65, "reduced by 1 to 64; got 65"),
    ],
    ids=["beside the image", "empty", "not reduced at all", "reduced too far"],
)
def test_what_cannot_be_had_is_said(part: tuple, reduce: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        checked_part((90, 120), part, reduce)


def test_no_part_has_more_pixels_than_a_screen_wants() -> None:
    side = int(MOST_PIXELS**0.5)
    assert checked_part((9000, 9000), (0, 0, 2 * side, 2 * side), 2)[2] == 2 * side
    with pytest.raises(ValueError, match="ask for smaller ones"):
        checked_part((9000, 9000), (0, 0, 2 * side, 2 * side + 2), 2)


def test_lines_of_one_pixel_in_any_colour_stay_lines() -> None:
    part = np.full((32, 40, 3), 255, np.uint8)
    part[:, ::2] = (200, 0, 0)
    data, mime = encode_detail(part, 1)
    assert mime == "image/jpeg"
    seen = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert np.abs(seen - part).max() < 24


def test_an_exact_one_has_each_value() -> None:
    part = np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8)
    data, mime = encode_detail(part, 1, exact=True)
    assert mime == "image/png"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), part)


def test_reduced_pixels_are_means_and_those_at_the_end_are_there() -> None:
    part = np.zeros((5, 7, 3), np.uint8)
    part[::2] = 200  # two rows of three
    data, _ = encode_detail(part, 4)
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (2, 2)
    assert np.abs(np.asarray(picture)[0].astype(int) - 100).max() < 8
    assert np.abs(np.asarray(picture)[1].astype(int) - 200).max() < 8
