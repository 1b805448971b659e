from __future__ import annotations

import pytest

from samwidget.values.closer import LEAST_GAIN, MARGIN, closer_region
from samwidget.values.pixel_boxes import PixelBox

LARGE = (3000, 4000)


@pytest.mark.parametrize(
    ("view", "scale", "expected"),
    [
        ((0, 0, 4000, 3000), 0.25, None),
        ((0, 0, 4000, 3000), 1.0, None),
        ((1000, 1000, 1400, 1300), 2.0, (900, 925, 1500, 1375)),
        ((1000, 1000, 1400, 1300), 0.2, None),
        ((0, 0, 400, 300), 2.0, (0, 0, 500, 375)),
        ((3600, 2700, 4000, 3000), 2.0, (3500, 2625, 4000, 3000)),
        ((-50, -40, 300, 200), 2.0, (0, 0, 375, 250)),
        ((2000, 1000, 2010, 1010), 48.0, (1877, 877, 2133, 1133)),
        ((4100, 0, 4200, 100), 2.0, None),
        ((400, 300, 3000, 2200), 0.5, None),
    ],
    ids=str,
)
def test_what_a_model_of_1024_pixels_sees_of_12_mp(
    view: tuple[float, float, float, float], scale: float, expected: PixelBox | None
) -> None:
    assert closer_region(LARGE, view, scale, 1024) == expected


@pytest.mark.parametrize("size_hw", [(60, 80), (1, 1), (1024, 1024)])
def test_of_a_small_picture_it_sees_all(size_hw: tuple[int, int]) -> None:
    assert closer_region(size_hw, (0, 0, 10, 10), 1.0, 1024) is None


def test_a_long_thin_picture_is_seen_in_parts() -> None:
    assert closer_region((100, 9000), (4000, 0, 4400, 100), 2.0, 1024) == (3900, 0, 4500, 100)


@pytest.mark.parametrize(
    ("view", "is_kept"),
    [
        ((1000, 1000, 1400, 1300), True),
        ((1050, 1020, 1450, 1320), True),
        ((1150, 1000, 1550, 1300), False),
        ((1100, 1050, 1250, 1150), False),
        ((1100, 1050, 1380, 1260), True),
    ],
)
def test_a_part_is_kept_while_the_view_stays_in_it(
    view: tuple[float, float, float, float], is_kept: bool
) -> None:
    present = (900, 925, 1500, 1375)
    assert (closer_region(LARGE, view, 2.0, 1024, present) == present) is is_kept


def test_a_part_is_finer_than_all_and_around_the_view() -> None:
    for zoom in (2, 3, 5, 10, 40):
        width, height = 4000 / zoom, 3000 / zoom
        view = (1500.5, 1000.5, 1500.5 + width, 1000.5 + height)
        region = closer_region(LARGE, view, 1.0, 512)
        if region is None:
            assert 4000 / (width * (1 + 2 * MARGIN)) < LEAST_GAIN * 1.01
            continue
        x1, y1, x2, y2 = region
        assert x1 <= view[0] < view[2] <= x2
        assert y1 <= view[1] < view[3] <= y2
        assert 4000 / max(x2 - x1, y2 - y1) >= LEAST_GAIN
