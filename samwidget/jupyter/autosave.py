"""Work that is saved by itself, and offered again when the kernel has ended meanwhile."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
from numpy.typing import NDArray

from samwidget.editing.work_edits import KeptWork
from samwidget.session.slots import Slot
from samwidget.values.errors import quoted, text_of
from samwidget.values.identity import image_hash
from samwidget.values.paths import expanded

if TYPE_CHECKING:
    from samwidget.editing.document import State
    from samwidget.formats.work import WorkImage

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

    Raises
    ------
    TypeError, ValueError
        When it is no path.
    """

    def __init__(self, where: bool | str | os.PathLike[str], model: str | None) -> None:
        named = None if isinstance(where, bool) else expanded(where, "a path to save the work to")
        self._writer = _Writer(named, model)
        # Also when the process ends: what was made in the last second is saved.
        weakref.finalize(self, self._writer.write)

    def kept_for(self, image: NDArray[np.uint8]) -> tuple[KeptWork | None, tuple[str, ...]]:
        """Look for work of an earlier session on an image; gives notes for the person, too.

        Raises
        ------
        ValueError
            When the file that was named holds work on another image.
        """
        from samwidget.formats.work import read_work

        content_hash = image_hash(image)
        path = self._writer.path_for(content_hash)
        if self._writer.is_own(path) or not path.exists():
            return None, ()
        try:
            work = read_work(path)
        except (OSError, ValueError) as error:
            return None, (f"earlier work could not be read, its file stays: {text_of(error)}",)
        one = next((one for one in work.images if one.content_hash == content_hash), None)
        if one is None:
            raise ValueError(
                f"{quoted(path.name)} holds work on another image, {work.images[0].name}: choose "
                "another name for autosave, or go on with it by SamWidget.open"
            )
        saved_at = "" if work.saved_at is None else work.saved_at.isoformat()
        kept = KeptWork(one.state, one.made_with, saved_at)
        return (kept if kept.count else None), ()

    def changed(self, slot: Slot) -> None:
        """Take what there is now; it is saved soon."""
        if slot.image is not None and slot.state.log is not None:
            self._writer.put(slot)

    def goes_on_with(self, path: Path) -> None:
        """Know a file as one whose work goes on here, so that nothing of it is set aside."""
        self._writer.own(path)

    def flush(self) -> None:
        """Save at once what is not saved yet."""
        self._writer.write()


class _Writer:
    """What the thread holds: the newest work, and how it is written."""

    def __init__(self, named: Path | None, model: str | None) -> None:
        self._named, self._model = named, model
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: dict[Slot, State] = {}
        self._timer: threading.Timer | None = None
        self._took_s = 0.0
        self._own: set[Path] = set()
        self._known: tuple[NDArray[np.uint8], WorkImage] | None = None

    def path_for(self, content_hash: str) -> Path:
        """Tell where the work on an image is saved."""
        return self._named or folder() / f"{content_hash}.samw"

    def is_own(self, path: Path) -> bool:
        """Whether what is there was written by this one."""
        return path.absolute() in self._own

    def own(self, path: Path) -> None:
        """Know a file as written by this one."""
        self._own.add(path.absolute())

    def put(self, slot: Slot) -> None:
        """Take the newest work."""
        with self._lock:
            self._waiting[slot] = slot.state
            if self._timer is None:
                self._timer = threading.Timer(max(SAVE_AFTER_S, self._took_s / SHARE), self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what waits, if anything does; tells the log what goes wrong."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
                timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            start = time.monotonic()
            for slot, state in waiting.items():
                try:
                    self._write(slot, state)
                except Exception as error:
                    log.warning("samwidget could not save the work: %s", text_of(error))
            if waiting:
                self._took_s = time.monotonic() - start

    def _write(self, slot: Slot, state: State) -> None:
        from samwidget.formats.work import Work, write_work

        image = replace(self._image(slot), state=state, made_with=slot.made_with)
        path = self.path_for(image.content_hash)
        if self._named is None:
            path.parent.mkdir(parents=True, exist_ok=True)
        aside = None
        if not self.is_own(path) and path.exists():
            aside = path.replace(_free_name(path))
        try:
            write_work(path, Work([image], self._model))
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


def work_image(slot: Slot, embed_image: bool | None = None) -> WorkImage:
    """Give what a work file holds of one image.

    Raises
    ------
    ValueError
        When there is none.
    """
    from samwidget.formats.work import WorkImage, as_png

    image = slot.image
    if image is None:
        raise ValueError("there is no work to save yet: set the widget's image first")
    origin = lasting(slot.origin)
    embeds = origin is None if embed_image is None else embed_image
    return WorkImage(
        slot.state,
        image_hash(image),
        slot.origin if origin is None else origin,
        slot.made_with,
        as_png(image) if embeds else None,
    )


def lasting(origin: str | None) -> str | None:
    """Give an address or the whole path of a file that is there; None for what is only a name."""
    if origin is None or "://" in origin:
        return origin
    path = Path(origin).absolute()
    return str(path) if path.is_file() else None
