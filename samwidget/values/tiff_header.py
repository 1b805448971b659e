"""What a TIFF says about its pages, without reading any pixel; BigTIFF and both byte orders.

Pillow and tifffile read pixels; this tells which of them can, and says in words what the file is.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from samwidget.values.channels import WishError

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_MOST_PAGES = 100_000
_MOST_VALUES = 512
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_TEXT = 2
_KINDS = {1: "integers", 2: "signed integers", 3: "floats", 5: "complex integers", 6: "complex"}
_COMPLEX = (5, 6)
_BLACK_IS_ZERO, _RGB, _CFA, _LINEAR_RAW = 1, 2, 32803, 34892
_LOSSLESS = (5, 8, 32946)
"""LZW and deflate; Pillow's library maps the file, or turns the picture in a second copy."""
_TAGS = {
    "subfile": 254,
    "width": 256,
    "height": 257,
    "bits": 258,
    "compression": 259,
    "photometric": 262,
    "orientation": 274,
    "samples": 277,
    "planar": 284,
    "sub_ifds": 330,
    "extra": 338,
    "formats": 339,
    "depth": 32997,
    "nodata": 42113,
}


@dataclass(frozen=True)
class TiffPage:
    """One image file directory.

    ``index`` is its place in the file's chain; the rest are tags. ``bits`` and ``formats`` are sets
    over the samples.
    """

    index: int
    width: int
    height: int
    bits: frozenset[int]
    formats: frozenset[int]
    samples: int
    depth: int
    planar: int
    compression: int
    photometric: int
    orientation: int
    extra: tuple[int, ...]
    nodata: float | None
    is_reduced: bool
    has_sub_ifds: bool

    def __str__(self) -> str:
        kind = _KINDS.get(min(self.formats), "values")
        bits = "/".join(str(one) for one in sorted(self.bits))
        bands = "1 band" if self.samples == 1 else f"{self.samples} bands"
        planar = ", one plane after the other" if self.is_planar else ""
        return f"a TIFF of {bands} of {bits}-bit {kind}{planar}"

    @property
    def is_planar(self) -> bool:
        """Whether each sample has a plane of its own."""
        return self.planar == 2 and self.samples > 1

    @property
    def is_complex(self) -> bool:
        """Whether its numbers are complex."""
        return not self.formats.isdisjoint(_COMPLEX)

    @property
    def is_raw(self) -> bool:
        """Whether it is a camera's raw file, or the preview in one."""
        is_preview = self.index == 0 and self.is_reduced and self.has_sub_ifds
        return is_preview or self.photometric in (_CFA, _LINEAR_RAW)

    @property
    def suits_pillow(self) -> bool:
        """Whether Pillow reads it to the bit, and all of it."""
        if self.depth > 1:
            return False
        if self.samples == 1 and len(self.bits) == len(self.formats) == 1:
            (bits,), (kind,) = self.bits, self.formats
            if bits <= 8:
                return kind == 1
            return self.photometric == _BLACK_IS_ZERO and (bits, kind) in {
                *((16, 1), (16, 2), (32, 2), (32, 3))
            }
        return self.is_bytes and not self.is_planar and 0 not in self.extra and self.samples <= 4

    @property
    def suits_tifffile(self) -> bool:
        """Whether tifffile reads it better: at all, or with less memory."""
        is_packed = self.compression in _LOSSLESS or self.orientation != 1
        return not self.suits_pillow or (self.suits_windows and is_packed)

    @property
    def suits_windows(self) -> bool:
        """Whether tifffile gives the same picture as Pillow, a few rows at a time."""
        return self.bits == {8} and self.photometric in (_BLACK_IS_ZERO, _RGB)

    @property
    def is_bytes(self) -> bool:
        """Whether it is a picture of 8 bits that Pillow shows, if not all bands."""
        if not (self.bits == {8} and self.formats == {1} and self.depth == 1):
            return False
        if self.is_planar:
            return self.photometric == _RGB and self.samples == 3
        return self.samples <= (2 if self.photometric == _BLACK_IS_ZERO else 6)


def is_tiff(start: bytes) -> bool:
    """Tell by a file's first bytes."""
    return start[:4] in MAGIC


def read_pages(file: BinaryIO) -> list[TiffPage]:
    """Read the pages of full size; an empty list when the file is damaged before the first.

    Small copies of other pages (of pyramids, previews) and masks are no pages, unless there is
    nothing else.
    """
    pages: list[TiffPage] = []
    # What there is until it breaks; the reader of pixels complains, if it must.
    with suppress(struct.error, ValueError, OverflowError, OSError):
        _walk(file, pages)
    first = pages[:1]
    full = [page for page in pages if not page.is_reduced]
    return first if first and first[0].is_raw else full or pages


def chosen_page(count: int, page: int | None, origin: str) -> tuple[int, str]:
    """Give the page that is meant, and a note when there was a choice and nobody made it."""
    if page is not None and page >= count:
        pages = "is one page" if count == 1 else f"are {count} pages"
        raise WishError(f"there is no page {page} in {origin}: there {pages}, counted from 0")
    if page is None and count > 1:
        return 0, f"page 0 of {count} was taken (page=… for another, up to {count - 1})"
    return page or 0, ""


def _walk(file: BinaryIO, pages: list[TiffPage]) -> None:
    file.seek(0)
    start = file.read(16)
    order = "<" if start[:2] == b"II" else ">"
    is_big = start[:4] in MAGIC[2:]
    offset = _one(file, 8 if is_big else 4, order + ("Q" if is_big else "I"))
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < _MOST_PAGES:
        seen.add(offset)
        count = _one(file, offset, order + ("Q" if is_big else "H"))
        entry = struct.Struct(order + ("HHQ8s" if is_big else "HHI4s"))
        begin = offset + (8 if is_big else 2)
        if count > 1 << 16:
            raise ValueError
        file.seek(begin)
        table = file.read(count * entry.size)
        tags = {}
        for tag, kind, number, inline in entry.iter_unpack(table[: count * entry.size]):
            if tag in _TAGS.values():
                tags[tag] = _values(file, order, is_big, kind, number, inline)
        pages.append(_page(len(pages), {name: tags.get(tag, ()) for name, tag in _TAGS.items()}))
        offset = _one(file, begin + count * entry.size, order + ("Q" if is_big else "I"))


def _one(file: BinaryIO, offset: int, form: str) -> int:
    file.seek(offset)
    (number,) = struct.unpack(form, file.read(struct.calcsize(form)))
    return int(number)


def _values(
    file: BinaryIO, order: str, is_big: bool, kind: int, number: int, inline: bytes
) -> tuple[int, ...] | bytes:
    letter = "s" if kind == _TEXT else _NUMBERS.get(kind)
    if letter is None:
        return ()
    number = min(number, _MOST_VALUES)
    form = f"{order}{number}{letter}"
    size = struct.calcsize(form)
    data = inline[:size]
    if size > len(inline):
        (at,) = struct.unpack(order + ("Q" if is_big else "I"), inline)
        file.seek(at)
        data = file.read(size)
    values = struct.unpack(form, data)
    return values[0] if kind == _TEXT else values


def _page(index: int, tags: dict[str, tuple[int, ...] | bytes]) -> TiffPage:
    def first(name: str, default: int) -> int:
        values = tags[name]
        return int(values[0]) if values else default

    nodata = tags["nodata"]
    try:
        missing = float(nodata.strip(b"\0 ")) if isinstance(nodata, bytes) else None
    except ValueError:
        missing = None
    return TiffPage(
        index=index,
        width=first("width", 0),
        height=first("height", 0),
        bits=frozenset(int(one) for one in tags["bits"]) or frozenset({1}),
        formats=frozenset(int(one) for one in tags["formats"]) or frozenset({1}),
        samples=first("samples", 1),
        depth=first("depth", 1),
        planar=first("planar", 1),
        compression=first("compression", 1),
        photometric=first("photometric", _BLACK_IS_ZERO),
        orientation=first("orientation", 1),
        extra=tuple(int(one) for one in tags["extra"]),
        nodata=missing,
        # bit 0: a smaller copy, bit 2: a mask of another page
        is_reduced=bool(first("subfile", 0) & 0b101),
        has_sub_ifds=bool(tags["sub_ifds"]),
    )
