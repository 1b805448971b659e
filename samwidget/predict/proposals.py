"""Object proposals: the masks that are likely to be objects, the likeliest first.

As Kirillov et al. (2023) do, appendix D.3: a dense grid of clicks, doubles taken away at a higher
threshold than usual, and the rest ranked by the mean of the model's own score and the stability
score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samwidget.models.config import ModelConfig, NanoConfig
from samwidget.predict.everything import FoundMask, Progress, segment_everything
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor


def proposal_grid(config: ModelConfig) -> Grid:
    """Give 64 x 64 clicks, of the embedded model 32 x 32, and hardly any filter but NMS at 0.9."""
    return Grid(
        points_per_side=32 if isinstance(config, NanoConfig) else 64,
        pred_iou_thresh=0.0,
        stability_score_thresh=0.0,
        box_nms_thresh=0.9,
    )


def find_proposals(
    predictor: Predictor,
    image: NDArray[np.uint8],
    count: int = 1000,
    on_progress: Progress | None = None,
) -> list[FoundMask]:
    """Encode an image and propose what may be objects in it.

    Parameters
    ----------
    predictor
        A model.
    image
        (H, W, 3) uint8 RGB.
    count
        So many at most.
    on_progress
        Told the fraction done, 0 to 1; what it raises ends the search and reaches the caller.

    Returns
    -------
    list of FoundMask
        The likeliest first, by the mean of ``score``, at most 1, and ``stability_score``.

    Raises
    ------
    ValueError
        When ``count`` is no whole number from 1 on.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise ValueError(f"n: expected a whole number of proposals from 1 on, got {count!r:.100}")
    grid = proposal_grid(predictor.model.config)
    found = segment_everything(predictor, image, grid, on_progress)
    ranked = sorted(found, key=lambda one: -(min(1.0, one.score) + one.stability_score))
    return ranked[:count]
