"""One person's session: asked from any thread, answered with futures; it knows no Jupyter.

What happens on the thread that does the work is in ``worker.py``.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.document import Draft, State
from samwidget.editing.edit import Edit
from samwidget.editing.work_edits import KeptWork
from samwidget.session.closing_in import is_all_of, look
from samwidget.session.endings import on_collected, watch
from samwidget.session.engine import Engine, Region
from samwidget.session.finding import Numbers, search, search_text
from samwidget.session.inbox import Inbox, NewImage, Preview, WaitingEdit
from samwidget.session.jobs import Job, finish
from samwidget.session.list_work import Snapshot
from samwidget.session.reel import Reel
from samwidget.session.restoring import Restored, View
from samwidget.session.shelf import Shelf
from samwidget.session.slots import Slot
from samwidget.session.worker import Status, Worker

T = TypeVar("T")


class Session:
    """One person segmenting one image after the other.

    Parameters
    ----------
    engine
        Asked on the worker thread alone.
    begin
        Tells the classes, label and tool to begin with.
    on_state, on_status
        Called on the worker thread with the image and the state before the edits that led to it
        are answered, and with each new :class:`~samwidget.session.worker.Status`. What they raise
        is logged and goes no further; they must not wait for the session.

    Attributes
    ----------
    reel
        Turns from one image of a list to another.
    """

    def __init__(
        self,
        engine: Engine,
        begin: State | None = None,
        *,
        on_state: Callable[[NDArray[np.uint8] | None, State], None] = lambda _image, _state: None,
        on_status: Callable[[Status], None] = lambda _: None,
    ) -> None:
        self._on_state, self._on_status = on_state, on_status
        self._inbox = Inbox()
        self._searching = threading.Lock()
        self._search: Job[None] | None = None
        self._look: Job[Region | None] | None = None
        self._numbers = Numbers()
        begin = State() if begin is None else begin
        # The thread knows the worker alone, so it does not keep the session alive, but must end
        # with it.
        self._worker = Worker(self._inbox, engine, begin, *_told_weakly(self))
        self.reel = Reel(self._inbox, self._worker)
        on_collected(self, self._inbox.close)
        self._thread = threading.Thread(target=self._worker.run, name="samwidget", daemon=True)
        watch(self._thread, self._inbox.close, self._inbox.abandon)
        self._thread.start()

    # ------------------------------------------------------------------- asked by any thread

    @property
    def status(self) -> Status:
        """What it does now."""
        return self._worker.status

    @property
    def slot(self) -> Slot:
        """The present image and what belongs to it, to be read."""
        return self._worker.slot

    @property
    def shelf(self) -> Shelf:
        """What was made of the other images of a list, to be read."""
        return self._worker.shelf

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """The image that :attr:`state` is about."""
        return self._worker.slot.image

    @property
    def state(self) -> State:
        """The present state. :meth:`settle` first to see all edits in it."""
        return self._worker.slot.state

    def snapshot(self) -> Snapshot:
        """Give all there is now, to be saved. :meth:`settle` first to see all edits in it."""
        slot, items = self._worker.slot, self.reel.items
        work = self.shelf.work()
        known = None if items is None else items.known
        return Snapshot(slot, slot.state, known, work.left, work.marks)

    @property
    def newest_image(self) -> NDArray[np.uint8] | None:
        """The image set last, which may not be in the state yet; one being read is no such one."""
        newest = self._inbox.newest_image
        return newest.image if newest.is_read else self.image

    def set_image(
        self,
        image: NDArray[np.uint8] | None,
        objects: Edit | None = None,
        notes: tuple[str, ...] = (),
        origin: str | None = None,
        restored: Restored | None = None,
        kept: KeptWork | None = None,
    ) -> Future[None]:
        """Start over on an image, (H, W, 3) uint8 RGB, or on none; see :meth:`wait`.

        Unfinished work on the image before is cancelled, its objects are gone. ``objects`` are
        there from the beginning. ``notes`` say what was done to read it: part of the status.
        ``origin`` is where the image came from, ``restored`` work on it that goes on,
        ``kept`` work that is offered.

        Returns
        -------
        shown
            Done when the state is about the image.
        """
        if restored is not None and (image is None or restored.state.size_hw != image.shape[:2]):
            raise ValueError("the work is on an image of another size")
        self.reel.end()
        new = NewImage(image, objects, notes, origin=origin, restored=restored, kept=kept)
        self._inbox.put_image(new)
        return new.shown

    def edit(self, edit: Edit) -> Future[None]:
        """Have an edit applied.

        Returns
        -------
        done
            Done when its mask is there and ``on_state`` has been told; it can be cancelled until
            the worker takes it.
        """
        waiting = WaitingEdit(edit)
        self._inbox.put_edit(waiting)
        return waiting.future

    def preview(self, client: str, x: float, y: float) -> Future[Draft]:
        """Ask what a first click here would give; the answer is a draft with its prediction.

        Only the newest preview of each client is worked on, the older ones are cancelled.
        """
        preview = Preview(x, y)
        self._inbox.put_preview(client, preview)
        return preview.future

    def start(self, job: Job[T]) -> Job[T]:
        """Have background work done on the present image once nothing else waits."""
        self._inbox.put_job(job)
        return job

    def find_everything(self, settings: dict[str, Any]) -> Job[None]:
        """Search the present image for everything; what is found comes into the state.

        A search that is under way is given up, and the state has what was found before it.
        ``settings`` are the engine's.

        Raises
        ------
        ValueError
            When there is no image.
        """
        return self._begin_search(search(self._worker, settings, self._numbers))

    def find_text(self, phrases: tuple[str, ...], options: dict[str, Any]) -> Job[None]:
        """Search the present image for what phrases name, see :meth:`find_everything`."""
        return self._begin_search(search_text(self._worker, phrases, options, self._numbers))

    def _begin_search(self, job: Job[None]) -> Job[None]:
        if self.newest_image is None:
            raise ValueError("there is no image yet: set the widget's image first")
        with self._searching:
            self.stop_finding()
            self._search = self.start(job)
            return self._search

    def look_closer(self, view_xyxy: View, screen_scale: float) -> Future[None]:
        """Let the model see of new drafts what is on the screen, where that makes it see finer.

        A look that is under way is given up.

        Parameters
        ----------
        view_xyxy
            In pixels of the image; it may reach beyond.
        screen_scale
            Pixels of the screen for a pixel of the image.

        Returns
        -------
        done
            Done when the state has the region.
        """
        done: Future[None] = Future()
        self._keep_view(view_xyxy)
        with self._searching:
            if self._look is not None:
                self._look.cancel()
            self._look = job = look(self._worker, view_xyxy, screen_scale)
        slot = self._worker.slot
        job.future.add_done_callback(lambda _: self._see(job.future, slot, done))
        self.start(job)
        return done

    def _keep_view(self, view_xyxy: View) -> None:
        """Know what is on the screen, for the file: no part of the state."""
        slot = self._worker.slot
        if slot.state.size_hw is not None:
            slot.view_xyxy = None if is_all_of(view_xyxy, slot.state.size_hw) else view_xyxy
            slot.begins_at = None

    def _see(self, found: Future[Region | None], slot: Slot, done: Future[None]) -> None:
        """Put the region that was found into the state of its image, unless it is there."""
        error = _error_of(found)
        if self._worker.slot is not slot or not self._inbox.newest_image.shown.done():
            error = CancelledError()  # another image is there, or on its way
        if error is not None or found.result() == self.state.region_xyxy:
            finish(done, error)
            return
        try:
            seen = self.edit(LookCloser(found.result()))
        except RuntimeError as closed:
            finish(done, closed)
        else:
            seen.add_done_callback(lambda edit: finish(done, _error_of(edit)))

    def stop_finding(self) -> None:
        """Give up the search that is under way; the state has what was found before it."""
        if self._search is not None:
            self._search.cancel()

    def result(self, future: Future[T], timeout: float | None = None) -> T:
        """Wait until an edit is done; raises what it raised.

        Raises
        ------
        RuntimeError
            When it was given up because of a new image or because the session was closed.
        """
        self._check_thread()
        try:
            return future.result(timeout)
        except FutureTimeoutError:
            if future.done():  # it is what the edit itself has raised
                raise
            raise TimeoutError(f"not done within {timeout} s") from None
        except CancelledError:
            raise RuntimeError(
                "given up: it was stopped, another image was set meanwhile, or the widget was "
                "closed"
            ) from None

    def settle(self, timeout: float | None = None) -> None:
        """Wait until the edits asked for so far are done, well or not.

        Raises
        ------
        TimeoutError
            When this takes longer than ``timeout`` seconds.
        """
        self._check_thread()
        if not self._inbox.wait_until_finished(timeout):
            raise TimeoutError(f"the edits were not done within {timeout} s")

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the newest image is embedded and the edits asked for so far are done.

        Raises
        ------
        Exception
            What the loading or the embedding has raised.
        TimeoutError
            When this takes longer than ``timeout`` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            newest = self._inbox.newest_image
            try:
                self.result(newest.ready, timeout)
            except RuntimeError:
                if newest is self._inbox.newest_image:
                    raise
            else:
                break
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        self.settle(None if deadline is None else max(0.0, deadline - time.monotonic()))

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more edits; what there is can still be read."""
        return self._inbox.is_closed

    def close(self) -> None:
        """End the thread after its present step and give up all that waits; waits for nothing."""
        self._inbox.close()
        self.reel.close()

    def _check_thread(self) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("the worker thread cannot wait for itself")


def _error_of(ended: Future[Any]) -> BaseException | None:
    """Give what a future has ended with, None when all went well."""
    return CancelledError() if ended.cancelled() else ended.exception()


def _told_weakly(
    session: Session,
) -> tuple[Callable[[NDArray[np.uint8] | None, State], None], Callable[[Status], None]]:
    """Give the session's callbacks so that they do not keep it alive."""
    reference = weakref.ref(session)

    def on_state(image: NDArray[np.uint8] | None, state: State) -> None:
        alive = reference()
        if alive is not None:
            alive._on_state(image, state)

    def on_status(status: Status) -> None:
        alive = reference()
        if alive is not None:
            alive._on_status(status)

    return on_state, on_status
