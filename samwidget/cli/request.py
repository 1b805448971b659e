"""What a task is asked with, and what the command ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALL_DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""


@dataclass(frozen=True)
class Request:
    """What every task is asked with; the options are in ``options.py``."""

    images: Sequence[str]
    out: str | None = None
    format: str | None = None
    model: str = "nano"
    device: str = "auto"
    precision: str = "auto"
    recursive: bool = False
    as_json: bool = False
    quiet: bool = False
    progress: bool | None = None
