"""THE contract between kernel and browser; the TypeScript side is generated from this module.

Frozen dataclasses whose field names are the names on the wire:

*State* is one synced trait, :class:`Snapshot`: everything a view needs, which survives a page
reload. The kernel alone writes it, and sends it only when a front end asks for the widget's state;
what changes from then on comes as :class:`Update` messages, all of one moment in one message.
*Requests* go from the browser to the kernel inside an :class:`Envelope`; most are the edits of
:mod:`samwidget.editing.edits`. Every one is answered under its ``client`` and ``seq`` by exactly
one *reply*, after the update that it led to.

All coordinates are float pixels of the image frame: x to the right, y down, the origin at the outer
corner of the first pixel of the upright full-resolution image, so the centre of that pixel is
(0.5, 0.5). Boxes are XYXY, extents XYWH.

After a change here or of an edit run ``python js/generate_protocol.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from samwidget.editing.checks import BoxXYXY
from samwidget.editing.edits import Tool, WireEdit
from samwidget.jupyter import wire
from samwidget.jupyter.wire import ProtocolError

__all__ = ["ProtocolError", "pack", "parse_envelope"]

ISO_LEVEL = 127.5
"""A level field's border value: greater is inside the mask."""

ExtentXYWH = tuple[float, float, float, float]
Phase = Literal["empty", "loading", "embedding", "ready", "error"]
Preset = Literal["fast", "balanced", "fine"]


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
    predictions of all candidates, ``choice`` the index of the chosen one. ``reopened`` is the id
    of the committed object that is being refined, null for a new one.
    """

    points: list[PointPrompt]
    box_xyxy: BoxXYXY | None
    field: LevelField | None
    scores: list[float]
    choice: int
    reopened: int | None


@dataclass(frozen=True)
class ObjectState:
    """One committed object. ``color`` is ``#rrggbb``; ``area`` counts pixels of the full mask.

    ``field`` is null only in an :class:`Update`, where the mask is the one that is known already.
    """

    id: int
    label: str
    color: str
    score: float
    area: int
    box_xyxy: BoxXYXY
    field: LevelField | None


@dataclass(frozen=True)
class FoundMask:
    """One mask that a search has found; its id is no object's.

    ``label`` is the phrase that was searched for and ``detection_score`` what the detector said;
    empty and null when everything was searched for.
    """

    id: int
    color: str
    score: float
    stability_score: float
    area: int
    field: LevelField
    label: str
    detection_score: float | None


@dataclass(frozen=True)
class FoundState:
    """What the search numbered ``search`` has found.

    ``progress`` is 0 to 1, null when the search is over. ``shown`` are the ids of what passes the
    thresholds, doubles and what was taken left out, best first; ``masks`` are all that were ever
    shown, in an :class:`Update` those that are new. Below the ``least`` values nothing was searched
    for. ``text`` are the phrases that were searched for, empty when everything was.
    """

    search: int
    progress: float | None
    pred_iou_thresh: float
    stability_score_thresh: float
    least_pred_iou_thresh: float
    least_stability_score_thresh: float
    shown: list[int]
    masks: list[FoundMask]
    text: list[str]
    detection_score_thresh: float
    least_detection_score_thresh: float


@dataclass(frozen=True)
class Controls:
    """What toolbar, object list and status line show.

    ``region_xyxy`` is the part of the image that the model sees of new drafts, null for all of it.
    """

    tool: Tool
    label: str
    classes: list[str]
    selected: int | None
    draft_color: str
    can_undo: bool
    can_redo: bool
    model: str
    region_xyxy: BoxXYXY | None


@dataclass(frozen=True)
class Snapshot:
    """Everything, as of the update numbered ``revision``."""

    revision: int
    image: ImageState | None
    status: Status
    draft: DraftState
    objects: list[ObjectState]
    found: FoundState | None
    controls: Controls


@dataclass(frozen=True)
class SyncedState:
    """Every synced trait of the widget that is ours, by its name."""

    _state: Snapshot


# --------------------------------------------------------------------------------------- updates


@dataclass(frozen=True)
class ImageChange:
    """Another image, or with null none any more."""

    image: ImageState | None


@dataclass(frozen=True)
class ObjectsChange:
    """``order`` lists the ids of all objects there are now, bottom to top.

    ``changed`` holds those that are new or differ; the others stay as they are known.
    """

    order: list[int]
    changed: list[ObjectState]


@dataclass(frozen=True)
class FoundChange:
    """Something is different about what was found, or with null nothing is found any more.

    Masks of the same search that are known stay known.
    """

    found: FoundState | None


@dataclass(frozen=True)
class Update:
    """What changed in one moment; null parts stay as they are.

    It turns the state of revision ``after`` into that of ``revision``. Whoever has another one
    asks with :class:`Refresh`; ``after`` is null in the answer to that, which holds everything but
    a picture that the asker has.
    """

    kind: Literal["update"]
    revision: int
    after: int | None
    image: ImageChange | None
    status: Status | None
    draft: DraftState | None
    objects: ObjectsChange | None
    found: FoundChange | None
    controls: Controls | None


# -------------------------------------------------------------------------------------- requests


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


@dataclass(frozen=True)
class Refresh:
    """Send an :class:`Update` that holds everything, unless the state is still of ``revision``.

    -1 asks for all of it in any case.
    """

    kind: Literal["refresh"]
    revision: int


@dataclass(frozen=True)
class ReportViews:
    """So many views of the widget are on this client's page; 0 when the last one goes."""

    kind: Literal["report_views"]
    count: int


@dataclass(frozen=True)
class LeavePage:
    """The client's page goes, perhaps only to be loaded again."""

    kind: Literal["leave_page"]


@dataclass(frozen=True)
class FindEverything:
    """Search the image for everything; answered when the search is over.

    What is found comes as :class:`Update` meanwhile. A search that is under way is given up.
    """

    kind: Literal["find_everything"]
    preset: Preset


@dataclass(frozen=True)
class FindText:
    """Search the image for what the phrases in ``text``, commas between them, name.

    All else is as for :class:`FindEverything`.
    """

    kind: Literal["find_text"]
    text: str


@dataclass(frozen=True)
class ShowView:
    """What is on the screen has come to rest; answered when the model sees as finely, if it can.

    ``view_xyxy`` may reach beyond the image, ``screen_scale`` is how many pixels of the screen a
    pixel of the image takes. A newer one of any client takes the place of one under way.
    """

    kind: Literal["show_view"]
    view_xyxy: BoxXYXY
    screen_scale: float


@dataclass(frozen=True)
class StopFinding:
    """Give up the search that is under way, whoever began it; what was found before is back."""

    kind: Literal["stop_finding"]


Request = (
    WireEdit
    | Preview
    | Cancel
    | Refresh
    | ReportViews
    | LeavePage
    | FindEverything
    | FindText
    | ShowView
    | StopFinding
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
    """The request was carried out; the update that it led to has been sent before this reply."""

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


def pack(message: Reply | Update) -> tuple[dict[str, Any], list[bytes]]:
    """Split a message into JSON content and binary buffers, see :func:`.wire.pack`."""
    return wire.pack(message)
