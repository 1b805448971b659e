"""A log once more, without a thread or a widget: the same edits, the same masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from samwidget.session.refining import predicted

if TYPE_CHECKING:
    from samwidget.editing.document import State
    from samwidget.editing.log import Log
    from samwidget.session.engine import Engine, Key, Region


def replayed(engine: Engine, key_of: Callable[[Region | None], Key], log: Log) -> State:
    """Apply a log's edits to what it began with; the model is asked again for every mask.

    Parameters
    ----------
    engine, key_of
        What embeds the image, and what it calls a region of it, None for all of it.
    log
        Of work on that image.

    Returns
    -------
    State
        With the draft's mask; it has no log.

    Raises
    ------
    Exception
        What an edit or the engine has raised.
    """
    state = log.begin
    for entry in log.entries:
        if entry.edit.needs_mask:
            state = _settled(engine, key_of, state)
        state = entry.edit.apply(state)
    return _settled(engine, key_of, state)


def _settled(engine: Engine, key_of: Callable[[Region | None], Key], state: State) -> State:
    draft = state.document.draft
    return state.with_draft(predicted(engine, key_of, draft)) if draft.is_pending else state
