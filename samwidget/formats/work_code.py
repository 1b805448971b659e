"""The log of a widget as lines of Python that a person can read, keep and run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.combine_edits import SetExclusive
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import SetClasses, SetLabel
from samwidget.editing.log import AddMade, Log, Logged, effective
from samwidget.formats.work_lines import classes_of, line_of
from samwidget.formats.work_text import to_text
from samwidget.values.objects import SegmentedObject

_FROM_TEXT = "from samwidget.formats.work_text import from_text"


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
    log = state.log or Log.of(state)
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
    if begin.exclusive:
        lines.append(_line(SetExclusive(True)))
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
        given.append(f"classes={classes_of(begin.classes, begin.class_colors)}")
    if begin.label and begin.label != (begin.classes or ("",))[0]:
        given.append(f"label={begin.label!r}")
    return f"widget = SamWidget({', '.join(given)})"


def _line(edit: Edit) -> str:
    known = line_of(edit)
    if known is not None:
        return f"widget.{known}"
    if _is_by_name(edit):
        return f"widget.apply({_call(edit)})"
    return f"widget.apply(from_text({to_text(edit)!r}))"


def _is_by_name(edit: Edit) -> bool:
    """Whether it is written with its name and plain values."""
    if line_of(edit) is not None:
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


def _says_all(entry: Logged, before: Edit) -> bool:
    """Whether a setting leaves nothing of the one before it."""
    edit = entry.edit
    if not entry.is_setting or type(edit) is not type(before):
        return False
    is_whole = isinstance(edit, SetClasses) and edit.colors is not None
    return is_whole or isinstance(edit, SetLabel | SetExclusive | LookCloser)


def _without_repeats(entries: Sequence[Logged]) -> list[Logged]:
    """Of settings that follow on each other leave the last, where it says all."""
    kept: list[Logged] = []
    for entry in entries:
        if kept and kept[-1].is_setting and _says_all(entry, kept[-1].edit):
            kept.pop()
        kept.append(entry)
    return kept
