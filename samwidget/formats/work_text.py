"""One value as a line of text, exactly: for code that a person copies."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from samwidget.formats.work_values import DamagedError, Packed, Packer, Unpacker

MOST_BYTES = 1 << 30


def to_text(value: object) -> str:
    """Write a value of those that work files hold; see :mod:`samwidget.formats.work_values`."""
    packer = Packer()
    number = packer.add(value)
    packed = packer.packed()
    lengths = {dtype: len(buffer) for dtype, buffer in packed.buffers.items()}
    head = json.dumps([number, packed.nodes, lengths], separators=(",", ":")).encode()
    data = b"".join([len(head).to_bytes(4, "little"), head, *packed.buffers.values()])
    return base64.b85encode(zlib.compress(data, 9)).decode("ascii")


def from_text(text: str) -> Any:
    """Read what :func:`to_text` wrote; runs no code.

    Raises
    ------
    ValueError
        When it is anything else.

    Examples
    --------
    >>> from samwidget.editing.edits import AddPoint
    >>> from_text(to_text(AddPoint(3.5, 4.0))) == AddPoint(3.5, 4.0)
    True
    """
    try:
        unzipped = zlib.decompressobj()
        data = unzipped.decompress(base64.b85decode(text), MOST_BYTES)
        size = int.from_bytes(data[:4], "little")
        number, nodes, lengths = json.loads(data[4 : 4 + size])
        buffers, at = {}, 4 + size
        for dtype, length in lengths.items():
            buffers[dtype] = data[at : at + length]
            at += length
        return Unpacker(Packed(nodes, buffers)).get(number, object)
    except DamagedError:
        raise
    except (ValueError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError(f"the text is not one that samwidget wrote: {error}") from error
