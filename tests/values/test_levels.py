from __future__ import annotations

import numpy as np
import pytest

from samwidget.values.geometry import ResizeTransform
from samwidget.values.levels import FINEST, LIVE_BYTES, Levels, level_field
from samwidget.values.mask import Mask

WIDE = ResizeTransform.for_image((300, 400), 384)  # 4:3 image: 288 x 384 in the model frame


def grid(levels: tuple) -> np.ndarray:
    width, height, stride, _, data = levels
    rows = np.frombuffer(data, np.uint8)[: stride * height].reshape(height, stride)
    return rows[:, :width]


@pytest.mark.parametrize(
    ("logit", "byte"),
    [
        (0.0, 127),
        (-0.0, 127),
        (1e-30, 128),
        (-1e-30, 127),
        (8.0, 255),
        (80.0, 255),
        (np.inf, 255),
        (-8.0, 0),
        (-np.inf, 0),
        (np.nan, 0),
        (4.0, 191),
        (-4.0, 64),
    ],
)
def test_sign_is_kept_and_size_clamped(logit: float, byte: int) -> None:
    levels = level_field(np.full((192, 192), logit, np.float32), WIDE)
    assert (grid(levels) == byte).all()


def test_live_form_is_the_whole_field_and_large_enough_to_be_sent_at_once() -> None:
    logits = np.random.default_rng(1).normal(size=(192, 192)).astype(np.float32)
    levels = level_field(logits, WIDE)
    assert (levels.width, levels.height, levels.stride) == (192, 144, 192)
    assert levels.extent_xywh == (0, 0, 400, 300)
    assert len(levels.data) == LIVE_BYTES
    np.testing.assert_array_equal(grid(levels) > 127.5, logits[:144] > 0)
    large = level_field(np.zeros((512, 512), np.float32), WIDE)
    assert len(large.data) == 512 * 512


def test_cropped_form_is_the_mask_with_one_cell_margin_at_its_place() -> None:
    logits = np.full((192, 192), -3, np.float32)
    logits[20:30, 50:80] = 3
    logits[160:] = 9  # in the padding below the image: no part of the mask
    levels = level_field(logits, WIDE, cropped=True)
    assert (levels.width, levels.height) == (32, 12)
    np.testing.assert_array_equal(grid(levels) > 127, logits[19:31, 49:81] > 0)
    cell = 400 / 192
    assert levels.extent_xywh == pytest.approx((49 * cell, 19 * cell, 32 * cell, 12 * cell))


def test_crop_ends_at_the_image() -> None:
    whole = level_field(np.ones((192, 192), np.float32), WIDE, cropped=True)
    assert (whole.width, whole.height) == (192, 144)
    assert whole.extent_xywh == pytest.approx((0, 0, 400, 300))


def test_cropped_form_of_an_empty_mask_is_one_cell_outside() -> None:
    levels = level_field(np.full((192, 192), -1, np.float32), WIDE, cropped=True)
    assert (levels.width, levels.height, levels.stride) == (1, 1, 1)
    assert grid(levels)[0, 0] < 127.5


def test_last_cell_may_reach_beyond_the_image() -> None:
    odd = ResizeTransform.for_image((101, 400), 384)  # 97 of 384 rows: 48.5 cells
    levels = level_field(np.zeros((192, 192), np.float32), odd)
    assert levels.height == 49
    assert levels.extent_xywh[3] > 101


def test_a_stretched_image_fills_the_field() -> None:
    stretched = ResizeTransform.for_image((300, 400), 384, keeps_aspect=False)
    logits = np.full((96, 96), -3, np.float32)
    logits[48:60, 24:36] = 3
    levels = level_field(logits, stretched)
    assert (levels.width, levels.height) == (96, 96)
    assert levels.extent_xywh == (0, 0, 400, 300)
    crop = level_field(logits, stretched, cropped=True)
    wide, high = 400 / 96, 300 / 96
    assert crop.extent_xywh == pytest.approx((23 * wide, 47 * high, 14 * wide, 14 * high))


# ---------------------------------------------------------------------------- without any logits


def shown(levels: Levels, size_hw: tuple[int, int]) -> np.ndarray:
    """What the nearest cell says at each pixel's centre of the image."""
    x, y, width, height = levels.extent_xywh
    rows, columns = np.indices(size_hw) + 0.5
    cell_x = np.floor((columns - x) / width * levels.width).astype(int)
    cell_y = np.floor((rows - y) / height * levels.height).astype(int)
    known = (cell_x >= 0) & (cell_x < levels.width) & (cell_y >= 0) & (cell_y < levels.height)
    cells = grid(levels)[
        np.clip(cell_y, 0, levels.height - 1), np.clip(cell_x, 0, levels.width - 1)
    ]
    return known & (cells > 127)


@pytest.mark.parametrize(
    "box", [(10, 20, 14, 21), (0, 0, 300, 200), (0, 5, 9, 200), (299, 199, 300, 200), (7, 7, 8, 8)]
)
def test_a_small_mask_is_shown_to_the_pixel(box: tuple[int, int, int, int]) -> None:
    x1, y1, x2, y2 = box
    array = np.zeros((200, 300), bool)
    array[y1:y2, x1:x2] = np.random.default_rng(2).random((y2 - y1, x2 - x1)) < 0.6
    array[y1, x1] = array[y2 - 1, x2 - 1] = True
    levels = Mask.from_array(array).levels()
    np.testing.assert_array_equal(shown(levels, (200, 300)), array)
    margins = (x1 > 0) + (x2 < 300), (y1 > 0) + (y2 < 200)
    assert (levels.width, levels.height) == (x2 - x1 + margins[0], y2 - y1 + margins[1])
    assert levels.stride == levels.width
    assert len(levels.data) == levels.width * levels.height


def test_a_large_mask_is_shown_in_at_most_so_many_cells() -> None:
    rows, columns = np.indices((1800, 2600)) + 0.5
    array = np.hypot((columns - 1400) / 1100, (rows - 900) / 700) < 1
    levels = Mask.from_array(array).levels()
    assert max(levels.width, levels.height) <= FINEST
    assert levels.width > 500
    differ = shown(levels, (1800, 2600)) != array
    cell = levels.extent_xywh[2] / levels.width
    border = np.pi * 2 * 900 * cell
    assert differ.sum() < 0.5 * border
    assert not differ[900, 320:2480].any(), "inside"


def test_a_mask_that_is_not_empty_is_never_invisible() -> None:
    diagonal = np.eye(3000, dtype=bool)
    assert (grid(Mask.from_array(diagonal).levels()) > 127).any()
    empty = Mask.from_array(np.zeros((30, 40), bool)).levels()
    assert (grid(empty) < 128).all()
    assert len(empty.data) == empty.width * empty.height


@pytest.mark.parametrize(("width", "height"), [(200, 120), (64, 64), (300, 90)])
def test_smaller_levels_cover_the_same_place(width: int, height: int) -> None:
    y, x = np.mgrid[:height, :width]
    inside = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5) < 0.3
    grey = np.where(inside, 255, 0).astype(np.uint8)
    stride = width + 3
    padded = np.pad(grey, ((0, 0), (0, 3)), constant_values=255)
    levels = Levels(width, height, stride, (10, 20, 2 * width, 3 * height), padded.tobytes())
    small = levels.within(64)
    step = -(-max(width, height) // 64)
    assert max(small.width, small.height) <= 64
    assert small.extent_xywh[:2] == (10, 20)
    cells = small.extent_xywh[2] / small.width, small.extent_xywh[3] / small.height
    assert cells == pytest.approx((2 * step, 3 * step))
    share = (grid(small) > 127.5).mean() * small.width * small.height * step**2
    assert share == pytest.approx(inside.sum(), rel=0.15, abs=step**2 * 4)


def test_smaller_levels_of_a_thin_mask_still_show_it() -> None:
    grey = np.zeros((256, 256), np.uint8)
    grey[:, 100] = 255
    small = Levels(256, 256, 256, (0, 0, 256, 256), grey.tobytes()).within(64)
    assert (grid(small) > 127.5).any(axis=1).all()
