"""Everything in an image: a grid of clicks, the doubtful and the double masks left out.

The rules and their numbers are those of segment-anything's automatic mask generator. It draws all
candidates at the image's size, then judges them; here only those that the model is sure of are
drawn, one at a time, and none is kept at that size.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from threading import Barrier

import numpy as np
import torch
from numpy.typing import NDArray

from samwidget.predict.predictor import Embedding, Predictor
from samwidget.predict.threads import short_computation
from samwidget.values.geometry import ResizeTransform
from samwidget.values.nms import box_nms
from samwidget.values.prediction import Prediction
from samwidget.values.upsample import full_mask

POINTS_PER_BATCH = 64
"""On an accelerator."""


@dataclass(frozen=True)
class Grid:
    """Where to click and what to keep.

    Attributes
    ----------
    points_per_side
        The grid has as many rows and columns of clicks.
    pred_iou_thresh
        Keep masks whose predicted IoU is above this.
    stability_score_thresh
        Keep masks whose stability score is at least this.
    stability_score_offset
        The stability score is the IoU of the masks that thresholds so far above and below zero
        make of the logits.
    box_nms_thresh
        Of two masks whose boxes have a higher IoU than this, keep the better.

    Raises
    ------
    ValueError
        When a number is out of its range.
    """

    points_per_side: int = 32
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7

    def __post_init__(self) -> None:
        if self.points_per_side < 1:
            raise ValueError(f"points_per_side must be at least 1, got {self.points_per_side}")
        if self.stability_score_offset < 0:
            raise ValueError(
                f"stability_score_offset must not be negative, got {self.stability_score_offset}"
            )
        if not 0 <= self.box_nms_thresh <= 1:
            raise ValueError(f"box_nms_thresh must be from 0 to 1, got {self.box_nms_thresh}")

    def points_xy(self, size_hw: tuple[int, int]) -> NDArray[np.float32]:
        """Give the clicks on an image, (N, 2) float32, (x, y) in pixels, row by row."""
        steps = (np.arange(self.points_per_side) + 0.5) / self.points_per_side
        ys, xs = np.meshgrid(steps * size_hw[0], steps * size_hw[1], indexing="ij")
        return np.stack([xs.ravel(), ys.ravel()], axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class FoundMask:
    """A mask that nobody asked for in particular.

    Attributes
    ----------
    low_res_logits
        (M, M) float32 over the model frame, positive inside.
    transform
        How the image lies in the model frame.
    score
        The model's own estimate of the mask's IoU; may exceed 1.
    stability_score
        From 0 to 1, see :class:`Grid`.
    box_xyxy
        The smallest box around the mask, in pixels of the image.
    point_xy
        The click that it answers, in pixels of the image.
    """

    low_res_logits: NDArray[np.float32]
    transform: ResizeTransform
    score: float
    stability_score: float
    box_xyxy: tuple[int, int, int, int]
    point_xy: tuple[float, float]

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """(H, W) bool at the image's own resolution; made when first read."""
        return full_mask(self.low_res_logits, self.transform)


def find_everything(
    predictor: Predictor,
    embedding: Embedding,
    grid: Grid | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> list[FoundMask]:
    """Segment whatever there is in an image.

    Parameters
    ----------
    predictor, embedding
        A model, and the image as it encoded it.
    grid
        Where to click and what to keep; None is ``Grid()``.
    on_progress
        Told the fraction of the clicks done, 0 to 1; what it raises ends the search and reaches
        the caller.

    Returns
    -------
    list of FoundMask
        Those with higher scores first.

    Raises
    ------
    ValueError
        When the embedding is another model's.

    Examples
    --------
    >>> from samwidget.models.build import build
    >>> from samwidget.models.config import NANO
    >>> predictor = Predictor(build(NANO), "cpu")
    >>> embedding = predictor.encode(np.zeros((60, 80, 3), np.uint8))
    >>> find_everything(predictor, embedding, Grid(points_per_side=1, pred_iou_thresh=1000))
    []
    """
    grid = Grid() if grid is None else grid
    points = grid.points_xy(embedding.transform.original_size_hw)
    per_batch = 1 if predictor.device.type == "cpu" else POINTS_PER_BATCH
    batches = np.array_split(points, -(-len(points) // per_batch))

    def search(some: NDArray[np.float32]) -> list[FoundMask]:
        predictions = predictor.predict_each(embedding, some)
        return [
            one
            for point, prediction in zip(some, predictions, strict=True)
            for one in _worth_keeping(prediction, point, grid)
        ]

    found: list[FoundMask] = []
    with closing(_spread(predictor, batches, search)) as finds:
        for number, some in enumerate(finds, start=1):
            found += some
            if on_progress is not None:
                on_progress(number / len(batches))
    boxes = np.array([one.box_xyxy for one in found], np.float64).reshape(-1, 4)
    scores = np.array([one.score for one in found])
    return [found[i] for i in box_nms(boxes, scores, grid.box_nms_thresh)]


def _spread(
    predictor: Predictor,
    batches: list[NDArray[np.float32]],
    search: Callable[[NDArray[np.float32]], list[FoundMask]],
) -> Generator[list[FoundMask]]:
    """Search batch by batch and give what is found, in order.

    On a CPU several batches at a time, each on a single thread: a click is too small to keep
    several threads busy, which wait for each other at every step.
    """
    if predictor.device.type != "cpu":
        yield from map(search, batches)
        return
    usual = torch.get_num_threads()
    with short_computation() as workers:
        ready = Barrier(workers)

    def settle(_: int) -> None:
        torch.set_num_threads(1)
        ready.wait()

    with ThreadPoolExecutor(workers, "samwidget-everything") as pool:
        list(pool.map(settle, range(workers)))  # each waits for the others: one on every thread
        torch.set_num_threads(usual)  # what threads of other origin begin with
        yield from pool.map(search, batches)


def _worth_keeping(
    prediction: Prediction, point: NDArray[np.float32], grid: Grid
) -> Iterator[FoundMask]:
    """Pick the masks that the model is sure of and that stay about the same at other thresholds."""
    transform = prediction.transform
    offset = grid.stability_score_offset
    for logits, score in zip(prediction.low_res_logits, prediction.iou_predictions, strict=True):
        if score <= grid.pred_iou_thresh:
            continue
        inner, outer = (
            int(np.count_nonzero(full_mask(logits, transform, at))) for at in (offset, -offset)
        )
        stability = inner / max(1, outer)
        if stability < grid.stability_score_thresh:
            continue
        box = _box(full_mask(logits, transform))
        if box is not None:
            x, y = (float(value) for value in point)
            yield FoundMask(logits.copy(), transform, float(score), stability, box, (x, y))


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Give the smallest box XYXY around a mask (H, W), None when it is empty."""
    (rows,) = np.nonzero(mask.any(axis=1))
    if not len(rows):
        return None
    (columns,) = np.nonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
