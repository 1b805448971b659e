from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from samwidget.jupyter.hosts import Host

WAIT_S = 10


def on_a_thread(function: object) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_without_a_loop_whoever_calls_delivers_in_order() -> None:
    host, told = Host(), []
    on_a_thread(lambda: [host.post(lambda n=n: told.append(n)) for n in range(5)])
    assert told == [], "not on the thread that posts"
    host.deliver()
    assert told == [0, 1, 2, 3, 4]
    host.deliver()
    assert len(told) == 5


def test_with_a_loop_its_thread_delivers_by_itself() -> None:
    threads: list[threading.Thread] = []
    done = threading.Event()

    def callback() -> None:
        threads.append(threading.current_thread())
        done.set()

    async def cell() -> None:
        host = Host()
        on_a_thread(lambda: (host.post(callback), host.deliver()))
        assert not threads, "another thread does not deliver what is for the loop's"
        while not done.is_set():
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(cell(), WAIT_S))
    assert threads == [threading.current_thread()]


def test_a_blocked_loop_thread_delivers_when_it_calls() -> None:
    async def cell() -> None:
        host, told = Host(), []
        on_a_thread(lambda: host.post(lambda: told.append(1)))
        host.deliver()
        assert told == [1]

    asyncio.run(cell())


def test_a_closed_loop_is_no_loop() -> None:
    async def make() -> Host:
        return Host()

    host, told = asyncio.run(make()), []
    host.post(lambda: told.append(1))
    host.deliver()
    assert told == [1]


def test_a_callback_is_not_interrupted_by_the_next() -> None:
    host, told = Host(), []

    def first() -> None:
        told.append("begin")
        host.post(lambda: told.append("second"))
        host.deliver()
        told.append("end")

    host.post(first)
    host.deliver()
    assert told == ["begin", "end", "second"]


def test_an_error_is_logged_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    host, told = Host(), []
    host.post(lambda: 1 / 0)
    host.post(lambda: told.append(1))
    with caplog.at_level(logging.ERROR):
        host.deliver()
    assert told == [1]
    assert "ZeroDivisionError" in caplog.text


def test_where_nobody_calls_a_thread_of_its_own_delivers() -> None:
    host, threads = Host(), []
    done = threading.Event()

    def callback() -> None:
        threads.append(threading.current_thread())
        done.set()

    poster = threading.Thread(target=lambda: host.post(callback, 0.01))
    poster.start()
    assert done.wait(WAIT_S)
    assert threads[0] not in (poster, threading.main_thread())
