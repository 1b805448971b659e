from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import RADII, FakeModel
from torch import Tensor

from samwidget.predict import everything
from samwidget.predict import predictor as predictor_module
from samwidget.predict.embeddings import Embedding, Region
from samwidget.predict.everything import (
    FoundMask,
    find_everything,
    segment_everything,
)
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import MIN_SPREAD, Predictor
from samwidget.values import mask as mask_module
from samwidget.values.prompts import Prompts
from samwidget.values.upsample import mask_region, measured

SIZE_HW = (48, 64)


@pytest.fixture
def predictor() -> Predictor:
    return Predictor(FakeModel(), device="cpu")


@pytest.fixture
def embedding(predictor: Predictor) -> Embedding:
    return predictor.encode(np.zeros((*SIZE_HW, 3), np.uint8))


def search(predictor: Predictor, embedding: Embedding, **settings: float) -> list[FoundMask]:
    """Search with thresholds that let everything through unless they are given."""
    anything = {"pred_iou_thresh": -1, "stability_score_thresh": 0, "box_nms_thresh": 1}
    return find_everything(predictor, embedding, Grid(**{**anything, **settings}))  # type: ignore[arg-type]


def test_every_candidate_of_every_click(predictor: Predictor, embedding: Embedding) -> None:
    found = search(predictor, embedding, points_per_side=2)
    assert len(found) == 4 * len(RADII)
    assert {one.point_xy for one in found} == {(16, 12), (48, 12), (16, 36), (48, 36)}
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    for one in found:
        assert one.shape.size_hw == SIZE_HW
        rows, columns = np.nonzero(one.shape.full())
        expected = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert one.shape.box_xyxy == expected


def test_what_is_found_is_compact(predictor: Predictor, embedding: Embedding) -> None:
    for one in search(predictor, embedding, points_per_side=2):
        assert one.shape.compact() is one.shape
        assert 0 < one.shape.nbytes < 4 * predictor.model.config.mask_size**2 / 2
        assert one.as_object(3).shape is one.shape


def test_what_is_found_in_crops_lies_in_the_image(predictor: Predictor) -> None:
    image = np.zeros((100, 160, 3), np.uint8)
    grid = Grid(points_per_side=2, pred_iou_thresh=-1, stability_score_thresh=0, crop_n_layers=1)
    found = segment_everything(predictor, image, replace(grid, crop_nms_thresh=1))
    in_crops = [one for one in found if one.region != Region.whole((100, 160))]
    assert in_crops
    for one in in_crops:
        assert one.shape.size_hw == (100, 160)
        x, y = one.point_xy
        assert one.shape.contains(x, y)
        left, top, right, bottom = one.region.xyxy
        x1, y1, x2, y2 = one.shape.box_xyxy
        assert left <= x1 < x2 <= right
        assert top <= y1 < y2 <= bottom


def test_small_regions_are_told_by_the_order(predictor: Predictor) -> None:
    image = np.zeros((*SIZE_HW, 3), np.uint8)
    anything = {"pred_iou_thresh": -1, "stability_score_thresh": 0, "box_nms_thresh": 1}
    grid = Grid(points_per_side=2, **anything)  # type: ignore[arg-type]
    areas = sorted(one.shape.area for one in segment_everything(predictor, image, grid))
    middle = areas[len(areas) // 2]
    found = segment_everything(predictor, image, replace(grid, min_mask_region_area=middle))
    assert sorted(one.shape.area for one in found) == areas  # each is one island, which stays
    is_small = [one.shape.area < middle for one in found]
    assert is_small == sorted(is_small)
    assert 0 < sum(is_small) < len(found)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({"pred_iou_thresh": 0.75}, 8),
        ({"pred_iou_thresh": 0.85}, 4),
        ({"pred_iou_thresh": 0.95}, 0),
        ({"stability_score_thresh": 1.1}, 0),
    ],
    ids=str,
)
def test_the_doubtful_are_left_out(
    predictor: Predictor, embedding: Embedding, settings: dict[str, float], count: int
) -> None:
    assert len(search(predictor, embedding, points_per_side=2, **settings)) == count


class Blurred(FakeModel):
    """Its logits fall from the middle of a disk outwards by one for each pixel."""

    def _mask(self, points: list[list[float]], *others: Any) -> Tensor:
        size = self.config.mask_size
        centres = (torch.arange(size) + 0.5) * self.config.image_size / size
        (px, py), radius = points[0], others[-1]
        return radius - torch.hypot(centres[None] - px, centres[:, None] - py)


@pytest.mark.parametrize(
    ("wanted", "count"), [(0.0, 3), (0.4, 2), (0.66, 1), (0.9, 0)], ids=lambda value: f"{value}"
)
def test_the_unstable_are_left_out(wanted: float, count: int) -> None:
    """Disks of the radii 4, 8 and 12 that grow and shrink by one: (3/5)^2, (7/9)^2, (11/13)^2."""
    predictor = Predictor(Blurred(), device="cpu")
    embedding = predictor.encode(np.zeros((64, 64, 3), np.uint8))
    found = search(predictor, embedding, points_per_side=1, stability_score_thresh=wanted)
    assert len(found) == count
    expected = {0.7: 0.36, 0.9: 0.605, 0.8: 0.716}  # by the fake's scores
    for one in found:
        assert one.stability_score == pytest.approx(expected[round(one.score, 1)], abs=0.05)


def test_of_doubles_the_best_is_kept(predictor: Predictor, embedding: Embedding) -> None:
    crowd = search(predictor, embedding, points_per_side=16)
    found = search(predictor, embedding, points_per_side=16, box_nms_thresh=0.3)
    assert 0 < len(found) < len(crowd)
    assert found[0].score == crowd[0].score
    boxes = np.array([one.shape.box_xyxy for one in found]) - [0, 0, 1, 1]  # to the last pixels
    for i, box in enumerate(boxes):
        others = boxes[i + 1 :]
        sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
        shared = sides.clip(min=0).prod(1)
        areas = (others[:, 2:] - others[:, :2]).prod(1) + (box[2:] - box[:2]).prod()
        assert (shared / (areas - shared) <= 0.3).all(), i


def test_progress_and_cancelling(predictor: Predictor, embedding: Embedding) -> None:
    told: list[float] = []
    find_everything(predictor, embedding, Grid(points_per_side=3), told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(told) == math.ceil(9 / MIN_SPREAD)

    class EnoughError(Exception):
        pass

    def stop(done: float) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        find_everything(predictor, embedding, Grid(points_per_side=30), stop)
    model = predictor.model
    assert isinstance(model, FakeModel)
    assert len(model.decodes) < 9 + 900


def test_threads_end_and_torch_keeps_its_own(predictor: Predictor, embedding: Embedding) -> None:
    usual = torch.get_num_threads()
    find_everything(predictor, embedding, Grid(points_per_side=2))
    assert torch.get_num_threads() == usual
    assert not [t for t in threading.enumerate() if t.name.startswith("samwidget-spread")]
    seen: list[int] = []
    other = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    other.start()
    other.join()
    assert seen == [usual]


def test_what_a_model_raises_arrives(predictor: Predictor, embedding: Embedding) -> None:
    assert isinstance(predictor.model, FakeModel)
    predictor.model.decode_error = RuntimeError("out of memory")
    with pytest.raises(RuntimeError, match="out of memory"):
        find_everything(predictor, embedding, Grid(points_per_side=4))


def test_another_models_embedding(predictor: Predictor, embedding: Embedding) -> None:
    foreign = replace(embedding, model_id="vit_b", fingerprint="of others")
    with pytest.raises(ValueError, match="made by the model 'vit_b'"):
        find_everything(predictor, foreign)


MEMORY = """
import resource, sys
import numpy as np
import scipy.ndimage
from fakes import FakeModel
from samwidget.predict.everything import segment_everything
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor

def peak_mb():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20

predictor = Predictor(FakeModel(), device="cpu")
anything = dict(pred_iou_thresh=0, stability_score_thresh=0, box_nms_thresh=1)
segment_everything(predictor, np.zeros((64, 64, 3), np.uint8), Grid(points_per_side=2, **anything))
image = np.zeros((3000, 4000, 3), np.uint8)
before = peak_mb()
found = segment_everything(predictor, image, Grid(points_per_side=19, **anything))
print(len(found), peak_mb() - before)
"""


def test_a_thousand_masks_of_a_large_image_take_less_than_300_mb() -> None:
    pytest.importorskip("resource")
    tests = Path(__file__).resolve().parent.parent
    paths = os.pathsep.join([str(tests.parent), str(tests)])
    done = subprocess.run(
        [sys.executable, "-c", MEMORY],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    count, grown_mb = (float(word) for word in done.stdout.split())
    assert count >= 1000
    assert grown_mb < 300


def test_what_scores_too_low_is_not_measured(
    predictor: Predictor, embedding: Embedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the three scores of each click 0.9 alone is enough."""
    asked = []

    def spy(*given: Any) -> Any:
        asked.append(given)
        return measured(*given)

    monkeypatch.setattr(everything, "measured", spy)
    found = search(predictor, embedding, points_per_side=3, pred_iou_thresh=0.85)
    assert len(asked) == len(found) == 9


def test_only_what_is_kept_is_drawn(
    predictor: Predictor, embedding: Embedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def spy(*given: Any) -> Any:
        asked.append(given)
        return mask_region(*given)

    monkeypatch.setattr(mask_module, "mask_region", spy)
    found = search(predictor, embedding, points_per_side=8, box_nms_thresh=0.1)
    assert 0 < len(found) < 8 * 8 * len(RADII) / 4
    assert len(asked) == len(found)


def test_partial_results_come_with_the_first_clicks(
    predictor: Predictor, embedding: Embedding
) -> None:
    told: list[int] = []
    model = predictor.model
    assert isinstance(model, FakeModel)
    grid = Grid(points_per_side=20, pred_iou_thresh=0, stability_score_thresh=0)
    image = np.zeros((*embedding.region.size_hw, 3), np.uint8)
    search = everything.in_crops(
        predictor, image, grid, None, lambda _: told.append(len(model.decodes)), embedding
    )
    assert len(list(search)) == 1
    assert told[0] < 400 / 4
    assert len(told) == 400 / MIN_SPREAD


class SpeckledModel(FakeModel):
    """Every mask has a speck in a corner and a pin-hole at its click."""

    def _mask(self, points: Any, *others: Any) -> Tensor:
        mask = super()._mask(points, *others)
        mask[0, 0] = 6.0
        x, y = (int(side / 2) for side in points[0])
        mask[y, x] = -6.0
        return mask


def test_what_fails_the_score_is_not_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = Predictor(SpeckledModel(), device="cpu", clean_masks=True)
    embedding = predictor.encode(np.zeros((*SIZE_HW, 3), np.uint8))
    cleaned: list[int] = []
    really = predictor_module.clean_logits

    def count(logits: Any, *clicks: Any) -> Any:
        cleaned.append(1)
        return really(logits, *clicks)

    monkeypatch.setattr(predictor_module, "clean_logits", count)
    found = search(predictor, embedding, points_per_side=4, pred_iou_thresh=0.85)
    assert len(found) == len(cleaned) == 16
    for one in found:
        asked = predictor.predict(embedding, Prompts(np.array([one.point_xy]), [1]))
        np.testing.assert_array_equal(one.shape.full(), asked.mask(1))
        if one.point_xy != (8, 6):
            assert one.shape.box_xyxy[:2] != (0, 0), "the speck is there"
