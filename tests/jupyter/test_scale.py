from __future__ import annotations

import math

import pytest

from samwidget.jupyter.scale import Scaled


def test_a_pixels_size_can_be_set_and_taken_away() -> None:
    scaled = Scaled(pixel_size=0.25, unit="µm")
    assert (scaled.pixel_size, scaled.unit) == (0.25, "µm")
    scaled.pixel_size = None
    assert scaled.pixel_size is None


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf])
def test_a_size_that_is_none_is_refused(size: float) -> None:
    scaled = Scaled(pixel_size=2)
    with pytest.raises(ValueError, match="pixel_size is the side of a pixel"):
        scaled.pixel_size = size
    assert scaled.pixel_size == 2
