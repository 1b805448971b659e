"""Texts as they are written, sent and read."""

from __future__ import annotations


def sendable(text: str) -> str:
    r"""Give a text that UTF-8 can hold, which the name of a file may be not.

    Python keeps the bytes of a name in another encoding as halves of surrogate pairs. What is none
    whole becomes U+FFFD, as in browsers; two that fit are put together.

    Examples
    --------
    >>> sendable("caf\udce9.png") == "caf\ufffd.png"
    True
    >>> sendable("café.png")
    'café.png'
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def counted(count: int, noun: str) -> str:
    """Give a number of things.

    Examples
    --------
    >>> counted(1, "object"), counted(1200, "object")
    ('1 object', '1,200 objects')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
