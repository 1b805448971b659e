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
from samwidget.editing.mask_edits import PointXY
from samwidget.jupyter import wire
from samwidget.jupyter.found_messages import (
    FindEverything,
    FindText,
    FoundChange,
    FoundMask,
    FoundState,
    Preset,
    StopFinding,
)
from samwidget.jupyter.image_list_messages import (
    FetchThumbnail,
    FinishImage,
    GoToImage,
    ImageMark,
    ImagesChange,
    ImagesState,
    ThumbnailReply,
)
from samwidget.jupyter.look_messages import (
    ChannelsReply,
    DescribeChannels,
    PatchReply,
    PictureReply,
    ReadDetail,
    ReadPatch,
    RenderPicture,
    ShownValues,
)
from samwidget.jupyter.mask_messages import (
    ISO_LEVEL,
    LEVEL_CLAMP,
    ExtentXYWH,
    LevelField,
    PointPrompt,
)
from samwidget.jupyter.wire import ProtocolError

__all__ = [
    "ISO_LEVEL",
    "LEVEL_CLAMP",
    "ExtentXYWH",
    "FetchThumbnail",
    "FindEverything",
    "FindText",
    "FinishImage",
    "FoundChange",
    "FoundMask",
    "FoundState",
    "GoToImage",
    "ImageMark",
    "ImagesChange",
    "ImagesState",
    "Preset",
    "ProtocolError",
    "ShownValues",
    "StopFinding",
    "ThumbnailReply",
    "pack",
    "parse_envelope",
]

Phase = Literal["empty", "loading", "embedding", "ready", "error"]


# ----------------------------------------------------------------------------------------- state


@dataclass(frozen=True)
class ImageState:
    """The picture as the browser shows it.

    ``data`` is an encoded image (``mime``) of any resolution, already upright; ``width`` and
    ``height`` are the size of the image frame in pixels, over which it is stretched.
    ``view_xyxy`` is what a view shows of it first, null for all of it.
    """

    data: bytes
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    view_xyxy: BoxXYXY | None


@dataclass(frozen=True)
class Status:
    """What the kernel is doing. ``progress`` is 0 to 1, null when unknown.

    ``device`` is where the model runs, such as "cpu" or "cuda:0"; empty until it is ready.
    """

    phase: Phase
    message: str
    progress: float | None
    device: str


@dataclass(frozen=True)
class DraftState:
    """The object in the making: its prompts and, once predicted, its candidate masks.

    ``field`` is the chosen candidate, null while there is none; ``scores`` are the model's IoU
    predictions of all candidates, ``choice`` the index of the chosen one. ``reopened`` is the id
    of the committed object that is being refined, null for a new one. ``painted`` tells that a hand
    has made the mask, which has no scores then; ``rings`` are as in :class:`ObjectState`.
    ``threshold`` is where the field's border lies, in logits of the model; null where it was drawn,
    so that there is none. ``candidates`` are small fields of all candidates where there are
    several, at that threshold.
    """

    points: list[PointPrompt]
    box_xyxy: BoxXYXY | None
    field: LevelField | None
    scores: list[float]
    choice: int
    reopened: int | None
    painted: bool
    rings: list[list[PointXY]] | None
    threshold: float | None
    candidates: list[LevelField]


@dataclass(frozen=True)
class ObjectState:
    """One committed object. ``color`` is ``#rrggbb``; ``area`` counts pixels of the full mask.

    A ``hidden`` one is not drawn, a ``locked`` one keeps its mask and is not deleted.
    ``field`` is null only in an :class:`Update`, where the mask is the one that is known already.
    ``rings`` are the corners of the polygons that the mask is, null where it was made otherwise.
    """

    id: int
    label: str
    color: str
    score: float
    area: int
    box_xyxy: BoxXYXY
    field: LevelField | None
    hidden: bool
    locked: bool
    rings: list[list[PointXY]] | None


@dataclass(frozen=True)
class KeptState:
    """Work of an earlier session: so many objects, saved at a time in ISO 8601.

    ``images`` is on how many images of the list they are, 0 without a list.
    """

    count: int
    saved_at: str
    images: int


@dataclass(frozen=True)
class Controls:
    """What toolbar, object list and status line show.

    ``region_xyxy`` is the part of the image that the model sees of new drafts, null for all of it.
    ``selected`` is the last of ``selection``, null when it is empty. ``class_colors`` has one for
    each class, "" for those without a colour of their own. ``kept`` is offered until it is restored
    or dropped. ``exclusive`` tells that a pixel belongs to one object only.
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
    selection: list[int]
    class_colors: list[str]
    kept: KeptState | None
    exclusive: bool


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
    images: ImagesState | None


@dataclass(frozen=True)
class SyncedState:
    """Every synced trait of the widget that is ours, by its name."""

    _state: Snapshot
    pixel_size: float | None
    unit: str


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
    images: ImagesChange | None


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
class ShowView:
    """What is on the screen has come to rest; answered when the model sees as finely, if it can.

    ``view_xyxy`` may reach beyond the image, ``screen_scale`` is how many pixels of the screen a
    pixel of the image takes. A newer one of any client takes the place of one under way.
    """

    kind: Literal["show_view"]
    view_xyxy: BoxXYXY
    screen_scale: float


Request = (
    WireEdit
    | Preview
    | Cancel
    | Refresh
    | ReportViews
    | LeavePage
    | FindEverything
    | ShowView
    | StopFinding
    | ReadPatch
    | DescribeChannels
    | RenderPicture
    | FindText
    | GoToImage
    | FinishImage
    | FetchThumbnail
    | ReadDetail
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


Reply = (
    DoneReply
    | PreviewReply
    | ErrorReply
    | CancelledReply
    | PatchReply
    | ChannelsReply
    | PictureReply
    | ThumbnailReply
)


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
