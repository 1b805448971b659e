"""Room for arrays too large to be held in memory: a file without a name that the system pages.

Such an array is an ordinary ndarray. Its file has no name any more from the beginning, so it goes
with the array, also when the process is killed.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import tempfile
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

MAPPED_BYTES = 1 << 27
"""From so many on an array is put into a file."""
_ON_DISK = Path("/var/tmp")  # noqa: S108  the usual one is in memory on many systems


def room(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Give an array to be filled, as ``np.empty`` does; a large one takes no memory for good.

    Where no file can be had, for lack of space or of a place to write to, it is in memory.

    Examples
    --------
    >>> room((20, 30, 3), np.uint8).shape
    (20, 30, 3)
    """
    size = prod(shape) * np.dtype(dtype).itemsize
    if size < MAPPED_BYTES:
        return np.empty(shape, dtype)
    try:
        with tempfile.TemporaryFile(dir=_folder_with(size), prefix="samwidget-") as file:
            _reserve(file, size)
            held = mmap.mmap(file.fileno(), size)  # which keeps the file
    except OSError:
        return np.empty(shape, dtype)
    return np.ndarray(shape, dtype, buffer=held)


def release(array: NDArray[Any]) -> None:
    """Let go of the memory of an array from :func:`room`, or of a view of one; its values stay.

    They are read again from the file when they are wanted. Of any other array nothing happens.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def give_back() -> None:
    """Have the C library give memory back that it keeps for later; nothing where it cannot.

    What threads have decoded piece by piece may be hundreds of megabytes.
    """
    with suppress(OSError, AttributeError, TypeError):  # of other systems and libraries
        ctypes.CDLL(None).malloc_trim(0)


def _folder_with(size: int) -> str:
    """Give a folder on a disk with room for twice as much."""
    folder = tempfile.gettempdir()
    if "TMPDIR" not in os.environ and os.access(_ON_DISK, os.W_OK):
        folder = str(_ON_DISK)
    if shutil.disk_usage(folder).free < 2 * size:
        raise OSError("the disk is nearly full")
    return folder


def _reserve(file: BinaryIO, size: int) -> None:
    """Have the room now: a disk that is full later would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    piece = bytes(1 << 20)
    for begin in range(0, size, len(piece)):
        file.write(piece[: size - begin])
    file.flush()
