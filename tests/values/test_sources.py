"""Whatever a person hands over for a file, made by the tests: on disk, in archives, by a server."""

from __future__ import annotations

import base64
import bz2
import datetime
import gzip
import io
import lzma
import mmap
import os
import socket
import tarfile
import tempfile
import threading
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
import ipywidgets
import numpy as np
import pytest
import requests
import torch
from PIL import Image
from raw_server import Server, answer, chunked

from samwidget.values import sources
from samwidget.values.images import load_image
from samwidget.values.sources import File, as_file, as_files, origin_of

RGB = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def png(pixels: np.ndarray = RGB) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


PNG = png()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    server.talk = answer(PNG)
    yield server
    server.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "cat.png").write_bytes(PNG)
    return tmp_path


def content(source: object) -> bytes:
    file = as_file(source)
    assert isinstance(file, File)
    assert len(file.name) <= 100
    with file.opened() as opened:
        return opened.read()


def refused(source: object, says: str, error: type[Exception] = ValueError) -> None:
    """Try it at the door that people use."""
    with pytest.raises(error, match=says) as caught:
        load_image(source)
    assert len(str(caught.value)) < 400


# ------------------------------------------------------------------------------------- memory


@pytest.mark.parametrize(
    "source",
    [
        PNG,
        bytearray(PNG),
        memoryview(PNG),
        memoryview(np.frombuffer(PNG, np.uint8)),
        memoryview(b"".join(bytes([one, 0]) for one in PNG))[::2],
        base64.b64encode(PNG),
        base64.encodebytes(PNG),
        base64.b64encode(PNG).decode(),
        f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
        f"data:image/png;base64,{base64.b64encode(PNG).decode()}".encode(),
        gzip.compress(PNG),
        io.BytesIO(PNG),
        {"name": "cat.png", "content": memoryview(PNG)},
        {"cat.png": {"metadata": {"name": "cat.png"}, "content": PNG}},
        [{"filename": "cat.png", "contents": f"data:;base64,{base64.b64encode(PNG).decode()}"}],
        ipywidgets.Image(value=PNG),
    ],
    ids=lambda source: type(source).__name__,
)
def test_what_is_in_memory(source: object) -> None:
    np.testing.assert_array_equal(load_image(source), RGB)


@pytest.mark.parametrize(
    "source",
    [RGB, torch.from_numpy(RGB), Image.fromarray(RGB), None, 5, [[1, 2]], object()],
    ids=lambda source: type(source).__name__,
)
def test_what_is_no_file_comes_back(source: object) -> None:
    assert as_file(source) is source
    assert origin_of(source) is None


@pytest.mark.parametrize("source", ["", "s3://bucket/cat.png", (), Path("a" * 300)], ids=str)
def test_what_is_wrong_has_no_origin(source: object) -> None:
    """Whoever loads it is told; a list of results goes on."""
    assert origin_of(source) is None


# ------------------------------------------------------------------------------------ on disk


def test_a_tilde_is_the_home_folder(home: Path) -> None:
    for source in ("~/cat.png", Path("~/cat.png"), "file:~/cat.png", (home / "cat.png").as_uri()):
        np.testing.assert_array_equal(load_image(source), RGB)
        assert origin_of(source) == str(home / "cat.png")


def test_a_path_that_cannot_be_read_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    refused("dog.png", rf"no image file 'dog\.png' \(looked from {home}\)", FileNotFoundError)
    refused("www.example.org/cat.png", "begin it with https://", FileNotFoundError)
    refused("cat.png/dog.png", r"^cat\.png/dog\.png could not be read: Not a directory")
    refused("~", rf"^{home} is a folder")
    refused("no!!" * 1_000_000, r"4,000,000 characters\), which is too long for a path, and")
    refused("a" * 4_000_000, r"4,000,000 characters\), read as base64, is not an image")
    refused(Path("b" * 300), "which is too long")
    refused(Path("photos", "x" * 200, "y" * 200, "cat.png"), r"cat\.png", FileNotFoundError)


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(PNG,))
    writer.start()
    np.testing.assert_array_equal(load_image(pipe), RGB)
    writer.join()


def test_a_file_in_gzip_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cat.png.gz"
    path.write_bytes(gzip.compress(PNG))
    np.testing.assert_array_equal(load_image(path), RGB)
    path.write_bytes(gzip.compress(PNG)[:-9])
    refused(path, r"cat\.png\.gz is compressed by gzip, but was cut short")
    path.write_bytes(gzip.compress(bytes(10**6)))
    monkeypatch.setattr(sources, "MAX_FETCHED_BYTES", 10**5)
    refused(path, "has more than the 100,000 bytes that are read")


# --------------------------------------------------------------------------------- open files


def open_files(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Give an image in every kind of open file that there is, each behind b"skip"."""
    behind = b"skip" + PNG
    path.write_bytes(behind)
    yield "buffered", path.open("rb")
    yield "raw", path.open("rb", buffering=0)
    yield "read and write", path.open("r+b")
    yield "memory", io.BytesIO(behind)
    for name, package in (("gzip", gzip), ("bz2", bz2), ("lzma", lzma)):
        packed = path.with_suffix(f".{name}")
        packed.write_bytes(package.compress(behind))
        yield name, package.open(packed)
    temporary = tempfile.TemporaryFile()  # noqa: SIM115
    spooled = tempfile.SpooledTemporaryFile(max_size=10)  # noqa: SIM115
    named = tempfile.NamedTemporaryFile()  # noqa: SIM115
    for name, file in (("temporary", temporary), ("spooled", spooled), ("named", named)):
        file.write(behind)
        file.seek(0)
        yield name, file  # type: ignore[misc]
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("photos/cat.png", behind)
    with zipfile.ZipFile(archive) as zipped:
        yield "zip", zipped.open("photos/cat.png")  # type: ignore[misc]
    yield "zip path", zipfile.Path(archive, "photos/cat.png").open("rb")  # type: ignore[misc]
    with tarfile.open(path.with_suffix(".tar"), "w") as tar:
        tar.add(path, "photos/cat.png")
    with tarfile.open(path.with_suffix(".tar")) as tar:
        member = tar.extractfile("photos/cat.png")
        assert member is not None
        yield "tar", member  # type: ignore[misc]
    with path.open("rb") as file:
        yield "mmap", mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # type: ignore[misc]
    reading, writing = os.pipe()
    threading.Thread(target=Path(f"/dev/fd/{writing}").write_bytes, args=(behind,)).run()
    os.close(writing)
    yield "pipe", os.fdopen(reading, "rb")


def test_an_open_file_is_read_from_where_it_stands_and_stays_open(tmp_path: Path) -> None:
    for kind, file in open_files(tmp_path / "cat.png"):
        with file:
            assert file.read(4) == b"skip", kind
            np.testing.assert_array_equal(load_image(file), RGB, kind)
            assert not file.closed, kind
            assert file.read(1) == b"", kind


def test_an_open_file_is_called_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"not a picture")
    with path.open("rb") as file:
        assert origin_of(file) == str(path)
        refused(file, r"notes\.txt is not an image: .* starts with b'not a picture'")
    refused(io.BytesIO(b"notes"), r"the open file \(BytesIO\) is not an image")


class Reader:
    """Something with ``read`` that is no file of Python's."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self.read = read


def fails(size: int = -1) -> bytes:
    raise ConnectionResetError(104, "Connection reset by peer", "x" * 10_000)


def test_what_an_open_file_cannot_do_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    with path.open("rb") as file:
        pass
    refused(file, r"cat\.png is closed; hand it over while it is open")
    with path.open(encoding="utf-8") as text:
        refused(text, r"cat\.png could not be read: it is open as text; open it in binary mode")
    refused(io.StringIO("cat"), "StringIO.*is open as text")
    with path.open("ab") as file:
        refused(file, r"cat\.png could not be read: read")
    filled = io.BytesIO()
    Image.fromarray(RGB).save(filled, "PNG")
    refused(filled, r"it stands at its end, behind byte [\d,]+; go back with seek\(0\) first")
    refused(io.BytesIO(), "is empty")
    refused(Reader(fails), r"the open file \(Reader\) could not be read: Connection reset by peer$")
    refused(Reader(lambda size: RGB), r"its read\(\) gives ndarray instead of bytes")
    refused(Reader(lambda size: (True, RGB)), r"its read\(\) gives tuple instead of bytes")
    refused(Reader(lambda size: None), "it has no bytes yet")
    monkeypatch.setattr(sources, "MAX_FETCHED_BYTES", 10**7)
    refused(Reader(bytes), "it has more than the 10,000,000 bytes that are read")


# ----------------------------------------------------------------------------------- archives


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as zipped:
        zipped.writestr("cats/cat.png", PNG)
        zipped.writestr("notes.txt", "not a picture")
    return path


def test_members_of_archives(archive: Path) -> None:
    inside = zipfile.Path(archive) / "cats" / "cat.png"
    np.testing.assert_array_equal(load_image(inside), RGB)
    assert str(origin_of(inside)).endswith("photos.zip/cats/cat.png")
    refused(zipfile.Path(archive, "notes.txt"), r"photos\.zip/notes\.txt is not an image")
    refused(zipfile.Path(archive, "cats/"), r"photos\.zip/cats/ is a folder")
    refused(zipfile.Path(archive, "dog.png"), r"no image file '.*/dog\.png'", FileNotFoundError)


def test_files_of_fsspec(tmp_path: Path) -> None:
    fsspec.filesystem("memory").pipe("/cat.png", PNG)
    for source in (fsspec.open("memory://cat.png"), fsspec.open(str(tmp_path / "cat.png"))):
        (tmp_path / "cat.png").write_bytes(PNG)
        np.testing.assert_array_equal(load_image(source), RGB)
        assert str(origin_of(source)).endswith("/cat.png")
        with source as opened:
            np.testing.assert_array_equal(load_image(opened), RGB)
    refused(fsspec.open("memory://dog.png"), "no image file '.*dog.png'", FileNotFoundError)


def test_a_damaged_member_is_named(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    place = data.index(b"IDAT")
    data[place] ^= 255
    archive.write_bytes(data)
    refused(zipfile.Path(archive, "cats/cat.png"), r"cats/cat\.png could not be read: Bad CRC-32")
    with zipfile.ZipFile(archive) as zipped, zipped.open("cats/cat.png") as member:
        refused(member, r"^cats/cat\.png could not be read: Bad CRC-32")


# ------------------------------------------------------------------------------------ uploads


def entry(name: str, data: bytes = PNG) -> dict[str, Any]:
    return {"name": name, "type": "image/png", "size": len(data), "content": memoryview(data)}


def test_an_upload_is_called_by_its_name() -> None:
    assert origin_of((entry("cat.png"),)) == "cat.png"
    refused((entry("notes.txt", b"not a picture"),), r"^notes\.txt is not an image")
    refused({"notes.txt": b"not a picture"}, r"^notes\.txt is not an image")
    refused(
        {"name": "cat.png", "content": "hello"}, "content of the file 'cat.png' is text, .*'hel"
    )


def test_of_several_uploads_one_must_be_chosen() -> None:
    refused((), "nothing was uploaded: the value is empty")
    refused(ipywidgets.FileUpload(), "nothing was uploaded")
    two = (entry("cat.png"), entry("dog.png"))
    refused(two, r"expected one file, got 2 \(cat\.png, dog\.png\); give one of them")
    refused([entry("x" * 1000) for _ in range(1000)], "expected one file, got 1,000")


def test_several_images() -> None:
    two = (entry("cat.png"), entry("dog.png"))
    assert [origin_of(one) for one in as_files(two)] == ["cat.png", "dog.png"]
    older = {"cat.png": {"content": PNG}, "dog.png": {"content": PNG}}
    assert [origin_of(one) for one in as_files(older)] == ["cat.png", "dog.png"]
    button = ipywidgets.FileUpload(multiple=True)
    assert as_files(button) == []
    now = datetime.datetime.now(datetime.UTC)
    button.value = tuple({**one, "last_modified": now} for one in two)
    assert [origin_of(one) for one in as_files(button)] == ["cat.png", "dog.png"]
    for one in (*as_files(older), *as_files(button)):
        np.testing.assert_array_equal(load_image(one), RGB)


@pytest.mark.parametrize(
    "source",
    ["cat.png", Path("cat.png"), PNG, RGB, Image.fromarray(RGB), io.BytesIO(PNG), None],
    ids=lambda source: type(source).__name__,
)
def test_one_image_is_no_list(source: object) -> None:
    assert [one is source for one in as_files(source)] == [True]


# ---------------------------------------------------------------------------------- addresses


def test_an_address(server: Server) -> None:
    np.testing.assert_array_equal(load_image(f" {server.url}\n"), RGB)
    np.testing.assert_array_equal(load_image(Path(server.url)), RGB)
    assert origin_of(server.url) == server.url


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Köln am Rhein.png", b"/K%C3%B6ln%20am%20Rhein.png"),
        ("猫.png?größe=klein & rund", b"/%E7%8C%AB.png?gr%C3%B6%C3%9Fe=klein%20&%20rund"),
        ("K%C3%B6ln%20am.png", b"/K%C3%B6ln%20am.png"),
        ("100%.png", b"/100%25.png"),
        ("a+b%2B.png#part", b"/a+b%2B.png"),
        ("[cat](1).png", b"/%5Bcat%5D(1).png"),
    ],
)
def test_what_an_address_may_not_hold_is_quoted(server: Server, name: str, asked: bytes) -> None:
    np.testing.assert_array_equal(load_image(server.url.replace("cat.png", name)), RGB)
    assert server.requests[0].split(b" ")[1] == asked


@pytest.mark.parametrize(
    "talk",
    [
        answer(gzip.compress(PNG), "Content-Encoding: gzip"),
        answer(gzip.compress(PNG)),  # a file that is packed, and nobody says so
        answer(chunked(gzip.compress(PNG)), "Content-Encoding: gzip", "Transfer-Encoding: chunked"),
        answer(PNG, "Content-Type: text/html"),
    ],
    ids=["encoded", "a packed file", "chunked", "another type"],
)
def test_answers_in_every_wrapping(server: Server, talk: Callable[..., None]) -> None:
    server.talk = talk
    np.testing.assert_array_equal(load_image(server.url), RGB)


ADDRESS = r"http://127\.0\.0\.1:\d+/cat\.png"


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (answer(b"gone", status="404 Not Found"), f"^{ADDRESS} could not be .* 404 Not Found$"),
        (
            answer(PNG[:999], f"Content-Length: {len(PNG)}"),
            f"^{ADDRESS} could not be .*broke after",
        ),
        (answer(PNG[:999]), f"^{ADDRESS} could not be decoded: .*truncated"),
        (answer(gzip.compress(PNG)[:-9], "Content-Encoding: gzip"), f"^{ADDRESS} .* cut short"),
        (answer(b"<html>Sign in"), f"^{ADDRESS} is not an image: it is an HTML page"),
        (answer(b""), f"^{ADDRESS} is not an image: it is empty"),
        (answer(b"", "Content-Length: 99999999"), f"^{ADDRESS} .* announces 99,999,999 bytes"),
        (answer(b"", "Location: /cat.png", status="302 Found"), f"^{ADDRESS} .* in a circle"),
    ],
)
def test_what_went_wrong_is_told_with_the_address(
    server: Server, monkeypatch: pytest.MonkeyPatch, talk: Callable[..., None], says: str
) -> None:
    monkeypatch.setattr(sources, "MAX_FETCHED_BYTES", 10**7)
    server.talk = talk
    refused(server.url, says)


def test_servers_without_end_are_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FETCHED_BYTES", 10**7)

    def endless(connection: socket.socket) -> None:
        answer(b"")(connection)
        while not server.stopped.is_set():
            connection.sendall(bytes(10**5))

    server.talk = endless
    refused(server.url, f"^{ADDRESS} could not be fetched: .* sends more than the 10,000,000 bytes")
    server.talk = answer(gzip.compress(bytes(10**8)), "Content-Encoding: gzip")
    refused(server.url, f"^{ADDRESS} could not be fetched: .* sends more than the 10,000,000 bytes")

    def dripping(connection: socket.socket) -> None:
        answer(b"")(connection)
        server.drip(connection, b"x")

    server.talk = dripping
    monkeypatch.setattr(sources, "MAX_FETCH_SECONDS", 0.3)
    refused(server.url, f"^{ADDRESS} could not be fetched: .* is too slow")


def test_a_password_is_told_nowhere(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    address = server.url.replace("//", "//ada:secret@")
    np.testing.assert_array_equal(load_image(address), RGB)
    assert b"Authorization: Basic YWRhOnNlY3JldA==" in server.requests[0]
    assert origin_of(address) == server.url
    for talk in (answer(b"", status="401 Unauthorized"), answer(b"<html>"), answer(PNG[:50])):
        server.talk = talk
        with pytest.raises(ValueError, match=rf"^{ADDRESS} ") as caught:
            load_image(address)
        assert "secret" not in str(caught.value)
    for broken in (
        "http://ada:secret@",
        "http://ada:secret@host:99999/",
        "http://ada:secret@[::1/",
    ):
        with pytest.raises(ValueError, match="is no valid address") as caught:
            load_image(broken)
        assert "secret" not in str(caught.value)


def test_a_very_long_address_is_told_in_short(server: Server) -> None:
    server.talk = answer(b"", status="414 URI Too Long")
    refused(server.url + "?" + "a" * 60_000, r"\.\.\. a+ could not be fetched: .* 414")
    refused("http://" + "a" * 4_000_000, "is no valid address")


def test_answers_that_a_client_holds_already(server: Server) -> None:
    np.testing.assert_array_equal(load_image(requests.get(server.url, timeout=30)), RGB)
    with requests.get(server.url, timeout=30, stream=True) as response:
        np.testing.assert_array_equal(load_image(response.raw), RGB)
    with urllib.request.urlopen(server.url, timeout=30) as opened:
        np.testing.assert_array_equal(load_image(opened), RGB)


def test_nobody_there() -> None:
    refused("http://127.0.0.1:9/cat.png", r"^http://127\.0\.0\.1:9/cat\.png could not be fetched")


def test_nothing_is_read_before_it_is_opened(server: Server, tmp_path: Path) -> None:
    file = io.BytesIO(PNG)
    for source in (server.url, tmp_path / "nowhere.png", file, "data:,", Reader(fails)):
        assert isinstance(as_file(source), File)
    assert file.tell() == 0
    assert server.requests == []
