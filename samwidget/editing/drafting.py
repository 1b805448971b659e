"""What edits of the prompts make of the draft: what is predicted from scratch, what refines."""

from __future__ import annotations

from dataclasses import replace

from samwidget.editing.closer_edits import region_for
from samwidget.editing.document import Draft, State
from samwidget.editing.history import step_draft
from samwidget.values.prompts import Prompts


def added_to(state: State, prompts: Prompts) -> State:
    """Give the draft prompts that hold more points than before: they refine its mask."""
    draft = state.document.draft
    # What names no object has no mask to start from.
    start = None if draft.is_empty or draft.is_only_background else draft
    return _with(state, prompts, start)


def with_prompts(state: State, prompts: Prompts) -> State:
    """Give the draft prompts that are to be predicted from scratch, or from the mask it began with.

    A reopened object that was made of prompts is made of them anew; one that came as a mask has
    nothing else to start from. What a hand has painted, or gave, stays what is refined.
    """
    reopened, painting = state.document.draft.reopened, state.document.draft.painting
    if painting is not None:
        bare = replace(painting, prompts=prompts) if painting.painted else painting
        return step_draft(state, bare) if prompts.is_empty else _with(state, prompts, painting)
    as_reopened = None if reopened is None else Draft.of_reopened(reopened)
    if prompts.is_empty:
        return step_draft(state, as_reopened or Draft())
    came_as_mask = reopened is not None and reopened.object.prompts.is_empty
    return _with(state, prompts, as_reopened if came_as_mask else None)


def asked_with_mask(state: State, start: Draft) -> State:
    """Have a mask drawn anew: it is refined by its prompts and by a box around it."""
    assert start.mask is not None
    prompts = start.prompts
    if prompts.box_xyxy is None:
        prompts = prompts.with_box(start.mask.box_xyxy)
    return _with(state, prompts, start)


def _with(state: State, prompts: Prompts, start: Draft | None) -> State:
    draft = state.document.draft
    return step_draft(
        state,
        Draft(
            prompts,
            start,
            reopened=draft.reopened,
            region_xyxy=region_for(state, prompts),
            threshold=draft.threshold,
        ),
    )
