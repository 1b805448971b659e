"""What a person has made so far, as values, and every edit as a pure function on them.

An edit takes a :class:`State` and gives the next one, or raises ValueError with a sentence for the
person and changes nothing. No model runs here: an edit of the prompts leaves the draft without a
prediction, and whoever has a model fills it in with :func:`with_prediction`.

What a draft's prediction is depends on the sequence of its edits alone, never on timing. Prompts
given together (a first point, a box, or all that is left after one was moved or taken away) are
predicted from scratch. A point *added* to a draft refines it: the model also gets the logits of the
draft before, as the authors of Segment Anything do in their evaluation. ``Draft.refines`` keeps
that draft until its prediction is known, so that hurried edits, predicted late, give the same mask.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.values.objects import Box, SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.values.prediction import Prediction

HISTORY_LIMIT = 100
"""So many edits can be undone; each may hold a prediction of up to 0.75 MB."""

_HAIR_PX = 0.5


class Point(NamedTuple):
    """A click in pixels of the image frame; ``label`` 1 is foreground, 0 background."""

    x: float
    y: float
    label: int


@dataclass(frozen=True, eq=False)
class Draft:
    """The object in the making.

    Attributes
    ----------
    points, box_xyxy
        Its prompts, points in the order in which they were given.
    refines
        The draft whose logits the prediction starts from; None once predicted.
    prediction
        None until somebody has asked the model.
    choice
        The candidate that the person chose, None for the best.
    """

    points: tuple[Point, ...] = ()
    box_xyxy: Box | None = None
    refines: Draft | None = None
    prediction: Prediction | None = None
    choice: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no prompt."""
        return not self.points and self.box_xyxy is None

    @property
    def is_pending(self) -> bool:
        """Whether the model has still to be asked."""
        return not self.is_empty and self.prediction is None

    @property
    def is_ambiguous(self) -> bool:
        """Whether the prompts may mean several things: one point and nothing else."""
        return len(self.points) == 1 and self.box_xyxy is None and self.refines is None

    @property
    def chosen(self) -> int:
        """Index of the candidate that counts, 0 while there is none."""
        if self.choice is not None:
            return self.choice
        return self.prediction.best if self.prediction else 0

    @property
    def logits(self) -> NDArray[np.float32] | None:
        """The chosen candidate's low-res logits (M, M), None while there is none."""
        return self.prediction.low_res_logits[self.chosen] if self.prediction else None


@dataclass(frozen=True, eq=False)
class Document:
    """What undo and redo go through."""

    objects: tuple[SegmentedObject, ...] = ()
    draft: Draft = field(default_factory=Draft)
    selected: int | None = None
    next_id: int = 1


@dataclass(frozen=True, eq=False)
class State:
    """Everything: image (H, W, 3) uint8 RGB or None, document, history, label and tool."""

    image: NDArray[np.uint8] | None = None
    document: Document = field(default_factory=Document)
    past: tuple[Document, ...] = ()
    future: tuple[Document, ...] = ()
    classes: tuple[str, ...] = ()
    label: str = ""
    tool: str = "positive"

    @property
    def draft_color(self) -> str:
        """``"#rrggbb"``, what the draft will keep when it is committed."""
        return color_for(self.document.next_id - 1)


def new_image(state: State, image: NDArray[np.uint8] | None) -> State:
    """Start over on another image; label, classes and tool stay."""
    return State(image=image, classes=state.classes, label=state.label, tool=state.tool)


def with_prediction(draft: Draft, prediction: Prediction) -> Draft:
    """Give the draft what the model says."""
    return replace(draft, refines=None, prediction=prediction)


def with_draft(state: State, draft: Draft) -> State:
    """Put a draft in place of the current one, which is no edit of its own."""
    return replace(state, document=replace(state.document, draft=draft))


def draft_object(state: State, label: str | None = None) -> SegmentedObject | None:
    """Give the draft as the object it would become; None while it has no mask or an empty one."""
    draft = state.document.draft
    if draft.prediction is None or draft.logits is None:
        return None
    cells_w, cells_h, _ = draft.prediction.transform.extent_xywh(draft.logits.shape[0])
    if not (draft.logits[:cells_h, :cells_w] > 0).any():
        return None
    return SegmentedObject.from_prediction(
        state.document.next_id,
        state.label if label is None else label,
        state.draft_color,
        Prompts(
            np.array([point[:2] for point in draft.points], np.float32),
            np.array([point.label for point in draft.points], np.int64),
            None if draft.box_xyxy is None else np.array(draft.box_xyxy, np.float32),
        ),
        draft.prediction,
        draft.chosen,
    )


# ----------------------------------------------------------------------------- edits of the draft


def add_point(state: State, x: float, y: float, label: int = 1) -> State:
    """Add a click to the draft; it refines the mask there is."""
    if label not in (0, 1):
        raise ValueError(f"a point's label is 1 (foreground) or 0 (background), got {label!r}")
    x, y = _inside(state, x, y)
    draft = state.document.draft
    points = (*draft.points, Point(x, y, int(label)))
    refined = None if draft.is_empty else draft
    return _edit_draft(state, Draft(points, draft.box_xyxy, refines=refined))


def move_point(state: State, index: int, x: float, y: float) -> State:
    """Put one of the draft's points elsewhere; its label stays."""
    points = list(state.document.draft.points)
    _check_index(index, len(points), "point")
    points[index] = Point(*_inside(state, x, y), points[index].label)
    return _edit_draft(state, Draft(tuple(points), state.document.draft.box_xyxy))


def remove_point(state: State, index: int) -> State:
    """Take one of the draft's points away."""
    points = list(state.document.draft.points)
    _check_index(index, len(points), "point")
    del points[index]
    return _edit_draft(state, Draft(tuple(points), state.document.draft.box_xyxy))


def set_box(state: State, box_xyxy: Box | None) -> State:
    """Give the draft a box, its corners in any order, or take it away.

    What reaches beyond the image is cut off.
    """
    draft = state.document.draft
    if box_xyxy is None:
        return _edit_draft(state, Draft(draft.points)) if draft.box_xyxy else state
    width, height = _size(state)
    x1, y1, x2, y2 = (_number("a box corner", value) for value in box_xyxy)
    left, right = (min(max(x, 0.0), width) for x in sorted((x1, x2)))
    top, bottom = (min(max(y, 0.0), height) for y in sorted((y1, y2)))
    if left == right or top == bottom:
        raise ValueError(
            f"the box ({x1:g}, {y1:g}, {x2:g}, {y2:g}) covers nothing of the image, which is "
            f"{width:g} x {height:g} pixels"
        )
    return _edit_draft(state, Draft(draft.points, (left, top, right, bottom)))


def choose_mask(state: State, index: int) -> State:
    """Take another candidate of the draft's prediction; later points refine that one."""
    draft = state.document.draft
    if draft.prediction is None:
        raise ValueError("there is no mask to choose from: click an object first")
    _check_index(index, len(draft.prediction.iou_predictions), "candidate mask")
    if index == draft.chosen:
        return state
    return _edit_draft(state, replace(draft, choice=index))


def clear_prompts(state: State) -> State:
    """Give up the draft."""
    return state if state.document.draft.is_empty else _edit_draft(state, Draft())


def clear_all(state: State) -> State:
    """Give up the draft and delete all objects."""
    document = state.document
    if document.draft.is_empty and not document.objects:
        return state
    return _edit(state, replace(document, draft=Draft(), objects=(), selected=None))


# ---------------------------------------------------------------------------- edits of the objects


def commit(state: State, label: str | None = None) -> State:
    """Make the draft an object, selected, and start an empty draft.

    ``label`` is the object's, None for the label that is set.
    """
    document = state.document
    if document.draft.is_empty:
        raise ValueError("there is nothing to commit: click an object or draw a box first")
    made = draft_object(state, None if label is None else _text(label))
    if made is None or made.area == 0:
        raise ValueError(
            "the mask is empty, it has no pixel to commit: add a point on the object or move one"
        )
    made = replace(made, shape=made.shape.compact())
    objects = (*document.objects, made)
    return _edit(state, Document(objects, Draft(), made.id, document.next_id + 1))


def delete_object(state: State, object_id: int) -> State:
    """Delete an object."""
    document = state.document
    index = _find(state, object_id)
    objects = document.objects[:index] + document.objects[index + 1 :]
    selected = None if document.selected == object_id else document.selected
    return _edit(state, replace(document, objects=objects, selected=selected))


def relabel_object(state: State, object_id: int, label: str) -> State:
    """Give an object another label."""
    objects = list(state.document.objects)
    index = _find(state, object_id)
    if objects[index].label == _text(label):
        return state
    objects[index] = replace(objects[index], label=label)
    return _edit(state, replace(state.document, objects=tuple(objects)))


# ------------------------------------------------------------------- history, and what is not in it


def undo(state: State) -> State:
    """Take the last edit back; without one nothing happens."""
    if not state.past:
        return state
    *past, document = state.past
    return replace(
        state, document=document, past=tuple(past), future=(state.document, *state.future)
    )


def redo(state: State) -> State:
    """Do again what was undone; without any nothing happens."""
    if not state.future:
        return state
    document, *future = state.future
    return replace(
        state, document=document, past=(*state.past, state.document), future=tuple(future)
    )


def select_object(state: State, object_id: int | None) -> State:
    """Select an object, or with None none."""
    if object_id is not None:
        _find(state, object_id)
    return replace(state, document=replace(state.document, selected=object_id))


def set_label(state: State, label: str) -> State:
    """Set the label that the next committed object gets."""
    return replace(state, label=_text(label))


def set_tool(state: State, tool: str) -> State:
    """Set the tool that all views show as active."""
    return replace(state, tool=tool)


NEED_MASK = frozenset({choose_mask, commit})
"""The edits that work on the draft's prediction; the others do not look at it."""

NEED_NO_IMAGE = frozenset({set_label, set_tool})
"""The edits that outlive the image they were made on."""


# --------------------------------------------------------------------------------------- helpers


def _edit(state: State, document: Document) -> State:
    past = (*state.past, state.document)[-HISTORY_LIMIT:]
    return replace(state, document=document, past=past, future=())


def _edit_draft(state: State, draft: Draft) -> State:
    document = state.document
    # Who starts a new object has finished with the one before.
    selected = None if document.draft.is_empty else document.selected
    return _edit(state, replace(document, draft=draft, selected=selected))


def _size(state: State) -> tuple[float, float]:
    if state.image is None:
        raise ValueError("there is no image yet: set the widget's image first")
    height, width = state.image.shape[:2]
    return float(width), float(height)


def _inside(state: State, x: float, y: float) -> tuple[float, float]:
    width, height = _size(state)
    x, y = _number("x", x), _number("y", y)
    if not (-_HAIR_PX <= x <= width + _HAIR_PX and -_HAIR_PX <= y <= height + _HAIR_PX):
        raise ValueError(
            f"the point ({x:g}, {y:g}) is outside the image, which is {width:g} x {height:g} pixels"
        )
    return min(max(x, 0.0), width), min(max(y, 0.0), height)


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a number in pixels, got {value!r}")
    return number


def _text(label: object) -> str:
    if not isinstance(label, str):
        raise TypeError(f"a label is text, got {label!r}")
    return label


def _check_index(index: int, count: int, noun: str) -> None:
    if not 0 <= index < count:
        raise ValueError(f"there is no {noun} {index}: the draft has {count}, counted from 0")


def _find(state: State, object_id: int) -> int:
    ids = [one.id for one in state.document.objects]
    if object_id not in ids:
        known = ", ".join(map(str, ids)) or "none"
        raise ValueError(f"there is no object with the id {object_id!r}; ids there are: {known}")
    return ids.index(object_id)
