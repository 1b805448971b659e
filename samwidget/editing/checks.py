"""What an edit may be given: each check gives the value, or raises a sentence for the person.

For prompts that is the rule of :mod:`samwidget.values.prompt_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samwidget.editing.document import State
from samwidget.values.errors import quoted
from samwidget.values.palette import rgb
from samwidget.values.prompt_checks import Bounds, points_within, read_labels, read_number
from samwidget.values.prompt_shapes import one_box
from samwidget.values.texts import sendable

BoxXYXY = tuple[float, float, float, float]


def image_size_hw(state: State) -> tuple[int, int]:
    """Give the image's height and width."""
    if state.size_hw is None:
        raise ValueError("there is no image yet: set the widget's image first")
    return state.size_hw


def point_inside(state: State, x: object, y: object) -> tuple[float, float]:
    """Give a point, moved into the image if it is a hair outside."""
    bounds = Bounds.of_image(image_size_hw(state))
    point = np.array([[read_number("x", x), read_number("y", y)]])
    (inside,) = points_within("the point", point, bounds).tolist()
    return inside[0], inside[1]


def point_label(label: object) -> int:
    """Give a point's label, 1 for foreground or 0 for background."""
    found = read_labels("a point's label", label)
    if found.size != 1:
        raise ValueError(f"a point has one label, 1 or 0, got {found.size}")
    return int(found.reshape(()))


def box_by_hand(state: State, box_xyxy: Sequence[float]) -> BoxXYXY:
    """Give a box that was dragged, from corner to corner in any direction, as far as it is inside.

    Code gives the corners in order, see :func:`samwidget.values.prompt_shapes.one_box`.
    """
    size_hw = image_size_hw(state)
    x1, y1, x2, y2 = (read_number("a box corner", value) for value in box_xyxy)
    return one_box((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), size_hw)


def text(label: object) -> str:
    """Give a label that is text, and can be written and sent."""
    if not isinstance(label, str):
        raise TypeError(f"a label is text, got {quoted(label)}")
    return sendable(label)


def index_of(state: State, object_id: int) -> int:
    """Give the place of an object among the objects."""
    ids = [one.id for one in state.document.objects]
    if object_id not in ids:
        known = ", ".join(map(str, ids)) or "none"
        raise ValueError(
            f"there is no object with the id {quoted(object_id)}; ids there are: {known}"
        )
    return ids.index(object_id)


def unlocked_index_of(state: State, object_id: int) -> int:
    """Give the place of an object whose mask may be changed."""
    index = index_of(state, object_id)
    if state.document.objects[index].locked:
        raise ValueError(f"object {object_id} is locked: unlock it first")
    return index


def ids_of_objects(state: State, ids: Sequence[int], *, unlocked: bool = False) -> tuple[int, ...]:
    """Give ids that are all there, each once."""
    for object_id in ids:
        (unlocked_index_of if unlocked else index_of)(state, object_id)
    return tuple(dict.fromkeys(ids))


def color(value: object) -> str:
    """Give a colour as ``"#rrggbb"`` in lower case."""
    rgb(value)  # type: ignore[arg-type]
    return str(value).lower()
