from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fakes import RADII, FakeModel
from torch import Tensor

from samwidget.models.config import NANO, VIT_B
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.predict.proposals import find_proposals, proposals_grid

IMAGE = np.zeros((48, 64, 3), np.uint8)
ALL = Grid(points_per_side=4, pred_iou_thresh=0, stability_score_thresh=0, box_nms_thresh=1)


@pytest.fixture
def predictor() -> Predictor:
    return Predictor(FakeModel(), device="cpu")


class Blurred(FakeModel):
    """Its logits fall from the middle of a disk outwards: the larger, the more stable."""

    def _mask(self, points: list[list[float]], *others: Any) -> Tensor:
        size = self.config.mask_size
        centres = (torch.arange(size) + 0.5) * self.config.image_size / size
        (px, py), radius = points[0], others[-1]
        return radius - torch.hypot(centres[None] - px, centres[:, None] - py)


def test_the_likeliest_come_first() -> None:
    """The best score alone, 0.9 of the middle disk, is not enough."""
    found = find_proposals(Predictor(Blurred(), device="cpu"), IMAGE, grid=ALL)
    assert len(found) == 16 * len(RADII)
    ranks = [one.score + one.stability_score for one in found]
    assert ranks == sorted(ranks, reverse=True)
    assert found[0].score == pytest.approx(0.8)


def test_no_more_than_asked_for(predictor: Predictor) -> None:
    every = find_proposals(predictor, IMAGE, grid=ALL)
    some = find_proposals(predictor, IMAGE, 5, ALL)
    assert [one.point_xy for one in some] == [one.point_xy for one in every[:5]]
    assert [one.score for one in some] == [one.score for one in every[:5]]
    for one in some:
        assert one.shape.compact() is one.shape


def test_doubles_are_left_out_but_not_what_overlaps(predictor: Predictor) -> None:
    grid = Grid(points_per_side=16, pred_iou_thresh=0, stability_score_thresh=0)
    counts = [
        len(find_proposals(predictor, IMAGE, 10_000, Grid(**{**vars(grid), "box_nms_thresh": t})))
        for t in (0.7, 0.9)
    ]
    assert counts[0] < counts[1] < 256 * len(RADII)


def test_the_grid_is_the_papers_but_for_the_embedded_model() -> None:
    published = proposals_grid(VIT_B)
    assert published == Grid(points_per_side=64, box_nms_thresh=0.9)
    assert proposals_grid(NANO).points_per_side == 32
    assert proposals_grid(NANO).box_nms_thresh == 0.9


@pytest.mark.parametrize(
    ("n", "error"),
    [(0, ValueError), (-1, ValueError), (2.0, TypeError), ("all", TypeError), (True, TypeError)],
    ids=str,
)
def test_bad_numbers(predictor: Predictor, n: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"n must be .* proposal"):
        find_proposals(predictor, IMAGE, n)
    assert isinstance(predictor.model, FakeModel)
    assert predictor.model.encodes == 0


def test_progress_and_cancelling(predictor: Predictor) -> None:
    told: list[float] = []
    find_proposals(predictor, IMAGE, grid=ALL, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_proposals(predictor, IMAGE, grid=ALL, on_progress=stop)
