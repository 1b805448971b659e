"""PNG files whose text (a workflow, a prompt, a profile) is larger than Pillow reads."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

_SIGNATURE_BYTES = 8
_AROUND = 12
"""Bytes of a chunk besides its data: length, name, checksum."""
_TEXT = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")


def is_text_too_large(error: Exception) -> bool:
    """Whether Pillow refused a file for its text alone."""
    return "MAX_TEXT_" in str(error)


def without_text(file: BinaryIO) -> io.BytesIO:
    """Copy a PNG without its text and colour profile, none of which is shown."""
    file.seek(0)
    copy = io.BytesIO()
    copy.write(file.read(_SIGNATURE_BYTES))
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name in _TEXT:
            file.seek(length + _AROUND - len(head), io.SEEK_CUR)
        else:
            copy.write(head + file.read(length + _AROUND - len(head)))
    copy.seek(0)
    return copy
