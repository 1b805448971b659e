"""Files that are whole or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Give a file beside a path to write into, which takes its place when all went well.

    Raises
    ------
    OSError
        When the folder is not there or nothing can be written into it.
    """
    target = Path(os.path.realpath(path))  # a link stays one
    descriptor, name = tempfile.mkstemp(target.suffix, ".samwidget-", target.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)  # mkstemp lets nobody else read
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
