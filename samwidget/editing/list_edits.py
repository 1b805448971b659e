"""Edits of the list of objects, of several at once as one step; ``apply`` is as in ``edits.py``.

A locked object keeps its mask and is not deleted. How it is called, its colour and its place in the
list may change, and it may be hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from samwidget.editing import history
from samwidget.editing.checks import color, ids_of_objects, text
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.values.objects import SegmentedObject


@dataclass(frozen=True)
class SelectObjects(Edit):
    """Select these objects and no others; no step of the history.

    The last one is the one that edits of a single object are about.
    """

    kind: Literal["select_objects"] = field(default="select_objects", kw_only=True)
    ids: list[int]

    def apply(self, state: State) -> State:
        ids = ids_of_objects(state, self.ids)
        after = replace(state.document, selected=ids[-1] if ids else None, selection=ids)
        return replace(state, document=after)


@dataclass(frozen=True)
class DeleteObjects(Edit):
    """Delete objects; a locked one is refused."""

    kind: Literal["delete_objects"] = field(default="delete_objects", kw_only=True)
    ids: list[int]

    def apply(self, state: State) -> State:
        document, gone = state.document, ids_of_objects(state, self.ids, unlocked=True)
        if not gone:
            return state
        objects = tuple(one for one in document.objects if one.id not in gone)
        draft, reopened = document.draft, document.draft.reopened
        if reopened is not None:
            below = sum(one.id in gone for one in document.objects[: reopened.index])
            draft = replace(draft, reopened=replace(reopened, index=reopened.index - below))
        selected = None if document.selected in gone else document.selected
        return history.step(
            state, replace(document, objects=objects, draft=draft, selected=selected)
        )


@dataclass(frozen=True)
class RelabelObjects(Edit):
    """Give objects another label, and with it the colour of that class if it has one."""

    kind: Literal["relabel_objects"] = field(default="relabel_objects", kw_only=True)
    ids: list[int]
    label: str

    def apply(self, state: State) -> State:
        label = text(self.label)
        return _changed(state, self.ids, lambda one: state.relabelled(one, label))


@dataclass(frozen=True)
class RecolorObjects(Edit):
    """Give objects another colour, ``"#rrggbb"``."""

    kind: Literal["recolor_objects"] = field(default="recolor_objects", kw_only=True)
    ids: list[int]
    color: str

    def apply(self, state: State) -> State:
        asked = color(self.color)
        return _changed(state, self.ids, lambda one: replace(one, color=asked))


@dataclass(frozen=True)
class HideObjects(Edit):
    """Draw objects no more, or again; they count all the same."""

    kind: Literal["hide_objects"] = field(default="hide_objects", kw_only=True)
    ids: list[int]
    hidden: bool

    def apply(self, state: State) -> State:
        return _changed(state, self.ids, lambda one: replace(one, hidden=self.hidden))


@dataclass(frozen=True)
class LockObjects(Edit):
    """Keep objects from being changed or deleted, or no more."""

    kind: Literal["lock_objects"] = field(default="lock_objects", kw_only=True)
    ids: list[int]
    locked: bool

    def apply(self, state: State) -> State:
        return _changed(state, self.ids, lambda one: replace(one, locked=self.locked))


@dataclass(frozen=True)
class ReorderObjects(Edit):
    """Put objects, in the order in which they are, at another place among the others.

    ``index`` counts the others below them: 0 puts them at the bottom.
    """

    kind: Literal["reorder_objects"] = field(default="reorder_objects", kw_only=True)
    ids: list[int]
    index: int

    def apply(self, state: State) -> State:
        objects, ids = state.document.objects, ids_of_objects(state, self.ids)
        others = [one for one in objects if one.id not in ids]
        if not 0 <= self.index <= len(others):
            raise ValueError(
                f"there are {len(others)} other objects, so the place is 0 to {len(others)}, got "
                f"{self.index}"
            )
        moved = [one for one in objects if one.id in ids]
        after = (*others[: self.index], *moved, *others[self.index :])
        if after == objects:
            return state
        return history.step(state, replace(state.document, objects=after))


def _changed(
    state: State, ids: Collection[int], change: Callable[[SegmentedObject], SegmentedObject]
) -> State:
    """Change objects as one step; where nothing is different there is none."""
    chosen = set(ids_of_objects(state, list(ids)))
    after = tuple(
        _kept_if_same(one, change(one)) if one.id in chosen else one
        for one in state.document.objects
    )
    if after == state.document.objects:
        return state
    return history.step(state, replace(state.document, objects=after))


def _kept_if_same(before: SegmentedObject, after: SegmentedObject) -> SegmentedObject:
    """Objects are compared by what they are, and not copied where nothing changed."""

    def listed(one: SegmentedObject) -> tuple[object, ...]:
        return one.label, one.color, one.hidden, one.locked

    return before if listed(before) == listed(after) else after
