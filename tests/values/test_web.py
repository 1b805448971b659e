"""Each way in which an address can fail, played by a real server on this machine."""

from __future__ import annotations

import base64
import gzip
import re
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests
from raw_server import Server, Talk, answer, chunked

from samwidget.values import web
from samwidget.values.web import FetchError, stream

BODY = bytes(range(256)) * 4000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    yield server
    server.close()


def read(url: str, max_bytes: int = 10**7, max_seconds: float = 60) -> bytes:
    with closing(stream(url, max_bytes=max_bytes, max_seconds=max_seconds)) as pieces:
        return b"".join(pieces)


@pytest.mark.parametrize(
    ("talk"),
    [
        pytest.param(answer(BODY, f"Content-Length: {len(BODY)}"), id="length"),
        pytest.param(answer(BODY), id="until the end"),
        pytest.param(answer(chunked(BODY), "Transfer-Encoding: chunked"), id="chunked"),
        pytest.param(answer(gzip.compress(BODY), "Content-Encoding: gzip"), id="gzip"),
        pytest.param(
            answer(
                chunked(gzip.compress(BODY)), "Content-Encoding: gzip", "Transfer-Encoding: chunked"
            ),
            id="gzip in chunks",
        ),
        pytest.param(answer(zlib.compress(BODY), "Content-Encoding: deflate"), id="deflate"),
        pytest.param(
            answer(gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip, GZIP"), id="twice"
        ),
        pytest.param(answer(BODY, "Content-Encoding: aws-chunked"), id="no encoding at all"),
    ],
)
def test_gives_the_body_however_it_is_sent(server: Server, talk: Talk) -> None:
    server.talk = talk
    assert read(server.url) == BODY
    assert b"User-Agent: samwidget" in server.requests[0]


def test_follows_to_another_address(server: Server) -> None:
    def talk(connection: socket.socket) -> None:
        if len(server.requests) == 1:
            location = "Location: /moved here/Köln.png"
            answer(b"", location, "Content-Length: 0", status="302 Found")(connection)
        else:
            answer(BODY)(connection)

    server.talk = talk
    assert read(server.url) == BODY
    assert server.requests[1].startswith(b"GET /moved%20here/")


def test_spaces_and_other_letters_are_quoted(server: Server) -> None:
    server.talk = answer(BODY)
    assert read(server.url.replace("cat", "Köln am Rhein")) == BODY
    assert server.requests[0].startswith(b"GET /K%C3%B6ln%20am%20Rhein.png ")


def no_server() -> str:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return f"http://127.0.0.1:{unused.getsockname()[1]}/cat.png"


HOST = r"127\.0\.0\.1:\d+"


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (answer(b"<html>", status="404 Not Found"), f"{HOST} answered 404 Not Found"),
        (answer(b"", status="503 Service Unavailable"), f"{HOST} answered 503 Service"),
        (answer(BODY, "Content-Length: 2000000"), f"{HOST} broke after 1,024,000 of 2,000,000 b"),
        (
            answer(chunked(BODY)[:-100], "Transfer-Encoding: chunked"),
            f"connection to {HOST} broke after",
        ),
        (answer(BODY, "Content-Encoding: gzip"), f"what {HOST} sends is not encoded as it says"),
        (
            answer(gzip.compress(BODY)[:-20], "Content-Encoding: gzip"),
            f"what {HOST} sends was cut short",
        ),
        (
            answer(zlib.compress(BODY)[:-20], "Content-Encoding: deflate"),
            f"what {HOST} sends was cut short",
        ),
        (answer(BODY, "Content-Encoding: br"), f"what {HOST} sends is compressed as 'br'"),
        (
            answer(b"", "Content-Length: 20000000"),
            f"{HOST} announces 20,000,000 bytes, more than the 10,000,000",
        ),
        (
            answer(gzip.compress(bytes(10**8)), "Content-Encoding: gzip"),
            f"{HOST} sends more than the",
        ),
        (answer(b"", "Location: /cat.png", status="302 Found"), f"{HOST} redirects more than 20"),
        (
            answer(b"", "Location: file:///etc/passwd", status="302 Found"),
            f"{HOST} leads to file:///etc/passwd, which is no http",
        ),
        (answer(b"", status="304 Not Modified"), f"{HOST} answered 304 Not Modified"),
        (answer(b"", status="500 " + "no " * 10_000), f"{HOST} answered 500 no no .{{,60}}$"),
        (lambda connection: None, f"{HOST} broke off before it answered"),
        (lambda connection: connection.sendall(b"hello\r\n\r\n"), "or is no web server"),
    ],
)
def test_what_went_wrong_is_told_with_the_host(server: Server, talk: Talk, says: str) -> None:
    server.talk = talk
    with pytest.raises(FetchError, match=says):
        read(server.url)


def test_follows_to_an_address_in_any_encoding(server: Server) -> None:
    """Headers are bytes: what is no UTF-8 is quoted as it is."""

    def talk(connection: socket.socket) -> None:
        if len(server.requests) == 1:
            connection.sendall(b"HTTP/1.1 301 Moved\r\nLocation: /K\xf6ln%20a.png\r\n\r\n")
        else:
            answer(BODY)(connection)

    server.talk = talk
    assert read(server.url) == BODY
    assert server.requests[1].startswith(b"GET /K%F6ln%20a.png ")


def test_the_body_of_a_redirect_is_not_read_to_its_end(server: Server) -> None:
    def talk(connection: socket.socket) -> None:
        if len(server.requests) == 1:
            answer(b"", "Location: /dog.png", status="302 Found")(connection)
            while not server.stopped.is_set():
                connection.sendall(BODY)
        else:
            answer(BODY)(connection)

    server.talk = talk
    assert read(server.url) == BODY
    assert server.gone.wait(30)


def authorization(request: bytes) -> bytes | None:
    found = re.search(rb"\r\nAuthorization: Basic (\S+)", request)
    return None if found is None else base64.b64decode(found[1])


def test_user_and_password_are_sent_but_not_told(server: Server) -> None:
    server.talk = answer(b"", status="403 Forbidden")
    with pytest.raises(FetchError, match=f"^{HOST} answered 403 Forbidden$"):
        read(server.url.replace("//", "//ada:p%40ss w%C3%B6rt@"))
    assert authorization(server.requests[0]) == "ada:p@ss wört".encode()


@pytest.mark.parametrize("location", ["/dog.png", "{url}", "http://localhost:{port}/"])
def test_a_password_follows_to_no_other_host(server: Server, location: str) -> None:
    where = location.format(url=server.url, port=server.url.split(":")[2].split("/")[0])

    def talk(connection: socket.socket) -> None:
        if len(server.requests) == 1:
            answer(b"", f"Location: {where}", status="302 Found")(connection)
        else:
            answer(BODY)(connection)

    server.talk = talk
    assert read(server.url.replace("//", "//ada:secret@")) == BODY
    expected = None if "localhost" in where else b"ada:secret"
    assert authorization(server.requests[1]) == expected


def test_a_single_read_that_never_ends_is_ended_by_time(server: Server) -> None:
    """Such as the line that tells a chunk's size, of which each byte comes in time."""

    def talk(connection: socket.socket) -> None:
        answer(b"", "Transfer-Encoding: chunked")(connection)
        server.drip(connection, b"0")

    server.talk = talk
    with pytest.raises(FetchError, match=rf"{HOST} is too slow: 0 bytes came in \d+ seconds"):
        read(server.url, max_seconds=0.5)
    assert server.gone.wait(30)


def test_gzip_that_drips_without_giving_anything_is_ended_by_time(server: Server) -> None:
    def talk(connection: socket.socket) -> None:
        answer(b"\x1f\x8b\x08\x08\0\0\0\0\0\x03", "Content-Encoding: gzip")(connection)
        server.drip(connection, b"name")  # which ends with a zero

    server.talk = talk
    with pytest.raises(FetchError, match=rf"{HOST} is too slow"):
        read(server.url, max_seconds=0.5)


def test_a_watch_ends_with_its_stream(server: Server) -> None:
    server.talk = answer(BODY)
    assert read(server.url) == BODY
    for thread in threading.enumerate():
        if thread.name.startswith("samwidget watches"):
            thread.join(30)
            assert not thread.is_alive()


def test_nobody_there(server: Server) -> None:
    with pytest.raises(FetchError, match=f"{HOST} cannot be reached: no network, or a firewall"):
        read(no_server())


def test_an_address_that_is_none(server: Server) -> None:
    for address in (
        "http://",
        "http://[::1/cat.png",
        "http://host:99999/",
        "http://" + "a" * 99_999,
    ):
        with pytest.raises(
            FetchError, match="it is no valid address; it begins with http"
        ) as caught:
            read(address)
        assert len(str(caught.value)) < 200


def test_a_server_without_end_is_ended_by_size(server: Server) -> None:
    def talk(connection: socket.socket) -> None:
        answer(b"")(connection)
        while not server.stopped.is_set():
            connection.sendall(BODY)

    server.talk = talk
    with pytest.raises(FetchError, match=f"{HOST} sends more than the 10,000,000 bytes"):
        read(server.url)
    assert server.gone.wait(30)


def test_a_dripping_server_is_ended_by_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each single wait is short, only their sum is not."""

    def talk(connection: socket.socket) -> None:
        answer(b"")(connection)
        server.drip(connection, b"x")

    server.talk = talk
    with pytest.raises(FetchError, match=rf"{HOST} is too slow: \d+ bytes came in \d+ seconds"):
        read(server.url, max_seconds=0.3)
    assert server.gone.wait(30)
    monkeypatch.setattr(web, "GRACE_S", 0.3)
    with pytest.raises(FetchError, match="is too slow"):
        read(server.url)


def test_dripping_headers_are_ended_by_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        server.drip(connection, b"x")

    server.talk = talk
    with pytest.raises(FetchError, match=f"{HOST} does not answer"):
        read(server.url, max_seconds=0.3)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n\r\n1234"], ids=["head", "body"])
def test_a_silent_server_is_ended(
    server: Server, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(web, "TIMEOUT_S", 0.2)

    def talk(connection: socket.socket) -> None:
        connection.sendall(begun)
        server.stopped.wait(30)

    server.talk = talk
    with pytest.raises(FetchError) as caught:
        read(server.url)
    says = "fell silent for 0.2 seconds after 4 bytes" if begun else "does not answer"
    assert re.fullmatch(f"{HOST} {says}", str(caught.value))


def test_whoever_stops_reading_ends_the_connection(server: Server) -> None:
    def talk(connection: socket.socket) -> None:
        answer(b"")(connection)
        server.drip(connection, BODY)

    server.talk = talk
    with closing(stream(server.url, max_bytes=10**9, max_seconds=60)) as pieces:
        assert next(pieces)
    assert server.gone.wait(30)


def test_names_that_take_for_ever_to_look_up_are_ended_by_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    released = threading.Event()

    def look_up(*args: object, **kwargs: object) -> None:
        released.wait(30)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        with pytest.raises(FetchError, match=r"nowhere\.invalid does not answer"):
            read("http://nowhere.invalid/cat.png", max_seconds=0.2)
    finally:
        released.set()


def test_a_late_answer_is_closed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    released, closed = threading.Event(), threading.Event()

    class Late(requests.Response):
        def close(self) -> None:
            closed.set()

    def get(*args: object, **kwargs: object) -> requests.Response:
        released.wait(30)
        return Late()

    monkeypatch.setattr(requests.Session, "get", get)
    with pytest.raises(FetchError, match="does not answer"):
        read(server.url, max_seconds=0.1)
    released.set()
    assert closed.wait(30)
