from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from samwidget.models.config import NANO, VIT_B
from samwidget.predict.grid import PRESETS, Grid


def test_the_grid_is_in_the_middle_of_equal_parts() -> None:
    points = Grid(points_per_side=2).points_xy((100, 200))
    assert points.tolist() == [[50, 25], [150, 25], [50, 75], [150, 75]]
    assert points.dtype == np.float32


def test_balanced_is_what_is_done_without_a_preset() -> None:
    assert Grid.for_model(VIT_B) == Grid.for_model(VIT_B, "balanced") == Grid()
    assert Grid.for_model(NANO) == Grid.for_model(NANO, "balanced")


@pytest.mark.parametrize("config", [VIT_B, NANO], ids=lambda config: config.name)
def test_a_finer_preset_clicks_more(config: Any) -> None:
    def clicks(preset: str) -> int:
        grid = Grid.for_model(config, preset)
        crops = [4**layer for layer in range(grid.crop_n_layers + 1)]
        return sum(n * len(grid.points_xy((90, 90), layer)) for layer, n in enumerate(crops))

    counts = [clicks(preset) for preset in ("fast", "balanced", "fine")]
    assert counts == sorted(set(counts))
    assert list(PRESETS) == ["fast", "balanced", "fine"]


def test_fine_searches_crops_and_leaves_out_specks() -> None:
    for config in (VIT_B, NANO):
        grid = Grid.for_model(config, "fine")
        assert grid.crop_n_layers == 1
        assert grid.min_mask_region_area == 100


def test_settings_are_instead_of_the_presets() -> None:
    grid = Grid.for_model(VIT_B, "fine", crop_n_layers=0, points_per_side=7)
    assert (grid.crop_n_layers, grid.points_per_side) == (0, 7)
    assert grid.pred_iou_thresh == Grid.for_model(VIT_B, "fine").pred_iou_thresh


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"points_per_side": 0}, ValueError, "points_per_side must be at least 1, got 0"),
        ({"points_per_side": -3}, ValueError, "points_per_side must be at least 1, got -3"),
        ({"points_per_side": 10**7}, ValueError, "points_per_side must be at most 1000"),
        ({"points_per_side": 2.5}, TypeError, "points_per_side must be a whole number, got 2.5"),
        ({"points_per_side": "32"}, TypeError, "points_per_side must be a whole number"),
        ({"points_per_side": True}, TypeError, "points_per_side must be a whole number"),
        ({"points_per_side": None}, TypeError, "points_per_side must be a whole number"),
        ({"points_per_batch": 0}, ValueError, "points_per_batch must be at least 1"),
        ({"crop_n_layers": -1}, ValueError, "crop_n_layers must be at least 0, got -1"),
        ({"crop_n_layers": 40}, ValueError, "crop_n_layers must be at most 6, got 40"),
        ({"crop_n_points_downscale_factor": 0}, ValueError, "downscale_factor must be at least 1"),
        ({"stability_score_offset": -1}, ValueError, "must not be negative, got -1"),
        ({"min_mask_region_area": -5}, ValueError, "must not be negative, got -5"),
        ({"pred_iou_thresh": NAN}, ValueError, "pred_iou_thresh must be a finite number, got nan"),
        ({"stability_score_thresh": INF}, ValueError, "must be a finite number, got inf"),
        ({"stability_score_thresh": "high"}, TypeError, "must be a number, got str"),
        ({"box_nms_thresh": 2}, ValueError, "box_nms_thresh must be from 0 to 1, got 2"),
        ({"box_nms_thresh": NAN}, ValueError, "box_nms_thresh must be a finite number"),
        ({"crop_nms_thresh": -0.1}, ValueError, "crop_nms_thresh must be from 0 to 1"),
        ({"crop_overlap_ratio": 1.5}, ValueError, "crop_overlap_ratio must be from 0 to 1"),
        ({"point_grids": []}, ValueError, "point_grids: expected an array"),
        ({"point_grids": [np.zeros((0, 2))]}, ValueError, "got the shapes [(0, 2)]"),
        ({"point_grids": [np.zeros(2)]}, ValueError, "got the shapes [(2,)]"),
        ({"point_grids": [np.full((1, 2), NAN)]}, ValueError, "as shares of the image from 0 to 1"),
        ({"point_grids": [np.full((1, 2), 300)]}, ValueError, "as shares of the image"),
        ({"point_grids": [np.array([["a", "b"]])]}, ValueError, "as shares of the image"),
    ],
    ids=str,
)
def test_bad_settings(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Grid(**settings)


@pytest.mark.parametrize("preset", ["best", "", "FAST", 3, "x" * 10_000], ids=lambda p: str(p)[:9])
def test_unknown_presets(preset: Any) -> None:
    with pytest.raises(ValueError, match="preset: expected one of 'fast', 'balanced', 'fine'") as e:
        Grid.for_model(VIT_B, preset)
    assert len(str(e.value)) < 200
