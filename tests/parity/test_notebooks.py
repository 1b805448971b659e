"""Code for segment-anything, run under both imports: the same answers on the same weights."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import samwidget
from samwidget.predict.predictor import Predictor

from . import notebooks

pytestmark = pytest.mark.parity

SIZES_HW = [(300, 420), (77, 512)]


def assert_alike(ours: NDArray[Any], theirs: NDArray[Any], where: str) -> None:
    assert ours.shape == theirs.shape, where
    assert ours.dtype == theirs.dtype, where
    if theirs.dtype == np.bool_:
        assert (ours != theirs).mean() < 1e-4, where
    else:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4, err_msg=where)


@pytest.mark.parametrize("size_hw", SIZES_HW, ids=str)
def test_the_predictors_notebook(
    peers: ModuleType, predictor: Predictor, meta: Any, photo: Any, size_hw: tuple[int, int]
) -> None:
    image = photo(*size_hw)
    ours = notebooks.predictor_example(samwidget, predictor.model, image)
    theirs = notebooks.predictor_example(peers.segment_anything(), meta, image)
    assert list(ours) == list(theirs)
    for name, expected in theirs.items():
        if name == "sizes":
            assert ours[name] == expected
        elif isinstance(expected, tuple):
            for mine, other in zip(ours[name], expected, strict=True):
                assert_alike(mine, other, name)
        else:
            assert_alike(ours[name], expected, name)


ANYTHING = {
    # Random weights draw speckle over the whole image: the boxes are about the same.
    "points_per_side": 4,
    "stability_score_offset": 0.02,
    "stability_score_thresh": 0.9,
    "box_nms_thresh": 1.0,
    "crop_nms_thresh": 1.0,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "one layer": {},
    "crops": {"crop_n_layers": 1, "crop_n_points_downscale_factor": 2},
    "runs": {"output_mode": "uncompressed_rle"},
    "small regions": {"min_mask_region_area": 100},
    "other thresholds": {"box_nms_thresh": 0.4, "stability_score_thresh": 0.95},
    "own points": {
        "points_per_side": None,
        "point_grids": [np.random.default_rng(0).random((20, 2))],
        "points_per_batch": 7,
    },
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_generators_notebook(
    peers: ModuleType,
    predictor: Predictor,
    meta: Any,
    photo: Any,
    settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "min_mask_region_area" in settings:
        pytest.importorskip("cv2")
    if "crop_n_layers" in settings:
        theirs_amg = peers.segment_anything().automatic_mask_generator
        monkeypatch.setattr(
            theirs_amg, "box_area", lambda b: (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
        )
    image = photo(300, 420)
    everything = Predictor(predictor.model, "cpu")
    embedding = everything.encode(image)
    clicks = [samwidget.Prompts([xy], [1]) for xy in ([90, 80], [210, 150], [350, 260])]
    found = everything.predict_batch(embedding, clicks)
    threshold = float(np.median(np.concatenate([one.iou_predictions for one in found])))
    asked = {**ANYTHING, "pred_iou_thresh": threshold, **settings}
    ours = notebooks.generator_example(samwidget, predictor.model, image, asked)
    theirs = notebooks.generator_example(peers.segment_anything(), meta, image, asked)
    least = 1 if settings.get("box_nms_thresh", 1) < 1 else 4
    assert len(ours) == len(theirs) >= least
    left = list(theirs)
    for record in ours:  # the same set: scores of equal rank may come in another order
        other = min(left, key=lambda one: distance(one, record))
        left.remove(other)
        assert list(record) == list(other)
        assert record["predicted_iou"] == pytest.approx(other["predicted_iou"], abs=1e-3)
        assert record["stability_score"] == pytest.approx(other["stability_score"], abs=1e-3)
        assert record["bbox"] == pytest.approx(other["bbox"], abs=1)
        assert record["crop_box"] == other["crop_box"]
        np.testing.assert_allclose(record["point_coords"], other["point_coords"], atol=1e-3)
        assert record["area"] == pytest.approx(other["area"], abs=0.001 * image[..., 0].size)
        mine, expected = record["segmentation"], other["segmentation"]
        if isinstance(expected, dict):
            assert mine["size"] == expected["size"]
            assert sum(mine["counts"]) == sum(expected["counts"])
            mine, expected = as_mask(mine), as_mask(expected)
        assert (mine != expected).mean() < 1e-3


def distance(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Tell how far two records are from being of the same candidate."""
    names = ("predicted_iou", "stability_score")
    scores = sum(abs(one[name] - other[name]) for name in names)
    click = np.abs(np.subtract(one["point_coords"], other["point_coords"])).sum()
    crop = np.abs(np.subtract(one["crop_box"], other["crop_box"])).sum()
    return float(100 * scores + click + crop)


def as_mask(runs: dict[str, Any]) -> NDArray[np.bool_]:
    values = np.arange(len(runs["counts"])) % 2 == 1
    height, width = runs["size"]
    return np.repeat(values, runs["counts"]).reshape(width, height).T


def test_untrained_models_of_the_registry_are_metas(peers: ModuleType) -> None:
    theirs = peers.segment_anything().sam_model_registry
    for name in ("default", "vit_h", "vit_l", "vit_b"):
        with torch.device("meta"):
            expected, ours = theirs[name](), samwidget.sam_model_registry[name]()
        assert not ours.training
        assert {k: v.shape for k, v in ours.state_dict().items()} == {
            k: v.shape for k, v in expected.state_dict().items()
        }
        assert ours.image_encoder.img_size == expected.image_encoder.img_size
        assert (ours.mask_threshold, ours.image_format) == (0.0, "RGB")
