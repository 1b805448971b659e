"""What is saved of a widget where no page takes part: notebooks that are run by a program.

A page keeps the synced state of its widgets up to date by itself. Where there is none (nbconvert,
papermill, ``jupyter execute``), whoever runs the notebook keeps what the kernel has sent: so it is
sent once more after each cell that has changed it.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from samwidget.jupyter.connection import Connection
    from samwidget.jupyter.mirror import Mirror


class Saved(Protocol):
    """A widget whose state is kept in notebooks."""

    comm: Any
    _connection: Connection
    _mirror: Mirror

    def send_state(self, key: str) -> None:
        """Send a synced trait."""


_saved: weakref.WeakKeyDictionary[Saved, int] = weakref.WeakKeyDictionary()
"""The revision that was sent last of each widget that was shown."""

_told: weakref.WeakSet[Any] = weakref.WeakSet()
"""The shells' events that tell of each cell."""


def keep_saved(widget: Saved) -> None:
    """Send the state now, and whenever a cell has changed it while no page listens."""
    _save(widget)
    try:
        from IPython import get_ipython
    except ImportError:
        return
    events = getattr(get_ipython(), "events", None)  # not every host's shell has them
    if events is not None and events not in _told:
        events.register("post_run_cell", after_cell)
        _told.add(events)


def after_cell(_result: object = None) -> None:
    """Send the state of those that have changed unheard."""
    for widget, revision in list(_saved.items()):
        is_unheard = widget.comm is not None and not widget._connection.is_heard
        if is_unheard and widget._mirror.revision != revision:
            _save(widget)


def _save(widget: Saved) -> None:
    _saved[widget] = widget._mirror.revision
    widget.send_state("_state")
