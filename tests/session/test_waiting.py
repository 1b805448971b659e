from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

import pytest
from bench import IMAGE, WAIT_S, Bench, hold_worker

from samwidget.editing.document import State
from samwidget.editing.edits import AddPoint


def wait_in_thread(wait: Callable[[], object]) -> threading.Thread:
    def quietly() -> None:
        with contextlib.suppress(RuntimeError):
            wait()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    time.sleep(0.02)
    return thread


@pytest.mark.parametrize("end", ["image", "close", "cancel"])
def test_who_waits_for_edits_that_are_given_up_is_woken(bench: Bench, end: str) -> None:
    bench.ready()
    hold_worker(bench)
    futures = [bench.session.edit(AddPoint(x, 5)) for x in range(2, 6)]
    waiting = [
        wait_in_thread(bench.session.settle),
        wait_in_thread(bench.session.wait),
        *(wait_in_thread(lambda f=f: bench.session.result(f)) for f in futures),
    ]
    if end == "image":
        bench.session.set_image(IMAGE[:32])
    elif end == "close":
        bench.session.close()
    else:
        assert all(future.cancel() for future in futures)
    bench.model.may_decode.set()
    for thread in waiting:
        thread.join(WAIT_S)
        assert not thread.is_alive()


@pytest.mark.parametrize("end", ["image", "close"])
def test_who_reads_while_others_set_images_or_close_is_woken(bench: Bench, end: str) -> None:
    bench.ready()
    stop = threading.Event()

    def click() -> None:
        # A closed session refuses at once: to go on asking would only take the worker's time.
        while not (stop.is_set() or bench.session.is_closed):
            with contextlib.suppress(RuntimeError, ValueError):
                bench.do(AddPoint(5, 5))

    threads = [threading.Thread(target=click, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        if end == "image":
            bench.session.set_image(IMAGE[:32])
        bench.session.settle(WAIT_S)
    if end == "close":
        bench.session.close()
        bench.session.settle(WAIT_S)
    stop.set()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()


def test_worker_outlives_a_mistake_of_our_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench.ready()
    worker = bench.session._worker
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(worker, "_answer", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bench.do(AddPoint(20, 30))
    assert bench.session.status.phase == "error"
    assert "division" in bench.session.status.message
    assert "ZeroDivisionError" in caplog.text
    bench.session.settle(WAIT_S)
    bench.do(AddPoint(20, 30))
    bench.ready()
    assert bench.session.status.phase == "ready"


def test_worker_outlives_an_engine_that_leaves_by_the_wrong_door(bench: Bench) -> None:
    class Exit(BaseException):
        pass

    def leave(_: int) -> None:
        raise Exit

    bench.model.on_step = leave
    bench.session.set_image(IMAGE)
    with pytest.raises(Exit):
        bench.session.wait(WAIT_S)
    bench.model.on_step = lambda _: None
    bench.ready().do(AddPoint(20, 30))


def test_worker_does_not_wait_for_itself(bench: Bench) -> None:
    errors: list[str] = []

    def impatient(_: State) -> None:
        for wait in (bench.session.settle, bench.session.wait):
            try:
                wait()
            except RuntimeError as error:
                errors.append(str(error))

    bench.on_state = impatient
    bench.ready()
    assert errors
    assert set(errors) == {"the worker thread cannot wait for itself"}
