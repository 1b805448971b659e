"""Searches, for everything or for text: jobs that put what they find into the state, bit by bit."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from samwidget.editing.found import Candidates, Found
from samwidget.session.jobs import Job, JobCancelled
from samwidget.values.candidates import Candidate
from samwidget.values.filtering import Thresholds

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key
    from samwidget.values.objects import SegmentedObject

REPORT_INTERVAL_S = 0.2
"""Least time between two looks at what is good enough."""

LOOSER = 0.15
"""The search also keeps what fails a threshold by this much: the sliders go down so far."""

LOOSER_TEXT = 0.5
"""The same of the detector's score, of which models have very different ideas: by this factor."""

ALL = Thresholds(0.0, 0.0, box_nms_thresh=1.0)
"""Nothing of what an engine found by text is left out, but for what it is least sure of."""

OPENING = 0.1
"""Of a search for text, as it is told: fetching and opening the model for it."""

SHARE = 0.1
"""Of the search's time, which looking at what is good enough may take."""


@dataclass(frozen=True)
class Numbers:
    """What has not been given to any other search of a session."""

    searches: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))


class Board(Protocol):
    """Where it is shown, on the worker thread."""

    @property
    def found(self) -> Found | None:
        """What is shown now, by whatever search."""

    @property
    def size_hw(self) -> tuple[int, int]:
        """Of the image."""

    def show_found(self, found: Found | None) -> None:
        """Show this instead."""


def search(board: Board, settings: dict[str, Any], numbers: Numbers) -> Job[None]:
    """Make the job that searches for everything.

    What was shown before is back when it fails or is given up. It is given up also when the person
    drops what it shows.
    """

    def work(engine: Engine, key: Key, job: Job[None]) -> None:
        asked = engine.thresholds(settings)
        least = _looser(asked)
        with _Shown(board, Found(next(numbers.searches), asked, least, _none(board))) as shown:
            waiting: list[tuple[int, Candidate]] = []

            def on_found(some: Sequence[Candidate], fraction: float) -> None:
                waiting.extend((next(numbers.ids), one) for one in some)
                job.report(fraction)
                if shown.add(waiting, fraction):
                    waiting.clear()

            least_scores = {
                "pred_iou_thresh": least.pred_iou_thresh,
                "stability_score_thresh": least.stability_score_thresh,
            }
            engine.everything(key, {**settings, **least_scores}, on_found)
            shown.put(shown.found.plus(waiting, None))

    return Job(work)


def search_text(
    board: Board, phrases: tuple[str, ...], options: dict[str, Any], numbers: Numbers
) -> Job[None]:
    """Make the job that searches for what phrases name; shown and given up as by :func:`search`.

    Masks are shown as they are made; the doubles among them are left out at the end.
    """

    def work(engine: Engine, key: Key, job: Job[None]) -> None:
        began = Found(next(numbers.searches), ALL, ALL, _none(board), text=phrases)
        with _Shown(board, began) as shown:

            def on_opening(fraction: float) -> None:
                job.report(OPENING * fraction)
                shown.add((), OPENING * fraction)

            threshold = engine.text_threshold(options, on_opening)
            least = round(LOOSER_TEXT * threshold, 6)
            shown.put(
                replace(
                    shown.found,
                    thresholds=ALL._replace(detection_score_thresh=threshold),
                    least=ALL._replace(detection_score_thresh=least),
                )
            )
            known: dict[int, int] = {}
            waiting: list[tuple[int, Candidate]] = []

            def on_found(some: Sequence[SegmentedObject], fraction: float) -> None:
                for one in some:
                    known[id(one.shape)] = an_id = next(numbers.ids)
                    waiting.append((an_id, Candidate.of_object(one)))
                done = OPENING + (1 - OPENING) * fraction
                job.report(done)
                if shown.add(waiting, done):
                    waiting.clear()

            best = engine.find(key, phrases, {**options, "text_threshold": least}, on_found)
            numbered = [
                (known.get(id(one.shape)) or next(numbers.ids), Candidate.of_object(one))
                for one in best
            ]
            shown.put(replace(shown.found, candidates=_none(board)).plus(numbered, None))

    return Job(work)


class _Shown:
    """What one search shows; what was shown before is back when it does not end well."""

    def __init__(self, board: Board, began: Found) -> None:
        self._board = board
        self._before = board.found
        self._began = began
        self._next_at = 0.0

    @property
    def found(self) -> Found:
        """What it shows now; ends the search when that was dropped."""
        found = self._board.found
        if found is None or found.search != self._began.search:
            raise JobCancelled
        return found

    def put(self, found: Found) -> None:
        """Show this instead."""
        self._board.show_found(found)

    def add(self, some: Sequence[tuple[int, Candidate]], fraction: float) -> bool:
        """Show more, unless something was shown a moment ago; tells whether it did."""
        found, start = self.found, time.monotonic()
        if start < self._next_at:
            return False
        self.put(found.plus(some, fraction))
        end = time.monotonic()
        self._next_at = end + max(REPORT_INTERVAL_S, (end - start) / SHARE)
        return True

    def __enter__(self) -> _Shown:
        self.put(self._began)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        now = self._board.found
        if kind is not None and now is not None and now.search == self._began.search:
            self._board.show_found(self._before)


def _none(board: Board) -> Candidates:
    return Candidates(board.size_hw)


def _looser(asked: Thresholds) -> Thresholds:
    return asked._replace(
        pred_iou_thresh=max(0.0, round(asked.pred_iou_thresh - LOOSER, 6)),
        stability_score_thresh=max(0.0, round(asked.stability_score_thresh - LOOSER, 6)),
    )
