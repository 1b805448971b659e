from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from typing import Any

import pytest
from bench import IMAGE, WAIT_S, Bench, hold_worker

from samwidget.editing.edits import AddPoint
from samwidget.engine.local import LocalEngine
from samwidget.session.jobs import Job


def test_a_job_reports_gives_partial_results_and_lets_edits_through(bench: Bench) -> None:
    bench.ready()
    told: list[tuple[float, object]] = []
    edits: list[Any] = []

    def work(engine: LocalEngine, key: str, job: Job[str]) -> str:
        for step in range(4):
            if step == 1:
                edits.append(bench.session.edit(AddPoint(20, 30)))
            job.report(step / 4, f"part {step}")
            if step == 1:
                assert bench.draft.prediction is not None
        return f"all of {key}"

    job = bench.session.start(Job(work, lambda fraction, part: told.append((fraction, part))))
    assert job.future.result(WAIT_S).startswith("all of fake/")
    assert told == [(step / 4, f"part {step}") for step in range(4)]
    assert edits[0].done()


@pytest.mark.parametrize("end", ["cancel", "image", "close"])
def test_a_job_that_was_given_up_ends_at_its_next_report(bench: Bench, end: str) -> None:
    bench.ready()
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work(engine: LocalEngine, key: str, job: Job[None]) -> None:
        try:
            began.set()
            assert go_on.wait(WAIT_S)
            job.report(0.5)
        finally:
            ended.set()

    job, waiting = bench.session.start(Job(work)), bench.session.start(Job(work))
    assert began.wait(WAIT_S)
    if end == "cancel":
        job.cancel()
        waiting.cancel()
    elif end == "image":
        bench.session.set_image(IMAGE[:32])
    else:
        bench.session.close()
    go_on.set()
    assert ended.wait(WAIT_S)
    for one in (job, waiting):
        with pytest.raises(CancelledError):
            one.future.result(WAIT_S)


@pytest.mark.parametrize("then", ["again", "image", "close", "taken"])
def test_a_job_that_waits_can_be_given_up_more_than_once(bench: Bench, then: str) -> None:
    bench.ready()
    hold_worker(bench)
    job = bench.session.start(Job(lambda *_: None))
    job.cancel()
    if then == "again":
        job.cancel()
    elif then == "image":
        bench.session.set_image(IMAGE[:32])
    elif then == "close":
        bench.session.close()
    bench.model.may_decode.set()
    with pytest.raises(CancelledError):
        job.future.result(WAIT_S)
    if then != "close":
        bench.session.wait(WAIT_S)
        bench.do(AddPoint(20, 30))
        assert "error" not in {status.phase for status in bench.statuses}


def test_a_job_that_fails_says_why_and_harms_nobody(bench: Bench) -> None:
    bench.ready()

    def fail(engine: LocalEngine, key: str, job: Job[None]) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        bench.session.start(Job(fail)).future.result(WAIT_S)
    bench.do(AddPoint(20, 30))


def test_a_job_without_an_image_says_so(bench: Bench) -> None:
    with pytest.raises(RuntimeError, match="no embedded image"):
        bench.session.start(Job(lambda *_: None)).future.result(WAIT_S)
