"""Every edit a person can make, by hand or by code: each a frozen dataclass with ``apply``.

An edit is the message from the browser, the method of :class:`samwidget.SamWidget` and the step
that undo takes back, all in one. ``apply`` takes a :class:`~samwidget.editing.document.State` and
gives the next one, or raises ValueError with a sentence for the person and changes nothing. No
model runs here: an edit of the prompts leaves a draft without a prediction, which whoever has a
model fills in.

Coordinates are pixels of the image frame, origin at the outer corner of the first pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

BoxXYXY = tuple[float, float, float, float]
Tool = Literal["positive", "negative", "box", "select"]


class Edit:
    """What all edits have in common.

    Attributes
    ----------
    kind
        Its name on the wire.
    needs_mask
        Works on the draft's mask, so that it waits until there is one.
    needs_image
        Is about the image it was made on, and gone with it.
    """

    needs_mask: ClassVar[bool] = False
    needs_image: ClassVar[bool] = True


# ----------------------------------------------------------------------------- edits of the draft


@dataclass(frozen=True)
class AddPoint(Edit):
    """Add a click to the draft; it refines the mask there is. ``label`` 1 belongs to the object."""

    kind: Literal["add_point"] = field(default="add_point", kw_only=True)
    x: float
    y: float
    label: Literal[0, 1] = 1


@dataclass(frozen=True)
class MovePoint(Edit):
    """Put one of the draft's points elsewhere; its label stays."""

    kind: Literal["move_point"] = field(default="move_point", kw_only=True)
    index: int
    x: float
    y: float


@dataclass(frozen=True)
class RemovePoint(Edit):
    """Take one of the draft's points away."""

    kind: Literal["remove_point"] = field(default="remove_point", kw_only=True)
    index: int


@dataclass(frozen=True)
class SetBox(Edit):
    """Give the draft a box, or with null take it away."""

    kind: Literal["set_box"] = field(default="set_box", kw_only=True)
    box_xyxy: BoxXYXY | None


@dataclass(frozen=True)
class ChooseMask(Edit):
    """Take another of the draft's candidate masks; later points refine that one."""

    needs_mask: ClassVar[bool] = True
    kind: Literal["choose_mask"] = field(default="choose_mask", kw_only=True)
    index: int


@dataclass(frozen=True)
class ClearPrompts(Edit):
    """Give up the draft; a reopened object goes back as it was."""

    kind: Literal["clear_prompts"] = field(default="clear_prompts", kw_only=True)


# --------------------------------------------------------------------------- edits of the objects


@dataclass(frozen=True)
class Commit(Edit):
    """Make the draft an object called ``label``, null for the label that is set; selects it."""

    needs_mask: ClassVar[bool] = True
    kind: Literal["commit"] = field(default="commit", kw_only=True)
    label: str | None = None


@dataclass(frozen=True)
class ReopenObject(Edit):
    """Make an object the draft again, so that more prompts refine it; Commit puts it back."""

    kind: Literal["reopen_object"] = field(default="reopen_object", kw_only=True)
    id: int


@dataclass(frozen=True)
class SelectObject(Edit):
    """Select an object, or with null none; no step of the history."""

    kind: Literal["select_object"] = field(default="select_object", kw_only=True)
    id: int | None


@dataclass(frozen=True)
class DeleteObject(Edit):
    """Delete an object."""

    kind: Literal["delete_object"] = field(default="delete_object", kw_only=True)
    id: int


@dataclass(frozen=True)
class RelabelObject(Edit):
    """Give an object another label."""

    kind: Literal["relabel_object"] = field(default="relabel_object", kw_only=True)
    id: int
    label: str


@dataclass(frozen=True)
class ClearAll(Edit):
    """Give up the draft and delete all objects."""

    kind: Literal["clear_all"] = field(default="clear_all", kw_only=True)


# ------------------------------------------------------------- settings, which are no steps of undo


@dataclass(frozen=True)
class SetLabel(Edit):
    """Set the label that the next committed object gets."""

    needs_image: ClassVar[bool] = False
    kind: Literal["set_label"] = field(default="set_label", kw_only=True)
    label: str


@dataclass(frozen=True)
class SetClasses(Edit):
    """Set the labels to choose from."""

    needs_image: ClassVar[bool] = False
    kind: Literal["set_classes"] = field(default="set_classes", kw_only=True)
    classes: list[str]


@dataclass(frozen=True)
class SetTool(Edit):
    """Set the tool that all views show as active."""

    needs_image: ClassVar[bool] = False
    kind: Literal["set_tool"] = field(default="set_tool", kw_only=True)
    tool: Tool


# ---------------------------------------------------------------------------------------- history


@dataclass(frozen=True)
class Undo(Edit):
    """Take the last step back; without one nothing happens."""

    kind: Literal["undo"] = field(default="undo", kw_only=True)


@dataclass(frozen=True)
class Redo(Edit):
    """Do again what was undone; without any nothing happens."""

    kind: Literal["redo"] = field(default="redo", kw_only=True)


WireEdit = (
    AddPoint
    | MovePoint
    | RemovePoint
    | SetBox
    | ChooseMask
    | ClearPrompts
    | Commit
    | ReopenObject
    | SelectObject
    | DeleteObject
    | RelabelObject
    | ClearAll
    | SetLabel
    | SetClasses
    | SetTool
    | Undo
    | Redo
)
