"""The list of objects and the classes to choose from, for code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from samwidget.editing import class_edits, edits, list_edits
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.jupyter.found_by_code import ids_of
from samwidget.values.objects import SegmentedObject

SomeObjects = int | np.integer[Any] | SegmentedObject | Iterable[int | SegmentedObject]
"""One id or object, or several."""


class ListByCode:
    """The methods of :class:`samwidget.SamWidget` about the list of objects.

    Objects are named by their ids, or given as they are in ``objects``, one or several. What is
    done to several is one step for undo. An id that no object has raises a ValueError.
    """

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled_state(self) -> State:
        """Give the state with all edits in it."""

    # -------------------------------------------------------------------------------- objects

    def select(self, objects: SomeObjects | None) -> None:
        """Select an object, several, or with None none; the others are selected no more."""
        if objects is None or isinstance(objects, int | np.integer):
            self._do(edits.SelectObject(None if objects is None else int(objects)))
        else:
            self._do(list_edits.SelectObjects(_ids(objects)))

    @property
    def selected(self) -> int | None:
        """The ``id`` of the object that was selected last, or None."""
        return self._settled_state().document.selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of all selected objects, in the order in which they were selected."""
        return self._settled_state().document.selection

    def delete(self, objects: SomeObjects) -> None:
        """Delete objects.

        Raises
        ------
        ValueError
            When one is locked.
        """
        if isinstance(objects, int | np.integer):
            self._do(edits.DeleteObject(int(objects)))
        else:
            self._do(list_edits.DeleteObjects(_ids(objects)))

    def relabel(self, objects: SomeObjects, label: str) -> None:
        """Give objects another label, and with it the colour of that class if it has one."""
        if isinstance(objects, int | np.integer):
            self._do(edits.RelabelObject(int(objects), label))
        else:
            self._do(list_edits.RelabelObjects(_ids(objects), label))

    def recolor(self, objects: SomeObjects, color: str) -> None:
        """Give objects another colour, ``"#rrggbb"``.

        Examples
        --------
        >>> widget.recolor(1, "#ff8000")  # doctest: +SKIP
        >>> small = [one for one in widget.objects if one.area < 50]  # doctest: +SKIP
        >>> widget.recolor(small, "#999999")  # doctest: +SKIP
        """
        self._do(list_edits.RecolorObjects(_ids(objects), color))

    def hide(self, objects: SomeObjects | None = None) -> None:
        """Draw objects no more, None for all that are committed.

        They count all the same: in ``masks``, pictures, files and ``label_image()``.
        """
        self._do(list_edits.HideObjects(self._ids_or_all(objects), hidden=True))

    def show(self, objects: SomeObjects | None = None) -> None:
        """Draw hidden objects again, None for all."""
        self._do(list_edits.HideObjects(self._ids_or_all(objects), hidden=False))

    def lock(self, objects: SomeObjects | None = None) -> None:
        """Keep objects from being changed or deleted, None for all that are committed.

        A click on the picture does not select them. Label, colour and place in the list may change.
        """
        self._do(list_edits.LockObjects(self._ids_or_all(objects), locked=True))

    def unlock(self, objects: SomeObjects | None = None) -> None:
        """Let locked objects be changed again, None for all."""
        self._do(list_edits.LockObjects(self._ids_or_all(objects), locked=False))

    def reorder(self, objects: SomeObjects, index: int) -> None:
        """Put objects at another place; they keep their order among themselves.

        Parameters
        ----------
        objects
            What is to be moved.
        index
            So many of the other objects are below them: 0 puts them at the bottom. The last object
            is on top, on the screen and in :meth:`label_image`.
        """
        self._do(list_edits.ReorderObjects(_ids(objects), index))

    def _ids_or_all(self, objects: SomeObjects | None) -> list[int]:
        if objects is None:
            return [one.id for one in self._settled_state().document.objects]
        return _ids(objects)

    # -------------------------------------------------------------------------------- classes

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels to choose from. Can be set at any time, also to a mapping from label to colour.

        An object takes the colour of its class when it gets that label, and when the colour of the
        class changes. Labels without a colour of their own leave each object the palette's.

        Examples
        --------
        >>> widget.classes = ["cup", "saucer"]  # doctest: +SKIP
        >>> widget.classes = {"cup": "#ff8000", "saucer": None}  # doctest: +SKIP
        """
        return self._settled_state().classes

    @classes.setter
    def classes(self, classes: Sequence[str] | Mapping[str, str | None]) -> None:
        self._do(set_classes(classes))

    @property
    def class_colors(self) -> dict[str, str]:
        """``"#rrggbb"`` by label, for those that have a colour of their own."""
        return dict(self._settled_state().class_colors)

    def add_class(self, name: str, color: str | None = None) -> None:
        """Add a label to choose from; one that is there stays, with the colour that is given.

        Without a colour it gets one of the palette where other classes have colours, else none.
        """
        self._do(class_edits.AddClass(name, color or ""))


def set_classes(classes: Sequence[str] | Mapping[str, str | None]) -> edits.SetClasses:
    """Take labels, or a mapping from label to colour."""
    if isinstance(classes, Mapping):
        return edits.SetClasses(list(classes), [color or "" for color in classes.values()])
    return edits.SetClasses(classes if isinstance(classes, str) else list(classes))  # type: ignore[arg-type]


def _ids(objects: SomeObjects) -> list[int]:
    return ids_of(objects, "an object")
