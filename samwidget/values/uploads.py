"""What upload buttons give: ipywidgets 7 and 8, marimo, Colab, web frameworks, HTTP clients.

They have no common type, but all of them are a name with bytes beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CONTENT_KEYS = ("content", "contents", "bytes")
_NAME_KEYS = ("name", "filename", "file_name", "path", "url")
_LISTED = 5


@dataclass(frozen=True, eq=False)
class Upload:
    """One uploaded file.

    Attributes
    ----------
    name
        What it was called where it came from; empty when nobody says.
    content
        Bytes, a memoryview or text (base64, a data: URI).
    """

    name: str
    content: bytes | bytearray | memoryview | str


def uploads_in(value: object) -> list[Upload] | None:
    """List the files in an upload button or its value.

    Parameters
    ----------
    value
        - ``ipywidgets.FileUpload`` and its ``value``: of ipywidgets 8 a tuple of dicts with
          ``name`` and ``content``, of ipywidgets 7 a dict of names to dicts with ``content``; one
          of those dicts, too.
        - Anything with bytes in ``content`` or ``contents``: what marimo's ``mo.ui.file`` gives,
          the answer of an HTTP client. Or with them in ``value``: an ``ipywidgets.Image``.
        - A dict of names to bytes, as ``google.colab.files.upload()`` gives.

    Returns
    -------
    list of Upload or None
        Empty when nothing was uploaded yet; None when it is no upload at all.

    Examples
    --------
    >>> [one.name for one in uploads_in(({"name": "cat.png", "content": b"..."},))]
    ['cat.png']
    """
    if isinstance(value, Mapping):
        return _in_mapping(value)
    if isinstance(value, str | bytes | bytearray | memoryview) or hasattr(value, "__array__"):
        return None
    if isinstance(value, Sequence) and not hasattr(value, "_fields"):
        files = []
        for entry in value:
            one = _single(entry)
            if one is None:
                return None
            files.append(one)
        return files
    single = _single(value)
    if single is not None:
        return [single]
    held = _attribute(value, "value")
    if held is None or held is value:
        return None
    if isinstance(held, bytes | memoryview):
        return [Upload("", held)]
    return uploads_in(held) if isinstance(held, Mapping | list | tuple) else None


def listed(files: Sequence[Upload]) -> str:
    """Name several for a message."""
    names = [one.name or "one without a name" for one in files[:_LISTED]]
    return ", ".join(names) + (", ..." if len(files) > _LISTED else "")


def _in_mapping(value: Mapping[Any, Any]) -> list[Upload] | None:
    single = _single(value)
    if single is not None:
        return [single]
    found = []
    for name, entry in value.items():
        one = Upload(str(name), entry) if isinstance(entry, bytes | memoryview) else _single(entry)
        if one is None:
            return None
        found.append(one if one.name else Upload(str(name), one.content))
    return found


def _single(value: object) -> Upload | None:
    """Take one file's bytes and name out of a dict or an object."""
    if isinstance(value, Upload):
        return value
    if isinstance(value, Mapping):
        entries: Mapping[Any, Any] = value
    else:
        entries = {key: _attribute(value, key) for key in (*_CONTENT_KEYS, *_NAME_KEYS)}
    for key in _CONTENT_KEYS:
        content = entries.get(key)
        if isinstance(content, bytes | bytearray | memoryview) or (
            isinstance(content, str) and isinstance(value, Mapping)
        ):
            return Upload(_name(entries), content)
    return None


def _name(entries: Mapping[Any, Any]) -> str:
    names = [entries.get(key) for key in _NAME_KEYS]
    metadata = entries.get("metadata")
    if isinstance(metadata, Mapping):
        names += [metadata.get(key) for key in _NAME_KEYS]
    return next((str(name) for name in names if isinstance(name, str) and name), "")


def _attribute(value: object, name: str) -> Any:
    """Read an attribute that may not be there, or fail in a way of its own."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None
