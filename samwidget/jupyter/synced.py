"""The session's values as the browser gets them: pure functions from state to contract."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import Draft, State
from samwidget.jupyter import protocol
from samwidget.values.images import encode_for_display
from samwidget.values.levels import level_field
from samwidget.values.objects import SegmentedObject


def image_state(image: NDArray[np.uint8]) -> protocol.ImageState:
    """Encode the image (H, W, 3) uint8 RGB."""
    data, mime = encode_for_display(image)
    height, width = image.shape[:2]
    return protocol.ImageState(data, mime, width, height)


def status(phase: str, message: str, progress: float | None) -> protocol.Status:
    """Say what the session does."""
    return protocol.Status(cast(protocol.Phase, phase), message, progress)


def draft_state(draft: Draft) -> protocol.DraftState:
    """Give all prompts in order, and the chosen candidate's live field if there is one."""
    return protocol.DraftState(
        points=[
            protocol.PointPrompt(x, y, cast(Literal[0, 1], label)) for x, y, label in draft.points
        ],
        box_xyxy=draft.box_xyxy,
        field=None if draft.prediction is None else _live_field(draft),
        scores=[] if draft.prediction is None else draft.prediction.iou_predictions.tolist(),
        choice=draft.chosen,
    )


def object_state(one: SegmentedObject) -> protocol.ObjectState:
    """Give a committed object."""
    return protocol.ObjectState(
        id=one.id,
        label=one.label,
        color=one.color,
        score=one.score,
        area=one.area,
        box_xyxy=one.box_xyxy,
        field=protocol.LevelField(*one.shape.levels()),
    )


def controls(state: State, model_name: str) -> protocol.Controls:
    """Give what toolbar and object list show."""
    return protocol.Controls(
        tool=cast(protocol.Tool, state.tool),
        label=state.label,
        classes=list(state.classes),
        selected=state.document.selected,
        draft_color=state.draft_color,
        can_undo=bool(state.past),
        can_redo=bool(state.future),
        model=model_name,
    )


def preview_reply(client: str, seq: int, draft: Draft) -> protocol.PreviewReply:
    """Answer a preview with the predicted draft that a click would make."""
    assert draft.prediction is not None
    score = float(draft.prediction.iou_predictions[draft.chosen])
    return protocol.PreviewReply("preview", client, seq, score, _live_field(draft))


def _live_field(draft: Draft) -> protocol.LevelField:
    assert draft.prediction is not None
    logits = draft.prediction.low_res_logits[draft.chosen]
    return protocol.LevelField(*level_field(logits, draft.prediction.transform))
