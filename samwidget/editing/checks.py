"""What an edit may be given: each check gives the value, or raises a sentence for the person."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from samwidget.editing.document import State

BoxXYXY = tuple[float, float, float, float]

_HAIR_PX = 0.5


def image_size_wh(state: State) -> tuple[float, float]:
    """Give the image's width and height."""
    if state.size_hw is None:
        raise ValueError("there is no image yet: set the widget's image first")
    height, width = state.size_hw
    return float(width), float(height)


def point_inside(state: State, x: float, y: float) -> tuple[float, float]:
    """Give a point, moved into the image if it is a hair outside."""
    width, height = image_size_wh(state)
    x, y = _number("x", x), _number("y", y)
    if not (-_HAIR_PX <= x <= width + _HAIR_PX and -_HAIR_PX <= y <= height + _HAIR_PX):
        raise ValueError(
            f"the point ({x:g}, {y:g}) is outside the image, which is {width:g} x {height:g} pixels"
        )
    return min(max(x, 0.0), width), min(max(y, 0.0), height)


def box_inside(state: State, box_xyxy: Sequence[float]) -> BoxXYXY:
    """Give a box with its corners in order, without what reaches beyond the image."""
    width, height = image_size_wh(state)
    x1, y1, x2, y2 = (_number("a box corner", value) for value in box_xyxy)
    left, right = (min(max(x, 0.0), width) for x in sorted((x1, x2)))
    top, bottom = (min(max(y, 0.0), height) for y in sorted((y1, y2)))
    if left == right or top == bottom:
        raise ValueError(
            f"the box ({x1:g}, {y1:g}, {x2:g}, {y2:g}) covers nothing of the image, which is "
            f"{width:g} x {height:g} pixels"
        )
    return left, top, right, bottom


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a number in pixels, got {value!r}")
    return number


def text(label: object) -> str:
    """Give a label that is text."""
    if not isinstance(label, str):
        raise TypeError(f"a label is text, got {label!r}")
    return label


def index_of(state: State, object_id: int) -> int:
    """Give the place of an object among the objects."""
    ids = [one.id for one in state.document.objects]
    if object_id not in ids:
        known = ", ".join(map(str, ids)) or "none"
        raise ValueError(f"there is no object with the id {object_id!r}; ids there are: {known}")
    return ids.index(object_id)
