"""Work in the background of a session that takes a while: it reports, and it can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key

T = TypeVar("T")


class JobCancelled(BaseException):
    """Ends a job in whose report it is raised; no error, hence its base."""


class Job(Generic[T]):
    """One piece of background work on a session's image.

    Parameters
    ----------
    work
        Called on the worker thread as ``work(engine, key, job)``; gives the result. It calls
        :meth:`report` now and then, between steps during which edits are worked on.
    on_report
        Called on the worker thread with each report's fraction, 0 to 1, and partial result.

    Attributes
    ----------
    future
        Done when the work is.
    """

    def __init__(
        self,
        work: Callable[[Engine, Key, Job[T]], T],
        on_report: Callable[[float, Any], None] = lambda _fraction, _partial: None,
    ) -> None:
        self.future: Future[T] = Future()
        self._work = work
        self._on_report = on_report
        self._is_cancelled = False
        self._beginning = threading.Lock()
        self._between_steps: Callable[[], None] = lambda: None

    def cancel(self) -> None:
        """Give it up: before it began, or at its next report."""
        with self._beginning:
            self._is_cancelled = True
            if not self.future.done():
                give_up(self.future)

    def begin(self) -> bool:
        """Say that it is worked on from now on; False when it has been given up; for the worker."""
        with self._beginning:
            return not self._is_cancelled and self.future.set_running_or_notify_cancel()

    def report(self, fraction: float, partial: Any = None) -> None:
        """Tell how much is done and what was found; for the work itself."""
        self._between_steps()
        if self._is_cancelled:
            raise JobCancelled
        self._on_report(min(max(float(fraction), 0.0), 1.0), partial)

    def run(self, engine: Engine, key: Key, between_steps: Callable[[], None]) -> None:
        """Do the work; for the worker. ``between_steps`` may raise :class:`JobCancelled`."""
        if not self.begin():
            return
        self._between_steps = between_steps
        try:
            result = self._work(engine, key, self)
        except JobCancelled:
            self.future.set_exception(CancelledError())
        except Exception as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


def give_up(future: Future[Any]) -> None:
    """Cancel a future that nobody works on yet, and wake all who wait for it in whatever way.

    ``Future.cancel`` alone does not wake :func:`concurrent.futures.wait`.
    """
    with suppress(RuntimeError):  # another thread has just done it
        if not future.cancelled() and future.cancel():
            future.set_running_or_notify_cancel()


def finish(future: Future[None], error: BaseException | None = None) -> None:
    """Answer a future unless it has been answered or cancelled."""
    with suppress(InvalidStateError):
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
