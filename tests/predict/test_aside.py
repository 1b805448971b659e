from __future__ import annotations

import threading

import pytest

from samwidget.predict.aside import aside, at_once


def test_the_one_who_asks_is_called_while_the_work_goes_on() -> None:
    may_end = threading.Event()
    here = threading.get_ident()
    waits: list[int] = []

    def wait() -> None:
        waits.append(threading.get_ident())
        if len(waits) == 3:
            may_end.set()

    def work() -> int:
        assert may_end.wait(10)
        return threading.get_ident()

    assert aside(work, wait) != here
    assert waits[:3] == [here] * 3


@pytest.mark.parametrize("error", [ValueError("no such thing"), TimeoutError("too slow")])
def test_what_the_work_raises_reaches_the_caller(error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error), match=str(error)) as caught:
        aside(fail, lambda: None)
    assert caught.value is error


def test_what_is_raised_while_waiting_does_not_wait_for_the_work() -> None:
    may_end, has_ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(10)
        has_ended.set()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aside(work, stop)
    assert not has_ended.is_set()
    may_end.set()
    assert has_ended.wait(10)


def test_at_once_is_here_and_calls_nobody() -> None:
    assert at_once(threading.get_ident, lambda: pytest.fail("called")) == threading.get_ident()
