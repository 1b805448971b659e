"""Python objects that a file of torch holds beside tensors, read without being made.

Training scripts save what they have at hand: numpy scalars, an ``argparse.Namespace``, paths,
settings, whole modules. torch refuses all of it, since to make an object is to run code. Here each
class or function in the file is replaced by a stand-in that only keeps what it is given, so nothing
of the file, nor of any package that it names, runs. Modules keep their tensors that way, too.
"""

from __future__ import annotations

import _compat_pickle
import builtins
import io
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from samwidget.values.errors import quoted
from samwidget.weights.kinds import TORCH_MAGIC
from samwidget.weights.records import CheckpointError

_OF_MODULES = ("_parameters", "_buffers", "_modules")
"""Where a module of torch has its tensors and its parts."""

StandIns = list[tuple[Callable[..., Any], str]]
"""As ``torch.serialization.safe_globals`` takes them."""

MAX_DIMENSIONS = 8

_RUNS_CODE = {
    *("os", "posix", "nt", "sys", "subprocess", "importlib", "runpy", "shutil", "socket", "pty"),
    *("ctypes", "code", "codeop", "webbrowser", "pickle", "_pickle", "marshal", "operator"),
    *("_operator", "pdb", "bdb", "timeit", "commands", "platform", "builtins", "types", "io"),
    *("_io", "tempfile", "urllib", "http", "ftplib", "requests", "asyncio", "multiprocessing"),
}
"""Modules that nothing beside weights has a use for, but who attacks has."""

_HARMLESS = {
    *(f"builtins.{one.__name__}" for one in (set, frozenset, list, tuple, dict, slice, range)),
    *(f"builtins.{one.__name__}" for one in (bool, int, float, complex, str, bytes, bytearray)),
    *(
        f"builtins.{name}"
        for name, one in vars(builtins).items()
        if isinstance(one, type) and issubclass(one, BaseException)
    ),
    *("builtins.object", "builtins.type", "types.SimpleNamespace", "types.MappingProxyType"),
    "builtins.getattr",  # Python 3.11 writes members of enums with it
}
"""But these are met in honest files."""


class Passed:
    """An object of the file, in whose place nothing was made; it keeps its attributes."""

    origin = "object"
    args: tuple[object, ...] = ()
    state: object = None

    def __init__(self, *args: object) -> None:
        self.args = args

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Dtype(Passed):
    """A numpy dtype."""

    def numpy(self) -> np.dtype[Any] | None:
        """Give it when it is of plain numbers, else None."""
        name = self.args[0] if self.args else None
        name = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        order = self.state[1] if isinstance(self.state, tuple) and len(self.state) > 1 else "<"
        order = order.decode("ascii", "replace") if isinstance(order, bytes) else order
        if name not in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "b1"):
            return None
        return np.dtype(name).newbyteorder(">" if order == ">" else "<")


class _Array(Passed):
    """A numpy array."""

    def tensor(self) -> Tensor | None:
        """Give its numbers when it has plain ones and as many as it says, else None."""
        match self.state:
            case (int(), tuple(shape), _Dtype() as dtype, bool(in_columns), bytes(data)):
                plain = dtype.numpy()
            case _:
                return None
        if plain is None or len(shape) > MAX_DIMENSIONS:
            return None
        if not all(isinstance(side, int) and side >= 0 for side in shape):
            return None
        if len(data) != plain.itemsize * int(np.prod(shape, dtype=object)):
            return None
        array = np.frombuffer(data, plain).reshape(shape, order="F" if in_columns else "C")
        native = np.ascontiguousarray(array.astype(plain.newbyteorder("="))).reshape(shape)
        return torch.from_numpy(native.copy())


_OF_NUMPY: dict[str, Callable[..., Any]] = {"numpy.dtype": _Dtype, "numpy.ndarray": _Array}
for _core in ("numpy.core", "numpy._core"):
    _OF_NUMPY[f"{_core}.multiarray.scalar"] = Passed
    _OF_NUMPY[f"{_core}.multiarray._reconstruct"] = lambda *_: _Array()
    _OF_NUMPY[f"{_core}.numeric._frombuffer"] = Passed

_CONTAINERS: dict[str, Callable[..., Any]] = {
    "collections.defaultdict": lambda *_: {},
    "collections.deque": lambda *_: [],
}


def stand_ins(names: list[str], *, as_dicts: bool) -> StandIns:
    """Give what takes the place of classes and functions.

    Parameters
    ----------
    names
        With their modules.
    as_dicts
        Have what is made be a dict with attributes, for kinds of dict.

    Raises
    ------
    CheckpointError
        When a name is of the kind that is there to run code.
    """
    bad = [name for name in names if _is_of_attack(name)]
    if bad:
        raise CheckpointError(
            f"holds Python objects ({quoted(bad[0], 60)}) besides tensors that no weights need: "
            "it was made to run code. It is refused, and nothing of it was run"
        )
    known = _OF_NUMPY | _CONTAINERS
    return [
        (known[name] if name in known else _stand_in(name, as_dicts=as_dicts), name)
        for name in names
    ]


def _is_of_attack(name: str) -> bool:
    return name.split(".")[0] in _RUNS_CODE and name not in _HARMLESS


def _stand_in(name: str, *, as_dicts: bool) -> type:
    if as_dicts:
        # A class whose objects are dicts: torch sets items of those of its own kinds alone.
        return type("Dict", (), {"__new__": lambda *_: OrderedDict()})
    return type(Passed.__name__, (Passed,), {"origin": name})


def names_in(path: Path) -> list[str]:
    """List the classes and functions that a file of ``torch.save`` names, without making any.

    Raises
    ------
    CheckpointError
        When it cannot be read.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                inside = next(n for n in archive.namelist() if n.split("/", 1)[-1] == "data.pkl")
                return _names_of(io.BytesIO(archive.read(inside)))
        with path.open("rb") as file:
            names: list[str] = []
            before = 3 if TORCH_MAGIC in file.read(40) else 0  # magic, protocol, system
            file.seek(0)
            for _ in range(before + 1):
                names = _names_of(file)
            return names
    except (ValueError, StopIteration, EOFError, OSError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"is truncated or broken ({quoted(str(error))})") from error


def _names_of(file: Any) -> list[str]:
    """List them in one pickle of protocol 2, by the names of Python 2 and of Python 3.

    torch translates some of the former.
    """
    found: dict[str, None] = {}
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name == "GLOBAL":
            module, _, name = str(argument).partition(" ")
            found[f"{module}.{name}"] = None
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            else:
                module = _compat_pickle.IMPORT_MAPPING.get(module, module)
            found[f"{module}.{name}"] = None
    return list(found)


def inside(value: object) -> object:
    """Give what an object of a file holds, by name: attributes, or a module's tensors and parts.

    Anything else is given as it is.
    """
    if isinstance(value, _Array):
        return value.tensor()
    held: object = value
    if isinstance(value, Passed):
        held = value.state
    elif type(value) is OrderedDict and not value:
        held = vars(value)
    if isinstance(held, Mapping):
        of_module = [kind for kind in _OF_MODULES if isinstance(held.get(kind), Mapping)]
        if of_module:
            return {kind: held[kind] for kind in of_module}
    return held
