"""The log of a widget as lines of Python that a person can read, keep and run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from samwidget.editing import edits
from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.log import AddMade, Log, Logged, bare, effective
from samwidget.formats.work_text import to_text
from samwidget.values.arrays import to_array
from samwidget.values.objects import SegmentedObject

_FROM_TEXT = "from samwidget.formats.work_text import from_text"

_LINES: dict[type[Edit], Callable[[Any], str]] = {
    edits.AddPoint: lambda e: f"add_point({_numbers(e.x, e.y)}{'' if _number(e.label) else ', 0'})",
    edits.MovePoint: lambda e: f"move_point({int(e.index)}, {_numbers(e.x, e.y)})",
    edits.RemovePoint: lambda e: f"remove_point({int(e.index)})",
    edits.SetBox: lambda e: _box_line(e.box_xyxy),
    edits.ChooseMask: lambda e: f"choose({int(e.index)})",
    edits.ClearPrompts: lambda _: "clear()",
    edits.Commit: lambda e: f"commit({'' if e.label is None else repr(e.label)})",
    edits.ReopenObject: lambda e: f"refine({int(e.id)})",
    edits.SelectObject: lambda e: f"select({e.id!r})",
    edits.DeleteObject: lambda e: f"delete({int(e.id)})",
    edits.RelabelObject: lambda e: f"relabel({int(e.id)}, {e.label!r})",
    edits.ClearAll: lambda _: "clear(objects=True)",
    LookCloser: lambda e: f"look_closer({_numbers(*(e.region_xyxy or ()))})",
    edits.SetLabel: lambda e: f"label = {e.label!r}",
    edits.SetClasses: lambda e: f"classes = {list(e.classes)!r}",
}


def code_of(
    state: State, objects: Sequence[SegmentedObject], image: str | None, model: str | None
) -> str:
    """Write the lines that make the same objects again.

    Parameters
    ----------
    state
        With its log.
    objects
        All there are, the draft included.
    image, model
        What the widget was made of; None where that cannot be written down: ``image`` and
        ``model`` stand for it, which whoever runs the lines has to have.

    Returns
    -------
    str
        Ends with a line break.
    """
    log = state.log or Log(bare(state))
    entries = effective(log)
    begin = log.begin
    if entries is None or not begin.document.draft.is_empty:
        begin = dataclasses.replace(state, document=dataclasses.replace(
            state.document, objects=tuple(objects), selected=None
        ))  # fmt: skip
        entries = ()
    lines = [_widget_line(begin, image, model)]
    if begin.document.objects:
        document = begin.document
        lines.append(_line(AddMade(document.objects, document.selected, document.taken)))
    lines += [_line(entry.edit) for entry in _without_repeats(entries)]
    imports = ["from samwidget import SamWidget"]
    if any("from_text(" in line for line in lines):
        imports.append(_FROM_TEXT)
    named = {type(entry.edit) for entry in entries if _is_by_name(entry.edit)}
    imports += sorted(f"from {one.__module__} import {one.__name__}" for one in named)
    return "\n".join([*imports, "", *lines, ""])


def _widget_line(begin: State, image: str | None, model: str | None) -> str:
    given = ["image" if image is None else repr(image), "model" if model is None else repr(model)]
    if begin.classes:
        given.append(f"classes={list(begin.classes)!r}")
    if begin.label and begin.label != (begin.classes or ("",))[0]:
        given.append(f"label={begin.label!r}")
    return f"widget = SamWidget({', '.join(given)})"


def _line(edit: Edit) -> str:
    known = _LINES.get(type(edit))
    if known is not None:
        return f"widget.{known(edit)}"
    if _is_by_name(edit):
        return f"widget.apply({_call(edit)})"
    return f"widget.apply(from_text({to_text(edit)!r}))"


def _is_by_name(edit: Edit) -> bool:
    """Whether it is written with its name and plain values."""
    if type(edit) in _LINES:
        return False
    return all(_is_plain(value) for value in vars(edit).values())


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return value is None or type(value) in (int, float, str, bool)


def _call(edit: Any) -> str:
    fields = [one.name for one in dataclasses.fields(edit) if one.init and one.name != "kind"]
    given = ", ".join(f"{name}={getattr(edit, name)!r}" for name in fields)
    return f"{type(edit).__name__}({given})"


def _without_repeats(entries: Sequence[Logged]) -> list[Logged]:
    """Of settings that follow on each other leave the last of each kind."""
    kept: list[Logged] = []
    for entry in entries:
        is_setting = not entry.edit.needs_image
        if kept and is_setting and type(kept[-1].edit) is type(entry.edit):
            kept.pop()
        kept.append(entry)
    return kept


def _numbers(*values: Any) -> str:
    return ", ".join(repr(_number(value)) for value in values)


def _number(value: Any) -> float:
    """Read a number, also from an array or tensor that holds one."""
    return float(to_array(value).reshape(-1)[0])


def _box_line(box_xyxy: Any) -> str:
    if box_xyxy is None:
        return "remove_box()"
    x1, y1, x2, y2 = map(_number, box_xyxy)
    return f"add_box({_numbers(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))})"
