"""A log once more, without a thread or a widget: the same edits, the same masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samwidget.session.refining import predicted

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from samwidget.editing.document import State
    from samwidget.editing.log import Log
    from samwidget.session.engine import Engine, Key, Region


def replayed(engine: Engine, key: Key, image: NDArray[np.uint8], log: Log) -> State:
    """Apply a log's edits to what it began with; the model is asked again for every mask.

    Parameters
    ----------
    engine, key
        What has embedded the image, and what it calls it.
    image
        (H, W, 3) uint8 RGB; parts of it are embedded where the log looks closer.
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
    seen: tuple[Region, Key] | None = None

    def key_of(region: Region | None) -> Key:
        nonlocal seen
        if region is None:
            return key
        if seen is None or seen[0] != region:
            if seen is not None:
                engine.forget(seen[1])
            seen = region, engine.embed(image, region, lambda _phase, _fraction: None)
        return seen[1]

    try:
        for entry in log.entries:
            if entry.edit.needs_mask:
                state = _settled(engine, key_of, state)
            state = entry.edit.apply(state)
        return _settled(engine, key_of, state)
    finally:
        if seen is not None:
            engine.forget(seen[1])


def _settled(engine: Engine, key_of: Callable[[Region | None], Key], state: State) -> State:
    draft = state.document.draft
    return state.with_draft(predicted(engine, key_of, draft)) if draft.is_pending else state
