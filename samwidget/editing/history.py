"""Undo and redo: every step keeps the document it began from, the newest few with predictions.

A prediction is up to three masks of low-res logits, most of a megabyte. Beyond the newest
``KEPT_PREDICTIONS`` they are forgotten: going back there asks the model again.
"""

from __future__ import annotations

from dataclasses import replace

from samwidget.editing.document import Document, Draft, State
from samwidget.editing.exclusive import without_overlaps

HISTORY_LIMIT = 100
"""So many steps can be undone."""

KEPT_PREDICTIONS = 8


def step(state: State, document: Document) -> State:
    """Put a document in place of the present one, which undo goes back to."""
    if state.exclusive:
        document = without_overlaps(state.document, document)
    past = _thinned((*state.past, state.document))[-HISTORY_LIMIT:]
    return replace(state, document=document, past=past, future=())


def step_draft(state: State, draft: Draft) -> State:
    """Put a draft in place of the present one, which undo goes back to."""
    document = state.document
    # Who starts a new object has finished with the one before.
    selected = None if document.draft.is_empty else document.selected
    return step(state, replace(document, draft=draft, selected=selected))


def undo(state: State) -> State:
    """Take the last step back; without one nothing happens."""
    if not state.past:
        return state
    *past, document = state.past
    future = _thinned((*state.future, state.document))
    return replace(state, document=document, past=tuple(past), future=future)


def redo(state: State) -> State:
    """Do again what was undone last; without any nothing happens."""
    if not state.future:
        return state
    *future, document = state.future
    past = _thinned((*state.past, state.document))
    return replace(state, document=document, past=past, future=tuple(future))


def forgetful(state: State) -> State:
    """Give it without what can be had again by asking the model: predictions, what was found."""
    return replace(
        state,
        document=_forgetful(state.document),
        past=tuple(map(_forgetful, state.past)),
        future=tuple(map(_forgetful, state.future)),
        found=None,
    )


def _forgetful(document: Document) -> Document:
    draft = document.draft.forgetful()
    return document if draft is document.draft else replace(document, draft=draft)


def _thinned(documents: tuple[Document, ...]) -> tuple[Document, ...]:
    """Forget one prediction: that of the document that is just beyond the newest few."""
    at = len(documents) - 1 - KEPT_PREDICTIONS
    if at < 0 or documents[at].draft.prediction is None:
        return documents
    return (*documents[:at], _forgetful(documents[at]), *documents[at + 1 :])
