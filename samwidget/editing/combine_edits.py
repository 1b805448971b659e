"""Edits of several objects' masks together; ``apply`` is as in ``edits.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from samwidget.editing import history
from samwidget.editing.checks import index_of, unlocked_index_of
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.exclusive import draft_among
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts
from samwidget.values.reshaping import parts

Combination = Literal["union", "subtract", "intersect"]

MOST_PARTS = 500
"""An object is split into at most so many."""

_METHODS: dict[str, Callable[[Mask, Mask], Mask]] = {
    "union": Mask.union,
    "subtract": Mask.subtract,
    "intersect": Mask.intersect,
}


@dataclass(frozen=True)
class CombineObjects(Edit):
    """Change the first of these objects by the others.

    ``union`` and ``intersect`` leave one object, with the first one's id, name, colour and place;
    after ``subtract`` the others stay as they are.
    """

    kind: Literal["combine_objects"] = field(default="combine_objects", kw_only=True)
    operation: Combination
    ids: list[int]

    def apply(self, state: State) -> State:
        if self.operation not in _METHODS:
            known = ", ".join(_METHODS)
            raise ValueError(f"an operation is one of {known}; got {quoted(self.operation)}")
        ids = list(dict.fromkeys(self.ids))
        keeps_others = self.operation == "subtract"
        place_of = [
            unlocked_index_of,
            *[index_of if keeps_others else unlocked_index_of] * len(ids),
        ]
        objects = [
            state.document.objects[find(state, an_id)]
            for find, an_id in zip(place_of, ids, strict=False)
        ]
        if len(objects) < 2:
            raise ValueError(f"{self.operation} is of two objects or more, got {len(objects)}")
        first, *others = objects
        shape = first.shape
        for other in others:
            shape = _METHODS[self.operation](shape, other.shape)
        if shape.is_empty:
            raise ValueError(f"nothing would be left of object {first.id}: delete it instead")
        made = _reshaped(first, shape)
        gone = set() if keeps_others else {other.id for other in others}
        return _replaced(state, made, gone)


@dataclass(frozen=True)
class SplitObject(Edit):
    """Make an object of each island of an object's mask; the largest one stays what it was.

    The others come right above it, with its name; pixels that touch at a corner belong together.
    """

    kind: Literal["split_object"] = field(default="split_object", kw_only=True)
    id: int

    def apply(self, state: State) -> State:
        document = state.document
        one = document.objects[unlocked_index_of(state, self.id)]
        pieces = parts(one.shape)
        if len(pieces) < 2:
            return state
        if len(pieces) > MOST_PARTS:
            raise ValueError(
                f"object {self.id} has {len(pieces)} parts, more than {MOST_PARTS}: drop its "
                "islands first"
            )
        largest, *others = pieces
        made = [
            replace(
                _reshaped(one, shape),
                id=new_id,
                color=state.color_of(one.label, new_id),
                prompts=Prompts(),
            )
            for new_id, shape in enumerate(others, document.next_id)
        ]
        return _replaced(state, _reshaped(one, largest), set(), made)


@dataclass(frozen=True)
class SetExclusive(Edit):
    """Say whether a pixel belongs to one object only; no step of the history.

    If so, whatever is made or changed from then on takes its pixels from the other objects, and an
    object without any pixel left goes. What overlaps already stays so.
    """

    needs_image: ClassVar[bool] = False
    kind: Literal["set_exclusive"] = field(default="set_exclusive", kw_only=True)
    exclusive: bool

    def apply(self, state: State) -> State:
        if not isinstance(self.exclusive, bool):
            raise TypeError(f"exclusive is True or False, got {quoted(self.exclusive)}")
        return replace(state, exclusive=self.exclusive)


def _reshaped(one: SegmentedObject, shape: Mask) -> SegmentedObject:
    one = replace(one, shape=shape.compact(), stability_score=None, edited=True, rings=None)
    return replace(one, choice=None, threshold=0.0)


def _replaced(
    state: State, made: SegmentedObject, gone: set[int], new: list[SegmentedObject] | None = None
) -> State:
    """Put an object in the place of the one with its id and new ones above it; others go."""
    document, new = state.document, new or []
    objects: list[SegmentedObject] = []
    for one in document.objects:
        if one.id == made.id:
            objects += [made, *new]
        elif one.id not in gone:
            objects.append(one)
    after = replace(
        document,
        objects=tuple(objects),
        selected=None if document.selected in gone else document.selected,
        next_id=document.next_id + len(new),
        draft=draft_among(document, objects),
    )
    return history.step(state, after)
