"""What a session's worker has still to do."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import Draft
from samwidget.editing.edit import Edit
from samwidget.session.jobs import Job, give_up
from samwidget.session.restoring import Restored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from samwidget.editing.work_edits import KeptWork
    from samwidget.session.list_work import ListWork


@dataclass(eq=False)
class WaitingEdit:
    """An edit on its way; the future is done when what it led to is shown."""

    edit: Edit
    future: Future[None] = field(default_factory=Future)


@dataclass(eq=False)
class Preview:
    """A question without consequences: the draft that a first click here would make."""

    x: float
    y: float
    future: Future[Draft] = field(default_factory=Future)


@dataclass(eq=False)
class NewImage:
    """An image to start over on or to turn to.

    Attributes
    ----------
    image, objects
        What it is, and what is there from the beginning.
    notes
        What was done to read it.
    origin
        Where it came from.
    restored, kept
        Work on it that goes on, and work that is offered.
    place
        In the list of images.
    starts_over
        Whether all that was made before is given up; else it is kept, and edits go first.
    is_read
        False until its pixels are there, or the failure.
    failure
        Why it could not be read.
    shelved, offered
        Saved work on a list that goes on, and work on it that is offered.
    shown, ready
        Done when the state has it, when it is embedded.
    """

    image: NDArray[np.uint8] | None
    objects: Edit | None = None
    notes: tuple[str, ...] = ()
    shown: Future[None] = field(default_factory=Future)
    ready: Future[None] = field(default_factory=Future)
    origin: str | None = None
    restored: Restored | None = None
    kept: KeptWork | None = None
    place: int = 0
    starts_over: bool = True
    is_read: bool = True
    failure: Exception | None = None
    shelved: ListWork | None = None
    offered: ListWork | None = None


class Inbox:
    """Takes work from any thread, hands it out to the worker.

    Attributes
    ----------
    newest_image
        The image put in last, whatever has become of it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closed = False
        self._why_closed = "this widget is closed: make a new one"
        self._image: NewImage | None = None
        self._edits: deque[WaitingEdit | NewImage] = deque()
        self._previews: dict[str, Preview] = {}
        self._jobs: deque[Job[Any]] = deque()
        self._ahead: NewImage | None = None
        self._unfinished: set[Future[None]] = set()
        self.newest_image = NewImage(None)
        self.newest_image.shown.set_result(None)
        self.newest_image.ready.set_result(None)

    # --------------------------------------------------------------------- asked by any thread

    def put_image(self, new: NewImage) -> None:
        """Make this the next image; what was meant for the one before is given up."""
        with self._changed:
            self._check_open()
            edits = [one for one in self._edits if isinstance(one, WaitingEdit)]
            kept = [one for one in edits if not one.edit.needs_image]
            given_up = [one.future for one in edits if one.edit.needs_image]
            futures, jobs = self._drop_all_but_edits()
            self._image, self._edits = new, deque(kept)
            self.newest_image = new
            self._track(new.shown)
            self._changed.notify_all()
        _give_up_all((*given_up, *futures), jobs)

    def expect(self, new: NewImage) -> NewImage:
        """Wait from now on for an image that is being read; gives the one before."""
        with self._changed:
            self._check_open()
            before, self.newest_image = self.newest_image, new
            self._track(new.shown)
        return before

    def expect_no_more(self, new: NewImage, before: NewImage) -> None:
        """Know that there is no such image after all."""
        with self._changed:
            if self.newest_image is new:
                self.newest_image = before

    def put_read(self, new: NewImage) -> None:
        """Start over on an image that was read, or turn to it once the edits before it are done.

        Older turns are given up for it. It is given up itself if a newer image is expected.
        """
        with self._changed:
            self._check_open()
            is_newest = self.newest_image is new
            new.is_read = True
        if not is_newest:
            _give_up_all((new.shown, new.ready), ())
        elif new.starts_over:
            self.put_image(new)
        else:
            self._put_turn(new)

    def put_ahead(self, new: NewImage) -> None:
        """Have an image embedded when there is nothing else to do, before anybody turns to it."""
        with self._changed:
            self._check_open()
            self._ahead = new
            self._changed.notify_all()

    def put_edit(self, waiting: WaitingEdit) -> None:
        """Put an edit behind those that wait."""
        with self._changed:
            self._check_open()
            self._edits.append(waiting)
            self._track(waiting.future)
            self._changed.notify_all()

    def put_preview(self, client: str, preview: Preview) -> None:
        """Make this the client's only preview; an older one that waits is given up."""
        with self._changed:
            self._check_open()
            older = self._previews.pop(client, None)
            self._previews[client] = preview
            self._changed.notify_all()
        if older is not None:
            give_up(older.future)

    def put_job(self, job: Job[Any]) -> None:
        """Put a job behind those that wait."""
        with self._changed:
            self._check_open()
            self._jobs.append(job)
            self._changed.notify_all()

    def wait_until_finished(self, timeout: float | None) -> bool:
        """Wait until the edits and images that are there now are in the state or given up."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            asked = set(self._unfinished)
            while asked & self._unfinished:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def close(self) -> None:
        """Take nothing more and give up what waits."""
        with self._changed:
            self._closed = True
            given_up = [one.future for one in self._edits if isinstance(one, WaitingEdit)]
            if not self.newest_image.is_read:
                given_up += [self.newest_image.shown, self.newest_image.ready]
            futures, jobs = self._drop_all_but_edits()
            self._edits = deque()
            self._changed.notify_all()
        _give_up_all((*given_up, *futures), jobs)

    def abandon(self) -> None:
        """Close in a forked process, where no worker is, and what others had locked stays so."""
        self._changed = threading.Condition()
        self._closed = True
        self._why_closed = (
            "this widget works in the process that this one was forked from: make a new one here"
        )
        self._image, self._previews, self._jobs = None, {}, deque()
        self._edits, self._unfinished, self._ahead = deque(), set(), None
        if not self.newest_image.ready.done():
            self.newest_image = NewImage(self.newest_image.image)
            for future in (self.newest_image.shown, self.newest_image.ready):
                future.set_exception(RuntimeError(self._why_closed))

    @property
    def has_edits(self) -> bool:
        """Whether an edit waits."""
        return any(isinstance(one, WaitingEdit) for one in list(self._edits))

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._closed

    # ---------------------------------------------------------------------- asked by the worker

    def wait(self) -> bool:
        """Wait until there is something to do; False when there never will be."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._closed
                    or self._image
                    or self._edits
                    or self._previews
                    or self._jobs
                    or self._ahead
                )
            )
            return not self._closed

    @property
    def overtakes(self) -> bool:
        """Whether what the worker does for the present image has become pointless."""
        return self._closed or self._image is not None or self._turn is not None

    @property
    def has_jobs(self) -> bool:
        """Whether a job waits."""
        return bool(self._jobs)

    def take_image(self) -> NewImage | None:
        """Take the image that waits, if one does and there is no edit before it."""
        with self._changed:
            new, self._image = self._image, None
            if new is not None or self._turn is None:
                return new
            new = self._turn
            self._edits.popleft()
            # What was meant for the image that is left.
            previews, jobs, self._previews, self._jobs = self._previews, self._jobs, {}, deque()
        _give_up_all((preview.future for preview in previews.values()), jobs)
        return new

    def take_turn_to(self, place: int) -> NewImage | None:
        """Take the image that waits if it is the one at this place of the list."""
        with self._changed:
            is_it = self._image is None and self._turn is not None and self._turn.place == place
        return self.take_image() if is_it else None

    def take_ahead(self) -> NewImage | None:
        """Take what is to be embedded before anybody turns to it."""
        with self._changed:
            new, self._ahead = self._ahead, None
            return new

    def take_edits(self, *, until_mask: bool = False) -> list[WaitingEdit]:
        """Take all edits that are not cancelled, or those before the first that needs a mask."""
        taken = []
        with self._changed:
            while self._edits:
                waiting = self._edits[0]
                if isinstance(waiting, NewImage) or (until_mask and waiting.edit.needs_mask):
                    break
                self._edits.popleft()
                if waiting.future.set_running_or_notify_cancel():
                    taken.append(waiting)
        return taken

    def take_preview(self) -> Preview | None:
        """Take the preview that has waited longest."""
        with self._changed:
            while self._previews:
                preview = self._previews.pop(next(iter(self._previews)))
                if preview.future.set_running_or_notify_cancel():
                    return preview
        return None

    def take_job(self) -> Job[Any] | None:
        """Take the job that has waited longest."""
        with self._changed:
            return self._jobs.popleft() if self._jobs else None

    def taken(self) -> list[Future[None]]:
        """Give the futures of the edits that were taken and are not done."""
        with self._changed:
            return [future for future in self._unfinished if future.running()]

    # ----------------------------------------------------------------------------------- within

    def _put_turn(self, new: NewImage) -> None:
        with self._changed:
            older = [one for one in self._edits if isinstance(one, NewImage)]
            if older:  # its place is kept: what it has interrupted does not go on
                self._edits[self._edits.index(older[0])] = new
            else:
                self._edits.append(new)
            self._ahead = None
            self._changed.notify_all()
        _give_up_all((future for one in older for future in (one.shown, one.ready)), ())

    @property
    def _turn(self) -> NewImage | None:
        """The turn that waits, if no edit is before it."""
        first = self._edits[0] if self._edits else None
        return first if isinstance(first, NewImage) else None

    def _drop_all_but_edits(self) -> tuple[list[Future[Any]], deque[Job[Any]]]:
        """Forget images, previews and jobs; give what is to be given up outside the lock."""
        dropped: list[Future[Any]] = [preview.future for preview in self._previews.values()]
        jobs = self._jobs
        for new in (self._image, *self._edits):
            if isinstance(new, NewImage):
                dropped += [new.shown, new.ready]
        self._image, self._previews, self._jobs, self._ahead = None, {}, deque(), None
        return dropped, jobs

    def _track(self, future: Future[None]) -> None:
        self._unfinished.add(future)
        future.add_done_callback(self._forget)

    def _forget(self, future: Future[None]) -> None:
        # However it ended: also by a mere Future.cancel(), which wakes nobody else.
        with self._changed:
            self._unfinished.discard(future)
            self._changed.notify_all()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError(self._why_closed)


def _give_up_all(futures: Iterable[Future[Any]], jobs: Iterable[Job[Any]]) -> None:
    for future in futures:
        give_up(future)
    for job in jobs:
        job.cancel()
