"""What fetching weights must do that pooch does not, tried on both.

An unexpected pass of pooch's means that it has learnt it: have a look whether our code can go.
"""

from __future__ import annotations

import hashlib
import logging
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pooch
import pytest
import requests

from samwidget.values import web
from samwidget.weights.download import fetch
from samwidget.weights.records import CheckpointError, Record

CONTENT = bytes(range(256)) * 20_000
CHUNK = 1 << 16

Fetch = Callable[[Record, Callable[[float], None]], Path]


class Progress:
    """The object that pooch tells of its progress."""

    def __init__(self, told: Callable[[float], None]) -> None:
        self.total = 0
        self._count = 0
        self._told = told

    def update(self, count: int) -> None:
        self._count += count
        self._told(self._count / max(1, self.total))

    def reset(self) -> None:
        self._count = 0

    def close(self) -> None:
        pass


def with_pooch(record: Record, progress: Callable[[float], None], folder: Path) -> Path:
    downloader = pooch.HTTPDownloader(
        progressbar=Progress(progress), chunk_size=CHUNK, timeout=web.TIMEOUT_S
    )
    pooch.get_logger().setLevel(logging.ERROR)
    file = pooch.retrieve(
        str(record.url), f"sha256:{record.sha256}", record.file_name, folder, downloader=downloader
    )
    return Path(file)


@pytest.fixture(
    params=["ours", pytest.param("pooch", marks=pytest.mark.xfail(raises=AssertionError))]
)
def fetch_file(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Fetch:
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    if request.param == "ours":
        return lambda record, progress: fetch(record, progress=progress)
    return lambda record, progress: with_pooch(record, progress, tmp_path)


class Server:
    """Answers with a head and then with whatever the test writes, counting what is taken."""

    def __init__(self) -> None:
        self.write: Callable[[socket.socket], None] = lambda connection: None
        self.gone, self.stopped = threading.Event(), threading.Event()
        self._connections: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.record = Record(
            "tiny",
            (),
            "tiny.pth",
            "Apache-2.0",
            f"http://127.0.0.1:{self._socket.getsockname()[1]}/tiny.pth",
            len(CONTENT),
            hashlib.sha256(CONTENT).hexdigest(),
        )

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._connections.append(connection)
                with connection:
                    connection.recv(CHUNK)
                    try:
                        self.write(connection)
                    except OSError:
                        self.gone.set()

    def close(self) -> None:
        self.stopped.set()
        for one in (self._socket, *self._connections):
            with suppress(OSError):  # ends whatever waits for it
                one.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def whole(connection: socket.socket) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENT)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode() + CONTENT)


def nothing(fraction: float) -> None:
    pass


def test_a_cancelled_download_ends_the_connection_at_once(
    server: Server, fetch_file: Fetch
) -> None:
    def write(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stopped.is_set():
            connection.sendall(CONTENT)

    def cancel(fraction: float) -> None:
        raise KeyboardInterrupt

    server.write = write
    with pytest.raises(KeyboardInterrupt) as kept:
        fetch_file(server.record, cancel)
    assert server.gone.wait(2), "what holds the traceback holds the connection"
    assert kept.value is not None


def test_a_page_in_the_place_of_the_file_is_known_at_its_first_bytes(
    server: Server, fetch_file: Fetch
) -> None:
    sent = 0

    def write(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<!DOCTYPE html>")
        while sent < 50_000_000:
            connection.sendall(CONTENT)
            sent += len(CONTENT)

    server.write = write
    with pytest.raises((CheckpointError, ValueError)):
        fetch_file(server.record, nothing)
    assert server.gone.wait(2), "it read to the end"
    assert sent < 50_000_000


def test_a_server_that_drips_is_given_up(
    server: Server, fetch_file: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "GRACE_S", 0.2)
    dripped = 0

    def write(connection: socket.socket) -> None:
        nonlocal dripped
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while dripped < 100 and not server.stopped.wait(0.02):
            connection.sendall(b"x")
            dripped += 1

    server.write = write
    with pytest.raises((CheckpointError, ValueError)):
        fetch_file(server.record, nothing)
    assert dripped < 100, "it waited for the last drop"


def test_a_cached_file_is_not_read_again(
    server: Server, fetch_file: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of 2.6 GB would take seconds more to open."""
    server.write = whole
    path = fetch_file(server.record, nothing)
    hashed = 0
    sha256 = hashlib.sha256

    def counted(*args: object, **kwargs: object) -> object:
        nonlocal hashed
        hashed += 1
        return sha256(*args, **kwargs)

    monkeypatch.setattr(hashlib, "sha256", counted)
    monkeypatch.setattr(hashlib, "new", lambda name, *args, **kwargs: counted(*args, **kwargs))
    monkeypatch.setattr(pooch.hashes, "ALGORITHMS_AVAILABLE", {"sha256": counted})
    monkeypatch.setattr(requests, "get", None)
    assert fetch_file(server.record, nothing) == path
    assert hashed == 0


def test_others_may_read_the_cached_file(server: Server, fetch_file: Fetch) -> None:
    server.write = whole
    assert stat.S_IMODE(fetch_file(server.record, nothing).stat().st_mode) == 0o644
