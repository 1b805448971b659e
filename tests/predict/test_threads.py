from __future__ import annotations

from pathlib import Path

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

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.now, self.mine, self.busy = path, 100.0, 5.0, 1000
        monkeypatch.setattr(threads.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(threads.time, "process_time", lambda: self.mine)
        monkeypatch.setattr(threads.os, "sysconf", lambda _: 100, raising=False)
        self.advance(0, 0, 0)

    def advance(self, seconds: float, mine: float, busy: float) -> None:
        self.now += seconds
        self.mine += mine
        self.busy += round(100 * busy)
        idle = 40_000 - self.busy
        self.path.write_text(f"cpu {self.busy} 0 0 {idle} 7 0 0 0 0 0\ncpu0 1 2 3\n")


def test_what_this_process_uses_is_not_the_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(tmp_path / "stat", monkeypatch)
    neighbours = Neighbours(clock.path)
    assert neighbours.cores() is None  # nothing to compare with yet
    clock.advance(10, mine=20, busy=25)
    assert neighbours.cores() == pytest.approx(0.5)
    clock.advance(0.1, mine=0, busy=0.1)
    assert neighbours.cores() == pytest.approx(0.5)  # too soon to know better
    clock.advance(10, mine=3, busy=2.9)  # counters are coarse
    assert neighbours.cores() == 0


@pytest.mark.parametrize("text", ["", "intr 1 2 3", "cpu a b c", "cpu 1 2 3"])
def test_without_the_counters_nothing_is_known(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stat"
    assert Neighbours(path).cores() is None
    path.write_text(text)
    assert Neighbours(path).cores() is None


def test_the_number_of_threads_is_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(tmp_path / "stat", monkeypatch)
    neighbours = Neighbours(clock.path)
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
