"""Which thread a person's callbacks run on: the one that the widget was made on, never another.

In Jupyter and marimo that is the thread whose event loop runs the cells; hosts like marimo keep
things in it that a callback needs. Where there is no loop, in a script, it is the thread that is
calling a method of the widget; where there is none of that either, and yet a front end, a thread of
its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Host:
    """Delivers callbacks in the order in which they were posted, one at a time.

    Make it on the thread that the callbacks are to run on.
    """

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        self._loop = _running_loop()
        self._waiting: deque[Callable[[], None]] = deque()
        self._delivering = threading.Lock()

    def post(self, callback: Callable[[], None], within_s: float | None = None) -> None:
        """Have a callback run; from any thread, returns at once.

        ``within_s`` is how long it may wait for somebody to call where there is no loop; None
        means as long as it takes.
        """
        self._waiting.append(callback)
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self.deliver)
            except RuntimeError:  # the loop is closed: whoever calls next delivers
                self._loop = None
        if self._loop is None and within_s is not None:
            timer = threading.Timer(within_s, self.deliver)
            timer.daemon = True
            timer.start()

    def deliver(self) -> None:
        """Run what was posted, if this is the right thread and no callback is running already.

        A callback's error is logged, and ends neither the others nor the caller.
        """
        if self._loop is not None and threading.current_thread() is not self._thread:
            return
        while self._waiting and self._delivering.acquire(blocking=False):
            try:
                while self._waiting:
                    callback = self._waiting.popleft()
                    try:
                        callback()
                    except Exception:
                        _log.exception("a callback of samwidget failed")
            finally:
                self._delivering.release()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return _kernel_loop()


def _kernel_loop() -> asyncio.AbstractEventLoop | None:
    """Give the loop of an IPython kernel, which also runs where no cell is being run in it."""
    if threading.current_thread() is not threading.main_thread():
        return None
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    loop = getattr(getattr(getattr(shell, "kernel", None), "io_loop", None), "asyncio_loop", None)
    return loop if isinstance(loop, asyncio.AbstractEventLoop) else None
