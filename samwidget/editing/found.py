"""What a search, for everything or for text, has found: all that may be shown, and what is.

The masks found are no part of what undo goes through. Which of them a person has taken is, see
:attr:`samwidget.editing.document.Document.taken`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from samwidget.values.candidates import Candidate, Table
from samwidget.values.filtering import Thresholds, without_doubles
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import COLORS, color_for

MOST_CANDIDATES = 3000
"""So many masks are kept at most, those with the best scores."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Masks in the order in which they were found, doubles included; each has its own id.

    A mask is drawn when it is shown for the first time, and kept.
    """

    size_hw: tuple[int, int]
    numbered: tuple[tuple[int, Candidate], ...] = ()
    _drawn: dict[int, tuple[SegmentedObject, bool]] = field(default_factory=dict, repr=False)

    @cached_property
    def _table(self) -> Table:
        return Table.of([one for _, one in self.numbered])

    @cached_property
    def _by_id(self) -> dict[int, Candidate]:
        return dict(self.numbered)

    def plus(self, more: Sequence[tuple[int, Candidate]]) -> Candidates:
        """Add what was found next; of too many the best stay."""
        numbered, drawn = (*self.numbered, *more), self._drawn
        if len(numbered) > MOST_CANDIDATES:
            scores = np.array([one.score for _, one in numbered])
            best = np.sort(np.argsort(-scores, kind="stable")[:MOST_CANDIDATES])
            numbered = tuple(numbered[index] for index in best)
            drawn = {an_id: drawn[an_id] for an_id, _ in numbered if an_id in drawn}
        return Candidates(self.size_hw, numbered, drawn)

    def get(self, an_id: int, least_area: float) -> SegmentedObject | None:
        """Give one as an object, None when there is none with this id."""
        one = self._by_id.get(an_id)
        return None if one is None else self._object(an_id, one, least_area)[0]

    def distinct(self, thresholds: Thresholds) -> tuple[SegmentedObject, ...]:
        """Pick the good ones, of doubles the best; best first."""
        area = thresholds.min_mask_region_area
        numbered = [self.numbered[index] for index in self._table.distinct(thresholds)]
        drawn = [self._object(an_id, one, area) for an_id, one in numbered]
        objects = tuple(one for one, _ in drawn)
        if area <= 0:
            return objects
        # What becomes a double of another when it is cleaned goes, too; the clean ones first.
        boxes = np.array([one.box_xyxy for one in objects], np.float64).reshape(-1, 4)
        clean = np.array([float(is_clean) for _, is_clean in drawn])
        most = max(thresholds.box_nms_thresh, thresholds.crop_nms_thresh)
        return tuple(objects[index] for index in without_doubles(boxes, clean, most))

    def _object(
        self, an_id: int, one: Candidate, least_area: float
    ) -> tuple[SegmentedObject, bool]:
        known = self._drawn.get(an_id)
        if known is None:
            drawn = one.drawn(self.size_hw, least_area)
            made = SegmentedObject(
                id=an_id,
                label=one.label,
                score=one.score,
                shape=drawn.shape,
                prompts=one.asked(),
                # Ids go far beyond what is shown; the palette's first colours are the strongest.
                color=color_for((an_id - 1) % len(COLORS)),
                stability_score=one.stability_score,
                detection_score=one.detection_score,
            )
            known = self._drawn[an_id] = made, drawn.is_clean
        return known


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
    text
        The phrases that were searched for; none when everything was.
    """

    search: int
    thresholds: Thresholds
    least: Thresholds
    candidates: Candidates
    progress: float | None = 0.0
    text: tuple[str, ...] = ()

    @cached_property
    def shown(self) -> tuple[SegmentedObject, ...]:
        """What is good enough, without doubles, best first."""
        return self.candidates.distinct(self.thresholds)

    def get(self, an_id: int) -> SegmentedObject | None:
        """Give what was found under an id, shown or not; None when that is nothing."""
        return self.candidates.get(an_id, self.thresholds.min_mask_region_area)

    def plus(self, more: Sequence[tuple[int, Candidate]], progress: float | None) -> Found:
        """Add what was found next; ``progress`` None when that was all."""
        candidates = self.candidates.plus(more) if more else self.candidates
        return replace(self, candidates=candidates, progress=progress)

    def filtered(
        self,
        pred_iou_thresh: float,
        stability_score_thresh: float,
        detection_score_thresh: float = 0.0,
    ) -> Found:
        """Show what these thresholds leave."""
        changed = self.thresholds._replace(
            pred_iou_thresh=pred_iou_thresh,
            stability_score_thresh=stability_score_thresh,
            detection_score_thresh=detection_score_thresh,
        )
        return self if changed == self.thresholds else replace(self, thresholds=changed)
