"""The search for everything: a job that puts what it finds into the state, bit by bit."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from samwidget.editing.found import Candidates, Found
from samwidget.session.jobs import Job, JobCancelled

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key
    from samwidget.values.candidates import Candidate
    from samwidget.values.filtering import Thresholds

REPORT_INTERVAL_S = 0.2
"""Least time between two looks at what is good enough."""

LOOSER = 0.15
"""The search also keeps what fails a threshold by this much: the sliders go down so far."""

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
        before, number = board.found, next(numbers.searches)
        waiting: list[tuple[int, Candidate]] = []
        next_at = 0.0

        def shown() -> Found:
            found = board.found
            if found is None or found.search != number:
                raise JobCancelled
            return found

        def on_found(some: Sequence[Candidate], fraction: float) -> None:
            nonlocal next_at
            waiting.extend((next(numbers.ids), one) for one in some)
            job.report(fraction)
            found, start = shown(), time.monotonic()
            if start >= next_at:
                board.show_found(found.plus(waiting, fraction))
                waiting.clear()
                end = time.monotonic()
                next_at = end + max(REPORT_INTERVAL_S, (end - start) / SHARE)

        board.show_found(Found(number, asked, least, Candidates(board.size_hw)))
        try:
            engine.everything(
                key,
                {
                    **settings,
                    "pred_iou_thresh": least.pred_iou_thresh,
                    "stability_score_thresh": least.stability_score_thresh,
                },
                on_found,
            )
            board.show_found(shown().plus(waiting, None))
        except BaseException:
            if board.found is not None and board.found.search == number:
                board.show_found(before)
            raise

    return Job(work)


def _looser(asked: Thresholds) -> Thresholds:
    return asked._replace(
        pred_iou_thresh=max(0.0, round(asked.pred_iou_thresh - LOOSER, 6)),
        stability_score_thresh=max(0.0, round(asked.stability_score_thresh - LOOSER, 6)),
    )
