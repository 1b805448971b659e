from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from samwidget.values import resizing
from samwidget.values.resizing import resized, resized_exactly

LANCZOS, BOX, BILINEAR = (
    Image.Resampling.LANCZOS,
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
)


@pytest.fixture(autouse=True)
def strips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pictures of a few pixels in many strips."""
    monkeypatch.setattr(resizing, "LARGE_PIXELS", 1)
    monkeypatch.setattr(resizing, "_REDUCED_IN_STRIPS", 1)
    monkeypatch.setattr(resizing, "_STRIP_PIXELS", 2000)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size_hw", "size_wh", "resample", "gap"),
    [
        ((211, 157), (63, 84), LANCZOS, 2.0),
        ((211, 157), (20, 27), LANCZOS, 1.0),
        ((157, 211), (16, 12), BOX, 2.0),
        ((200, 300), (300, 200), BILINEAR, None),
        ((200, 300), (1, 1), BOX, 2.0),
        ((7, 900), (90, 1), LANCZOS, 2.0),
        ((20, 30), (60, 40), LANCZOS, None),
    ],
    ids=["a little", "reduced", "reduced, boxes", "not at all", "one pixel", "flat", "larger"],
)
def test_it_is_what_pillow_makes_of_the_whole(
    size_hw: tuple, size_wh: tuple, resample: Image.Resampling, gap: float | None
) -> None:
    image = noise(*size_hw)
    expected = Image.fromarray(image).resize(size_wh, resample, reducing_gap=gap)
    found = resized(image, size_wh, resample, gap)
    assert (found.size, found.mode) == (size_wh, "RGB")
    difference = np.asarray(found).astype(int) - np.asarray(expected)
    assert np.abs(difference).max() <= 1
    assert np.count_nonzero(difference) <= 0.001 * difference.size


@pytest.mark.parametrize("size_wh", [(32, 24), (157, 24), (32, 211), (300, 400)])
def test_it_is_pillows_to_the_bit_where_that_matters(size_wh: tuple) -> None:
    image = noise(211, 157)
    expected = Image.fromarray(image).resize(size_wh, BILINEAR)
    np.testing.assert_array_equal(resized_exactly(image, size_wh, BILINEAR), expected)


def test_a_part_of_an_image_is_taken_as_it_is() -> None:
    part = noise(211, 157)[10:200, 5:150]
    expected = Image.fromarray(part).resize((40, 50), BILINEAR)
    np.testing.assert_array_equal(resized_exactly(part, (40, 50), BILINEAR), expected)
