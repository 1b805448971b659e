"""From a name or a path to a model: find the file, read it safely, build what it holds."""

from __future__ import annotations

import os
import pickle
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build_empty
from samwidget.weights.conversion import check_state, convert
from samwidget.weights.download import HEAD_BYTES, cache_path, fetch, recognise_junk, trouble_with
from samwidget.weights.records import (
    RECORDS,
    WEIGHT_ENDINGS,
    CheckpointError,
    Record,
    find_record,
    resolve,
)

__all__ = [
    "RECORDS",
    "Checkpoint",
    "CheckpointError",
    "Record",
    "load_model",
    "locate",
    "open_model",
    "resolve",
]

_HUGGING_FACE_FILES = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights on this machine, and the record it belongs to if it has a known one."""

    path: Path
    record: Record | None


def open_model(
    name_or_path: str | os.PathLike[str] = "nano",
    *,
    progress: Callable[[float], None] | None = None,
) -> SegmentAnything:
    """Open a model by name, or from a file or folder of weights.

    Parameters
    ----------
    name_or_path
        A name such as ``"nano"``, ``"vit_b"`` or ``"sam_b.pt"``, see :data:`RECORDS`; or the path
        of a ``.pth``, ``.pt``, ``.bin`` or ``.safetensors`` file with the names of its owner's or
        of Hugging Face's files, or of a Hugging Face folder. Which model a file holds is told from
        its contents.
    progress
        Told the fraction of a download that is done, 0 to 1; else a progress bar is shown.

    Returns
    -------
    SegmentAnything
        In eval mode, float32, on the CPU.

    Raises
    ------
    CheckpointError
        When there is no such model, or its weights cannot be fetched, read or used.

    Examples
    --------
    >>> open_model("nano").config.name  # doctest: +SKIP
    'nano'
    """
    return load_model(locate(name_or_path, progress=progress).path)


def locate(
    name_or_path: str | os.PathLike[str], *, progress: Callable[[float], None] | None = None
) -> Checkpoint:
    """Find the file of weights, see :func:`open_model`; download it when it is nowhere here."""
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


def load_model(path: str | os.PathLike[str]) -> SegmentAnything:
    """Build the model that a file of weights holds, see :func:`open_model`.

    The weights are not copied where it can be helped: they stay a part of the file's pages.
    """
    path = Path(path)
    try:
        config, state = convert(_read(path))
        model = build_empty(config)
        check_state(model.state_dict(), state)
    except CheckpointError as error:
        raise CheckpointError(f"{path} {error}") from error.__cause__
    model.load_state_dict(
        {key: t.float() if t.is_floating_point() else t for key, t in state.items()}, assign=True
    )
    left = [key for key, t in chain(model.named_parameters(), model.named_buffers()) if t.is_meta]
    assert not left, f"not part of the state and so never filled: {left}"
    return model.eval()


def _file_of(record: Record, progress: Callable[[float], None] | None) -> Path:
    if record.url is None:
        path = Path(str(resources.files("samwidget") / "weights" / record.file_name))
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


def _read(path: Path) -> object:
    """Read a file without running any code from it, whatever its ending; errors lack its name."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise CheckpointError(f"cannot be read: {error.strerror or error}") from error
    junk = recognise_junk(head)
    if junk is not None:
        raise CheckpointError(f"is {junk}, instead of weights; fetch the file again")
    if head[8:9] == b"{":
        return _read_safetensors(path)
    is_zip = head.startswith(b"PK\x03\x04")
    if is_zip and not zipfile.is_zipfile(path):
        raise CheckpointError("is truncated: its end is missing; fetch the file again")
    if not is_zip and head[:1] != b"\x80":
        raise CheckpointError(
            f"is no file of weights of torch or safetensors; it begins with {head[:16]!r}"
        )
    return _read_torch(path, is_zip)


def _read_safetensors(path: Path) -> object:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise CheckpointError(
            f"is a truncated or broken safetensors file ({error}); fetch the file again"
        ) from error


def _read_torch(path: Path, is_zip: bool) -> object:
    try:
        # Only the newer, zipped files can be mapped into memory.
        return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError as error:
        names = re.findall(r"GLOBAL (\S+)", str(error))
        what = f" ({names[0]})" if names else ""
        raise CheckpointError(
            f"holds Python objects{what} besides tensors. Reading such a file may run any code in "
            "it, so it is refused; have its maker save the state_dict() alone"
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # of whatever kind: the parser trusts what it reads
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CheckpointError(
            f"is truncated or broken: torch cannot read it ({reason}); fetch the file again"
        ) from error
