"""Which image of a list a widget shows, as a trait."""

from __future__ import annotations

import operator
from abc import abstractmethod
from concurrent.futures import Future
from typing import Any

import traitlets

from samwidget.session.session import Session


class _Index(traitlets.Int[int, Any]):
    """Up to date whenever it is read, also before observers are told; a turn when it is set."""

    def get(self, obj: Any, cls: Any = None) -> Any:  # noqa: ARG002
        session = obj.__dict__.get("_session")
        if session is None:  # traitlets reads its traits while it is being made
            return 0
        session.settle()
        return session.slot.place

    def set(self, obj: Any, value: Any) -> None:
        session = obj.__dict__.get("_session")
        if session is None:
            raise ValueError("index: a widget begins with the first image; set it later")
        obj._go(session.reel.go_to(operator.index(value)))


class Turned(traitlets.HasTraits):
    """The part of :class:`samwidget.SamWidget` that says which of its images is shown.

    Attributes
    ----------
    index
        Counted from 0. ``widget.observe(callback, "index")`` is told of each turn, whoever has
        turned; set it to show another one.

        Raises ``FileNotFoundError``, ``TypeError`` or ``ValueError`` when the image cannot be read:
        the widget is at it all the same, and shows none; ``IndexError`` when there is no such
        image.
    """

    _session: Session
    _told_index = 0

    index = _Index(0)

    @abstractmethod
    def _go(self, shown: Future[None]) -> None:
        """Wait for a turn."""

    def _tell_index(self, place: int) -> None:
        """Tell observers where one is, if that is news."""
        before, self._told_index = self._told_index, place
        if before != place:
            self.notify_change(
                traitlets.Bunch(name="index", old=before, new=place, owner=self, type="change")
            )
