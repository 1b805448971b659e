"""Files that are whole or not there at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from samwidget.values import whole_files


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write into that takes its place at ``path`` when all went well.

    Until then it lies beside it under a hidden name; whatever is raised, also by Ctrl-C, removes
    it and leaves what was at ``path`` before. Folders that are missing are made.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_files.replacing(path) as part, part.open("wb") as file:
        yield file


def expanded(name: str) -> Path:
    """Give a path in which ``~`` is the home folder, if there is one."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def to_json(value: Any, indent: int | None = None) -> str:
    """Write JSON that every reader takes: ASCII, and no NaN."""
    return json.dumps(value, indent=indent, allow_nan=False)
