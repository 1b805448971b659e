"""Every edit a person can make, by hand or by code: each a frozen dataclass with ``apply``.

An edit is the message from the browser, the method of :class:`samwidget.SamWidget` and the step
that undo takes back, all in one. ``apply`` takes a :class:`~samwidget.editing.document.State` and
gives the next one, or raises ValueError with a sentence for the person and changes nothing. No
model runs here: an edit of the prompts leaves a draft without a prediction, which whoever has a
model fills in.

Coordinates are pixels of the image frame, origin at the outer corner of the first pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, get_args

from samwidget.editing import history
from samwidget.editing.checks import (
    BoxXYXY,
    box_by_hand,
    image_size_hw,
    point_inside,
    point_label,
    text,
    unlocked_index_of,
)
from samwidget.editing.class_edits import AddClass, with_classes
from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.combine_edits import CombineObjects, SetExclusive, SplitObject
from samwidget.editing.document import Document, Draft, Reopened, State
from samwidget.editing.drafting import added_to, with_prompts
from samwidget.editing.edit import Edit
from samwidget.editing.found_edits import DropFound, FilterFound, TakeFound
from samwidget.editing.list_edits import (
    DeleteObjects,
    HideObjects,
    LockObjects,
    RecolorObjects,
    RelabelObjects,
    ReorderObjects,
    SelectObjects,
)
from samwidget.editing.mask_edits import PaintPolygon, PaintStroke, ReshapeMask, SetOutline
from samwidget.editing.prompt_edits import AddPoints, RefitMask, SetThreshold
from samwidget.editing.work_edits import DropWork, RestoreWork
from samwidget.values.errors import check_index, quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

Tool = Literal["positive", "negative", "box", "select", "brush", "eraser", "polygon", "scribble"]


# ----------------------------------------------------------------------------- edits of the draft


@dataclass(frozen=True)
class AddPoint(Edit):
    """Add a click to the draft; it refines the mask there is. ``label`` 1 belongs to the object."""

    kind: Literal["add_point"] = field(default="add_point", kw_only=True)
    x: float
    y: float
    label: Literal[0, 1] = 1

    def apply(self, state: State) -> State:
        label = point_label(self.label)
        x, y = point_inside(state, self.x, self.y)
        return added_to(state, state.document.draft.prompts.with_point(x, y, label))


@dataclass(frozen=True)
class MovePoint(Edit):
    """Put one of the draft's points elsewhere; its label stays."""

    kind: Literal["move_point"] = field(default="move_point", kw_only=True)
    index: int
    x: float
    y: float

    def apply(self, state: State) -> State:
        x, y = point_inside(state, self.x, self.y)
        prompts = state.document.draft.prompts
        return with_prompts(state, prompts.with_moved_point(self.index, x, y))


@dataclass(frozen=True)
class RemovePoint(Edit):
    """Take one of the draft's points away."""

    kind: Literal["remove_point"] = field(default="remove_point", kw_only=True)
    index: int

    def apply(self, state: State) -> State:
        return with_prompts(state, state.document.draft.prompts.without_point(self.index))


@dataclass(frozen=True)
class SetBox(Edit):
    """Give the draft a box, between two corners in any order, or with null take it away."""

    kind: Literal["set_box"] = field(default="set_box", kw_only=True)
    box_xyxy: BoxXYXY | None

    def apply(self, state: State) -> State:
        prompts = state.document.draft.prompts
        if self.box_xyxy is None:
            return (
                state if prompts.box_xyxy is None else with_prompts(state, prompts.with_box(None))
            )
        return with_prompts(state, prompts.with_box(box_by_hand(state, self.box_xyxy)))


@dataclass(frozen=True)
class ChooseMask(Edit):
    """Take another of the draft's candidate masks; later points refine that one."""

    needs_mask: ClassVar[bool] = True
    kind: Literal["choose_mask"] = field(default="choose_mask", kw_only=True)
    index: int

    def apply(self, state: State) -> State:
        draft = state.document.draft
        if draft.prediction is None:
            raise ValueError("there is no mask to choose from: click an object first")
        check_index(self.index, len(draft.prediction.iou_predictions), "candidate mask")
        if self.index == draft.chosen:
            return state
        return history.step_draft(state, replace(draft, choice=self.index))


@dataclass(frozen=True)
class ClearPrompts(Edit):
    """Give up the draft; a reopened object goes back as it was."""

    kind: Literal["clear_prompts"] = field(default="clear_prompts", kw_only=True)

    def apply(self, state: State) -> State:
        document = state.document
        if document.draft.is_empty:
            return state
        objects = _put_back(document, None)
        return history.step(state, replace(document, objects=objects, draft=Draft()))


# --------------------------------------------------------------------------- edits of the objects


@dataclass(frozen=True)
class Commit(Edit):
    """Make the draft an object called ``label``, null for the label that is set; selects it."""

    needs_mask: ClassVar[bool] = True
    kind: Literal["commit"] = field(default="commit", kw_only=True)
    label: str | None = None

    def apply(self, state: State) -> State:
        document = state.document
        if document.draft.is_empty:
            raise ValueError("there is nothing to commit: click an object or draw a box first")
        made = state.draft_object(None if self.label is None else text(self.label))
        if made is None or made.shape.is_empty:
            raise ValueError(
                "the mask is empty, it has no pixel to commit: add a point on the object or move "
                "one"
            )
        stability = made.stability_score
        if stability is None and not document.draft.is_edited:
            stability = document.draft.stability_score
        made = replace(made, shape=made.shape.compact(), stability_score=stability)
        next_id = document.next_id + (document.draft.reopened is None)
        objects = _put_back(document, made)
        after = replace(document, objects=objects, draft=Draft(), selected=made.id, next_id=next_id)
        return history.step(state, after)


@dataclass(frozen=True)
class ReopenObject(Edit):
    """Make an object the draft again, so that more prompts refine it; Commit puts it back."""

    kind: Literal["reopen_object"] = field(default="reopen_object", kw_only=True)
    id: int

    def apply(self, state: State) -> State:
        # A draft that is in the way is given up, which undo takes back.
        document = state.document
        index = unlocked_index_of(state, self.id)
        if document.draft.reopened is not None:
            document = replace(document, objects=_put_back(document, None), draft=Draft())
            index = [one.id for one in document.objects].index(self.id)
        opened = document.objects[index]
        objects = (*document.objects[:index], *document.objects[index + 1 :])
        draft = Draft.of_reopened(Reopened(opened, index))
        return history.step(state, replace(document, objects=objects, draft=draft, selected=None))


@dataclass(frozen=True)
class SelectObject(Edit):
    """Select an object, or with null none; no step of the history."""

    kind: Literal["select_object"] = field(default="select_object", kw_only=True)
    id: int | None

    def apply(self, state: State) -> State:
        return SelectObjects([] if self.id is None else [self.id]).apply(state)


@dataclass(frozen=True)
class DeleteObject(Edit):
    """Delete an object."""

    kind: Literal["delete_object"] = field(default="delete_object", kw_only=True)
    id: int

    def apply(self, state: State) -> State:
        return DeleteObjects([self.id]).apply(state)


@dataclass(frozen=True)
class RelabelObject(Edit):
    """Give an object another label."""

    kind: Literal["relabel_object"] = field(default="relabel_object", kw_only=True)
    id: int
    label: str

    def apply(self, state: State) -> State:
        return RelabelObjects([self.id], self.label).apply(state)


@dataclass(frozen=True)
class ClearAll(Edit):
    """Give up the draft and delete all objects but the locked ones."""

    kind: Literal["clear_all"] = field(default="clear_all", kw_only=True)

    def apply(self, state: State) -> State:
        document = state.document
        kept = tuple(one for one in document.objects if one.locked)
        if document.draft.is_empty and kept == document.objects:
            return state
        return history.step(state, replace(document, draft=Draft(), objects=kept, selected=None))


@dataclass(frozen=True, eq=False)
class AddObjects(Edit):
    """Make objects out of finished masks, on top of the others; for code alone.

    Attributes
    ----------
    masks
        Each as large as the image.
    labels
        One for each mask, None for the label that is set.
    """

    masks: Sequence[Mask]
    labels: Sequence[str | None]

    def apply(self, state: State) -> State:
        document, (height, width) = state.document, image_size_hw(state)
        objects = list(document.objects)
        for number, (mask, label) in enumerate(zip(self.masks, self.labels, strict=True)):
            if mask.size_hw != state.size_hw:
                raise ValueError(
                    f"masks[{number}]: expected a mask as large as the image, {height} x "
                    f"{width} (H x W), got {mask.size_hw[0]} x {mask.size_hw[1]}"
                )
            if mask.is_empty:
                raise ValueError(f"masks[{number}] is empty: it has no pixel for an object")
            new_id = document.next_id + number
            label = state.label if label is None else text(label)
            objects.append(
                SegmentedObject(
                    id=new_id,
                    label=label,
                    score=1.0,
                    shape=mask.compact(),
                    prompts=Prompts(),
                    color=state.color_of(label, new_id),
                )
            )
        if len(objects) == len(document.objects):
            return state
        next_id = document.next_id + len(self.masks)
        return history.step(state, replace(document, objects=tuple(objects), next_id=next_id))


# ------------------------------------------------------------- settings, which are no steps of undo


@dataclass(frozen=True)
class SetLabel(Edit):
    """Set the label that the next committed object gets."""

    needs_image: ClassVar[bool] = False
    kind: Literal["set_label"] = field(default="set_label", kw_only=True)
    label: str

    def apply(self, state: State) -> State:
        return replace(state, label=text(self.label))


@dataclass(frozen=True)
class SetClasses(Edit):
    """Set the labels to choose from; ``colors`` has one for each, "" for the palette's.

    Objects of a class whose colour changes take it, too, also in what undo goes back to. With null
    for the colours, those of classes that stay are kept.
    """

    needs_image: ClassVar[bool] = False
    kind: Literal["set_classes"] = field(default="set_classes", kw_only=True)
    classes: list[str]
    colors: list[str] | None = None

    def apply(self, state: State) -> State:
        return with_classes(state, self.classes, self.colors)


@dataclass(frozen=True)
class SetTool(Edit):
    """Set the tool that all views show as active."""

    needs_image: ClassVar[bool] = False
    kind: Literal["set_tool"] = field(default="set_tool", kw_only=True)
    tool: Tool

    def apply(self, state: State) -> State:
        tool: object = self.tool
        if tool not in get_args(Tool):
            raise ValueError(f"a tool is one of {', '.join(get_args(Tool))}; got {quoted(tool)}")
        return replace(state, tool=self.tool)


# ---------------------------------------------------------------------------------------- history


@dataclass(frozen=True)
class Undo(Edit):
    """Take the last step back; without one nothing happens."""

    kind: Literal["undo"] = field(default="undo", kw_only=True)

    def apply(self, state: State) -> State:
        return history.undo(state)


@dataclass(frozen=True)
class Redo(Edit):
    """Do again what was undone; without any nothing happens."""

    kind: Literal["redo"] = field(default="redo", kw_only=True)

    def apply(self, state: State) -> State:
        return history.redo(state)


WireEdit = (
    AddPoint
    | MovePoint
    | RemovePoint
    | SetBox
    | AddPoints
    | ChooseMask
    | SetThreshold
    | RefitMask
    | ClearPrompts
    | Commit
    | ReopenObject
    | SelectObject
    | DeleteObject
    | RelabelObject
    | ClearAll
    | TakeFound
    | FilterFound
    | LookCloser
    | DropFound
    | PaintStroke
    | PaintPolygon
    | SetOutline
    | ReshapeMask
    | CombineObjects
    | SplitObject
    | SetExclusive
    | SetLabel
    | SetClasses
    | SetTool
    | Undo
    | Redo
    | SelectObjects
    | DeleteObjects
    | RelabelObjects
    | RecolorObjects
    | HideObjects
    | LockObjects
    | ReorderObjects
    | AddClass
    | RestoreWork
    | DropWork
)


# --------------------------------------------------------------------------------------- helpers


def _put_back(document: Document, made: SegmentedObject | None) -> tuple[SegmentedObject, ...]:
    """Give all objects with the new one on top, or with the reopened one, made anew, in its place.

    None leaves a new one out and puts a reopened one back as it was.
    """
    objects, reopened = document.objects, document.draft.reopened
    if reopened is None:
        return objects if made is None else (*objects, made)
    back = reopened.object if made is None else made
    return (*objects[: reopened.index], back, *objects[reopened.index :])
