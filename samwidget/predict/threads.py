"""How many threads a short computation gets.

A click takes some ten milliseconds on all cores. When other programs keep some of those cores
busy (a browser, a second kernel), the threads wait for each other at every step, and the same click
can take ten times as long as on a single thread. So before each one it is asked what the others
took since the last time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Lock
from typing import TypeVar

import psutil
import torch

from samwidget.values.forks import in_child

T = TypeVar("T")
R = TypeVar("R")

MIN_INTERVAL_S = 0.25
"""Systems count in hundredths of a second: over less time they know too little."""

TOLERATED_CORES = 0.3
"""What others may take of a core before it is left to them."""


def threads_beside(others_cores: float | None, threads: int) -> int:
    """Decide how many of ``threads`` to use while others keep so many cores busy.

    Parameters
    ----------
    others_cores
        Mean number of cores that other programs use; None if that is not known.
    threads
        What is used when the machine is quiet.
    """
    if others_cores is None or others_cores <= TOLERATED_CORES:
        return threads
    return max(1, threads - max(1, round(others_cores)))


_NOT_BUSY = frozenset(["idle", "iowait", "guest", "guest_nice", "interrupt", "dpc"])
"""Waiting for a disk is idle; the last four are counted in other fields, too."""


class Neighbours:
    """Watches how much of the machine other programs use; None where the system does not tell."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked process does, whose time is counted from zero."""
        self._lock = Lock()
        self._before: tuple[float, float, float] | None = None
        self._cores: float | None = None

    def cores(self) -> float | None:
        """Mean number of cores that other programs used since the last call."""
        with self._lock:
            now = time.monotonic()
            if self._before is not None and now - self._before[0] < MIN_INTERVAL_S:
                return self._cores
            busy = _busy_s()
            if busy is None:
                return None
            mine = time.process_time()
            if self._before is not None:
                then, busy_then, mine_then = self._before
                others_s = (busy - busy_then) - (mine - mine_then)
                self._cores = max(0.0, others_s / (now - then))
            self._before = (now, busy, mine)
            return self._cores


def _busy_s() -> float | None:
    """Seconds that all cores together were not idle since the machine started; None if unknown."""
    try:
        times = psutil.cpu_times()
    except (OSError, RuntimeError, psutil.Error):  # as in a sandbox
        return None
    return float(sum(getattr(times, name) for name in times._fields if name not in _NOT_BUSY))


NEIGHBOURS = Neighbours()
in_child(NEIGHBOURS.forget)

START_WITHIN_S = 10.0


@contextmanager
def short_computation(neighbours: Neighbours = NEIGHBOURS) -> Iterator[int]:
    """Compute with as many threads as are worth it, then restore what torch had."""
    usual = torch.get_num_threads()
    chosen = threads_beside(neighbours.cores(), usual) if usual > 1 else usual
    if chosen == usual:
        yield usual
        return
    torch.set_num_threads(chosen)
    try:
        yield chosen
    finally:
        torch.set_num_threads(usual)


def spread(work: Callable[[T], R], items: Iterable[T]) -> Generator[R]:
    """Do short computations on a CPU side by side, each on a single thread; results in order.

    A click is too small to keep several threads busy, which wait for each other at every step.
    Close the generator when it is not read to its end.
    """
    usual = torch.get_num_threads()
    with short_computation() as workers:
        ready = Barrier(workers, timeout=START_WITHIN_S)

        def settle(_: int) -> None:
            torch.get_num_threads()  # else the first operation here sets what others have set last
            torch.set_num_threads(1)
            with suppress(BrokenBarrierError):  # where fewer threads can be had, they do the work
                ready.wait()

        with ThreadPoolExecutor(workers, "samwidget-spread") as pool:
            list(pool.map(settle, range(workers)))  # each waits for the others: one on every thread
            torch.set_num_threads(usual)  # what threads of other origin begin with
            yield from pool.map(work, items)
