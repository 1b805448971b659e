"""Read files of weights without running any code from them, whatever their endings."""

from __future__ import annotations

import pickle
import re
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file

from samwidget.values.errors import quoted, text_of
from samwidget.values.forks import in_child
from samwidget.weights.kinds import HEAD_BYTES, check_beginning, check_zip, is_safetensors
from samwidget.weights.pickled import names_in, stand_ins
from samwidget.weights.records import CheckpointError

SAFE_TORCH = (2, 10)
"""The first version whose ``torch.load(weights_only=True)`` runs no code as far as is known.

CVE-2025-32434 is mended from 2.6 on, CVE-2026-24747 from 2.10 on.
"""


class _Allowing:
    """Held while torch's list of what may be read is longer than usual: it is of all threads."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.lock = threading.Lock()


_allowing = _Allowing()
in_child(_allowing.renew)


def read_weights(path: Path, *, mapped: bool = False) -> object:
    """Read what a file of torch or safetensors holds, usually names and tensors.

    Parameters
    ----------
    path
        Its beginning tells what it is, not its name.
    mapped
        Leave the tensors in the file's pages, for files that nobody writes while they are in use:
        tensors change with the file, and when it is cut short the process dies (SIGBUS).

    Raises
    ------
    CheckpointError
        When it cannot be read, or not safely; the text lacks the file's name, which the caller
        knows.
    """
    if not path.is_file() and path.exists():
        raise CheckpointError("cannot be read: it is no regular file")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise CheckpointError(f"cannot be read: {error.strerror or error}") from error
    check_beginning(head)
    if is_safetensors(head):
        return _read_safetensors(path, mapped)
    is_zip = head.startswith(b"PK")
    if is_zip:
        check_zip(path)
    return _read_torch(path, mapped=mapped and is_zip)  # older files cannot be mapped


def read_shards(paths: tuple[Path, ...]) -> object:
    """Read one model whose weights are in several files.

    Raises
    ------
    CheckpointError
        As :func:`read_weights`, with the name of the file within its folder.
    """
    tensors: dict[object, object] = {}
    for path in paths:
        try:
            held = read_weights(path)
        except CheckpointError as error:
            raise CheckpointError(f"holds {path.name}, which {error}") from error.__cause__
        if not isinstance(held, Mapping):
            raise CheckpointError(f"holds {path.name}, which has no names and tensors")
        tensors |= held
    return tensors


def _read_safetensors(path: Path, mapped: bool) -> object:
    try:
        return load_file(path) if mapped else load(path.read_bytes())
    except MemoryError:
        raise
    except Exception as error:  # SafetensorError, and what the wrapper around it runs into
        expected = isinstance(error, SafetensorError | OSError)
        reason = text_of(error) if expected else f"{type(error).__name__}: {error}"
        raise CheckpointError(
            f"is a truncated or broken safetensors file ({_line(reason)}); fetch the file again"
        ) from error


def _read_torch(path: Path, mapped: bool) -> object:
    _refuse_unsafe_torch()
    try:
        return _load(path, mapped)
    except pickle.UnpicklingError:
        return _read_past_objects(path)
    except MemoryError:
        raise
    except Exception as error:  # of whatever kind: the parser trusts what it reads
        raise _broken(error) from error


def _load(path: Path, mapped: bool) -> object:
    if path.suffix == ".safetensors":  # torch would believe the name
        with path.open("rb") as file:
            return torch.load(file, map_location="cpu", weights_only=True)
    return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)


def _read_past_objects(path: Path) -> object:
    """Read a file that holds Python objects beside tensors, and make none of them."""
    names = names_in(path)
    failure: Exception | None = None
    for as_dicts in (False, True):
        allowed = stand_ins(names, as_dicts=as_dicts)
        try:
            with _allowing.lock, torch.serialization.safe_globals(list(allowed)):
                return _load(path, mapped=False)
        except MemoryError:
            raise
        except pickle.UnpicklingError as error:
            failure = failure or error
        except Exception as error:
            if not names:
                raise _broken(error) from error
            failure = failure or error
    if not names:
        raise _broken(failure) from failure
    strange = [name for name in names if not name.startswith(("torch._utils", "collections."))]
    raise CheckpointError(
        f"holds Python objects ({quoted(', '.join(strange or names))}) besides tensors. Reading "
        "such a file may run any code in it, so it is refused; have its maker save the "
        "state_dict() alone"
    ) from failure


def _broken(error: Exception | None) -> CheckpointError:
    reason = "" if error is None else f" ({_line(text_of(error))})"
    if isinstance(error, zipfile.BadZipFile):
        reason = ""
    return CheckpointError(
        f"is truncated or broken: torch cannot read it{reason}; fetch the file again"
    )


def _line(text: str, limit: int = 160) -> str:
    line = (text.splitlines() or [""])[0]
    return re.sub(r"\x1b\[\d*m", "", line if len(line) <= limit else line[: limit - 3] + "...")


def _refuse_unsafe_torch() -> None:
    version = str(torch.__version__)
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if found < SAFE_TORCH:
        needed = ".".join(map(str, SAFE_TORCH))
        raise CheckpointError(
            f"is a pickle, which torch {version} cannot read safely: a file that was made for it "
            "can run code in spite of weights_only=True (CVE-2025-32434, CVE-2026-24747). Install "
            f"torch {needed} or newer, or give the weights as .safetensors"
        )
