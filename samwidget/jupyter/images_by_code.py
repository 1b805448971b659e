"""Many images in one widget, for code: which one is shown, what was made of each."""

from __future__ import annotations

import operator
import os
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import State
from samwidget.formats.annotated import Annotated
from samwidget.jupyter.autosave import Autosave
from samwidget.jupyter.connection import Connection
from samwidget.jupyter.hosts import Host
from samwidget.jupyter.mirror import Mirror
from samwidget.jupyter.turned import Turned
from samwidget.jupyter.weakly import weakly
from samwidget.results import Results
from samwidget.session.list_work import ListWork, Mark
from samwidget.session.reel import Finished
from samwidget.session.restoring import View
from samwidget.session.session import Session
from samwidget.values.errors import quoted
from samwidget.values.items import Item, Items
from samwidget.values.objects import SegmentedObject
from samwidget.values.paths import expanded, explained
from samwidget.values.sources import origin_of

OnFinished = Callable[[int, Results], Any]
C = TypeVar("C", bound=OnFinished)


class ImagesByCode(Turned):
    """The methods of :class:`samwidget.SamWidget` about a list of images."""

    _session: Session
    _mirror: Mirror
    _connection: Connection
    _host: Host
    _reading: dict[str, Any]
    _on_finished: dict[Mark, list[OnFinished]]
    _autosave: Autosave | None

    @abstractmethod
    def _all_objects(self, state: State) -> tuple[SegmentedObject, ...]:
        """Give the committed objects and then, once it has a mask, the draft."""

    @abstractmethod
    def _keep_work(self) -> None:
        """Have what there is saved, if that is wanted."""

    @abstractmethod
    def _post(self, callback: Callable[[], None]) -> None:
        """Have a callback run on the thread of the person's."""

    @property
    def images(self) -> tuple[object, ...]:
        """What the images are read from, of a generator those taken so far; empty without a list.

        Can be set to a folder, a glob, a list of anything that is an image, a mapping from names to
        images, a column of a DataFrame, an array with a leading axis, or a generator, of which
        images are taken as they are wanted, from a thread of the widget's. That starts over: all
        objects are gone. Each image keeps its own objects and history; pixels and embeddings are
        kept of the newest few only, and the next image is read and embedded in advance. An image
        that cannot be read is shown as that, and the others go on.
        """
        items = self._session.reel.items
        return () if items is None else tuple(item.source for item in items.known)

    @images.setter
    def images(self, source: object) -> None:
        self._open_images(Items(source, **self._reading))

    def next_image(self) -> None:
        """Show the next image; what was made of this one is kept. Errors as for ``index``."""
        self._go(self._session.reel.go_by(1))

    def previous_image(self) -> None:
        """Show the image before; what was made of this one is kept. Errors as for ``index``."""
        self._go(self._session.reel.go_by(-1))

    def submit(self) -> None:
        """Say that the image is done, and show the next one if there is one.

        A draft with a mask becomes an object first. Callbacks of :meth:`on_submit` are told.
        """
        self._session.settle()
        self._go(self._session.reel.finish("submitted"))

    def skip(self) -> None:
        """Say that the image is left out, and show the next one if there is one.

        What was made of it stays. Callbacks of :meth:`on_skip` are told.
        """
        self._session.settle()
        self._go(self._session.reel.finish("skipped"))

    def on_submit(self, callback: C) -> C:
        """Have ``callback(index, results)`` called for each image that is submitted.

        Works as a decorator. It runs on the thread that made the widget, with the image's
        :class:`samwidget.Results` as they were submitted; what it raises is logged.

        Examples
        --------
        >>> @widget.on_submit  # doctest: +SKIP
        ... def save(index, results):
        ...     results.export(f"masks/{index:04d}.json")
        """
        self._on_finished["submitted"].append(callback)
        return callback

    def on_skip(self, callback: C) -> C:
        """Have ``callback(index, results)`` called for each image that is skipped.

        Works as a decorator, see :meth:`on_submit`.
        """
        self._on_finished["skipped"].append(callback)
        return callback

    @property
    def submitted(self) -> tuple[int, ...]:
        """The indices of the images that were submitted, in order."""
        return self._marked("submitted")

    @property
    def skipped(self) -> tuple[int, ...]:
        """The indices of the images that were skipped, in order."""
        return self._marked("skipped")

    @property
    def results(self) -> ResultsPerImage:
        """What was made of each image: ``widget.results[12]`` are its :class:`samwidget.Results`.

        As many as there are images. Pixels are read when they are asked for, one image at a time.
        """
        return ResultsPerImage(self._session, self._all_objects)

    # ------------------------------------------------------------------------------------ within

    def _follow_reel(self) -> None:
        """Be told of turns and finished images."""
        reel = self._session.reel
        self._on_finished = {"submitted": [], "skipped": []}
        self._mirror.look_at_images = reel.view
        self._mirror.look_at_view = weakly(self._begins_at)
        reel.on_change = weakly(self._show_images)
        reel.on_finished = weakly(self._tell_finished)

    def _begins_at(self) -> View | None:
        return self._session.slot.begins_at

    def _show_images(self) -> None:
        self._keep_work()
        self._connection.tell(lambda _: self._mirror.show_images())

    def _open_images(self, items: Items) -> None:
        """Start over on a list, with what was kept of it if that is wanted."""
        saved = self._autosave
        offered, notes = (None, ()) if saved is None else saved.kept_for_list(items)
        self._begin_list(items, offered=offered, notes=notes)

    def _begin_list(
        self,
        items: Items,
        at: int = 0,
        *,
        shelved: ListWork | None = None,
        offered: ListWork | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Start over on a list; that its first image cannot be read is only shown."""
        reel = self._session.reel
        try:
            self._session.result(
                reel.begin(items, at, shelved=shelved, offered=offered, notes=notes)
            )
        except Exception:
            if self._session.slot.failure is None:
                raise
        finally:
            self._host.deliver()

    def _go(self, shown: Future[None]) -> None:
        try:
            self._session.result(shown)
        finally:
            self._host.deliver()

    def _marked(self, mark: Mark) -> tuple[int, ...]:
        self._session.settle()
        marks = self._session.shelf.marks()
        return tuple(sorted(place for place, (its, _) in marks.items() if its == mark))

    def _tell_finished(self, finished: Finished) -> None:
        """Pass an image that was submitted or skipped on to the person's callbacks."""
        for callback in self._on_finished[finished.mark]:
            self._post(partial(self._call, callback, finished))

    def _call(self, callback: OnFinished, finished: Finished) -> None:
        objects = self._all_objects(finished.state)
        callback(finished.index, _results(finished.item, finished.image, objects, finished.failure))


class ResultsPerImage(Sequence[Results]):
    """The results of each image of a widget, made when they are asked for."""

    def __init__(
        self, session: Session, all_objects: Callable[[State], tuple[SegmentedObject, ...]]
    ) -> None:
        self._session = session
        self._all_objects = all_objects

    def __len__(self) -> int:
        items = self._session.reel.items
        return int(self._session.image is not None) if items is None else len(items)

    @overload
    def __getitem__(self, index: int) -> Results: ...

    @overload
    def __getitem__(self, index: slice) -> list[Results]: ...

    def __getitem__(self, index: int | slice) -> Results | list[Results]:
        """Give an image's results, counted from 0, or from the end if negative.

        Raises
        ------
        IndexError
            When there is no such image.
        Exception
            When an image that has objects cannot be read any more. One without objects has the
            error as its ``error``.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        count = len(self)
        place = operator.index(index) + (count if index < 0 else 0)
        if not 0 <= place < count:
            raise IndexError(f"there are {count} images; there is no image {index}")
        self._session.settle()
        slot, reel = self._session.slot, self._session.reel
        item = None if reel.items is None else reel.items.known[place]
        if slot.place == place:
            return _results(item, slot.image, self._all_objects(slot.state), slot.failure)
        objects = self._session.shelf.objects(place)
        try:
            image = reel.image(place)
        except Exception as error:
            if objects:
                raise
            return _results(item, None, (), error)
        return _results(item, image, objects, None)

    def export(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        **options: Any,
    ) -> Path:
        """Write the objects of all images into one file or folder: COCO, YOLO, a table and others.

        Of the images those that have objects or were submitted, without the skipped ones; no pixels
        are read. Parameters and errors are those of :func:`samwidget.formats.export.export`.
        """
        from samwidget.formats.export import export

        return export(self._annotated(), path, format, **options)

    def to_html(self, folder: str | os.PathLike[str], *, title: str | None = None) -> Path:
        """Write a page for each image, and ``index.html`` that leads to them; they work offline.

        Of the images those that :meth:`export` writes. Pixels are read one image at a time.

        Parameters
        ----------
        folder
            Made if need be.
        title
            Of the page that leads to the others; None is the folder's name.

        Returns
        -------
        pathlib.Path
            ``index.html``.

        Raises
        ------
        OSError
            When the folder cannot be written to.
        ValueError
            When there is nothing to write.

        Examples
        --------
        >>> widget.results.to_html("report")  # doctest: +SKIP
        """
        from samwidget.formats.report_index import write_pages

        target = expanded(folder, "the path of a folder")
        places = [place for place, _ in self._written()]
        if not places:
            raise ValueError("there is no image whose objects could be written")
        try:
            return write_pages((self[place]._annotated() for place in places), target, title=title)
        except OSError as error:
            if error.errno is None or error.filename is not None:
                raise
            raise explained(
                error, f"the pages could not be written into {quoted(target)}"
            ) from error

    def _annotated(self) -> list[Annotated]:
        return [one for _, one in self._written()]

    def _written(self) -> list[tuple[int, Annotated]]:
        """Give what is to be written, and the places of its images, without pixels."""
        self._session.settle()
        slot, shelf, items = self._session.slot, self._session.shelf, self._session.reel.items
        marks = {slot.place: ("open", 0)} | shelf.marks()
        known = () if items is None else items.known
        names = [Path(origin_of(one.source) or f"{one.name}.png").name for one in known]
        found = []
        for place, (mark, _) in sorted(marks.items()):
            is_here = slot.place == place
            size_hw = slot.state.size_hw if is_here else shelf.size_hw(place)
            objects = self._all_objects(slot.state) if is_here else shelf.objects(place)
            if size_hw is None or mark == "skipped" or not (objects or mark == "submitted"):
                continue
            name = names[place] if names else "image.png"
            if names.count(name) > 1:  # of several folders
                name = known[place].name
            found.append((place, Annotated(objects, size_hw, name)))
        return found

    def __repr__(self) -> str:
        marks = self._session.shelf.marks().values()
        done = sum(mark == "submitted" for mark, _ in marks)
        return f"<results of {len(self)} images, {done} of them submitted>"


def _results(
    item: Item | None,
    image: NDArray[np.uint8] | None,
    objects: tuple[SegmentedObject, ...],
    failure: Exception | None,
) -> Results:
    path = None if item is None else origin_of(item.source)
    if image is None:
        return Results(np.zeros((0, 0, 3), np.uint8), (), path, failure)
    return Results(image, objects, path)
