from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fakes import FakeModel
from torch import Tensor

from samwidget.predict.edges import DRAWN_SIDE, find_edges, thin_edges
from samwidget.predict.predictor import Predictor

CENTRE, RADIUS = (32.0, 24.0), 14.0  # in the model frame, which is 64 pixels wide


class OneDisk(FakeModel):
    """Every click gets the same disk, with logits that fall by ``slope`` from pixel to pixel."""

    def __init__(self, slope: float = 2.0, slope_on_the_right: float | None = None) -> None:
        super().__init__()
        self.slope = slope
        self.other = slope if slope_on_the_right is None else slope_on_the_right

    def _mask(self, *_: Any) -> Tensor:
        size = self.config.mask_size
        centres = (torch.arange(size) + 0.5) * self.config.image_size / size
        x, y = centres[None] - CENTRE[0], centres[:, None] - CENTRE[1]
        slopes = torch.where(x > 0, self.other, self.slope)
        return slopes * (RADIUS - torch.hypot(x, y))


def edges_of(model: FakeModel, size_hw: tuple[int, int] = (48, 64)) -> Any:
    return find_edges(Predictor(model, device="cpu"), np.zeros((*size_hw, 3), np.uint8))


def distances(size_hw: tuple[int, int]) -> Any:
    """From the disk's border, in pixels of the image."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]] + 0.5
    scale = size_hw[1] / 64
    return np.hypot(x - CENTRE[0] * scale, y - CENTRE[1] * scale) - RADIUS * scale


@pytest.mark.parametrize("size_hw", [(48, 64), (240, 320), (1500, 2000)], ids=str)
def test_edges_are_thin_lines_where_masks_end(size_hw: tuple[int, int]) -> None:
    edges = edges_of(OneDisk(), size_hw)
    assert edges.shape == size_hw
    assert edges.dtype == np.float32
    assert (edges.min(), edges.max()) == (0, 1)
    away = distances(size_hw)
    per_cell = size_hw[1] / 32
    strong = edges > 0.5
    assert np.abs(away[strong]).max() < max(2, per_cell)
    # All around: each direction has an edge.
    y, x = np.nonzero(strong)
    angles = np.arctan2(y - size_hw[0] / 2, x - size_hw[1] / 2)
    assert len(np.unique((angles * 18 / np.pi).astype(int))) >= 30
    around = 2 * np.pi * RADIUS * size_hw[1] / 64
    assert strong.sum() < 3 * around


def test_edges_are_as_strong_as_masks_are_sure() -> None:
    edges = edges_of(OneDisk(slope=0.3, slope_on_the_right=3.0), (240, 320))
    left, right = edges[:, :130], edges[:, 190:]
    assert right.max() == 1
    assert 0.1 < left.max() < 0.5


def test_many_clicks_that_mean_the_same_are_one_edge() -> None:
    model = OneDisk()
    edges_of(model)
    assert len(model.decodes) == 16 * 16
    assert all(call["multimask"] for call in model.decodes)


class Nothing(FakeModel):
    def _mask(self, *_: Any) -> Tensor:
        return torch.full((32, 32), -1.0)


class All(FakeModel):
    def _mask(self, *_: Any) -> Tensor:
        return torch.full((32, 32), 1.0)


@pytest.mark.parametrize("model", [Nothing(), All()], ids=["no mask", "the whole image"])
@pytest.mark.parametrize("size_hw", [(1, 1), (48, 64), (20, 2 * DRAWN_SIDE)], ids=str)
def test_no_edges(model: FakeModel, size_hw: tuple[int, int]) -> None:
    edges = edges_of(model, size_hw)
    assert edges.shape == size_hw
    assert not edges.any()


def test_progress_and_cancelling() -> None:
    told: list[float] = []
    predictor = Predictor(OneDisk(), device="cpu")
    image = np.zeros((48, 64, 3), np.uint8)
    find_edges(predictor, image, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)

    class EnoughError(Exception):
        pass

    def stop(done: float) -> None:
        if done > 0.2:
            raise EnoughError

    threads = torch.get_num_threads()
    with pytest.raises(EnoughError):
        find_edges(predictor, image, stop)
    assert torch.get_num_threads() == threads


def test_an_empty_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must have the shape \(H, W, 3\)"):
        edges_of(OneDisk(), (0, 5))


def test_of_a_broad_ridge_the_crest_is_left() -> None:
    y, x = np.mgrid[:60, :80]
    away = (y - 10 - 0.5 * x) / np.hypot(1, 0.5)
    ridge = np.exp(-((away / 3) ** 2)).astype(np.float32)
    thin = thin_edges(ridge)
    inner = thin[5:-5, 5:-5]
    assert np.abs(away[5:-5, 5:-5][inner > 0.5]).max() < 1
    assert (inner > 0.5).any(axis=0).mean() > 0.9
    assert thin.max() == 1


def test_nothing_is_left_of_nothing() -> None:
    assert not thin_edges(np.zeros((5, 7), np.float32)).any()
