"""Worker threads end before the interpreter does: none holds a model while it is torn down.

And a process that is forked has none of them: what they would have answered is given up there.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Callable

from samwidget.values.forks import in_child

JOIN_WITHIN_S = 20.0
"""How long the end of a process waits for all workers together. They look up between the steps of
an embedding, which take a second or two with the largest models."""

_log = logging.getLogger(__name__)
_running: dict[threading.Thread, tuple[Callable[[], None], Callable[[], None]]] = {}
_lock = threading.Lock()


def watch(thread: threading.Thread, stop: Callable[[], None], abandon: Callable[[], None]) -> None:
    """Have a thread stopped and waited for at the process's end; it is forgotten when it ends.

    ``abandon`` is called instead in a process that is forked meanwhile, where there is no such
    thread.
    """
    with _lock:
        for ended in [one for one in _running if not one.is_alive() and one.ident is not None]:
            del _running[ended]
        _running[thread] = stop, abandon


def stop_all() -> None:
    """Stop all threads that are watched, and wait until they have ended."""
    with _lock:
        running = dict(_running)
        _running.clear()
    for stop, _ in running.values():
        stop()
    deadline = time.monotonic() + JOIN_WITHIN_S
    for thread in running:
        if thread.is_alive() and thread is not threading.current_thread():
            thread.join(max(0.0, deadline - time.monotonic()))
    late = sum(thread.is_alive() for thread in running)
    if late:
        _log.warning("%d worker threads did not end within %g s", late, JOIN_WITHIN_S)


def _abandon_all() -> None:
    global _lock
    _lock = threading.Lock()
    running = dict(_running)
    _running.clear()
    for _, abandon in running.values():
        abandon()


in_child(_abandon_all)


def on_collected(owner: object, stop: Callable[[], None]) -> None:
    """Call ``stop`` when the owner is gone, but not at the process's end, see :func:`stop_all`."""
    weakref.finalize(owner, stop).atexit = False


# As concurrent.futures does it: before the interpreter takes anything down.
getattr(threading, "_register_atexit", atexit.register)(stop_all)
