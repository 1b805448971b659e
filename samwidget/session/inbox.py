"""What a session's worker has still to do."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import NEED_MASK, NEED_NO_IMAGE, Draft, State


@dataclass(eq=False)
class Edit:
    """``function(state, *args)`` gives the next state; the future is done when it is shown."""

    function: Callable[..., State]
    args: tuple[Any, ...]
    future: Future[None] = field(default_factory=Future)


@dataclass(eq=False)
class Preview:
    """A question without consequences: the draft that a first click here would make."""

    x: float
    y: float
    future: Future[Draft] = field(default_factory=Future)


@dataclass(eq=False)
class NewImage:
    """An image to start over on, ``shown`` when the state has it, ``ready`` when it is embedded."""

    image: NDArray[np.uint8] | None
    shown: Future[None] = field(default_factory=Future)
    ready: Future[None] = field(default_factory=Future)


class Inbox:
    """Takes jobs from any thread, hands them out to the worker.

    Attributes
    ----------
    newest_image
        The image put in last, whatever has become of it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closed = False
        self._image: NewImage | None = None
        self._edits: deque[Edit] = deque()
        self._previews: dict[str, Preview] = {}
        self._unfinished: set[Future[None]] = set()
        self.newest_image = NewImage(None)
        self.newest_image.ready.set_result(None)

    def put_image(self, job: NewImage) -> None:
        """Make this the next image; what was meant for the one before is cancelled."""
        with self._changed:
            self._check_open()
            kept = [edit for edit in self._edits if edit.function in NEED_NO_IMAGE]
            dropped = [edit.future for edit in self._edits if edit.function not in NEED_NO_IMAGE]
            futures: list[Future[Any]] = [*dropped, *(p.future for p in self._previews.values())]
            if self._image is not None:
                futures += [self._image.shown, self._image.ready]
            self._image, self._edits, self._previews = job, deque(kept), {}
            self.newest_image = job
            self.track(job.shown)
            self._changed.notify_all()
        for future in futures:
            future.cancel()

    def put_edit(self, edit: Edit) -> None:
        """Put an edit behind those that wait."""
        with self._changed:
            self._check_open()
            self._edits.append(edit)
            self.track(edit.future)
            self._changed.notify_all()

    def put_preview(self, client: str, preview: Preview) -> None:
        """Make this the client's only preview; an older one that waits is cancelled."""
        with self._changed:
            self._check_open()
            older = self._previews.pop(client, None)
            self._previews[client] = preview
            self._changed.notify_all()
        if older is not None:
            older.future.cancel()

    def take_image(self) -> NewImage | None:
        """Take the image that waits, if one does."""
        with self._changed:
            job, self._image = self._image, None
            return job

    def take_edits(self, *, until_mask: bool = False) -> list[Edit]:
        """Take all edits that are not cancelled, or those before the first that needs a mask."""
        taken = []
        with self._changed:
            while self._edits and not (until_mask and self._edits[0].function in NEED_MASK):
                edit = self._edits.popleft()
                if edit.future.set_running_or_notify_cancel():
                    taken.append(edit)
        return taken

    def take_preview(self) -> Preview | None:
        """Take the preview that has waited longest."""
        with self._changed:
            while self._previews:
                preview = self._previews.pop(next(iter(self._previews)))
                if preview.future.set_running_or_notify_cancel():
                    return preview
        return None

    def wait(self) -> bool:
        """Wait until there is something to do; False when there never will be."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._image or self._edits or self._previews
            )
            return not self._closed

    @property
    def overtakes(self) -> bool:
        """Whether what the worker does for the present image has become pointless."""
        return self._closed or self._image is not None

    def unfinished(self) -> list[Future[None]]:
        """Give the futures of the edits and images that are not yet in the state."""
        with self._changed:
            return list(self._unfinished)

    def close(self) -> None:
        """Take nothing more and cancel what waits."""
        with self._changed:
            self._closed = True
            futures: list[Future[Any]] = [edit.future for edit in self._edits]
            futures += [preview.future for preview in self._previews.values()]
            if self._image is not None:
                futures += [self._image.shown, self._image.ready]
            self._image, self._edits, self._previews = None, deque(), {}
            self._changed.notify_all()
        for future in futures:
            future.cancel()

    def track(self, future: Future[None]) -> None:
        """Count a future among the unfinished until it is done."""
        with self._changed:
            self._unfinished.add(future)
        future.add_done_callback(self._forget)

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this widget is closed: make a new one")

    def _forget(self, future: Future[None]) -> None:
        with self._changed:
            self._unfinished.discard(future)
