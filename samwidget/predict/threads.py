"""How many threads a short computation gets.

A click takes some ten milliseconds on all cores. When other programs keep some of those cores
busy (a browser, a second kernel), the threads wait for each other at every step, and the same click
can take ten times as long as on a single thread. So before each one it is asked what the others
took since the last time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import torch

MIN_INTERVAL_S = 0.25
"""The kernel counts in hundredths of a second: over less time it knows too little."""

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


class Neighbours:
    """Watches how much of the machine other programs use. Only Linux tells; elsewhere None."""

    def __init__(self, statistics: Path = Path("/proc/stat")) -> None:
        self._statistics = statistics
        self._lock = Lock()
        self._before: tuple[float, float, float] | None = None
        self._cores: float | None = None

    def cores(self) -> float | None:
        """Mean number of cores that other programs used since the last call."""
        with self._lock:
            now = time.monotonic()
            if self._before is not None and now - self._before[0] < MIN_INTERVAL_S:
                return self._cores
            busy = self._busy_s()
            if busy is None:
                return None
            mine = time.process_time()
            if self._before is not None:
                then, busy_then, mine_then = self._before
                others_s = (busy - busy_then) - (mine - mine_then)
                self._cores = max(0.0, others_s / (now - then))
            self._before = (now, busy, mine)
            return self._cores

    def _busy_s(self) -> float | None:
        """Seconds that all cores together were not idle, since the machine started."""
        try:
            with self._statistics.open() as file:
                fields = file.readline().split()
            ticks = [int(field) for field in fields[1:9]]
        except (OSError, ValueError):
            return None
        if len(ticks) < 8:
            return None
        idle = ticks[3] + ticks[4]  # idle, and waiting for a disk
        return (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK")


NEIGHBOURS = Neighbours()


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
