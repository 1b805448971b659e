"""The rasteriser's fixtures, which vitest reads, too, and the rule itself, pixel by pixel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samwidget.values.mask import Mask
from samwidget.values.strokes import MOST_POINTS, stroke_mask

FIXTURE = json.loads((Path(__file__).parents[1] / "fixtures" / "strokes.json").read_text("utf-8"))


def rows(mask: Mask) -> list[str]:
    return ["".join("#" if inside else "." for inside in row) for row in mask.full()]


def distances(points: Any, size_hw: tuple[int, int]) -> np.ndarray:
    """How far each pixel's centre is from a path, by the definition."""
    path, (height, width) = np.asarray(points, float), size_hw
    y, x = np.mgrid[:height, :width] + 0.5
    nearest = np.full(size_hw, np.inf)
    for k in range(max(1, len(path) - 1)):
        (ax, ay), (bx, by) = path[k], path[min(k + 1, len(path) - 1)]
        squared = (bx - ax) ** 2 + (by - ay) ** 2
        along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared if squared else 0.0
        t = np.clip(along, 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)))
    return nearest


@pytest.mark.parametrize("case", FIXTURE["strokes"], ids=lambda case: case["name"])
def test_stroke(case: dict[str, Any]) -> None:
    size_hw = (case["height"], case["width"])
    assert rows(stroke_mask(case["points"], case["radius"], size_hw)) == case["rows"]


@pytest.mark.parametrize("case", FIXTURE["polygons"], ids=lambda case: case["name"])
def test_polygon(case: dict[str, Any]) -> None:
    mask = Mask.from_polygons(case["rings"], (case["height"], case["width"]))
    assert rows(mask) == case["rows"]


def test_a_pixel_is_inside_when_its_centre_is_within_the_radius() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        points = rng.uniform(-10, 50, (rng.integers(1, 7), 2))
        radius = float(rng.uniform(0.3, 12))
        away = distances(points, (40, 37))
        certain = np.abs(away - radius) > 1e-9
        painted = stroke_mask(points, radius, (40, 37)).full()
        np.testing.assert_array_equal(painted[certain], (away <= radius)[certain])


def test_the_way_back_covers_nothing_more() -> None:
    there = [(3.0, 4.0), (20.5, 9.25), (12.0, 16.0)]
    once = stroke_mask(there, 3.5, (20, 30))
    both = stroke_mask([*there, *there[::-1]], 3.5, (20, 30))
    assert rows(once) == rows(both)


@pytest.mark.parametrize(
    ("points", "radius", "says"),
    [
        ([], 2, r"shape \(0,\)"),
        (np.zeros((0, 2)), 2, "at least 1 point and at most"),
        ([[1, 2, 3]], 2, r"shape \(1, 3\)"),
        ([[1, np.nan]], 2, r"must be finite, got \[1\.0, nan\]"),
        ("line", 2, "list of points"),
        (np.zeros((MOST_POINTS + 1, 2)), 2, f"got {MOST_POINTS + 1}"),
        ([[1, 2]], 0, "above 0, got 0"),
        ([[1, 2]], np.inf, "in pixels, got inf"),
        ([[1, 2]], np.nan, "in pixels, got nan"),
    ],
)
def test_what_is_no_stroke_is_refused(points: Any, radius: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        stroke_mask(points, radius, (10, 10))
