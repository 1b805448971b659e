"""Edits as the calls of a widget's methods that do the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from samwidget.editing import (
    class_edits,
    combine_edits,
    edits,
    list_edits,
    mask_edits,
    prompt_edits,
)
from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.edit import Edit
from samwidget.values.arrays import to_array

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
    LookCloser: lambda e: f"look_closer({_numbers(*e.region_xyxy or ())})",
    edits.SetLabel: lambda e: f"label = {e.label!r}",
    edits.SetClasses: lambda e: f"classes = {classes_of(e.classes, e.colors)}",
    class_edits.AddClass: lambda e: f"add_class({e.name!r}{_more(e.color)})",
    prompt_edits.AddPoints: lambda e: _points_line(e.points),
    prompt_edits.SetThreshold: lambda e: f"set_threshold({_number(e.threshold)!r})",
    prompt_edits.RefitMask: lambda _: "refit_mask()",
    mask_edits.PaintStroke: lambda e: (
        f"{'paint' if e.add else 'erase'}({_path(e.points)}, {_number(e.radius)!r}{_on(e.id)})"
    ),
    mask_edits.PaintPolygon: lambda e: (
        f"{'add' if e.add else 'cut'}_polygon({_path(e.points)}{_on(e.id)})"
    ),
    mask_edits.SetOutline: lambda e: f"set_outline([{', '.join(map(_path, e.rings))}]{_on(e.id)})",
    mask_edits.ReshapeMask: lambda e: f"{e.operation}({_number(e.amount)!r}{_on(e.id)})",
    combine_edits.CombineObjects: lambda e: f"{e.operation}({_ids(e.ids)})",
    combine_edits.SplitObject: lambda e: f"split({int(e.id)})",
    combine_edits.SetExclusive: lambda e: f"exclusive = {e.exclusive!r}",
    list_edits.SelectObjects: lambda e: f"select({_ids(e.ids)})",
    list_edits.DeleteObjects: lambda e: f"delete({_ids(e.ids)})",
    list_edits.RelabelObjects: lambda e: f"relabel({_ids(e.ids)}, {e.label!r})",
    list_edits.RecolorObjects: lambda e: f"recolor({_ids(e.ids)}, {e.color!r})",
    list_edits.HideObjects: lambda e: f"{'hide' if e.hidden else 'show'}({_ids(e.ids)})",
    list_edits.LockObjects: lambda e: f"{'lock' if e.locked else 'unlock'}({_ids(e.ids)})",
    list_edits.ReorderObjects: lambda e: f"reorder({_ids(e.ids)}, {int(e.index)})",
}


def line_of(edit: Edit) -> str | None:
    """Give what follows ``widget.``; None for an edit that no method does.

    Examples
    --------
    >>> line_of(edits.AddPoint(3, 4, 0))
    'add_point(3.0, 4.0, 0)'
    """
    known = _LINES.get(type(edit))
    return None if known is None else known(edit)


def classes_of(classes: Sequence[str], colors: Sequence[str] | Mapping[str, str] | None) -> str:
    """Write the classes as a widget takes them: a list, or with colours a mapping.

    Examples
    --------
    >>> classes_of(["cup", "pot"], {"cup": "#ff8000"})
    "{'cup': '#ff8000', 'pot': None}"
    """
    if colors is None:
        known: Mapping[str, str] = {}
    elif isinstance(colors, Mapping):
        known = colors
    else:
        known = dict(zip(classes, colors, strict=True))
    if not any(known.values()):
        return repr(list(classes))
    return repr({name: known.get(name) or None for name in classes})


def _points_line(points: Iterable[tuple[float, float, int]]) -> str:
    rows = [tuple(map(_number, one)) for one in points]
    path, labels = _path([(x, y) for x, y, _ in rows]), [int(label) for _, _, label in rows]
    return f"add_points({path})" if all(labels) else f"add_points({path}, {labels!r})"


def _path(points: Iterable[Any]) -> str:
    return f"[{', '.join(f'({_numbers(x, y)})' for x, y in points)}]"


def _on(object_id: int | None) -> str:
    return "" if object_id is None else f", object_id={int(object_id)}"


def _ids(ids: Iterable[int]) -> str:
    return repr([int(one) for one in ids])


def _more(value: str) -> str:
    return f", {value!r}" if value else ""


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
