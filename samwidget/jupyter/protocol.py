"""THE contract between kernel and browser; ``js/protocol.ts`` is generated from this module.

Three kinds of traffic, each declared below as a frozen dataclass whose field names are the names on
the wire:

*State* is synced traits: small, declarative, survives a page reload, equal in two views. The kernel
alone writes it. *Requests* go from the browser to the kernel inside an :class:`Envelope`; every one
is answered under its ``client`` and ``seq`` by exactly one *reply*.

All coordinates are float pixels of the image frame: x to the right, y down, the origin at the outer
corner of the first pixel of the upright full-resolution image, so the centre of that pixel is
(0.5, 0.5). Boxes are XYXY, extents XYWH.

After a change here run ``python js/generate_protocol.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from samwidget.jupyter import wire
from samwidget.jupyter.wire import ProtocolError

__all__ = ["ProtocolError", "pack_reply", "parse_envelope"]

ISO_LEVEL = 127.5
"""A level field's border value: greater is inside the mask."""

BoxXYXY = tuple[float, float, float, float]
ExtentXYWH = tuple[float, float, float, float]
Tool = Literal["positive", "negative", "box", "select"]
Phase = Literal["empty", "loading", "embedding", "ready", "error"]


# ---------------------------------------------------------------------------------------- values


@dataclass(frozen=True)
class LevelField:
    """One mask as a small grey image whose iso-line at ``ISO_LEVEL`` is the mask's border.

    ``data`` holds ``stride`` bytes a row; the first ``width`` of each of the first ``height`` rows
    count. Cell (i, j) is a sample at the centre of the i-th of ``width`` by j-th of ``height``
    equal cells that fill ``extent_xywh``, which may reach beyond the image.
    """

    width: int
    height: int
    stride: int
    extent_xywh: ExtentXYWH
    data: bytes


@dataclass(frozen=True)
class PointPrompt:
    """A click: ``label`` 1 is foreground, 0 background."""

    x: float
    y: float
    label: Literal[0, 1]


# ----------------------------------------------------------------------------------------- state


@dataclass(frozen=True)
class ImageState:
    """The picture as the browser shows it.

    ``data`` is an encoded image (``mime``) of any resolution, already upright; ``width`` and
    ``height`` are the size of the image frame in pixels, over which it is stretched.
    """

    data: bytes
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int


@dataclass(frozen=True)
class Status:
    """What the kernel is doing. ``progress`` is 0 to 1, null when unknown."""

    phase: Phase
    message: str
    progress: float | None


@dataclass(frozen=True)
class DraftState:
    """The object in the making: its prompts and, once predicted, its candidate masks.

    ``field`` is the chosen candidate, null while there is none; ``scores`` are the model's IoU
    predictions of all candidates, ``choice`` the index of the chosen one.
    """

    points: list[PointPrompt]
    box_xyxy: BoxXYXY | None
    field: LevelField | None
    scores: list[float]
    choice: int


@dataclass(frozen=True)
class ObjectState:
    """One committed object. ``color`` is ``#rrggbb``; ``area`` counts pixels of the full mask."""

    id: int
    label: str
    color: str
    score: float
    area: int
    box_xyxy: BoxXYXY
    field: LevelField


@dataclass(frozen=True)
class Controls:
    """What toolbar and object list show."""

    tool: Tool
    label: str
    classes: list[str]
    selected: int | None
    draft_color: str
    can_undo: bool
    can_redo: bool
    model: str


@dataclass(frozen=True)
class SyncedState:
    """Every synced trait of the widget that is ours, by its name."""

    _image: ImageState | None
    _status: Status
    _draft: DraftState
    _objects: list[ObjectState]
    _controls: Controls


# -------------------------------------------------------------------------------------- requests


@dataclass(frozen=True)
class AddPoint:
    kind: Literal["add_point"]
    x: float
    y: float
    label: Literal[0, 1]


@dataclass(frozen=True)
class MovePoint:
    kind: Literal["move_point"]
    index: int
    x: float
    y: float


@dataclass(frozen=True)
class RemovePoint:
    kind: Literal["remove_point"]
    index: int


@dataclass(frozen=True)
class SetBox:
    """Give the draft a box (corners in any order), or with null take it away."""

    kind: Literal["set_box"]
    box_xyxy: BoxXYXY | None


@dataclass(frozen=True)
class ChooseMask:
    """Take another of the draft's candidate masks."""

    kind: Literal["choose_mask"]
    index: int


@dataclass(frozen=True)
class ClearPrompts:
    kind: Literal["clear_prompts"]


@dataclass(frozen=True)
class Commit:
    kind: Literal["commit"]


@dataclass(frozen=True)
class SelectObject:
    kind: Literal["select_object"]
    id: int | None


@dataclass(frozen=True)
class DeleteObject:
    kind: Literal["delete_object"]
    id: int


@dataclass(frozen=True)
class RelabelObject:
    kind: Literal["relabel_object"]
    id: int
    label: str


@dataclass(frozen=True)
class SetLabel:
    """The label that the next committed object gets."""

    kind: Literal["set_label"]
    label: str


@dataclass(frozen=True)
class SetTool:
    kind: Literal["set_tool"]
    tool: Tool


@dataclass(frozen=True)
class Undo:
    kind: Literal["undo"]


@dataclass(frozen=True)
class Redo:
    kind: Literal["redo"]


@dataclass(frozen=True)
class Preview:
    """Which mask would a first positive click here give? Only the newest one is worked on."""

    kind: Literal["preview"]
    x: float
    y: float


@dataclass(frozen=True)
class Cancel:
    """Give up the request ``target_seq`` of the same client if it has not been worked on yet."""

    kind: Literal["cancel"]
    target_seq: int


Request = (
    AddPoint
    | MovePoint
    | RemovePoint
    | SetBox
    | ChooseMask
    | ClearPrompts
    | Commit
    | SelectObject
    | DeleteObject
    | RelabelObject
    | SetLabel
    | SetTool
    | Undo
    | Redo
    | Preview
    | Cancel
)


@dataclass(frozen=True)
class Envelope:
    """A request with its return address: ``client`` names one page's connection, ``seq`` counts."""

    client: str
    seq: int
    request: Request


# --------------------------------------------------------------------------------------- replies


@dataclass(frozen=True)
class DoneReply:
    """The request was carried out; the state that it changed has been sent before this reply."""

    kind: Literal["done"]
    client: str
    seq: int


@dataclass(frozen=True)
class PreviewReply:
    kind: Literal["preview"]
    client: str
    seq: int
    score: float
    field: LevelField


@dataclass(frozen=True)
class ErrorReply:
    """The request failed and changed nothing.

    ``client`` and ``seq`` are null when the message was too broken to have them.
    """

    kind: Literal["error"]
    client: str | None
    seq: int | None
    message: str


@dataclass(frozen=True)
class CancelledReply:
    """The request was overtaken by a newer one, or given up by its sender."""

    kind: Literal["cancelled"]
    client: str
    seq: int


Reply = DoneReply | PreviewReply | ErrorReply | CancelledReply


def parse_envelope(content: object, buffers: Sequence[object] = ()) -> Envelope:
    """Check a message that came in.

    Raises
    ------
    ProtocolError
        Naming the field: ``message.request.x: expected a number, got '1'``.
    """
    return wire.parse(Envelope, content, buffers, path="message")


def return_address(content: object) -> tuple[str | None, int | None]:
    """Read ``(client, seq)`` off a message that may be broken otherwise; None for what is not."""
    if not isinstance(content, Mapping):
        return None, None
    client, seq = content.get("client"), content.get("seq")
    return (
        client if isinstance(client, str) else None,
        seq if isinstance(seq, int) and not isinstance(seq, bool) else None,
    )


def pack_reply(reply: Reply) -> tuple[dict[str, Any], list[bytes]]:
    """Split a reply into JSON content and binary buffers, see :func:`.wire.pack`."""
    return wire.pack(reply)
