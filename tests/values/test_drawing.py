from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from samwidget.values.drawing import draw_box, draw_objects, draw_points
from samwidget.values.mask import Mask
from samwidget.values.palette import color_for, rgb

RED, BLUE = "#ff0000", "#0000ff"


def disc(side: int, radius: float) -> np.ndarray:
    y, x = np.mgrid[:side, :side] + 0.5
    return np.hypot(x - side / 2, y - side / 2) < radius


def test_fill_blends_and_leaves_the_rest_alone() -> None:
    image = np.full((8, 8, 3), 100, np.uint8)
    mask = np.zeros((8, 8), bool)
    mask[2:6, 2:6] = True
    picture = draw_objects(image, [Mask.from_array(mask)], [RED], alpha=0.5, outline=False)
    assert picture.dtype == np.uint8
    assert np.abs(picture[mask].astype(int) - [177, 50, 50]).max() <= 1
    assert (picture[~mask] == 100).all()
    assert (image == 100).all()


def test_small_pictures_have_a_one_pixel_outline_inside_the_mask() -> None:
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    picture = draw_objects(
        np.zeros((20, 20, 3), np.uint8), [Mask.from_array(mask)], [RED], alpha=0.0
    )
    inner = np.zeros_like(mask)
    inner[6:14, 6:14] = True
    assert ((picture[..., 0] == 255) == (mask & ~inner)).all()


def test_large_pictures_have_an_even_outline_on_the_border() -> None:
    side, radius = 1600, 500
    mask = disc(side, radius)
    picture = draw_objects(
        np.full((side, side, 3), 255, np.uint8), [Mask.from_array(mask)], [BLUE], alpha=0.0
    )
    y, x = np.mgrid[:side, :side] + 0.5
    off_border = np.abs(np.hypot(x - side / 2, y - side / 2) - radius)
    assert (picture[off_border < 1] == (0, 0, 255)).all()
    assert (picture[off_border > 5] == 255).all()
    blue = picture[..., 2] > picture[..., 0] + 128.0
    assert blue.sum() / (2 * np.pi * radius) == pytest.approx(1600 / 400, abs=0.5)


def test_lone_pixels_are_outlined_on_large_pictures() -> None:
    mask = np.zeros((1600, 1600), bool)
    mask[700, 800] = True
    picture = draw_objects(
        np.zeros((1600, 1600, 3), np.uint8), [Mask.from_array(mask)], [RED], alpha=0.0
    )
    assert picture[700, 800].tolist() == [255, 0, 0]


def test_outline_follows_the_picture_edge_where_it_cuts_the_mask() -> None:
    mask = np.ones((30, 30), bool)
    picture = draw_objects(
        np.zeros((30, 30, 3), np.uint8), [Mask.from_array(mask)], [RED], alpha=0.0
    )
    assert (picture[0, :, 0] == 255).all()
    assert (picture[:, -1, 0] == 255).all()
    assert (picture[1:-1, 1:-1] == 0).all()


def test_later_masks_lie_on_top() -> None:
    masks = [Mask.from_array(np.ones((4, 4), bool))] * 2
    picture = draw_objects(np.zeros((4, 4, 3), np.uint8), masks, [RED, BLUE], alpha=1.0)
    assert (picture == (0, 0, 255)).all()


def test_empty_masks_and_no_masks_draw_nothing() -> None:
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert (draw_objects(image, [Mask.from_array(np.zeros((4, 4), bool))], [RED]) == image).all()
    assert (draw_objects(image, [], []) == image).all()


@pytest.mark.parametrize(
    ("shape", "max_side", "expected"),
    [
        ((100, 300), 150, (50, 150)),
        ((300, 100), 150, (150, 50)),
        ((100, 300), 300, (100, 300)),
        ((1, 3000), 100, (1, 100)),
    ],
)
def test_max_side_shrinks_picture_and_masks(
    shape: tuple[int, int], max_side: int, expected: tuple[int, int]
) -> None:
    mask = np.zeros(shape, bool)
    mask[:, : shape[1] // 2] = True
    image = np.zeros((*shape, 3), np.uint8)
    picture = draw_objects(image, [Mask.from_array(mask)], [RED], alpha=1.0, max_side=max_side)
    assert picture.shape == (*expected, 3)
    assert (picture[:, : expected[1] // 2 - 2, 0] == 255).all()
    assert (picture[:, expected[1] // 2 + 2 :, 0] == 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": np.zeros((4, 4), np.uint8)}, r"image: expected \(H, W, 3\) uint8 RGB"),
        ({"image": np.zeros((4, 4, 3), np.float32)}, r"got \(4, 4, 3\) float32"),
        ({"image": np.zeros((0, 4, 3), np.uint8)}, "image: expected"),
        (
            {"masks": [Mask.from_array(np.ones((4, 5), bool))]},
            r"masks\[0\]: expected .* \(4, 4\), got \(4, 5\)",
        ),
        ({"colors": [RED, BLUE]}, "got 1 masks and 2"),
        ({"colors": ["red"]}, "expected '#rrggbb'"),
        ({"alpha": 1.5}, "alpha: expected 0 to 1"),
        ({"max_side": 0}, "max_side: expected 1 or more"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], message: str) -> None:
    good = {
        "image": np.zeros((4, 4, 3), np.uint8),
        "masks": [Mask.from_array(np.ones((4, 4), bool))],
        "colors": [RED],
    }
    with pytest.raises(ValueError, match=message):
        draw_objects(**(good | change))


def test_points_are_marked_where_they_are_and_by_their_label() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    picture = draw_points(image, np.array([[50.0, 40.0], [150.0, 60.0]]), np.array([1, 0]))
    drawn = picture.any(axis=2)
    for x, y in ((50, 40), (150, 60)):
        rows, columns = np.nonzero(drawn[:, x - 20 : x + 20])
        assert rows.mean() + 0.5 == pytest.approx(y, abs=0.6)
        assert columns.mean() + 0.5 == pytest.approx(20, abs=0.6)
    # Below the signs' horizontal bar: the white stem of the plus on green, plain red.
    red, green, blue = picture[42, 50].tolist()
    assert min(red, green, blue) > 180
    red, green, blue = picture[43, 53].tolist()
    assert green > 2 * red
    red, green, blue = picture[62, 150].tolist()
    assert red > 2 * max(green, blue)
    assert not image.any()


def test_points_at_and_beyond_the_edge_do_not_fail() -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    points = np.array([[0.0, 0.0], [20.0, 20.0], [-500.0, 7.0]])
    picture = draw_points(image, points, np.array([1, 1, 0]))
    assert picture.shape == image.shape
    assert picture[0, 0].any()
    assert picture[19, 19].any()


def test_box_is_drawn_on_its_edges_only() -> None:
    picture = draw_box(np.zeros((40, 40, 3), np.uint8), (10, 5, 30, 25), RED)
    expected = np.zeros((40, 40), bool)
    expected[5:25, 10:30] = True
    expected[6:24, 11:29] = False
    assert ((picture[..., 0] == 255) == expected).all()


def test_degenerate_box_is_still_seen() -> None:
    picture = draw_box(np.zeros((40, 40, 3), np.uint8), (10, 10, 10, 10), RED)
    assert picture[10, 10].tolist() == [255, 0, 0]


@pytest.mark.parametrize("max_side", [100, 333, 1000])
def test_a_small_picture_equals_the_one_made_of_full_masks(
    max_side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shrunk by Pillow: the full coverage, as every display painted it once."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:900, :1300] + 0.5
    arrays = [
        np.hypot(x - cx, y - cy) < radius
        for cx, cy, radius in rng.uniform([0, 0, 5], [1300, 900, 300], (12, 3))
    ]
    arrays += [arrays[0] & ~arrays[1], x < 3, np.zeros_like(arrays[0])]
    image = np.repeat(np.repeat(rng.integers(0, 255, (9, 13, 3), np.uint8), 100, 0), 100, 1)
    masks = [Mask.from_array(array) for array in arrays]
    colors = [color_for(i) for i in range(len(arrays))]
    monkeypatch.setattr(Mask, "full", None)  # never asked for
    found = draw_objects(image, masks, colors, outline=False, max_side=max_side)
    height, width = found.shape[:2]
    expected = draw_objects(image, [], [], max_side=max_side).astype(np.float64)
    for array, color in zip(arrays, colors, strict=True):
        grey = Image.fromarray(array.astype(np.uint8) * np.uint8(255))
        share = np.asarray(grey.resize((width, height), Image.Resampling.BOX), np.float64) / 255
        expected += (np.array(rgb(color)) - expected) * (0.45 * share)[..., None]
    difference = np.abs(found - expected)
    assert difference.mean() < 1
    # Where Pillow counts a pixel to one cell only, a border's coverage differs by a part of it.
    assert np.percentile(difference, 99.5) < 0.45 * 255 * max_side / 1300 + 4


@pytest.mark.parametrize(
    ("shape", "max_side"),
    [((700, 900), 200), ((701, 899), 199), ((130, 1000), 60), ((1000, 3), 70), ((300, 400), 390)],
    ids=str,
)
def test_a_picture_is_shrunk_as_pillow_shrinks_it_whole(
    shape: tuple[int, int], max_side: int
) -> None:
    image = np.random.default_rng(5).integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = draw_objects(image, [], [], max_side=max_side)
    size_wh = (found.shape[1], found.shape[0])
    whole = Image.fromarray(image).resize(size_wh, Image.Resampling.LANCZOS, reducing_gap=1.0)
    np.testing.assert_array_equal(found, np.asarray(whole))
