"""A closer look: a job that embeds the part of a large image that is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from samwidget.session.jobs import Job
from samwidget.session.restoring import View
from samwidget.values.closer import closer_region

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key, OnProgress, Region


def is_all_of(view_xyxy: View, size_hw: tuple[int, int]) -> bool:
    """Whether a view shows a whole image.

    Examples
    --------
    >>> is_all_of((-20.0, 0.0, 660.0, 480.0), (480, 640)), is_all_of((9, 9, 99, 99), (480, 640))
    (True, False)
    """
    (x1, y1, x2, y2), (height, width) = view_xyxy, size_hw
    return x1 < 1 and y1 < 1 and x2 > width - 1 and y2 > height - 1


class Board(Protocol):
    """The present image, on the worker thread."""

    @property
    def size_hw(self) -> tuple[int, int]:
        """Of the image."""

    @property
    def region_xyxy(self) -> Region | None:
        """What the model sees of new drafts."""

    def embed_closer(self, region: Region, on_progress: OnProgress) -> Key:
        """Embed a part of the image unless it is."""


def look(board: Board, view_xyxy: View, screen_scale: float) -> Job[Region | None]:
    """Make the job that embeds what is to be seen of a view; gives the region, None for all.

    ``screen_scale`` is how many pixels of the screen a pixel of the image takes.
    """

    def work(engine: Engine, _: Key, job: Job[Region | None]) -> Region | None:
        region = closer_region(
            board.size_hw, view_xyxy, screen_scale, engine.frame_side(), board.region_xyxy
        )
        if region is not None:
            board.embed_closer(region, lambda _, fraction: job.report(fraction or 0.0))
        return region

    return Job(work)
