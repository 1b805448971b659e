"""Outlines along the pixels' borders: exact, simple, valid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from samwidget.values.mask import Mask
from samwidget.values.outlines import outlines


def drawn(*rows: str) -> NDArray[np.bool_]:
    return np.array([[char == "#" for char in row] for row in rows])


NAMED = {
    "one pixel": (drawn("#"), [1]),
    "corner to corner": (drawn("#.", ".#"), [1, 1]),
    "ring": (drawn("###", "#.#", "###"), [2]),
    "open ring": (drawn("###", "#..", "###"), [1]),
    "ring that closes in a corner": (drawn(".##", "#.#", "###"), [2]),
    "two holes that touch": (drawn("####", "#.##", "##.#", "####"), [3]),
    "island in a hole": (drawn("#####", "#...#", "#.#.#", "#...#", "#####"), [2, 1]),
    "nothing": (drawn("..", ".."), []),
}


@pytest.mark.parametrize("name", NAMED)
def test_parts_have_their_rings(name: str) -> None:
    pixels, rings = NAMED[name]
    assert sorted(map(len, outlines(pixels))) == sorted(rings)


def test_a_rectangle_has_four_corners_where_its_pixels_end() -> None:
    pixels = np.zeros((9, 9), bool)
    pixels[2:5, 1:7] = True
    ((ring,),) = outlines(pixels, 10, 20)
    assert ring.tolist() == [[11, 22], [17, 22], [17, 25], [11, 25]]


def test_random_masks_come_back_exactly_and_are_valid() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        height, width = rng.integers(1, 14, 2)
        pixels = rng.random((height, width)) < rng.choice([0.2, 0.5, 0.8])
        polygons = outlines(pixels)
        for shell, *holes in polygons:
            assert shapely.is_valid(shapely.Polygon(shell, holes)), pixels
        rings = [ring for polygon in polygons for ring in polygon]
        assert sum(shapely.Polygon(p[0], p[1:]).area for p in polygons) == pixels.sum()
        back = Mask.from_polygons(rings, (int(height), int(width)))
        np.testing.assert_array_equal(back.full(), pixels)


def test_outer_rings_turn_right_and_holes_left() -> None:
    (shell, hole), _ = outlines(NAMED["island in a hole"][0])
    areas = [
        int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) for x, y in (shell.T, hole.T)
    ]  # y goes down
    assert areas[0] > 0 > areas[1]


def test_a_mask_gives_its_polygons_in_image_coordinates() -> None:
    pixels = np.zeros((30, 40), bool)
    pixels[10:20, 15:30] = True
    ((ring,),) = Mask.from_array(pixels).polygons()
    assert ring.min(axis=0).tolist() == [15, 10]
    assert Mask.from_array(np.zeros((3, 3), bool)).polygons() == []
