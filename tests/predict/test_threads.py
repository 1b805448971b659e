from __future__ import annotations

from collections import namedtuple
from typing import Any

import psutil
import pytest
import torch

from samwidget.predict import threads
from samwidget.predict.threads import Neighbours, short_computation, threads_beside


@pytest.mark.parametrize(
    ("others", "usual", "chosen"),
    [(None, 8, 8), (0.0, 2, 2), (0.3, 2, 2), (0.6, 2, 1), (2.0, 2, 1), (1.1, 8, 7), (7.9, 8, 1)],
)
def test_cores_that_others_use_are_left_to_them(
    others: float | None, usual: int, chosen: int
) -> None:
    assert threads_beside(others, usual) == chosen


class Clock:
    """The machine's counters and this process's, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.mine, self.busy = 100.0, 5.0, 1000.0
        monkeypatch.setattr(threads.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(threads.time, "process_time", lambda: self.mine)
        monkeypatch.setattr(threads.psutil, "cpu_times", self.times)

    def times(self) -> Any:
        names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest")
        busy = self.busy / 4
        return namedtuple("scputimes", names)(
            busy, busy, busy, 4e4 - self.busy, self.now, 0, 0, busy, 9 * self.now
        )

    def advance(self, seconds: float, mine: float, busy: float) -> None:
        self.now += seconds
        self.mine += mine
        self.busy += busy


def test_what_this_process_uses_is_not_the_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    neighbours = Neighbours()
    assert neighbours.cores() is None  # nothing to compare with yet
    clock.advance(10, mine=20, busy=25)
    assert neighbours.cores() == pytest.approx(0.5)
    clock.advance(0.1, mine=0, busy=0.1)
    assert neighbours.cores() == pytest.approx(0.5)  # too soon to know better
    clock.advance(10, mine=3, busy=2.9)  # counters are coarse
    assert neighbours.cores() == 0


@pytest.mark.parametrize("error", [PermissionError("/proc/stat"), psutil.AccessDenied()], ids=repr)
def test_without_the_counters_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(threads.psutil, "cpu_times", refuse)
    neighbours = Neighbours()
    assert neighbours.cores() is None
    assert neighbours.cores() is None


def test_the_machines_own_counters_are_understood() -> None:
    neighbours = Neighbours()
    assert neighbours.cores() is None
    neighbours._before = (0.0, 0.0, 0.0)
    cores = neighbours.cores()
    assert cores is not None
    assert cores >= 0


def test_spread_work_comes_back_in_order_each_on_one_thread() -> None:
    usual = torch.get_num_threads()
    found = list(threads.spread(lambda i: (i, torch.get_num_threads()), range(20)))
    assert found == [(i, 1) for i in range(20)]
    assert torch.get_num_threads() == usual


def test_the_number_of_threads_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    neighbours = Neighbours()
    assert neighbours.cores() is None
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with short_computation(neighbours) as chosen:
            assert chosen == torch.get_num_threads() == 2
        clock.advance(10, mine=0, busy=10)
        with pytest.raises(KeyError), short_computation(neighbours) as chosen:
            raise KeyError(torch.get_num_threads())
        assert chosen == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
