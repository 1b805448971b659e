"""Long work on a thread of its own, while the one that asks for it stays free."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")

ASK_EVERY_S = 0.05


def at_once(work: Callable[[], T], on_wait: Callable[[], None]) -> T:  # noqa: ARG001
    """Do the work here and now, and wait for it."""
    return work()


def aside(work: Callable[[], T], on_wait: Callable[[], None]) -> T:
    """Have the work done on another thread, and call ``on_wait`` again and again meanwhile.

    Gives or raises what the work does. What ``on_wait`` raises reaches the caller at once; the work
    goes on to its end, as nobody can stop it, and nobody is told of it.

    Examples
    --------
    >>> aside(lambda: 2 + 3, lambda: None)
    5
    """
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            future.set_result(context.run(work))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="samwidget-aside", daemon=True).start()
    while True:
        try:
            return future.result(ASK_EVERY_S)
        except TimeoutError:
            if future.done():  # it is what the work itself has raised, or it was done just now
                return future.result()
        on_wait()
