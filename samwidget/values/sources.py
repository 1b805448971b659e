"""What a person hands over for a file: where its bytes are, what it is called, and no more.

Text, paths, bytes, open files, members of archives and uploads become a :class:`File`; all else
(arrays, tensors, PIL images) stays what it is.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from samwidget.values.addresses import (
    Encoded,
    WebAddress,
    is_image_in_base64,
    understand,
    without_user,
)
from samwidget.values.arrays import is_array
from samwidget.values.encodings import EncodingError, decoded
from samwidget.values.errors import quoted, shortened, text_of
from samwidget.values.paths import expanded, reason_of
from samwidget.values.uploads import Upload, listed, uploads_in
from samwidget.values.web import FetchError, stream

MAX_FETCHED_BYTES = 1 << 30
"""A file may have as many when it comes from an address, an open file or out of gzip."""
MAX_FETCH_SECONDS = 600

_PIECE_BYTES = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_NAME_LENGTH = 60
_HEAD_BYTES = 200


@dataclass(frozen=True, eq=False)
class File:
    """A file, wherever it is; nothing is read until it is opened.

    Attributes
    ----------
    name
        What messages call it; at most some 100 characters.
    origin
        The path, address or name where it came from, None for what has none.
    """

    name: str
    origin: str | None
    _open: Callable[[], BinaryIO] = field(repr=False)

    @contextmanager
    def opened(self) -> Generator[BinaryIO]:
        """Open it for reading, at its beginning, seekable; gzip around it is undone.

        What was handed over open is read from where it stands, and stays open.

        Raises
        ------
        FileNotFoundError
            When there is none.
        ValueError
            When it cannot be read; the text begins with its name and says why.
        """
        with self._open() as file:
            try:
                head = file.read(len(_GZIP))
                file.seek(0)
            except OSError as error:
                raise ValueError(f"{self.name} could not be read: {reason_of(error)}") from error
            if head != _GZIP:
                yield file
                return
            with io.BytesIO(_unzipped(file, self.name)) as unzipped:
                yield unzipped


def as_file(source: object) -> object:
    """Turn what stands for a file into one.

    Parameters
    ----------
    source
        - Text: a path (``~`` is the home folder), an http(s) or ``file:`` address, a ``data:`` URI
          or base64; a path object.
        - Bytes of a file, or of one of those texts.
        - An open binary file: anything with ``read``, such as a member of a zip archive that was
          opened; or not yet open, but with ``read_bytes``, such as ``zipfile.Path``, or with
          ``open`` and ``path``, such as what ``fsspec.open`` gives.
        - One uploaded file, or an upload button with one, see
          :func:`samwidget.values.uploads.uploads_in`.

    Returns
    -------
    File or object
        Anything else comes back as it is.

    Raises
    ------
    ValueError
        When the text can be no such thing, or there is not exactly one upload.

    Examples
    --------
    >>> as_file("~/cat.jpg").origin == str(Path.home() / "cat.jpg")
    True
    >>> as_file(12)
    12
    """
    if isinstance(source, str):
        return _of_text(source)
    if isinstance(source, memoryview) and is_array(source):
        return source
    if isinstance(source, bytes | bytearray | memoryview):
        return _of_bytes(source, "")
    if isinstance(source, os.PathLike) and not _is_open(source):
        return _of_text(str(expanded(source)))
    if is_array(source):
        return source
    uploads = uploads_in(source)
    if uploads is not None:
        return _of_uploads(uploads)
    if callable(getattr(source, "read", None)):
        return _of_open_file(source)
    if callable(getattr(source, "read_bytes", None)):
        return _of_member(source)
    if callable(getattr(source, "open", None)) and isinstance(getattr(source, "path", None), str):
        return _of_unopened(source)
    return source


def as_files(source: object) -> list[object]:
    """List what stands for several images: the entries of a list or tuple, and all uploads.

    Returns
    -------
    list
        One source for each image; of anything that is no list, itself.

    Examples
    --------
    >>> as_files(["cat.jpg", "dog.jpg"])
    ['cat.jpg', 'dog.jpg']
    >>> as_files("cat.jpg")
    ['cat.jpg']
    """
    if isinstance(source, list | tuple) and not hasattr(source, "_fields"):
        return list(source)
    if isinstance(source, str | bytes | os.PathLike) or hasattr(source, "__array__"):
        return [source]
    uploads = uploads_in(source)
    return [source] if uploads is None else list(uploads)


def origin_of(source: object) -> str | None:
    """Tell the path, address or name where a source came from, None for what has none or is wrong.

    Examples
    --------
    >>> origin_of("https://ada:secret@example.org/cat.png")
    'https://example.org/cat.png'
    """
    try:
        file = as_file(source)
    except (TypeError, ValueError):  # whoever opens it is told
        return None
    return file.origin if isinstance(file, File) else None


# -------------------------------------------------------------------------- each kind of source


def _of_text(text: str) -> File:
    found = understand(text)
    if isinstance(found, WebAddress):
        return File(found.shown, without_user(found.url), lambda: io.BytesIO(_fetched(found)))
    if isinstance(found, Encoded):
        return File(found.shown, None, lambda: io.BytesIO(found.decode()))
    return File(shortened(found), str(found), lambda: _opened_path(found))


def _of_bytes(data: bytes | bytearray | memoryview, name: str) -> File:
    view = memoryview(data)
    view = view if view.c_contiguous else memoryview(bytes(view))
    head = str(view.cast("B")[:_HEAD_BYTES] if view.nbytes else b"", "latin-1")
    if head.lower().lstrip().startswith("data:") or is_image_in_base64(head):
        text = Encoded(str(view, "latin-1").strip())
        return File(text.shown, name or None, lambda: io.BytesIO(text.decode()))
    shown = shortened(name, _NAME_LENGTH) if name else f"the file of {view.nbytes:,} bytes"
    held = data if isinstance(data, bytes) else view
    return File(shown, name or None, lambda: io.BytesIO(held))


def _of_uploads(uploads: list[Upload]) -> File:
    if not uploads:
        raise ValueError("nothing was uploaded: the value is empty; choose a file first")
    if len(uploads) > 1:
        raise ValueError(
            f"expected one file, got {len(uploads):,} ({shortened(listed(uploads))}); give one of "
            "them"
        )
    (one,) = uploads
    if not isinstance(one.content, str):
        return _of_bytes(one.content, one.name)
    found = understand(one.content)
    if not isinstance(found, Encoded):
        raise ValueError(
            f"the content of the file {quoted(one.name)} is text, expected bytes, a data: URI or "
            f"base64, got {quoted(one.content)}"
        )
    return File(found.shown, one.name or None, lambda: io.BytesIO(found.decode()))


def _of_open_file(file: Any) -> File:
    name = getattr(file, "name", None)
    origin = os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) and name else None
    shown = shortened(origin) if origin else f"the open file ({type(file).__name__})"
    return File(shown, origin, lambda: io.BytesIO(_rest_of(file, shown)))


def _of_member(member: Any) -> File:
    shown = shortened(member)

    def read() -> BinaryIO:
        if callable(getattr(member, "is_dir", None)) and member.is_dir():
            raise ValueError(f"{shown} is a folder, expected an image file")
        try:
            return io.BytesIO(member.read_bytes())
        except (FileNotFoundError, KeyError) as error:
            raise FileNotFoundError(f"there is no image file {quoted(str(member))}") from error
        except Exception as error:  # encrypted, damaged, out of reach
            raise ValueError(f"{shown} could not be read: {_why(error)}") from error

    return File(shown, str(member), read)


def _of_unopened(file: Any) -> File:
    shown = shortened(file.path)

    def read() -> BinaryIO:
        try:
            opened = file.open()
        except FileNotFoundError as error:
            raise FileNotFoundError(f"there is no image file {quoted(file.path)}") from error
        except Exception as error:
            raise ValueError(f"{shown} could not be opened: {_why(error)}") from error
        with opened:
            return io.BytesIO(_rest_of(opened, shown))

    return File(shown, file.path, read)


# ------------------------------------------------------------------------------- reading them


def _fetched(address: WebAddress) -> bytes:
    try:
        with closing(
            stream(address.url, max_bytes=MAX_FETCHED_BYTES, max_seconds=MAX_FETCH_SECONDS)
        ) as pieces:
            return b"".join(pieces)
    except FetchError as error:
        raise ValueError(f"{address.shown} could not be fetched: {error}") from error


def _opened_path(path: Path) -> BinaryIO:
    shown = shortened(path)
    if os.path.isdir(path):  # noqa: PTH112  Path raises where it may not look
        raise ValueError(f"{shown} is a folder, expected an image file")
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        hint = ""
        if str(path).lower().startswith("www."):
            hint = "; if an address is meant, begin it with https://"
        raise FileNotFoundError(
            f"there is no image file {quoted(path)} (looked from {Path.cwd()}){hint}"
        ) from error
    except OSError as error:
        raise ValueError(f"{shown} could not be read: {reason_of(error)}") from error
    if file.seekable():
        return file
    with file:
        return io.BytesIO(_rest_of(file, shown))


def _is_open(source: object) -> bool:
    """Tell an open file, which stands somewhere, from a path that can read itself."""
    return callable(getattr(source, "read", None)) and hasattr(source, "seek")


def _rest_of(file: Any, shown: str) -> bytes:
    """Read an open file from where it stands to its end."""
    if getattr(file, "closed", False) is True:
        raise ValueError(f"{shown} is closed; hand it over while it is open, or give its path")
    pieces: list[bytes] = []
    count = 0
    try:
        start = _position(file)
        while True:
            piece = file.read(_PIECE_BYTES)
            if not isinstance(piece, bytes | bytearray | memoryview):
                raise ValueError(_no_bytes(piece))
            if not piece:
                break
            pieces.append(bytes(piece))
            count += len(piece)
            if count > MAX_FETCHED_BYTES:
                raise ValueError(f"it has more than the {MAX_FETCHED_BYTES:,} bytes that are read")
    except UnicodeDecodeError as error:
        raise ValueError(f"{shown} could not be read: {_no_bytes('')}") from error
    except Exception as error:  # each kind of file fails in ways of its own
        raise ValueError(f"{shown} could not be read: {_why(error)}") from error
    if not count and start:
        raise ValueError(
            f"{shown} could not be read: it stands at its end, behind byte {start:,}; go back with "
            "seek(0) first"
        )
    return b"".join(pieces)


def _no_bytes(piece: object) -> str:
    if piece is None:
        return "it has no bytes yet, and does not wait for them"
    if isinstance(piece, str):
        return "it is open as text; open it in binary mode, open(path, 'rb')"
    return f"its read() gives {type(piece).__name__} instead of bytes; hand over what it gives"


def _position(file: Any) -> int:
    try:
        position = file.tell()
    except Exception:  # a pipe, a socket, or one that does not know
        return 0
    return position if isinstance(position, int) else 0


def _why(error: Exception) -> str:
    return reason_of(error) if isinstance(error, OSError) else shortened(text_of(error), 200)


def _unzipped(file: BinaryIO, shown: str) -> bytes:
    """Undo gzip, but not without end."""
    unzipped: list[bytes] = []
    count = 0
    try:
        for piece in decoded(iter(lambda: file.read(_PIECE_BYTES), b""), "gzip"):
            unzipped.append(piece)
            count += len(piece)
            if count > MAX_FETCHED_BYTES:
                raise ValueError(
                    f"{shown} is compressed by gzip and has more than the {MAX_FETCHED_BYTES:,} "
                    "bytes that are read"
                )
    except EncodingError as error:
        raise ValueError(f"{shown} is compressed by gzip, but {error}") from error
    return b"".join(unzipped)
