from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterator

import pytest

from samwidget.values.encodings import EncodingError, decoded

BODY = random.Random(0).randbytes(50_000) + bytes(3_000_000)


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


ENCODED = {
    "gzip": (gzip.compress(BODY), "gzip"),
    "x-gzip": (gzip.compress(BODY), " X-GZIP "),
    "parts": (gzip.compress(BODY[:999]) + gzip.compress(BODY[999:]), "gzip"),
    "filled up": (gzip.compress(BODY) + bytes(1000), "gzip"),
    "an end of one byte": (gzip.compress(BODY) + b"\x1f", "gzip"),
    "zlib": (zlib.compress(BODY), "deflate"),
    "raw deflate": (raw_deflate(BODY), "deflate"),
    "two": (gzip.compress(zlib.compress(BODY)), "deflate, gzip"),
    "none": (BODY, ""),
    "identity": (BODY, "identity"),
    "unknown": (BODY, "utf-8"),
}


@pytest.mark.parametrize("size", [997, 10**9])
@pytest.mark.parametrize(("data", "encoding"), ENCODED.values(), ids=ENCODED.keys())
def test_gives_back_the_body_however_it_is_cut_into_pieces(
    data: bytes, encoding: str, size: int
) -> None:
    given = list(decoded(pieces(data, size), encoding))
    assert b"".join(given) == BODY
    assert all(given)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_takes_single_bytes(pack: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if pack is gzip.compress else "deflate"
    assert b"".join(decoded(pieces(pack(b"cat"), 1), encoding)) == b"cat"
    if encoding == "gzip":
        assert b"".join(decoded(pieces(pack(b"cat") * 3, 1), encoding)) == b"cat" * 3


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_an_empty_body_stays_empty(encoding: str) -> None:
    assert list(decoded([], encoding)) == []


@pytest.mark.parametrize("left_out", [1, 8, 100])
@pytest.mark.parametrize("name", ["gzip", "parts", "zlib", "raw deflate"])
def test_what_is_cut_short_is_told(name: str, left_out: int) -> None:
    data, encoding = ENCODED[name]
    with pytest.raises(EncodingError, match="was cut short: its end is missing"):
        list(decoded(pieces(data[:-left_out], 1000), encoding))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_encoded_is_told(encoding: str) -> None:
    with pytest.raises(EncodingError, match="is not encoded as it says"):
        list(decoded([b"<html>" * 100], encoding))


@pytest.mark.parametrize("encoding", ["br", "gzip, ZSTD"])
def test_an_encoding_that_is_not_undone_is_named(encoding: str) -> None:
    with pytest.raises(EncodingError, match=r"is compressed as '(br|zstd)'"):
        decoded([BODY], encoding)


def test_unpacks_no_more_than_is_asked_for() -> None:
    """A megabyte that stands for a gigabyte is unpacked piece by piece."""
    bomb = gzip.compress(bytes(10**8))
    given = decoded([bomb], "gzip")
    assert max(len(piece) for piece, _ in zip(given, range(5), strict=False)) <= 1 << 20
