"""What edits of the prompts make of the draft: what is predicted from scratch, what refines."""

from __future__ import annotations

from dataclasses import replace

from samwidget.editing import history
from samwidget.editing.document import Draft, State
from samwidget.values.prompts import Prompts


def with_draft(state: State, draft: Draft) -> State:
    """Put a draft in place of the present one: a step of the history."""
    document = state.document
    # Who starts a new object has finished with the one before.
    selected = None if document.draft.is_empty else document.selected
    return history.step(state, replace(document, draft=draft, selected=selected))


def added_to(state: State, prompts: Prompts) -> State:
    """Give the draft prompts that hold more points than before: they refine its mask."""
    draft = state.document.draft
    # What names no object has no mask to start from.
    refines = None if draft.is_empty or draft.is_only_background else draft
    return with_draft(
        state, Draft(prompts, refines, reopened=draft.reopened, threshold=draft.threshold)
    )


def with_prompts(state: State, prompts: Prompts) -> State:
    """Give the draft prompts that are to be predicted from scratch, or from the mask it began with.

    A reopened object that was made of prompts is made of them anew; one that came as a mask has
    nothing else to start from, nor has a draft whose mask was drawn or given.
    """
    draft = state.document.draft
    start = _given_start(draft)
    if prompts.is_empty:
        if start is not None and start.edited is not None:
            return with_draft(state, replace(start, prompts=prompts))
        begun = Draft() if draft.reopened is None else Draft.of_reopened(draft.reopened)
        return with_draft(state, begun)
    return with_draft(
        state, Draft(prompts, start, reopened=draft.reopened, threshold=draft.threshold)
    )


def _given_start(draft: Draft) -> Draft | None:
    """Give the draft whose mask no prompts explain, from which the present one was made."""
    link: Draft | None = draft
    while link is not None:
        if link.edited is not None:
            return link
        link = link.refines
    reopened = draft.reopened
    if reopened is not None and reopened.object.prompts.is_empty:
        return Draft.of_reopened(reopened)
    return None
