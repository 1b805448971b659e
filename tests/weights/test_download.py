from __future__ import annotations

import errno
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from samwidget.values import web
from samwidget.weights import download
from samwidget.weights.download import cache_path, fetch, recognise_junk
from samwidget.weights.records import CheckpointError, Record

CONTENT = bytes(range(256)) * 20_000  # 5 MB, several chunks
HTML = b"<!DOCTYPE html><html><title>Sign in</title></html>"
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 40728226\n"


@dataclass
class Site:
    """A web site with one file; a test sets what it answers."""

    url: str = ""
    body: bytes = CONTENT
    status: int = 200
    declared_length: int | None = None
    requests: int = 0
    before_body: Callable[[], None] = field(default=lambda: None)

    def record(self, **change: Any) -> Record:
        record = Record(
            "tiny",
            (),
            "tiny.pth",
            "Apache-2.0",
            self.url,
            len(CONTENT),
            hashlib.sha256(CONTENT).hexdigest(),
        )
        return replace(record, **change)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests += 1
            self.send_response(site.status)
            length = len(site.body) if site.declared_length is None else site.declared_length
            if length >= 0:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            site.before_body()
            try:
                self.wfile.write(site.body)
            except OSError:
                self.close_connection = True  # the client has gone, as some tests want

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/tiny.pth"
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def cached_files() -> list[str]:
    folder = cache_path(Record("tiny", (), "tiny.pth", "")).parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def failure(record: Record) -> str:
    """The text of the error, which must help in any case."""
    with pytest.raises(CheckpointError) as caught:
        fetch(record)
    text = str(caught.value)
    assert str(record.url) in text
    assert f"'{cache_path(record)}'" in text
    assert text.count("\n") == 0
    return text


def test_fetches_once_and_then_takes_the_cached_file(site: Site) -> None:
    path = fetch(site.record())
    assert path == cache_path(site.record())
    assert path.read_bytes() == CONTENT
    assert cached_files() == ["tiny.pth"]
    assert fetch(site.record()) == path
    assert site.requests == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_others_may_read_the_cached_file(site: Site) -> None:
    assert fetch(site.record()).stat().st_mode & 0o777 == 0o644


def test_progress_rises_to_one(site: Site) -> None:
    fractions: list[float] = []
    fetch(site.record(), progress=fractions.append)
    assert len(fractions) > 2
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_a_progress_bar_is_shown_without_a_callback(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(site.record(), progress=lambda fraction: None)
    assert capsys.readouterr().err == ""
    cache_path(site.record()).unlink()
    fetch(site.record())
    bar = capsys.readouterr().err
    assert "tiny.pth" in bar
    assert "100%" in bar


def test_a_failing_callback_ends_the_download_and_leaves_nothing(site: Site) -> None:
    def cancel(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(site.record(), progress=cancel)
    assert cached_files() == []


def test_size_and_hash_may_be_unknown(site: Site) -> None:
    assert fetch(site.record(size_bytes=None, sha256=None)).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"body": HTML}, r"127\.0\.0\.1:\d+ sent a web page \(HTML\)"),
        ({"body": b"\xef\xbb\xbf\n  <html>"}, "sent a web page"),
        ({"body": LFS_POINTER}, "sent a Git LFS pointer"),
        ({"body": b""}, "sent an empty file"),
        ({"body": CONTENT[:3_000_000]}, "only a part of the file: 3,000,000 bytes instead of 5,12"),
        ({"body": CONTENT[:3_000_000], "declared_length": -1}, "only a part of the file"),
        (
            {"body": CONTENT[:3_000_000], "declared_length": len(CONTENT)},
            r"connection to 127\.0\.0\.1:\d+ broke after 3,000,000 of 5,120,000 bytes",
        ),
        (
            {"body": CONTENT + b"x"},
            "announces 5,120,001 bytes, more than the 5,120,000 that are rea",
        ),
        ({"body": CONTENT + b"x", "declared_length": -1}, "5,120,000 .* read: it is another file"),
        ({"body": b"\0\0" + CONTENT[2:]}, "other contents: its SHA-256 is [0-9a-f]{64} instead of"),
        ({"status": 404, "body": HTML}, r"127\.0\.0\.1:\d+ answered 404 Not Found"),
        ({"status": 503, "body": b""}, "answered 503 Service Unavailable"),
    ],
)
def test_what_is_not_the_file_is_named_and_not_kept(
    site: Site, answer: dict[str, Any], message: str
) -> None:
    vars(site).update(answer)
    assert re.search(message, failure(site.record()))
    assert cached_files() == []


def test_no_network(site: Site) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    text = failure(site.record(url=f"http://127.0.0.1:{port}/tiny.pth"))
    assert text.startswith(f"127.0.0.1:{port} cannot be reached: no network")
    assert cached_files() == []


def test_a_host_without_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "nowhere.invalid cannot be reached" in failure(
        site.record(url="http://nowhere.invalid/tiny.pth")
    )


def test_a_server_that_falls_silent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT_S", 0.2)
    released = threading.Event()
    site.before_body = lambda: released.wait(10)
    try:
        assert "fell silent" in failure(site.record())
    finally:
        released.set()
    assert cached_files() == []


def test_the_disk_is_full_before_the_download(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        download.shutil, "disk_usage", lambda path: SimpleNamespace(free=len(CONTENT) - 1)
    )
    text = failure(site.record())
    assert text.startswith("the disk is full: tiny.pth needs 5 MB in ")
    assert "SAMWIDGET_CACHE" in text
    assert site.requests == 0


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_the_disk_gets_full_during_the_download(
    site: Site, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    fdopen = os.fdopen

    def full_disk(descriptor: int, mode: str) -> Any:
        file = fdopen(descriptor, mode)

        class Full:
            def __enter__(self) -> Full:
                return self

            def __exit__(self, *error: object) -> None:
                file.close()

            def write(self, data: bytes) -> int:
                if file.tell() > 2_000_000:
                    raise OSError(code, os.strerror(code))
                return file.write(data)

        return Full()

    monkeypatch.setattr(os, "fdopen", full_disk)
    assert failure(site.record()).startswith("the disk is full: tiny.pth needs 5 MB")
    monkeypatch.undo()
    assert cached_files() == []


def test_a_cache_that_cannot_be_written_to(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path / "file"))
    text = failure(site.record())
    assert text.startswith(f"cannot write into {tmp_path / 'file' / 'checkpoints'} (")
    assert "set SAMWIDGET_CACHE to a folder that can be written to" in text


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (CONTENT[:1000], "it has 1,000 bytes instead of 5,120,000"),
        (HTML, "it is a web page"),
        (LFS_POINTER, "it is a Git LFS pointer"),
        (b"", "it is an empty file"),
    ],
)
def test_a_broken_file_put_by_hand_is_named_and_replaced(
    site: Site, content: bytes, trouble: str
) -> None:
    path = cache_path(site.record())
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    site.status = 500
    assert f"The file that lies there now cannot be used: {trouble}" in failure(site.record())
    site.status = 200
    assert fetch(site.record()).read_bytes() == CONTENT


def test_a_file_put_by_hand_is_taken(site: Site) -> None:
    path = cache_path(site.record())
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert fetch(site.record()) == path
    assert site.requests == 0


def test_leftovers_of_killed_processes_go_but_not_what_others_write_now(site: Site) -> None:
    folder = cache_path(site.record()).parent
    folder.mkdir(parents=True)
    for name, age_s in (("tiny.pth.old.part", 100_000), ("tiny.pth.new.part", 60)):
        (folder / name).write_bytes(b"unfinished")
        os.utime(folder / name, (time.time() - age_s,) * 2)
    fetch(site.record())
    assert cached_files() == ["tiny.pth", "tiny.pth.new.part"]


def test_processes_that_fetch_at_once_all_get_the_whole_file(site: Site) -> None:
    count = 3
    # Nobody gets a byte before all have asked: the downloads really overlap.
    barrier = threading.Barrier(count)
    site.before_body = lambda: barrier.wait(60)
    code = (
        "import hashlib, sys\n"
        "from samwidget.weights.download import fetch\n"
        "from samwidget.weights.records import Record\n"
        "url, size, sha256 = sys.argv[1:]\n"
        "record = Record('tiny', (), 'tiny.pth', 'Apache-2.0', url, int(size), sha256)\n"
        "path = fetch(record, progress=lambda fraction: None)\n"
        "assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256\n"
    )
    record = site.record()
    arguments = [site.url, str(record.size_bytes), str(record.sha256)]
    running = [subprocess.Popen([sys.executable, "-c", code, *arguments]) for _ in range(count)]
    assert [process.wait(60) for process in running] == [0] * count
    assert site.requests == count
    assert cached_files() == ["tiny.pth"]
    assert cache_path(record).read_bytes() == CONTENT


def test_the_cache_is_the_systems_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = Record("tiny", (), "tiny.pth", "Apache-2.0")
    monkeypatch.delenv("SAMWIDGET_CACHE", raising=False)
    monkeypatch.setattr(download.platformdirs, "user_cache_path", lambda name: tmp_path / name)
    assert cache_path(record) == tmp_path / "samwidget" / "checkpoints" / "tiny.pth"
    monkeypatch.setenv("SAMWIDGET_CACHE", "~/elsewhere")
    assert cache_path(record) == Path.home() / "elsewhere" / "checkpoints" / "tiny.pth"


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\x80\x02\x8a\nl", b"\x08\0\0\0\0\0\0\0{"])
def test_weights_are_not_taken_for_junk(head: bytes) -> None:
    assert recognise_junk(head) is None
