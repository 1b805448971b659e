"""Which mask an edit of pixels works on: an object's, or that of the draft."""

from __future__ import annotations

from dataclasses import replace

from samwidget.editing import history
from samwidget.editing.checks import image_size_hw, index_of, unlocked_index_of
from samwidget.editing.document import Draft, Painted, State
from samwidget.values.mask import Mask
from samwidget.values.objects import Rings
from samwidget.values.pixel_boxes import PixelBox, is_inside
from samwidget.values.runs import Runs


def is_draft(state: State, object_id: int | None) -> bool:
    """Whether the id names the draft: None does, and the object that it refines."""
    reopened = state.document.draft.reopened
    return object_id is None or (reopened is not None and reopened.object.id == object_id)


def mask_of(state: State, object_id: int | None) -> Mask:
    """Give the mask, empty where a draft has none yet.

    Raises
    ------
    ValueError
        When there is no such object, or no image.
    """
    size_hw = image_size_hw(state)
    if is_draft(state, object_id):
        mask = state.document.draft.mask
        return Mask(size_hw, _NOTHING, None) if mask is None else mask
    assert object_id is not None
    return state.document.objects[index_of(state, object_id)].shape


def something_of(state: State, object_id: int | None, doing: str) -> Mask:
    """Give a mask that has pixels.

    Raises
    ------
    ValueError
        When it has none.
    """
    mask = mask_of(state, object_id)
    if mask.is_empty:
        raise ValueError(
            f"there is no mask {doing}: click an object or paint one, or select an object first"
        )
    return mask


def with_mask(state: State, object_id: int | None, mask: Mask, rings: Rings | None = None) -> State:
    """Give the state with another mask there; one step of the history.

    Raises
    ------
    ValueError
        When nothing would be left of an object.
    """
    document = state.document
    if is_draft(state, object_id):
        draft = document.draft
        painted = Painted(mask.compact(), _score(draft), rings)
        region = state.region_xyxy if draft.is_empty else draft.region_xyxy
        if region is not None and not is_inside(_box(mask), region):
            region = None  # what is seen closer later has to be all of it
        after = Draft(draft.prompts, reopened=draft.reopened, region_xyxy=region, painted=painted)
        return history.step_draft(state, after)
    assert object_id is not None
    index = unlocked_index_of(state, object_id)
    if mask.is_empty:
        raise ValueError(f"nothing would be left of object {object_id}: delete it instead")
    one = replace(document.objects[index], shape=mask.compact(), edited=True, rings=rings)
    one = replace(one, stability_score=None, choice=None, threshold=0.0)
    objects = (*document.objects[:index], one, *document.objects[index + 1 :])
    return history.step(state, replace(document, objects=objects))


def _box(mask: Mask) -> PixelBox:
    x1, y1, x2, y2 = mask.box_xyxy
    return int(x1), int(y1), int(x2), int(y2)


_NOTHING = Runs.of_spans([], [], [])


def _score(draft: Draft) -> float:
    """Give what a model said of the mask that is changed; 1 for one that no model has made."""
    return 1.0 if draft.mask is None else draft.score
