"""From a name or a path to the file of weights on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import torch

from samwidget.weights.download import cache_folder, cache_path, fetch, trouble_with
from samwidget.weights.records import (
    WEIGHT_ENDINGS,
    CheckpointError,
    Record,
    find_record,
    resolve,
)

_HUGGING_FACE_FILES = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights on this machine, and the record it belongs to if it has a known one."""

    path: Path
    record: Record | None


def locate(
    name_or_path: str | os.PathLike[str], *, progress: Callable[[float], None] | None = None
) -> Checkpoint:
    """Find the file of weights; download it when it is nowhere here.

    Parameters and errors are those of :func:`samwidget.weights.opening.open_model`.
    """
    text = os.fspath(name_or_path)
    path = Path(text).expanduser()
    record = find_record(text) if isinstance(name_or_path, str) else None
    # A folder that happens to be called "nano" is not meant by the plain name.
    is_plain_name = len(path.parts) == 1 and path.suffix.lower() not in WEIGHT_ENDINGS
    if record is None or not is_plain_name:
        if path.is_dir():
            return Checkpoint(_file_in(path), None)
        if path.exists():
            known = find_record(path.name)
            certain = known is not None and trouble_with(path, known) is None
            return Checkpoint(path, known if certain else None)
    if record is not None:
        return Checkpoint(_file_of(record, progress), record)
    if len(path.parts) > 1 or not isinstance(name_or_path, str):
        known = find_record(path.name)
        hint = "" if known is None else f" To have it fetched, say just {path.name!r}."
        raise CheckpointError(f"there is no file or folder {str(path.absolute())!r}.{hint}")
    record = resolve(text)  # raises, and tells the names that there are
    return Checkpoint(_file_of(record, progress), record)


def is_own(path: Path) -> bool:
    """Tell whether a file is the package's, which nobody else writes: it ships it or fetched it."""
    folder = path.resolve().parent
    return folder in (_shipped_folder().resolve(), cache_folder().resolve())


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


def _file_in(folder: Path) -> Path:
    for name in _HUGGING_FACE_FILES:
        if (folder / name).is_file():
            return folder / name
    present = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
    raise CheckpointError(
        f"the folder {folder} holds neither {' nor '.join(_HUGGING_FACE_FILES)}, but {present}"
    )
