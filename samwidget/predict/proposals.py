"""Object proposals: whatever might be an object, the likeliest first.

The method is that of Kirillov et al. (2023), appendix D.3: a denser grid than for everything, fewer
doubles taken away, and a rank that is the mean of predicted IoU and stability score.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from samwidget.models.config import ModelConfig, NanoConfig
from samwidget.predict.everything import (
    ENCODING_SHARE,
    FoundMask,
    Progress,
    candidates,
    distinct,
    part_of,
)
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.values.errors import quoted

BOX_NMS_THRESH = 0.9


def proposals_grid(config: ModelConfig) -> Grid:
    """Give the grid that suits a model: 64 x 64 clicks, of the embedded model 32 x 32.

    That one is not held to its scores either, which are lower for small objects.
    """
    if isinstance(config, NanoConfig):
        grid = Grid(points_per_side=32, pred_iou_thresh=0, stability_score_thresh=0)
    else:
        grid = Grid(points_per_side=64)
    return replace(grid, box_nms_thresh=BOX_NMS_THRESH)


def check_count(n: int) -> None:
    """Raise unless ``n`` is a number of proposals."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"n must be a whole number of proposals, got {quoted(n)}")
    if n < 1:
        raise ValueError(f"n must be at least 1 proposal, got {n}")


def find_proposals(
    predictor: Predictor,
    image: NDArray[np.uint8],
    n: int = 1000,
    grid: Grid | None = None,
    on_progress: Progress | None = None,
) -> list[FoundMask]:
    """Encode an image and propose objects in it.

    Parameters
    ----------
    predictor
        A model.
    image
        (H, W, 3) uint8 RGB.
    n
        At most so many.
    grid
        Where to click and what to keep, but for crops and small regions; None is
        :func:`proposals_grid`.
    on_progress
        Told the fraction done, 0 to 1; what it raises ends the search and reaches the caller.

    Returns
    -------
    list of FoundMask
        Those with the highest mean of score and stability score first.

    Raises
    ------
    TypeError, ValueError
        When ``n`` is no whole number, or less than 1.

    Examples
    --------
    >>> from samwidget.models.build import build
    >>> from samwidget.models.config import NANO
    >>> predictor = Predictor(build(NANO), "cpu")
    >>> grid = Grid(points_per_side=1, pred_iou_thresh=1000)
    >>> find_proposals(predictor, np.zeros((60, 80, 3), np.uint8), grid=grid)
    []
    """
    check_count(n)
    grid = proposals_grid(predictor.model.config) if grid is None else grid

    embedding = predictor.encode(image, part_of(on_progress, 0, ENCODING_SHARE))
    some = candidates(
        predictor,
        embedding,
        grid,
        on_progress=part_of(on_progress, ENCODING_SHARE, 1 - ENCODING_SHARE),
    )
    ranks = [(one.found.score + one.found.stability_score) / 2 for one in some]
    return [one.found for one in distinct(some, ranks, grid.box_nms_thresh, n)]
