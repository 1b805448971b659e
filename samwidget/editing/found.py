"""What a search for everything has found: all that may be shown, and which of it is.

The masks found are no part of what undo goes through. Which of them a person has taken is, see
:attr:`samwidget.editing.document.Document.taken`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from samwidget.values.filtering import Thresholds, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from samwidget.values.objects import SegmentedObject

MOST_CANDIDATES = 3000
"""So many masks are kept at most, those with the best scores; compact ones take some 30 MB."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Masks in the order in which they were found, doubles included; each has its own id."""

    objects: tuple[SegmentedObject, ...] = ()

    @cached_property
    def _table(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Boxes (N, 4), scores (N,) and stability scores (N,)."""
        boxes = np.array([one.box_xyxy for one in self.objects], np.float64).reshape(-1, 4)
        scores = np.array([one.score for one in self.objects], np.float64)
        return boxes, scores, np.array([one.stability_score for one in self.objects], np.float64)

    @cached_property
    def by_id(self) -> dict[int, SegmentedObject]:
        """All of them."""
        return {one.id: one for one in self.objects}

    def plus(self, more: Sequence[SegmentedObject]) -> Candidates:
        """Add what was found next; of too many the best stay."""
        objects = (*self.objects, *more)
        if len(objects) > MOST_CANDIDATES:
            scores = np.array([one.score for one in objects])
            best = np.sort(np.argsort(-scores, kind="stable")[:MOST_CANDIDATES])
            objects = tuple(objects[index] for index in best)
        return Candidates(objects)

    def distinct(self, thresholds: Thresholds) -> tuple[SegmentedObject, ...]:
        """Pick the good ones, of doubles the best; best first."""
        return tuple(self.objects[index] for index in distinct(*self._table, thresholds))


@dataclass(frozen=True, eq=False)
class Found:
    """What one search has found so far.

    Attributes
    ----------
    search
        Its number, unlike that of any other search of the session.
    thresholds
        What is shown now.
    least
        What was searched for: below these thresholds there is nothing to show.
    candidates
        What was found.
    progress
        The fraction done, 0 to 1; None when the search is over.
    """

    search: int
    thresholds: Thresholds
    least: Thresholds
    candidates: Candidates = Candidates()
    progress: float | None = 0.0

    @cached_property
    def shown(self) -> tuple[SegmentedObject, ...]:
        """What is good enough, without doubles, best first."""
        return self.candidates.distinct(self.thresholds)

    def plus(self, more: Sequence[SegmentedObject], progress: float | None) -> Found:
        """Add what was found next; ``progress`` None when that was all."""
        candidates = self.candidates.plus(more) if more else self.candidates
        return replace(self, candidates=candidates, progress=progress)

    def filtered(self, pred_iou_thresh: float, stability_score_thresh: float) -> Found:
        """Show what these thresholds leave."""
        changed = self.thresholds._replace(
            pred_iou_thresh=pred_iou_thresh, stability_score_thresh=stability_score_thresh
        )
        return self if changed == self.thresholds else replace(self, thresholds=changed)
