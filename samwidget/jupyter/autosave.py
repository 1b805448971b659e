"""Work that is saved by itself, and offered again when the kernel has ended meanwhile."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
from numpy.typing import NDArray

from samwidget.editing.work_edits import KeptWork
from samwidget.jupyter.work_on_lists import lasting, list_work, work_image, work_of_list
from samwidget.session.list_work import ListWork, Snapshot
from samwidget.values.errors import quoted, text_of
from samwidget.values.identity import image_hash, list_hash
from samwidget.values.paths import expanded, reason_of
from samwidget.values.sources import origin_of

if TYPE_CHECKING:
    from samwidget.formats.work import Work, WorkImage
    from samwidget.session.slots import Slot
    from samwidget.values.items import Items

SETTING = "SAMWIDGET_WORK"
"""Environment variable: the folder for work that is saved under no name of its own."""

SAVE_AFTER_S = 1.0
"""What is not saved yet is at most so old, but for files that take long to write."""

SHARE = 0.1
"""Of the time, which saving may take."""

log = logging.getLogger(__name__)


class Autosave:
    """Saves the work on images soon after it changes, on a thread of its own.

    Parameters
    ----------
    where
        The path of the file; True for one that is found again by the image's contents, in the
        user's folder for data.
    model
        What opens the model, for the file.
    on_trouble
        Told on any thread, and without keeping anybody alive, that :attr:`trouble` has changed.

    Raises
    ------
    TypeError, ValueError
        When it is no path.
    """

    def __init__(
        self,
        where: bool | str | os.PathLike[str],
        model: str | None,
        on_trouble: Callable[[], None] = lambda: None,
    ) -> None:
        named = None if isinstance(where, bool) else expanded(where, "a path to save the work to")
        self._writer = _Writer(named, model, on_trouble)
        # Also when the process ends: what was made in the last second is saved.
        weakref.finalize(self, self._writer.write)

    def kept_for(self, image: NDArray[np.uint8]) -> tuple[KeptWork | None, tuple[str, ...]]:
        """Look for work of an earlier session on an image; gives notes for the person, too.

        Raises
        ------
        ValueError
            When the file that was named holds work on another image.
        """
        content_hash = image_hash(image)
        path, is_own = self._writer.begin(content_hash)
        work, notes = (None, ()) if is_own else _earlier(path)
        if work is None:
            return None, notes
        one = next((one for one in work.images if one.content_hash == content_hash), None)
        if one is None:
            raise ValueError(
                f"{quoted(path.name)} holds work on another image, {work.images[0].name}: choose "
                "another name for autosave, or go on with it by SamWidget.open"
            )
        saved_at = "" if work.saved_at is None else work.saved_at.isoformat()
        kept = KeptWork(one.state, one.made_with, saved_at)
        return (kept if kept.count else None), ()

    def kept_for_list(self, items: Items) -> tuple[ListWork | None, tuple[str, ...]]:
        """Look for work of an earlier session on a list of images, see :meth:`kept_for`.

        Raises
        ------
        ValueError
            When the file that was named holds other work, or none was named for images that are in
            no files.
        """
        from samwidget.formats.work_items import places_in

        path, is_own = self._writer.begin("" if self._writer.is_named else _list_key(items))
        work, notes = (None, ()) if is_own else _earlier(path)
        if work is None:
            return None, notes
        places = places_in(work, items)
        if not places:
            raise ValueError(
                f"{quoted(path.name)} holds work on other images: choose another name for "
                "autosave, or go on with it by SamWidget.open"
            )
        kept = list_work(work, places, allow_changes=True)
        return (kept if kept.left or kept.marks else None), ()

    @property
    def trouble(self) -> str | None:
        """Why what there is could not be saved; None when it is, or will be."""
        return self._writer.trouble

    def changed(self, now: Snapshot) -> None:
        """Take what there is now; it is saved soon."""
        if now.is_worth_saving:
            self._writer.put(now)

    def goes_on_with(self, path: Path, *, saves_there: bool = False) -> None:
        """Know a file as one whose work goes on here, so that nothing of it is set aside.

        ``saves_there``: what has no name of its own is saved there, too.
        """
        self._writer.own(path, saves_there=saves_there)

    def flush(self) -> None:
        """Save at once what is not saved yet."""
        self._writer.write()


class _Writer:
    """What the thread holds: the newest work, and how it is written."""

    def __init__(
        self, named: Path | None, model: str | None, on_trouble: Callable[[], None]
    ) -> None:
        self._named, self._model = named, model
        self.trouble: str | None = None
        self._on_trouble = on_trouble
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: dict[Path, Snapshot] = {}
        self._timer: threading.Timer | None = None
        self._took_s = 0.0
        self._own: set[Path] = set()
        self._path: Path | None = None
        self._known: tuple[NDArray[np.uint8], WorkImage] | None = None

    @property
    def is_named(self) -> bool:
        """Whether all work goes into one file that has a name."""
        return self._named is not None

    def begin(self, key: str) -> tuple[Path, bool]:
        """Tell where the work on an image or list is saved from now on, and if that is our own.

        What is there is set aside before the first save.
        """
        self.write()
        self._path = path = self._named or folder() / f"{key}.samw"
        is_own = path.absolute() in self._own
        self._own.discard(path.absolute())
        return path, is_own

    def own(self, path: Path, *, saves_there: bool = False) -> None:
        """Know a file as written by this one."""
        self._own.add(path.absolute())
        if saves_there:
            self._path = self._named or path

    def put(self, now: Snapshot) -> None:
        """Take the newest work."""
        with self._lock:
            if self._path is None:  # of work that was opened
                self._path = self._named or folder() / f"{now.slot.content_hash}.samw"
            self._waiting[self._path] = now
            if self._timer is None:
                self._timer = threading.Timer(max(SAVE_AFTER_S, self._took_s / SHARE), self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what waits, if anything does; what goes wrong is told, and waits for the next."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
                timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            start = time.monotonic()
            trouble = None
            for path, now in waiting.items():
                try:
                    self._write(path, now)
                except Exception as error:
                    trouble = reason_of(error) if isinstance(error, OSError) else text_of(error)
                    with self._lock:
                        self._waiting.setdefault(path, now)
            if not waiting:
                return
            self._took_s = time.monotonic() - start
            before, self.trouble = self.trouble, trouble
        if trouble is not None and trouble != before:
            log.warning("samwidget could not save the work: %s", trouble)
        if trouble != before:
            self._on_trouble()

    def _write(self, path: Path, now: Snapshot) -> None:
        from samwidget.formats.work import Work, write_work

        if now.items is None:
            image = replace(
                self._image(now.slot),
                state=now.state,
                made_with=now.slot.made_with,
                view_xyxy=now.slot.view_xyxy,
            )
            work = Work([image], self._model)
        else:  # the list is given again by whoever goes on with it
            work = work_of_list(now, self._model, embed_image=False)
        if self._named is None:
            path.parent.mkdir(parents=True, exist_ok=True)
        aside = None
        if path.absolute() not in self._own and path.exists():
            aside = path.replace(_free_name(path))
        try:
            write_work(path, work)
        except BaseException:
            if aside is not None:
                aside.replace(path)
            raise
        self.own(path)

    def _image(self, slot: Slot) -> WorkImage:
        """Give what does not change while one works on an image, made once."""
        assert slot.image is not None
        if self._known is None or self._known[0] is not slot.image:
            self._known = slot.image, work_image(slot)
        return self._known[1]


def _earlier(path: Path) -> tuple[Work | None, tuple[str, ...]]:
    """Read what an earlier session has saved there, if that can be read."""
    from samwidget.formats.work import read_work

    if not path.exists():
        return None, ()
    try:
        return read_work(path), ()
    except (OSError, ValueError) as error:
        return None, (f"earlier work could not be read, its file stays: {text_of(error)}",)


def _list_key(items: Items) -> str:
    origins = [lasting(origin_of(one.source)) for one in items.known]
    if not items.is_complete or None in origins:
        raise ValueError(
            "autosave=True finds work on a list again by the files of its images, and these came "
            'from none: name the file, autosave="work.samw"'
        )
    return list_hash([one for one in origins if one is not None])


def _free_name(path: Path) -> Path:
    """Give a name beside a file for what was in it."""
    for number in itertools.count(1):
        count = "" if number == 1 else f"-{number}"
        name = path.with_name(f"{path.stem}.before{count}{path.suffix}")
        if not name.exists():
            return name
    raise AssertionError


def folder() -> Path:
    """Tell where work is saved that has no name of its own."""
    named = os.environ.get(SETTING, "")
    if named:
        return expanded(named, f"a folder in {SETTING}")
    return platformdirs.user_data_path("samwidget") / "work"
