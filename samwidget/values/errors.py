"""Sentences that tell a person what was wrong; what they quote of what came is short."""

from __future__ import annotations

import os
import reprlib

_LIMIT = 100
_GAP = " ... "
_FEW_NUMBERS = 20
"""An array with no more is quoted by its values, a larger one by its shape."""


def text_of(error: BaseException) -> str:
    """Give its sentence, or at least its name.

    Examples
    --------
    >>> text_of(ValueError("no image")), text_of(MemoryError())
    ('no image', 'MemoryError')
    """
    return str(error) or type(error).__name__


def check_index(index: int, count: int, noun: str) -> None:
    """Raise a ValueError unless there is a thing of this index; none is counted from the end."""
    if isinstance(index, bool) or not hasattr(index, "__index__"):
        raise TypeError(f"which {noun}: expected a number counted from 0, got {quoted(index)}")
    if not 0 <= index < count:
        raise ValueError(f"there is no {noun} {index}: there are {count}, counted from 0")


def quoted(value: object, limit: int = _LIMIT) -> str:
    """Quote in a message what came, whatever it is and however large.

    Parameters
    ----------
    value
        Anything. Texts, bytes and paths are quoted with their length when they are cut, a path in
        its middle, so that the file's name stays; arrays and tensors of more than a few numbers
        are told by their shape.
    limit
        As many characters the quotation has at most.

    Returns
    -------
    str
        One line, as ``repr`` writes it where that is short.

    Examples
    --------
    >>> quoted("cat.jpg")
    "'cat.jpg'"
    >>> quoted("ab" * 10**6, limit=40)
    "'abababababab'... (2,000,000 characters)"
    >>> quoted(np.zeros((480, 640), np.uint8))
    'an ndarray of the shape (480, 640) and the type uint8'
    """
    try:
        return _quoted(value, limit)
    except Exception:  # a __repr__ of somebody else's, in which anything may happen
        return shortened(f"something of the type {type(value).__name__}", limit)


def shortened(text: object, limit: int = _LIMIT) -> str:
    """Leave out the middle of a text that has more than ``limit`` characters.

    For what stands in a message without quotation marks, such as a path or an address, whose end
    says most.

    Examples
    --------
    >>> shortened("/home/ada/" + "photos/" * 99 + "cat.jpg", limit=40)
    '/home/ada/p ... os/photos/photos/cat.jpg'
    """
    line = str(text)
    if len(line) > limit:
        kept = max(limit - len(_GAP), 0)
        head = kept // 3
        line = f"{line[:head]}{_GAP}{line[len(line) - (kept - head) :]}"
    return line if line.isprintable() else repr(line)[1:-1][: max(limit, 0)]


def _quoted(value: object, limit: int) -> str:
    if isinstance(value, str):
        return _cut(value, "characters", limit)
    if isinstance(value, bytes | bytearray):
        return _cut(bytes(value[:limit]), "bytes", limit, len(value))
    if isinstance(value, os.PathLike):
        path = os.fsdecode(value)
        return repr(path) if len(repr(path)) <= limit else repr(shortened(path, limit - 2))[:limit]
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and hasattr(value, "dtype"):
        return _array(value, shape, limit)
    text = " ".join(_Brief(limit).repr(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _cut(value: str | bytes, unit: str, limit: int, length: int | None = None) -> str:
    length = len(value) if length is None else length
    whole = repr(value[: limit + 1])  # not of all: it may be very long
    if length <= limit and len(whole) <= limit:
        return whole
    note = f"... ({length:,} {unit})"
    kept = max(limit - len(note), 4)
    head = value[:kept]
    while len(repr(head)) > kept and head:
        head = head[:-1]
    return repr(head) + note


def _array(value: object, shape: tuple[object, ...], limit: int) -> str:
    count = 1
    for length in shape:
        count *= length if isinstance(length, int) else _FEW_NUMBERS + 1
    text = " ".join(repr(value).split()) if count <= _FEW_NUMBERS else ""
    if text and len(text) <= limit:
        return text
    name = type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" or name == "ndarray" else "a"
    dtype = getattr(value, "dtype", "")
    return shortened(f"{article} {name} of the shape {tuple(shape)} and the type {dtype}", limit)


class _Brief(reprlib.Repr):
    """``repr`` that reads no more of a value than it shows."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 10
        self.maxdeque = self.maxarray = 10
        self.maxstring = self.maxlong = self.maxother = limit

    def repr1(self, x: object, level: int) -> str:
        """Tell what lies inside."""
        if isinstance(x, bytes | bytearray) or hasattr(x, "dtype"):
            return _quoted(x, self.maxother)
        return super().repr1(x, level)


def check_share(name: str, share: float) -> None:
    """Raise a ValueError unless it is a share of a mask's area, 0 to 1."""
    if not 0 <= share <= 1:
        raise ValueError(
            f"{name}: expected a share of the mask's area, 0 to 1, got {quoted(share)}"
        )
