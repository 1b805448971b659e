"""A list of images: which one the person is at, who reads the others, what became of each."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.turning import KeepDraft, Wait
from samwidget.session.inbox import Inbox, NewImage, WaitingEdit
from samwidget.session.jobs import finish, give_up
from samwidget.session.list_work import ListWork, Mark
from samwidget.values.sources import origin_of
from samwidget.values.thumbnails import thumbnail_of

if TYPE_CHECKING:
    from samwidget.editing.document import State
    from samwidget.session.worker import Worker
    from samwidget.values.items import Item, Items


@dataclass(frozen=True)
class ImagesView:
    """What is known of a list.

    Attributes
    ----------
    version
        Differs whenever anything else does; the first number is the list's own.
    index, title
        Of the present image; the title is empty where it has none.
    count, is_complete
        How many there are, so far if the list is not complete.
    marks
        Tells what became of each image, and how many objects it had when it was left.
    """

    version: tuple[int, ...]
    index: int
    title: str
    count: int
    is_complete: bool
    marks: Callable[[], dict[int, tuple[Mark, int]]]


class Thumbnail(NamedTuple):
    """A small picture of an image, a JPEG file, and what it is called."""

    title: str
    data: bytes


@dataclass(frozen=True, eq=False)
class Finished:
    """An image that the person has submitted or skipped; ``image`` None if it cannot be read."""

    mark: Mark
    index: int
    item: Item | None
    image: NDArray[np.uint8] | None
    state: State
    failure: Exception | None


class Reel:
    """Turns from image to image; asked by any thread, it reads them on a thread of its own.

    Without a list there is one image alone, of index 0.

    Parameters
    ----------
    inbox, worker
        Of the session.

    Attributes
    ----------
    items
        The list; None where there is none.
    on_change
        Told that :meth:`view` says something else, but for a turn, which the state tells.
    on_finished
        Told of each image that is submitted or skipped. Both are called on other threads than the
        person's, and must only pass it on.
    """

    def __init__(self, inbox: Inbox, worker: Worker) -> None:
        self.items: Items | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.on_finished: Callable[[Finished], None] = lambda _: None
        self._inbox = inbox
        self._worker = worker
        self._lock = threading.Lock()
        self._generation = 0
        self._target = 0
        self._step = 1
        self._readers: dict[str, ThreadPoolExecutor] = {}

    def view(self) -> ImagesView | None:
        """Tell what is known of the list; None where there is none."""
        items, slot, shelf = self.items, self._worker.slot, self._worker.shelf
        if items is None:
            return None
        count, is_complete = len(items), items.is_complete
        version = (self._generation, shelf.version, slot.place, count, is_complete)
        title = items.title(slot.place)
        return ImagesView(version, slot.place, title, count, is_complete, shelf.marks)

    def begin(
        self,
        items: Items,
        at: int = 0,
        *,
        shelved: ListWork | None = None,
        offered: ListWork | None = None,
        notes: tuple[str, ...] = (),
    ) -> Future[None]:
        """Start over on a list, at one of its images; done when the state is about it.

        ``shelved`` is saved work on it that goes on, ``offered`` work that may, ``notes`` part of
        the status of that image.
        """
        new = NewImage(None, place=at, is_read=False, starts_over=True, notes=notes)
        new.shelved, new.offered = shelved, offered
        with self._lock:
            self.items, self._target, self._step = items, at, 1
            self._generation += 1
            return self._turn(items, new).shown

    def end(self) -> None:
        """Have no list any more."""
        with self._lock:
            self.items, self._target = None, 0

    def go_to(self, index: int) -> Future[None]:
        """Turn to an image; what was made of the present one is kept, the edits before go first.

        Returns
        -------
        shown
            Done when the state is about the image; ends with the error of one that cannot be read,
            where the person is then all the same.

        Raises
        ------
        IndexError
            When there is no such image.
        ValueError
            When there is no list.
        """
        with self._lock:
            items = self._list()
            self._check(items, index)
            self._step = -1 if index < self._target else 1
            self._target = index
            new = NewImage(None, place=index, is_read=False, starts_over=False)
            return self._turn(items, new).shown

    def go_by(self, step: int) -> Future[None]:
        """Turn to the next image (1) or to the one before (-1), counted from where one goes."""
        with self._lock:
            target = self._target
        return self.go_to(target + step)

    def finish(self, mark: Mark) -> Future[None]:
        """Submit or skip the present image, and turn to the next one if there is one.

        A draft with a mask becomes an object of an image that is submitted.
        """
        done: Future[None] = Future()
        slot = self._worker.slot
        is_clear = slot.state.document.draft.is_empty and not self._inbox.has_edits
        edit = KeepDraft() if mark == "submitted" and not is_clear else Wait()
        waiting = WaitingEdit(edit)

        def finished(future: Future[None]) -> None:
            error = CancelledError() if future.cancelled() else future.exception()
            if error is None and self._worker.slot is not slot:
                error = CancelledError()
            if error is not None:
                finish(done, error)
                return
            self._worker.shelf.mark(slot.place, mark)
            self.on_finished(self._finished(mark))
            self._go_on(slot.place, done)

        waiting.future.add_done_callback(finished)
        self._inbox.put_edit(waiting)
        return done

    def image(self, index: int) -> NDArray[np.uint8]:
        """Give the pixels of an image, read anew if they are not kept; on the caller's thread."""
        kept = self._kept(index)
        if kept is not None:
            return kept
        items = self._list()
        item = items.get(index)
        if item is None:
            raise IndexError(_no_image(items, index))
        return items.read(item).pixels

    def thumbnail(self, index: int) -> Future[Thumbnail]:
        """Have a small picture of an image made."""
        items = self._list()
        self._check(items, index)

        def make() -> Thumbnail:
            if self._inbox.is_closed:
                raise CancelledError
            item = items.get(index)
            if item is None:
                raise IndexError(_no_image(items, index))
            kept = self._kept(index)
            data = items.thumbnail(item) if kept is None else thumbnail_of(kept)
            return Thumbnail(items.title(index), data)

        return self._reader("thumbnails").submit(make)

    def close(self) -> None:
        """Read nothing more; waits for nothing."""
        with self._lock:
            readers, self._readers = self._readers, {}
        for reader in readers.values():
            reader.shutdown(wait=False)  # what waits there is given up in its turn

    # ------------------------------------------------------------------------------------ within

    def _list(self) -> Items:
        if self.items is None:
            raise ValueError("there is one image alone: set the widget's images to a list first")
        return self.items

    def _check(self, items: Items, index: int) -> None:
        if index < 0 or (index >= len(items) and items.is_complete):
            raise IndexError(_no_image(items, index))

    def _kept(self, index: int) -> NDArray[np.uint8] | None:
        slot = self._worker.slot
        return slot.image if slot.place == index else self._worker.shelf.image(index)

    def _turn(self, items: Items, new: NewImage) -> NewImage:
        before = self._inbox.expect(new)
        self._submit(self._read, items, new, before)
        return new

    def _read(self, items: Items, new: NewImage, before: NewImage) -> None:
        """Read an image that the person turns to; on the reader's thread."""
        if self._inbox.newest_image is not new or self._inbox.is_closed:
            for future in (new.shown, new.ready):
                if not future.done():
                    give_up(future)
            return
        count = len(items), items.is_complete
        try:
            item = items.get(new.place)
            if item is None:
                self._refuse(items, new, before)
                return
            new.origin = origin_of(item.source)
            new.image = None if new.starts_over else self._kept(new.place)
            if new.image is None:
                read = items.read(item)
                new.image, new.notes = read.pixels, (*read.notes, *new.notes)
        except Exception as error:
            new.failure = error
        try:
            self._inbox.put_read(new)
        except RuntimeError as error:  # the widget was closed meanwhile
            for future in (new.shown, new.ready):
                finish(future, error)
            return
        if count != (len(items), items.is_complete):
            self.on_change()
        self._submit(self._read_ahead, items, new, new.place + self._step)

    def _read_ahead(self, items: Items, turn: NewImage, index: int) -> None:
        """Read the image that probably comes next; what goes wrong is told when it does."""
        if self._inbox.newest_image is not turn or index < 0:
            return
        count = len(items), items.is_complete
        try:
            item = items.get(index)
            if item is not None and self._kept(index) is None:
                ahead = NewImage(items.read(item).pixels, place=index)
                if self._inbox.newest_image is turn:
                    self._inbox.put_ahead(ahead)
        except Exception:
            return
        finally:
            if count != (len(items), items.is_complete):
                self.on_change()

    def _refuse(self, items: Items, new: NewImage, before: NewImage) -> None:
        """Stay where one is: the list has turned out to have no such image."""
        self._inbox.expect_no_more(new, before)
        with self._lock:
            if self._target == new.place:
                self._target = self._worker.slot.place
        error = IndexError(_no_image(items, new.place))
        for future in (new.shown, new.ready):
            finish(future, error)
        self.on_change()

    def _finished(self, mark: Mark) -> Finished:
        slot, items = self._worker.slot, self.items
        known = () if items is None else items.known
        item = known[slot.place] if slot.place < len(known) else None
        return Finished(mark, slot.place, item, slot.image, slot.state, slot.failure)

    def _go_on(self, place: int, done: Future[None]) -> None:
        """Turn to the image after a finished one; at the end stay there."""
        try:
            turned = self.go_to(place + 1)
        except (IndexError, ValueError):
            self.on_change()
            finish(done)
        except RuntimeError as error:
            finish(done, error)
        else:
            turned.add_done_callback(lambda future: _follow(future, done))

    def _submit(self, work: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError):  # it was closed meanwhile
            self._reader("images").submit(work, *args)

    def _reader(self, name: str) -> ThreadPoolExecutor:
        if name not in self._readers:
            reader = ThreadPoolExecutor(1, f"samwidget {name}")
            self._readers[name] = reader
            weakref.finalize(self, reader.shutdown, wait=False).atexit = False
        return self._readers[name]


def _no_image(items: Items, index: int) -> str:
    return f"there is no image {index}: the list has {len(items)}, numbered from 0"


def _follow(turned: Future[None], done: Future[None]) -> None:
    if turned.cancelled():
        finish(done, CancelledError())
        return
    error = turned.exception()
    # The end of a list that nobody knew the length of is no mistake.
    finish(done, None if isinstance(error, IndexError) else error)
