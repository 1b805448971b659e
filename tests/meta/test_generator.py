from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest
from fakes import RADII, FakeModel

from samwidget.meta import SamAutomaticMaskGenerator

IMAGE = np.random.default_rng(0).integers(0, 256, (50, 100, 3), dtype=np.uint8)
ANY: dict[str, Any] = {
    "points_per_side": 2,
    "pred_iou_thresh": 0.0,
    "stability_score_thresh": 0.0,
    "box_nms_thresh": 1.0,
}


def test_parameters_and_defaults_are_metas() -> None:
    parameters = inspect.signature(SamAutomaticMaskGenerator).parameters
    assert {name: p.default for name, p in parameters.items() if name != "model"} == {
        "points_per_side": 32,
        "points_per_batch": 64,
        "pred_iou_thresh": 0.88,
        "stability_score_thresh": 0.95,
        "stability_score_offset": 1.0,
        "box_nms_thresh": 0.7,
        "crop_n_layers": 0,
        "crop_nms_thresh": 0.7,
        "crop_overlap_ratio": 512 / 1500,
        "crop_n_points_downscale_factor": 1,
        "point_grids": None,
        "min_mask_region_area": 0,
        "output_mode": "binary_mask",
    }


def test_records_say_the_same_of_a_mask() -> None:
    records = SamAutomaticMaskGenerator(FakeModel(), **ANY).generate(IMAGE)
    assert len(records) == 4 * len(RADII)
    for record in records:
        mask = record["segmentation"]
        assert mask.shape == (50, 100)
        assert mask.dtype == np.bool_
        assert record["area"] == mask.sum()
        rows, columns = np.nonzero(mask)
        x, y, width, height = record["bbox"]
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max(), rows.max())
        assert record["crop_box"] == [0, 0, 100, 50]
        ((px, py),) = record["point_coords"]
        assert mask[int(py), int(px)]
        json.dumps({k: v for k, v in record.items() if k != "segmentation"})


def test_run_lengths_are_the_mask() -> None:
    masks = SamAutomaticMaskGenerator(FakeModel(), **ANY).generate(IMAGE)
    runs = SamAutomaticMaskGenerator(FakeModel(), **ANY, output_mode="uncompressed_rle").generate(
        IMAGE
    )
    for one, other in zip(masks, runs, strict=True):
        counts = other["segmentation"]["counts"]
        assert other["segmentation"]["size"] == [50, 100]
        inside = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
        np.testing.assert_array_equal(inside.reshape(100, 50).T, one["segmentation"])
        json.dumps(other)


def test_crops_are_told() -> None:
    records = SamAutomaticMaskGenerator(
        FakeModel(), **ANY, crop_n_layers=1, crop_nms_thresh=1.0
    ).generate(np.zeros((200, 300, 3), np.uint8))
    boxes = {tuple(record["crop_box"]) for record in records}
    assert (0, 0, 300, 200) in boxes
    assert len(boxes) > 1
    for record in records:
        x, y, width, height = record["crop_box"]
        inside = record["segmentation"][y : y + height, x : x + width]
        assert inside.sum() == record["area"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # their own
def test_coco_strings_are_the_run_lengths() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    masks = SamAutomaticMaskGenerator(FakeModel(), **ANY).generate(IMAGE)
    coded = SamAutomaticMaskGenerator(FakeModel(), **ANY, output_mode="coco_rle").generate(IMAGE)
    for one, other in zip(masks, coded, strict=True):
        assert isinstance(other["segmentation"]["counts"], str)
        np.testing.assert_array_equal(coco.decode(other["segmentation"]), one["segmentation"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"points_per_side": None}, "either points_per_side or point_grids, got neither"),
        ({"point_grids": [np.zeros((1, 2))]}, "got both; set points_per_side=None"),
        ({"output_mode": "png"}, "'binary_mask' or 'uncompressed_rle' or 'coco_rle', got 'png'"),
        (
            {"points_per_side": None, "point_grids": [np.zeros((1, 2))], "crop_n_layers": 1},
            r"for each of 2 layers, got the shapes \[\(1, 2\)\]",
        ),
    ],
    ids=["no points", "both", "unknown mode", "a layer without points"],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SamAutomaticMaskGenerator(FakeModel(), **settings)
