"""From a name or a path to the file of weights on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import torch

from samwidget.values.errors import quoted
from samwidget.weights.download import cache_folder, cache_path, fetch, trouble_with
from samwidget.weights.folders import files_of
from samwidget.weights.records import (
    WEIGHT_ENDINGS,
    CheckpointError,
    Record,
    find_record,
    resolve,
)


@dataclass(frozen=True)
class Checkpoint:
    """Weights on this machine, and the record they belong to if they have a known one.

    ``path`` is a file; a folder, or an index, where the weights are in several.
    """

    path: Path
    record: Record | None


def locate(
    name_or_path: str | os.PathLike[str], *, progress: Callable[[float], None] | None = None
) -> Checkpoint:
    """Find the file of weights; download it when it is nowhere here.

    Parameters and errors are those of :func:`samwidget.weights.opening.open_model`.
    """
    text, path = _as_path(name_or_path)
    record = find_record(text) if isinstance(name_or_path, str) else None
    # A folder that happens to be called "nano" is not meant by the plain name.
    is_plain_name = len(path.parts) == 1 and path.suffix.lower() not in WEIGHT_ENDINGS
    if record is None or not is_plain_name:
        if path.is_dir():
            return Checkpoint(_in_folder(path), None)
        if path.exists():
            known = find_record(path.name)
            certain = known is not None and trouble_with(path, known) is None
            return Checkpoint(path, known if certain else None)
    if record is not None:
        return Checkpoint(_file_of(record, progress), record)
    if len(path.parts) > 1 or not isinstance(name_or_path, str):
        known = find_record(path.name)
        hint = "" if known is None else f" To have it fetched, say just {path.name!r}."
        raise CheckpointError(
            f"there is no file or folder {quoted(str(path.absolute()), 300)}.{hint}"
        )
    record = resolve(text)  # raises, and tells the names that there are
    return Checkpoint(_file_of(record, progress), record)


def is_own(path: Path) -> bool:
    """Tell whether a file is the package's, which nobody else writes: it ships it or fetched it.

    A file of a person that lies in the same folder, or is linked to from there, is not.
    """
    real = path.resolve()
    if real.parent == _shipped_folder().resolve():
        return True
    record = find_record(real.name)
    return (
        record is not None
        and real.parent == cache_folder().resolve()
        and real.name == record.file_name
        and real.stat().st_nlink == 1
    )


def _as_path(name_or_path: object) -> tuple[str, Path]:
    """Check what may be a name or a path; give it as both."""
    if not isinstance(name_or_path, str | bytes | os.PathLike):
        raise TypeError(
            "model: expected a name such as 'nano' or the path of a file or folder of weights, got "
            f"{type(name_or_path).__name__}"
        )
    text = os.fsdecode(name_or_path)
    if not text.strip():
        raise CheckpointError("model: expected a name such as 'nano' or a path, got an empty text")
    if isinstance(name_or_path, str) and "://" in text:
        raise CheckpointError(
            f"{quoted(text)} is an address, and weights are fetched by name alone; download the "
            "file, and give its path"
        )
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, or of a person unknown
        reason = error.strerror if isinstance(error, OSError) else error
        raise CheckpointError(
            f"{quoted(text)} is no path that can be looked up: {reason}"
        ) from error
    return text, path


def _shipped_folder() -> Path:
    return Path(str(resources.files("samwidget") / "weights"))


def _file_of(record: Record, progress: Callable[[float], None] | None) -> Path:
    if record.url is None:
        path = _shipped_folder() / record.file_name
        if not path.is_file():
            raise CheckpointError(
                f"the weights of {record.name!r} are missing from this installation ({path}); "
                "install samwidget again"
            )
        return path
    if not cache_path(record).exists():
        path = Path(torch.hub.get_dir(), "checkpoints", record.file_name)
        if path.is_file() and trouble_with(path, record) is None:
            return path
    return fetch(record, progress=progress)


def _in_folder(folder: Path) -> Path:
    try:
        files = files_of(folder)
    except CheckpointError as error:
        raise CheckpointError(f"the folder {folder} {error}") from error.__cause__
    return files[0] if len(files) == 1 else folder
