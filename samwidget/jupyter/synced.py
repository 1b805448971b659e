"""The session's values as the browser gets them: pure functions from state to contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import Document, Draft, State
from samwidget.editing.edits import Tool
from samwidget.editing.work_edits import KeptWork
from samwidget.jupyter import mask_messages, protocol
from samwidget.session.list_work import Mark
from samwidget.session.reel import ImagesView
from samwidget.session.worker import Status
from samwidget.values.display import encode_for_display
from samwidget.values.levels import Levels, level_field
from samwidget.values.objects import Rings, SegmentedObject


def image_state(image: NDArray[np.uint8] | None) -> protocol.ImageState | None:
    """Encode the image (H, W, 3) uint8 RGB."""
    if image is None:
        return None
    data, mime = encode_for_display(image)
    height, width = image.shape[:2]
    return protocol.ImageState(data, mime, width, height, None)


def status_state(status: Status) -> protocol.Status:
    """Say what the session does."""
    phase = cast(protocol.Phase, status.phase)
    return protocol.Status(phase, status.message, status.progress, status.device)


def draft_state(draft: Draft) -> protocol.DraftState:
    """Give all prompts in order, and the chosen candidate's live field if there is one."""
    if draft.prediction is not None:
        scores = draft.prediction.iou_predictions.tolist()
    else:
        scores = [draft.score] if draft.mask is not None and draft.painted is None else []
    return protocol.DraftState(
        points=[
            mask_messages.PointPrompt(x, y, cast(Literal[0, 1], label))
            for x, y, label in draft.prompts.points
        ],
        box_xyxy=draft.prompts.box,
        field=_draft_field(draft),
        scores=scores,
        choice=draft.chosen,
        reopened=None if draft.reopened is None else draft.reopened.object.id,
        painted=draft.painted is not None,
        rings=_rings(draft.rings),
        threshold=draft.threshold if draft.can_move_border else None,
        candidates=_candidate_fields(draft),
    )


def object_state(one: SegmentedObject, *, with_mask: bool = True) -> protocol.ObjectState:
    """Give a committed object; its mask where it is not known yet."""
    return protocol.ObjectState(
        id=one.id,
        label=one.label,
        color=one.color,
        score=one.score,
        area=one.area,
        box_xyxy=one.box_xyxy,
        field=_field(one.shape.levels()) if with_mask else None,
        hidden=one.hidden,
        locked=one.locked,
        rings=_rings(one.rings),
    )


def objects_change(before: Document, now: Document) -> protocol.ObjectsChange | None:
    """Tell what is different about the objects; None when nothing is."""
    if before.objects == now.objects:
        return None
    known = {one.id: one for one in before.objects}
    changed = []
    for one in now.objects:
        old = known.get(one.id)
        if old is not one:
            is_new = old is None or old.shape is not one.shape
            changed.append(object_state(one, with_mask=is_new))
    return protocol.ObjectsChange([one.id for one in now.objects], changed)


def found_state(state: State, masks: Sequence[SegmentedObject]) -> protocol.FoundState | None:
    """Give what a search has found, with these masks of it; None when there was no search."""
    found = state.found
    if found is None:
        return None
    return protocol.FoundState(
        search=found.search,
        progress=found.progress,
        pred_iou_thresh=found.thresholds.pred_iou_thresh,
        stability_score_thresh=found.thresholds.stability_score_thresh,
        least_pred_iou_thresh=found.least.pred_iou_thresh,
        least_stability_score_thresh=found.least.stability_score_thresh,
        shown=[one.id for one in state.found_left],
        masks=[_found_mask(one) for one in masks],
        text=list(found.text),
        detection_score_thresh=found.thresholds.detection_score_thresh,
        least_detection_score_thresh=found.least.detection_score_thresh,
    )


def controls(state: State, model_name: str) -> protocol.Controls:
    """Give what toolbar and object list show."""
    return protocol.Controls(
        tool=cast(Tool, state.tool),
        label=state.label,
        classes=list(state.classes),
        selected=state.document.selected,
        draft_color=state.draft_color,
        can_undo=bool(state.past),
        can_redo=bool(state.future),
        model=model_name,
        region_xyxy=state.region_xyxy,
        selection=list(state.document.selection),
        class_colors=[state.class_colors.get(name, "") for name in state.classes],
        kept=None if state.kept is None else _kept_state(state.kept),
        exclusive=state.exclusive,
    )


def images_state(view: ImagesView, marks: dict[int, tuple[Mark, int]]) -> protocol.ImagesState:
    """Give what is known of the list of images, with these marks of it."""
    return protocol.ImagesState(
        generation=view.version[0],
        index=view.index,
        count=view.count,
        is_complete=view.is_complete,
        title=view.title,
        marks=[protocol.ImageMark(place, *mark) for place, mark in marks.items()],
    )


def preview_reply(client: str, seq: int, draft: Draft) -> protocol.PreviewReply:
    """Answer a preview with the predicted draft that a click would make."""
    assert draft.prediction is not None
    field = _draft_field(draft)
    assert field is not None
    score = float(draft.prediction.iou_predictions[draft.chosen])
    return protocol.PreviewReply("preview", client, seq, score, field)


def _kept_state(kept: KeptWork) -> protocol.KeptState:
    return protocol.KeptState(kept.count, kept.saved_at, kept.images)


def _found_mask(one: SegmentedObject) -> protocol.FoundMask:
    return protocol.FoundMask(
        id=one.id,
        color=one.color,
        score=one.score,
        stability_score=one.stability_score or 0.0,
        area=one.area,
        field=_field(one.shape.levels()),
        label=one.label,
        detection_score=one.detection_score,
    )


def _draft_field(draft: Draft) -> mask_messages.LevelField | None:
    if draft.prediction is not None:
        prediction = draft.prediction
        logits = prediction.low_res_logits[draft.chosen] - np.float32(draft.threshold)
        levels = level_field(logits, prediction.transform)
        return _field(levels.shifted(*prediction.corner_xy))
    return None if draft.mask is None else _field(draft.mask.levels())


def _candidate_fields(draft: Draft) -> list[mask_messages.LevelField]:
    """Give each candidate small, cropped to its mask, where there is a choice."""
    prediction = draft.prediction
    if prediction is None or len(prediction.low_res_logits) < 2:
        return []
    masks = map(prediction.candidate, range(len(prediction.low_res_logits)))
    moved = [mask.at_threshold(draft.threshold) or mask for mask in masks]
    return [_field(mask.levels().within(64)) for mask in moved]


def _rings(rings: Rings | None) -> list[list[tuple[float, float]]] | None:
    return None if rings is None else [list(ring) for ring in rings]


def _field(levels: Levels) -> mask_messages.LevelField:
    return mask_messages.LevelField(*levels)
