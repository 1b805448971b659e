from __future__ import annotations

import base64
import io
import urllib.parse
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samwidget.values.addresses import Encoded, WebAddress, understand, without_user


def encoded(kind: str = "PNG", side: int = 9) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


DATA = encoded()
BASE64 = base64.b64encode(DATA).decode()
JPEG = encoded("JPEG", 64)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org/cat.png", "https://example.org/cat.png"),
        ("  HTTP://example.org/cat.png\n", "HTTP://example.org/cat.png"),
        ("http://example.org/Köln am Rhein.png", "http://example.org/Köln am Rhein.png"),
        ("'https://example.org/cat.png'", "https://example.org/cat.png"),
        ("https:/example.org/cat.png", "https://example.org/cat.png"),  # str(Path(address))
    ],
)
def test_web_addresses(text: str, url: str) -> None:
    assert understand(text) == WebAddress(url)


TEXTS = {
    "plain": BASE64,
    "no padding": BASE64.rstrip("="),
    "lines": base64.encodebytes(DATA).decode(),
    "windows lines": base64.encodebytes(DATA).decode().replace("\n", "\r\n"),
    "url-safe": base64.urlsafe_b64encode(DATA).decode(),
    "str of bytes": str(BASE64.encode()),
    "spaces around": f"\n  {BASE64}  ",
    "data": f"data:image/png;base64,{BASE64}",
    "data, quoted": "data:image/png;base64," + urllib.parse.quote(BASE64, safe=""),
    "data, lines": "data:image/png;base64,\n" + base64.encodebytes(DATA).decode(),
    "data, parameters": f"DATA:image/png;name=cat.png;charset=utf-8;BASE64,{BASE64}",
    "data, no type": f"data:;base64,{BASE64}",
    "data, percent": "data:image/png," + urllib.parse.quote(DATA),
    "data, in quotes": f'"data:image/png;base64,{BASE64}"',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_files_that_are_written_as_text(text: str) -> None:
    found = understand(text)
    assert isinstance(found, Encoded)
    assert found.decode() == DATA


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "PPM"])
def test_base64_of_every_usual_kind_is_told_from_a_path(kind: str) -> None:
    data = encoded(kind)[:300]  # shorter than what is taken for base64 because of its length
    found = understand(base64.b64encode(data).decode())
    assert isinstance(found, Encoded)
    assert found.decode() == data


def test_a_path_that_is_there_is_a_path_whatever_it_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (BASE64[:60].replace("/", "_"), "data:,cat", " cat.png ", "'cat.png'"):
        Path(name).write_bytes(DATA)
        assert understand(name) == Path(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nowhere/cat.jpg", "nowhere/cat.jpg"),
        ("photos/cats/abcdefghijklmnopqrstuvwx", "photos/cats/abcdefghijklmnopqrstuvwx"),
        (" cat.jpg\n", "cat.jpg"),
        ("'cat.jpg'", "cat.jpg"),
        ("C:/photos/cat.jpg", "C:/photos/cat.jpg"),
        ("~/cat.jpg", str(Path.home() / "cat.jpg")),
        ("file:///photos/K%C3%B6ln%20am.jpg", "/photos/Köln am.jpg"),
        ("FILE://localhost/photos/cat.jpg", "/photos/cat.jpg"),
        ("file:/photos/cat.jpg", "/photos/cat.jpg"),
        ("file:photos/cat#1?.jpg", "photos/cat#1?.jpg"),
        ("file:~/cat.jpg", str(Path.home() / "cat.jpg")),
    ],
)
def test_paths(text: str, expected: str) -> None:
    assert understand(text) == Path(expected)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "got an empty text"),
        (" \n", "got an empty text"),
        ("s3://bucket/cat.png", "of the kind 's3' are not read, got 's3://bucket/cat.png'; fetch"),
        ("ftp://ada:secret@host/cat.png", "'ftp' are not read, got 'ftp://host/cat.png'"),
        ("blob:https://host/1234", "of the kind 'blob' are not read"),
        ("file://server/cat.jpg", "names a file on the computer 'server'"),
        ("a" * 300 + ".jpg", r"too long for a path, and neither an address nor base64"),
        ("Ünique " * 600_000, r"characters\), which is too long for a path"),
        ("cat\0.jpg", r"'cat\\x00.jpg', which holds a character that no path can have"),
    ],
)
def test_what_a_text_cannot_be_is_told_in_short(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        understand(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("data:image/png;base64", r"the data: URI 'data:image/png;base64' has no comma"),
        (f"data:;base64,{BASE64[:50]}*{BASE64[50:]}", r"is damaged: '\*' at place 50 is no letter"),
        (
            f"{BASE64[:200]}={BASE64[200:]}",
            "read as base64, is damaged: '=' at place 200",
        ),
        (base64.b64encode(DATA[:60]).decode()[:-3], "damaged or cut short"),
        (BASE64.rstrip("=") * 10_000 + "!", "'!' at place 4,"),
    ],
)
def test_damaged_text_is_told_in_short(text: str, says: str) -> None:
    found = understand(text)
    assert isinstance(found, Encoded)
    with pytest.raises(ValueError, match=says) as caught:
        found.decode()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://ada:secret@example.org/a@b.png", "https://example.org/a@b.png"),
        ("https://ada@mail.org:secret@example.org/?q=a@b", "https://example.org/?q=a@b"),
        ("https://example.org/a@b.png", "https://example.org/a@b.png"),
        ("https://example.org?a@b", "https://example.org?a@b"),
    ],
)
def test_nobody_is_told_the_user(address: str, expected: str) -> None:
    assert without_user(address) == expected
    assert WebAddress(address).shown == expected


def test_a_long_address_is_shown_in_short() -> None:
    shown = WebAddress("https://example.org/" + "a" * 10_000 + "/cat.png").shown
    assert shown.startswith("https://example.org/")
    assert shown.endswith("/cat.png")
    assert len(shown) <= 100
