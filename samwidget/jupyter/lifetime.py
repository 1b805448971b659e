"""How long a widget lives: while somebody holds it or looks at it, until its cell shows another.

ipywidgets keeps every widget for good, in a registry and in its comm. Here both hold it weakly, and
what is on a page is held by this module instead. So a widget is closed, and its thread and
embedding are gone, when the last reference to it is gone and the last view, or when the same cell
shows another one.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, MutableMapping
from typing import Any, Protocol, cast

from ipywidgets.widgets import widget as base


class Closable(Protocol):
    """A widget that is to be closed in time."""

    comm: Any
    model_id: str

    def close(self) -> None:
        """End it."""

    def _handle_msg(self, message: Any) -> None: ...


_on_pages: dict[str, Closable] = {}
"""By model id: what is shown somewhere, or was and never reported that it is not."""

_unseen_since: dict[str, object] = {}
"""By model id: a mark of when the last view went."""

_looking: dict[str, set[str]] = {}
"""By model id: the notebooks, each named by its connection to the kernel, that show the widget."""

GRACE_S = 5.0

_in_cells: dict[str, tuple[str, weakref.WeakSet[Closable]]] = {}
"""By cell: the request in which the cell ran last, and what it showed then."""


def hold_weakly(widget: Closable) -> None:
    """Have ipywidgets forget the widget as soon as nobody else holds it, or its comm is closed."""
    reference = weakref.ref(widget)

    def handle(message: Any) -> None:
        alive = reference()
        if alive is not None:
            alive._handle_msg(message)

    comm = widget.comm
    if comm is None:
        return
    comm.on_msg(handle)
    close_comm = comm.close

    def close(*args: Any, **kwargs: Any) -> None:
        # marimo closes the comm, and tells nobody, when the cell that made the widget runs again.
        comm.close = close_comm
        close_comm(*args, **kwargs)
        alive = reference()
        if alive is not None:
            alive.close()

    comm.close = close
    instances = cast("MutableMapping[str, Any]", base._instances)
    if widget.model_id in instances:
        instances[widget.model_id] = weakref.proxy(widget)


def shown(widget: Closable) -> None:
    """Keep a widget that is being displayed; close those that its cell showed in its last run.

    Two notebooks on one kernel, one of them a copy, have cells of the same names: what the other
    one shows stays.
    """
    _on_pages[widget.model_id] = widget
    cell, request, notebook = _present_cell()
    if cell is None or request is None:
        return
    last_request, before = _in_cells.get(cell, ("", weakref.WeakSet()))
    if last_request == request:
        before.add(widget)
        return
    kept = weakref.WeakSet([widget])
    elsewhere = {one for key, (_, some) in _in_cells.items() if key != cell for one in some}
    for one in list(before):
        if one is widget or one in elsewhere:
            continue
        if _looking.get(one.model_id, set()) - {notebook}:
            kept.add(one)
        else:
            one.close()
    _in_cells[cell] = (request, kept)


def looks(widget: Closable, is_here: bool) -> None:
    """Know whether the notebook that the present message comes from shows the widget."""
    _, _, notebook = _present_cell()
    if notebook is None:
        return
    looking = _looking.setdefault(widget.model_id, set())
    if is_here:
        looking.add(notebook)
    else:
        looking.discard(notebook)


def seen(widget: Closable) -> None:
    """Keep a widget that a page tells it shows."""
    _unseen_since.pop(widget.model_id, None)
    _on_pages[widget.model_id] = widget


def unseen(widget: Closable) -> None:
    """No page shows the widget: unless one does soon, it lives as long as somebody holds it.

    A view that is made anew goes before it comes back.
    """
    model_id = widget.model_id
    mark = _unseen_since[model_id] = object()

    def let_go() -> None:
        if _unseen_since.get(model_id) is mark:
            closed(model_id)

    timer = threading.Timer(GRACE_S, let_go)
    timer.daemon = True
    timer.start()


def closed(model_id: str) -> None:
    """Let go of a widget."""
    _unseen_since.pop(model_id, None)
    _on_pages.pop(model_id, None)
    _looking.pop(model_id, None)


def _present_cell() -> tuple[str | None, str | None, str | None]:
    """Name the notebook cell that is being run, the request that runs it, and the notebook.

    Each is None where it is not known; of other messages than a cell's only the notebook is.
    """
    try:
        from IPython import get_ipython
    except ImportError:
        return None, None, None
    kernel = getattr(get_ipython(), "kernel", None)
    get_parent: Callable[[], Any] | None = getattr(kernel, "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    if not isinstance(parent, dict):
        return None, None, None
    header = parent.get("header", {})
    cell = parent.get("metadata", {}).get("cellId")
    return cell, header.get("msg_id"), header.get("session")
