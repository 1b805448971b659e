"""Prompts of B objects that were checked: as tensors for a network, and what becomes of guesses."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from samwidget.values.prediction import NOTHING_LOGIT
from samwidget.values.prompt_batches import PromptBatch
from samwidget.values.prompt_checks import NOTHING_ASKED, ONLY_BACKGROUND


def as_tensors(batch: PromptBatch) -> dict[str, Tensor]:
    """Give what was given as keywords of :meth:`SegmentAnything.decode`, on the CPU."""
    given = {
        "point_coords": batch.point_coords,
        "point_labels": batch.point_labels,
        "boxes": batch.boxes,
        "mask_input": batch.mask_input,
    }
    return {name: torch.from_numpy(array) for name, array in given.items() if array is not None}


def without_guesses(batch: PromptBatch, logits: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Empty the masks of objects that no prompt names, with scores 0; a warning tells which.

    ``logits`` are (B, K, M, M), ``scores`` (B, K).
    """
    nothing = torch.from_numpy(batch.names_nothing).to(logits.device)
    assert batch.point_labels is not None
    has_points = (batch.point_labels == 0).any(axis=1)
    for told, why in (
        (batch.names_nothing & has_points, ONLY_BACKGROUND),
        (batch.names_nothing & ~has_points, NOTHING_ASKED),
    ):
        if told.any():
            which = ", ".join(map(str, told.nonzero()[0].tolist()))
            warnings.warn(f"objects {which} of the batch: {why}", stacklevel=3)
    logits = logits.masked_fill(nothing[:, None, None, None], NOTHING_LOGIT)
    return logits, scores.masked_fill(nothing[:, None], 0)
