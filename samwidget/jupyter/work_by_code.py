"""Work that survives the kernel: saved into a file, opened again, written down as code."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.work_edits import DropWork, RestoreWork
from samwidget.jupyter.autosave import Autosave
from samwidget.jupyter.work_on_lists import (
    lasting,
    list_work,
    work_image,
    work_of_list,
)
from samwidget.session.restoring import Restored
from samwidget.session.session import Session
from samwidget.session.worker import Status
from samwidget.values.errors import quoted
from samwidget.values.objects import SegmentedObject
from samwidget.values.paths import expanded
from samwidget.values.sources import origin_of

if TYPE_CHECKING:
    from samwidget.formats.work import Work
    from samwidget.jupyter.widget import SamWidget


def autosave_to(
    where: bool | str | os.PathLike[str], model: str | None, on_trouble: Callable[[], None]
) -> Autosave | None:
    """Give what saves work by itself, None when nothing is to."""
    return None if where is False else Autosave(where, model, on_trouble)


class _Open:
    """``SamWidget.open`` reads a work file; a widget's own ``open`` is that of every ipywidget."""

    def __get__(self, widget: Any, cls: type[SamWidget]) -> Callable[..., Any]:
        if widget is None:
            return partial(open_work, cls)
        inherited: Callable[..., Any] = super(WorkByCode, widget).open  # type: ignore[misc]
        return inherited


class WorkByCode:
    """The methods of :class:`samwidget.SamWidget` that keep what was made.

    ``SamWidget.open(path)`` is :func:`open_work`.
    """

    _session: Session
    _model_source: str | None
    _reading: dict[str, Any]
    _autosave: Autosave | None

    open = _Open()

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled_state(self) -> State:
        """Give the state with all edits in it."""

    @abstractmethod
    def _settled(self) -> tuple[NDArray[np.uint8] | None, tuple[SegmentedObject, ...]]:
        """Give image and objects with all edits in them."""

    def save_work(self, path: str | os.PathLike[str], *, embed_image: bool | None = None) -> Path:
        """Save everything, to go on with :meth:`open`: objects, draft, classes, what undo knows.

        Of a list of images all are in one file: their names, what was made of each, which are
        submitted or skipped.

        Parameters
        ----------
        path
            Of the file, by custom ``something.samw``. It is written whole or not at all, and takes
            the place of what was there.
        embed_image
            Whether the image is in the file, as a PNG; None when it came from no file or address.
            Of a list those are in it that anything was made of.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            When there is no image.
        OSError
            When the path cannot be written to.

        Examples
        --------
        >>> widget.save_work("cups.samw")  # doctest: +SKIP
        >>> widget = SamWidget.open("cups.samw")  # doctest: +SKIP
        """
        from samwidget.formats.work import Work, write_work

        self._settled()
        now, model = self._session.snapshot(), self._model_source
        if now.items is not None:
            return write_work(path, work_of_list(now, model, embed_image))
        return write_work(path, Work([work_image(now.slot, embed_image)], model))

    def code(self) -> str:
        """Give the lines of Python that make the present objects again, from their prompts.

        What was undone, and drafts that were given up, are left out. The same model makes the same
        masks of them, bit for bit. Masks that came from elsewhere, or were found, stand in the
        lines as packed text.

        Examples
        --------
        >>> print(widget.code())  # doctest: +SKIP
        from samwidget import SamWidget
        <BLANKLINE>
        widget = SamWidget('photo.jpg', 'nano')
        widget.add_point(300.0, 330.0)
        widget.commit('head')
        """
        from samwidget.formats.work_code import code_of

        _, objects = self._settled()
        slot = self._session.slot
        return code_of(slot.state, objects, lasting(slot.origin), self._model_source)

    def _set_image(
        self,
        pixels: NDArray[np.uint8] | None,
        objects: Edit | None,
        notes: tuple[str, ...],
        source: object,
    ) -> Future[None]:
        """Start over on an image, with what was kept of it if that is wanted."""
        kept = None
        if self._autosave is not None and pixels is not None:
            kept, more = self._autosave.kept_for(pixels)
            notes = (*notes, *more)
        # What bands and value_range have made of a file is not what is read from it again.
        is_plain = not any(one is not None for one in self._reading.values())
        origin = origin_of(source) if pixels is not None and is_plain else None
        return self._session.set_image(pixels, objects, notes, origin, kept=kept)

    def _keep_work(self) -> None:
        if self._autosave is not None:
            self._autosave.changed(self._session.snapshot())

    def _with_trouble(self, status: Status) -> Status:
        """Say beside it that the work cannot be saved, if so."""
        trouble = None if self._autosave is None else self._autosave.trouble
        if trouble is None:
            return status
        return status._replace(message=f"{status.message} · not saved: {trouble}")

    def _end_keeping(self) -> None:
        if self._autosave is not None:
            self._autosave.flush()

    @property
    def kept_work(self) -> str | None:
        """Say what an earlier session has kept of this image, which :meth:`restore_work` brings.

        None when that is nothing. Work is kept by widgets with ``autosave=``.
        """
        kept = self._settled_state().kept
        return None if kept is None else kept.described

    def restore_work(self) -> None:
        """Go on with what an earlier session has kept; what was done since is given up.

        Raises
        ------
        ValueError
            When there is nothing.
        """
        self._do(RestoreWork())

    def drop_work(self) -> None:
        """Offer what an earlier session has kept no longer; its file stays beside the new one."""
        self._do(DropWork())

    def apply(self, edit: Edit) -> None:
        """Do an edit that is given as a value of :mod:`samwidget.editing`, as :meth:`code` does."""
        if not isinstance(edit, Edit):
            raise TypeError(f"expected an edit of samwidget.editing, got {quoted(edit)}")
        self._do(edit)


def open_work(
    cls: type[SamWidget],
    path: str | os.PathLike[str],
    *,
    image: object = None,
    model: object = None,
    allow_changes: bool = False,
    **options: Any,
) -> SamWidget:
    """Make a widget that goes on with saved work; undo goes back to before it was saved.

    Parameters
    ----------
    cls
        The class of the widget.
    path
        A file that :meth:`WorkByCode.save_work` has written.
    image
        Where the image is now; None for the one in the file, or where it was, or beside the file.
        Of work on a list, that list: of images that have the same names.
    model
        None for the one that the work was made with.
    allow_changes
        Go on although the image's pixels or the model's weights have changed. The masks stay as
        they were; what is done next is done by the new ones.
    **options
        Others of :class:`samwidget.SamWidget`, such as ``device``.

    Raises
    ------
    FileNotFoundError
        When there is no such file, or the image is gone.
    ValueError
        When it is no work file, is damaged, or was written by a newer samwidget; when the image
        has changed. That the weights have changed is known when the model is loaded: the widget's
        status says so, :meth:`~samwidget.SamWidget.wait` raises it, nothing is predicted, and what
        was made can still be read.

    Notes
    -----
    Of a list, images that are gone or have changed are said when they are turned to: they are not
    shown then, what was made of them can be read and stays in the next file.
    """
    from samwidget.formats.work import read_work

    work, file = read_work(path), expanded(path)
    chosen = work.model if model is None else model
    if chosen is None:
        raise ValueError(
            f"the work in {quoted(file.name)} was made with a model that was given as an "
            "object: give it again, model=..."
        )
    if work.listed:
        return _opened_list(cls, work, file, image, chosen, allow_changes, options)
    one = work.images[work.present]
    source = one.source(file) if image is None else image
    pixels = one.pixels(source, allow_changes=allow_changes)
    widget = cls(None, chosen, **options)
    restored = Restored(one.state, one.made_with, allow_changes, one.view_xyxy)
    if widget._autosave is not None:
        widget._autosave.goes_on_with(file)
    try:
        origin = origin_of(source) or one.origin
        widget._session.result(widget._session.set_image(pixels, origin=origin, restored=restored))
    except BaseException:
        widget.close()
        raise
    return widget


def _opened_list(
    cls: type[SamWidget],
    work: Work,
    file: Path,
    image: object,
    model: object,
    allow_changes: bool,
    options: dict[str, Any],
) -> SamWidget:
    from samwidget.formats.work_items import items_given, items_in

    places: Mapping[int, int] = {place: place for place in range(len(work.listed))}
    if image is None:
        items = items_in(work, file)
    else:
        items, places = items_given(work, file, image)
    shelved = list_work(work, places, allow_changes=allow_changes)
    widget = cls(None, model, **options)
    if widget._autosave is not None:
        widget._autosave.goes_on_with(file, saves_there=True)
    try:
        widget._begin_list(items, places.get(work.present, 0), shelved=shelved)
    except BaseException:
        widget.close()
        raise
    return widget
