"""The classes to choose from, and their colours; no steps of the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from samwidget.editing.checks import color, text
from samwidget.editing.document import Document, State
from samwidget.editing.edit import Edit
from samwidget.values.errors import quoted
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import COLORS, are_alike


@dataclass(frozen=True)
class AddClass(Edit):
    """Add a label to choose from; one that is there stays, with the colour that is given.

    Without a colour ("") it gets a free one of the palette where other classes have colours, else
    none.
    """

    needs_image: ClassVar[bool] = False
    kind: Literal["add_class"] = field(default="add_class", kw_only=True)
    name: str
    color: str = ""

    def apply(self, state: State) -> State:
        name, asked = text(self.name), self.color
        if not name:
            raise ValueError("a class has a name, got an empty text")
        is_new, colors = name not in state.classes, dict(state.class_colors)
        if is_new and not asked and colors:
            asked = _free_color(colors.values(), len(state.classes))
        if asked:
            colors[name] = color(asked)
        if not is_new and colors == state.class_colors:
            return state
        classes = (*state.classes, name) if is_new else state.classes
        return _with_colors(replace(state, classes=classes), colors)


def with_classes(state: State, names: Sequence[str], colors: Sequence[str] | None) -> State:
    """Give the state with other classes, see :class:`.edits.SetClasses`."""
    if isinstance(names, str):
        raise TypeError(f"classes are a list of texts, got the text {quoted(names)}")
    classes = tuple(map(text, names))
    if colors is None:
        known = state.class_colors
        return replace(
            state,
            classes=classes,
            class_colors={name: known[name] for name in classes if name in known},
        )
    if len(colors) != len(classes):
        raise ValueError(
            f"classes have one colour each, got {len(colors)} colours for {len(classes)} classes"
        )
    asked = {name: color(one) for name, one in zip(classes, colors, strict=True) if one}
    for index, name in enumerate(classes):
        asked.setdefault(name, _free_color(asked.values(), index))
    return _with_colors(replace(state, classes=classes), asked)


def _free_color(used: Collection[str], index: int) -> str:
    """Give the first colour of the palette that is like no class's.

    Where there is none, the first that no class has, else one that goes with an index.
    """
    new = [one for one in COLORS if one not in used]
    free = [one for one in new if not any(are_alike(one, other) for other in used)]
    return next(iter([*free, *new]), COLORS[index % len(COLORS)])


def _with_colors(state: State, colors: Mapping[str, str]) -> State:
    """Set the colours of classes; where one changes, all objects of the class take it."""
    before = state.class_colors
    changed = {name: one for name, one in colors.items() if before.get(name) != one}
    state = replace(state, class_colors=colors)
    if not changed:
        return state
    done: dict[SegmentedObject, SegmentedObject] = {}

    def painted(one: SegmentedObject) -> SegmentedObject:
        if changed.get(one.label, one.color) == one.color:
            return one
        if one not in done:  # an object that several steps share stays one
            done[one] = replace(one, color=changed[one.label])
        return done[one]

    def redone(document: Document) -> Document:
        objects, draft = tuple(map(painted, document.objects)), document.draft
        reopened = draft.reopened
        if reopened is not None and painted(reopened.object) is not reopened.object:
            draft = replace(draft, reopened=replace(reopened, object=painted(reopened.object)))
        if objects == document.objects and draft is document.draft:
            return document
        return replace(document, objects=objects, draft=draft)

    return replace(
        state,
        document=redone(state.document),
        past=tuple(map(redone, state.past)),
        future=tuple(map(redone, state.future)),
    )
