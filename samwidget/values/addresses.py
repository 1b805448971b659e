"""What a text is that stands for an image: an address, a data: URI, base64, or a path."""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import url2pathname

from samwidget.values.errors import quoted, shortened
from samwidget.values.paths import expanded, why_impossible

_WEB = re.compile(r"https?:/", re.IGNORECASE)
_SCHEME = re.compile(r"(blob|[a-z][a-z0-9+.-]+):(https?:)?//", re.IGNORECASE)
_USER_INFO = re.compile(r"^(\w+:/+)[^/?#]*@")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,3}")
_URL_SAFE = str.maketrans("-_", "+/")

_SURELY_BASE64 = 1024
"""Text of its letters alone that is as long as this is no path."""
_SHORTEST = 24
"""Base64 of the smallest image that anybody has is longer."""
_BEGINNINGS = (
    *(
        b"\x89PNG\r\n",
        b"\xff\xd8\xff",
        b"GIF87a",
        b"GIF89a",
        b"II*\0",
        b"MM\0*",
        b"II+\0",
        b"MM\0+",
    ),
    *(b"RIFF", b"BM", b"\0\0\1\0", b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51", b"8BPS", b"DDS ", b"qoif"),
    *(b"\x93NUMPY", b"\x1f\x8b", b"<svg", b"<?xml", b"%PDF-", b"P5\n", b"P6\n", b"P5 ", b"P6 "),
)


@dataclass(frozen=True)
class WebAddress:
    """An http(s) address."""

    url: str

    @property
    def shown(self) -> str:
        """The address without a password, short enough for a message."""
        return shortened(without_user(self.url))


@dataclass(frozen=True, eq=False)
class Encoded:
    """A file that is written as text.

    Attributes
    ----------
    text
        A data: URI or base64.
    """

    text: str

    @property
    def shown(self) -> str:
        """What it is and how it begins."""
        if self.is_data_uri:
            return f"the data: URI {quoted(self.text, 60)}"
        return f"the text {quoted(self.text, 60)}, read as base64,"

    @property
    def is_data_uri(self) -> bool:
        """Whether it says itself what it is."""
        return self.text[:5].lower() == "data:"

    def decode(self) -> bytes:
        """Give the file's bytes.

        Raises
        ------
        ValueError
            When it was damaged or cut on the way.
        """
        if not self.is_data_uri:
            return _decoded(self.text, self.shown)
        header, comma, payload = self.text.partition(",")
        if not comma:
            raise ValueError(
                f"{self.shown} has no comma, behind which the data would be; it was cut short"
            )
        data = unquote_to_bytes(payload)
        if "base64" in (part.strip().lower() for part in header.split(";")[1:]):
            return _decoded(data.decode("latin-1"), self.shown)
        return data


def understand(text: str) -> WebAddress | Encoded | Path:
    """Tell what a text is.

    Parameters
    ----------
    text
        An http(s) address, with spaces and letters of any language; a ``file:`` address; a
        ``data:`` URI; base64, in one piece or in lines, of either alphabet; else a path, ``~``
        being the home folder. What exists as a path is one.

    Raises
    ------
    ValueError
        When it can be none of these.

    Examples
    --------
    >>> understand(" https://example.org/Köln am Rhein.jpg ")
    WebAddress(url='https://example.org/Köln am Rhein.jpg')
    """
    plain = text.strip()
    if not plain:
        raise ValueError("expected a path, an address, a data: URI or base64, got an empty text")
    if os.path.exists(text):  # noqa: PTH110  Path raises for a text that is too long
        return Path(text)
    plain = _without_quotes(plain)
    if plain[:5].lower() == "data:":
        return Encoded(plain)
    if plain[:5].lower() == "file:":
        return _path_of_file_address(plain)
    if _WEB.match(plain):
        # A Path that was made of an address has lost one of its slashes.
        return WebAddress(re.sub(r"^(\w+):/+", r"\1://", plain))
    scheme = _SCHEME.match(plain)
    if scheme is not None:
        raise ValueError(
            f"addresses of the kind {quoted(scheme[1], 30)} are not read, got "
            f"{quoted(without_user(plain))}; fetch the file, or open it and hand over the open file"
        )
    if is_base64(plain):
        return Encoded(plain)
    reason = why_impossible(plain)
    if reason is not None:
        raise ValueError(
            f"expected a path, an address, a data: URI or base64, got {quoted(plain)}, which "
            f"{reason}, and neither an address nor base64"
        )
    as_written = expanded(text)
    return as_written if os.path.exists(as_written) else expanded(plain)  # noqa: PTH110


def is_base64(text: str) -> bool:
    """Tell the base64 of an image, or a very long one of anything, from a path."""
    if is_image_in_base64(text[:200]):
        return True
    return len(text) >= _SURELY_BASE64 and _BASE64.fullmatch("".join(text.split())) is not None


def is_image_in_base64(start: str) -> bool:
    """Tell by its beginning whether a text is base64 of an image, or of what is taken for one."""
    head = "".join(start.split())[:_SHORTEST]
    if len(head) < _SHORTEST or not _BASE64.fullmatch(head) or "=" in head:
        return False
    data = base64.b64decode(head.translate(_URL_SAFE))
    return data.startswith(_BEGINNINGS) or data[4:8] == b"ftyp"


def without_user(address: str) -> str:
    """Leave out the user and the password of an address.

    Examples
    --------
    >>> without_user("https://ada:secret@example.org/cat.png")
    'https://example.org/cat.png'
    """
    return _USER_INFO.sub(r"\1", address)


def _decoded(text: str, shown: str) -> bytes:
    compact = "".join(text.split()).rstrip("=").translate(_URL_SAFE)
    wrong = re.search(r"[^A-Za-z0-9+/]", compact)
    if wrong is not None:
        raise ValueError(
            f"{shown} is damaged: {quoted(wrong[0])} at place {wrong.start():,} is no letter of "
            "base64"
        )
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4))
    except binascii.Error as error:
        raise ValueError(
            f"{shown} is damaged or cut short: it ends in the middle of a byte"
        ) from error


def _path_of_file_address(address: str) -> Path:
    parts = urlsplit(address)
    if parts.netloc.lower() not in ("", "localhost"):
        raise ValueError(
            f"{quoted(address)} names a file on the computer {quoted(parts.netloc, 60)}; the "
            "address of one here begins with file:///"
        )
    # A file's name may hold ? and #, which stand for something else only in other addresses.
    rest = re.sub(r"^file:(//(localhost)?(?=/))?", "", address, flags=re.IGNORECASE)
    return expanded(url2pathname(rest))


def _without_quotes(text: str) -> str:
    """Take off quotation marks that came along, such as those of ``str(base64.b64encode(...))``."""
    marked = text[1:] if text[:2] in ("b'", 'b"') else text
    if len(marked) > 2 and marked[0] in "'\"" and marked[-1] == marked[0]:
        return marked[1:-1].strip()
    return text
