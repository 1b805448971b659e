"""Read a file of weights without running any code from it, whatever its ending."""

from __future__ import annotations

import pickle
import re
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from samwidget.values.errors import text_of
from samwidget.weights.download import HEAD_BYTES, recognise_junk
from samwidget.weights.records import CheckpointError

SAFE_TORCH = (2, 10)
"""The first version whose ``torch.load(weights_only=True)`` runs no code as far as is known.

CVE-2025-32434 is mended from 2.6 on, CVE-2026-24747 from 2.10 on.
"""


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
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise CheckpointError(f"cannot be read: {error.strerror or error}") from error
    junk = recognise_junk(head)
    if junk is not None:
        raise CheckpointError(f"is {junk}, instead of weights; fetch the file again")
    if head[8:9] == b"{":
        return _read_safetensors(path, mapped)
    is_zip = head.startswith(b"PK\x03\x04")
    if is_zip and not zipfile.is_zipfile(path):
        raise CheckpointError("is truncated: its end is missing; fetch the file again")
    if not is_zip and head[:1] != b"\x80":
        raise CheckpointError(
            f"is no file of weights of torch or safetensors; it begins with {head[:16]!r}"
        )
    return _read_torch(path, mapped=mapped and is_zip)  # older files cannot be mapped


def _read_safetensors(path: Path, mapped: bool) -> object:
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise CheckpointError(
            f"is a truncated or broken safetensors file ({error}); fetch the file again"
        ) from error
    return tensors if mapped else {name: tensor.clone() for name, tensor in tensors.items()}


def _read_torch(path: Path, mapped: bool) -> object:
    _refuse_unsafe_torch()
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
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
        reason = text_of(error).splitlines()[0]
        raise CheckpointError(
            f"is truncated or broken: torch cannot read it ({reason}); fetch the file again"
        ) from error


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
