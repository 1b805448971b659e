"""Undo the content encoding of an HTTP answer, and see whether all of it came.

Not urllib3's own: it takes a body of gzip that was cut short for a whole one, and unpacks in one
piece what one piece of the connection holds, a thousand times as much.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable

from samwidget.values.errors import quoted

_PIECE_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_UNKNOWN_HERE = ("br", "zstd", "compress", "x-compress")


class EncodingError(Exception):
    """What came is not encoded as it says, or not whole; the text is the end of "it ..."."""


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterable[bytes]:
    """Undo what a ``Content-Encoding`` header names.

    Parameters
    ----------
    pieces
        Of the body as it came, none empty.
    encoding
        The header's value. Names that are no encoding change nothing, as servers send such.

    Returns
    -------
    iterable of bytes
        None of them empty, none longer than a megabyte if anything was undone.

    Raises
    ------
    EncodingError
        While it is read, or at once when the encoding is one that was not asked for.

    Examples
    --------
    >>> b"".join(decoded([gzip.compress(b"cat")], "gzip"))
    b'cat'
    """
    for name in reversed(encoding.lower().split(",")):
        if name.strip() in ("gzip", "x-gzip"):
            pieces = _inflated(pieces, zlib.MAX_WBITS | 16)
        elif name.strip() == "deflate":
            pieces = _deflated(pieces)
        elif name.strip() in _UNKNOWN_HERE:
            raise EncodingError(
                f"is compressed as {quoted(name.strip())}, although it was asked for as it is"
            )
    return pieces


def _deflated(pieces: Iterable[bytes]) -> Generator[bytes]:
    """Undo deflate: with the header of zlib, as the standard says, or without it, as some do."""
    rest = iter(pieces)
    head = b""
    for piece in rest:
        head += piece
        if len(head) >= 2:
            break
    has_header = head[:1] and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    yield from _inflated(_joined(head, rest), zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


def _joined(head: bytes, rest: Iterable[bytes]) -> Generator[bytes]:
    if head:
        yield head
    yield from rest


def _inflated(pieces: Iterable[bytes], wbits: int) -> Generator[bytes]:
    engine = zlib.decompressobj(wbits)
    rest, has_begun = b"", False
    for piece in pieces:
        rest, has_begun = rest + piece, True
        while rest:
            if engine.eof:
                if wbits <= zlib.MAX_WBITS or not rest.startswith(_GZIP[: len(rest)]):
                    rest = b""  # what some servers fill up with
                if len(rest) < len(_GZIP):
                    break
                engine = zlib.decompressobj(wbits)  # gzip may have several parts
            out = b"once"
            while out and not engine.eof:
                try:
                    out = engine.decompress(rest, _PIECE_BYTES)
                except zlib.error as error:
                    raise EncodingError(f"is not encoded as it says: {error}") from error
                rest = engine.unused_data if engine.eof else engine.unconsumed_tail
                if out:
                    yield out
    if has_begun and not engine.eof:
        raise EncodingError("was cut short: its end is missing")
