"""Values to and from what a work file holds: JSON and plain numbers, no code.

Each dataclass is a *node*, a JSON object with its name under ``is``. Nodes are numbered; one that
is used in several places stands once, and ``{"node": 3}`` stands for it. A node comes after all
that it uses. Arrays are ``{"array": [dtype, first item, shape]}``: a part of the one buffer of
their dtype.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.work_types import is_array, is_union, saved_fields, saved_types
from samwidget.values.arrays import frozen, to_array
from samwidget.values.cells import LogitCells
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.prediction import Prediction
from samwidget.values.runs import Runs

DTYPES = ("<f4", "<f2", "<f8", "<i4", "<i8", "|u1", "|b1", "<u2", "|i1", "<i2")
"""What arrays may hold, little-endian, under numpy's names."""

_WORDS: dict[type, str] = {int: "a whole number", float: "a number", str: "text", bool: "yes or no"}


class DamagedError(ValueError):
    """What was read is not what was written; the text names the place."""


@dataclasses.dataclass
class Packed:
    """Nodes and buffers.

    Attributes
    ----------
    nodes
        For JSON.
    buffers
        The bytes of all arrays of one dtype, by dtype.
    """

    nodes: list[dict[str, Any]]
    buffers: dict[str, bytes]


class Packer:
    """Writes values; those that share parts should go through one."""

    def __init__(self) -> None:
        self._nodes: list[dict[str, Any]] = []
        self._numbers: dict[int, int] = {}
        self._alive: list[object] = []  # so that no id is given twice
        self._arrays: defaultdict[str, list[NDArray[Any]]] = defaultdict(list)
        self._lengths: defaultdict[str, int] = defaultdict(int)
        self._compact: dict[int, Mask] = {}

    def add(self, value: object) -> int:
        """Write a dataclass and all that it uses; gives its number."""
        waiting: list[tuple[object, bool]] = [(value, False)]
        while waiting:  # by hand: a draft refines a draft that refines a draft ...
            one, parts_are_there = waiting.pop()
            if id(one) in self._numbers:
                continue
            if not parts_are_there:
                waiting.append((one, True))
                waiting += [(part, False) for part in _parts(self._fields(one).values())]
                continue
            node = {"is": type(one).__name__}
            node |= {
                name.lstrip("_"): self._plain(part) for name, part in self._fields(one).items()
            }
            self._numbers[id(one)] = len(self._nodes)
            self._nodes.append(node)
            self._alive.append(one)
        return self._numbers[id(value)]

    def packed(self) -> Packed:
        """Give all that was written."""
        buffers = {
            dtype: b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)
            for dtype, arrays in self._arrays.items()
        }
        return Packed(self._nodes, buffers)

    def _fields(self, one: Any) -> dict[str, Any]:
        if type(one).__name__ not in saved_types():
            raise TypeError(f"a work file cannot hold {quoted(one)}")
        if isinstance(one, Mask):
            # The exact mask, and the logits that stay with it: what an object keeps for good.
            kept = self._compact.setdefault(id(one), one.compact())
            self._alive.append(one)
            return {name: getattr(kept, name) for name in saved_fields(Mask)}
        hints = saved_fields(one.__class__)
        return {name: _unwrapped(hint, getattr(one, name)) for name, hint in hints.items()}

    def _plain(self, value: Any) -> Any:
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, float):
            if not math.isfinite(value):
                raise ValueError(f"a work file holds finite numbers only, got {value}")
            return float(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return self._plain(value.item())
        if dataclasses.is_dataclass(value):
            return {"node": self._numbers[id(value)]}
        if isinstance(value, frozenset):
            return [self._plain(item) for item in sorted(value)]
        if isinstance(value, Mapping):
            return {str(key): self._plain(item) for key, item in value.items()}
        if isinstance(value, Sequence):
            return [self._plain(item) for item in value]
        raise TypeError(f"a work file cannot hold {quoted(value)}")

    def _array(self, array: NDArray[Any]) -> dict[str, Any]:
        dtype = array.dtype.newbyteorder("<").str
        if dtype not in DTYPES:
            raise TypeError(f"a work file cannot hold arrays of {array.dtype}")
        first = self._lengths[dtype]
        self._arrays[dtype].append(array.astype(dtype, copy=False))
        self._lengths[dtype] += array.size
        return {"array": [dtype, first, list(array.shape)]}


class Unpacker:
    """Reads values and checks them against the hints of the dataclasses they belong to.

    Raises
    ------
    DamagedError
        When the nodes are not as they should be.
    """

    def __init__(self, packed: Packed) -> None:
        self._values: list[Any] = []
        self._buffers = packed.buffers
        if not isinstance(packed.nodes, list):
            raise DamagedError("expected a list of values")
        for number, node in enumerate(packed.nodes):
            self._values.append(self._built(node, f"values[{number}]"))

    def get(self, number: object, cls: type) -> Any:
        """Give the value of a number, which must be of a class."""
        return self._node({"node": number}, cls, "the work")

    def _built(self, node: object, place: str) -> Any:
        name = node.get("is") if isinstance(node, dict) else None
        cls = saved_types().get(name) if isinstance(name, str) else None
        if cls is None or not isinstance(node, dict):
            raise DamagedError(f"{place}: no value is called {quoted(name)}")
        hints = {field.lstrip("_"): (field, hint) for field, hint in saved_fields(cls).items()}
        given = {}
        for key, value in node.items():
            if key == "is":
                continue
            if key not in hints:
                raise DamagedError(f"{place}: {name} has no {quoted(key)}")
            field, hint = hints[key]
            given[field] = self._read(hint, value, f"{place}.{key}")
        try:
            built = cls(**given)
            _check(built)
        except (TypeError, ValueError) as error:
            raise DamagedError(f"{place}: no {name}: {error}") from error
        return built

    def _read(self, hint: Any, value: Any, place: str) -> Any:
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if is_union(hint):
            return self._read_union(args, value, place)
        if origin is Literal:
            if value in args:
                return value
            raise _wrong(place, " or ".join(map(quoted, args)), value)
        if is_array(hint):
            return self._read_array(value, place)
        if isinstance(hint, type) and hint in _WORDS:
            return _scalar(hint, value, place)
        if origin is tuple and not (len(args) == 2 and args[1] is ...):
            items = _items(value, place)
            if len(items) != len(args):
                raise _wrong(place, f"{len(args)} items", value)
            return tuple(
                self._read(arg, item, f"{place}[{n}]")
                for n, (arg, item) in enumerate(zip(args, items, strict=True))
            )
        if origin in (tuple, list, frozenset, Sequence) or (
            isinstance(origin, type) and issubclass(origin, Sequence)
        ):
            read = (
                self._read(args[0], item, f"{place}[{n}]")
                for n, item in enumerate(_items(value, place))
            )
            return (origin if origin in (list, frozenset) else tuple)(read)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            if not isinstance(value, dict):
                raise _wrong(place, "names with values", value)
            return {key: self._read(args[1], item, f"{place}.{key}") for key, item in value.items()}
        return self._node(value, hint, place)

    def _read_union(self, options: tuple[Any, ...], value: Any, place: str) -> Any:
        if value is None and type(None) in options:
            return None
        errors = []
        for option in options:
            if option is not type(None):
                try:
                    return self._read(option, value, place)
                except DamagedError as error:
                    errors.append(error)
        raise errors[0]

    def _node(self, value: Any, cls: Any, place: str) -> Any:
        number = value.get("node") if isinstance(value, dict) else None
        if not isinstance(number, int) or not 0 <= number < len(self._values):
            raise _wrong(place, "a value that was read before", value)
        found = self._values[number]
        if not isinstance(cls, type) or not isinstance(found, cls):
            name = getattr(cls, "__name__", str(cls))
            raise DamagedError(f"{place}: expected {name}, got {type(found).__name__}")
        return found

    def _read_array(self, value: Any, place: str) -> NDArray[Any]:
        spec = value.get("array") if isinstance(value, dict) else None
        if not (isinstance(spec, list) and len(spec) == 3 and spec[0] in DTYPES):
            raise _wrong(place, "an array", value)
        dtype, first, shape = spec
        sizes = [first, *shape] if isinstance(shape, list) else [None]
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in sizes):
            raise _wrong(place, "an array", value)
        count, item = math.prod(shape), np.dtype(dtype).itemsize
        buffer = self._buffers.get(dtype, b"")
        if (first + count) * item > len(buffer):
            raise DamagedError(f"{place}: the file ends before the array does")
        flat = np.frombuffer(buffer, dtype, count, first * item)
        return frozen(flat.astype(np.dtype(dtype).newbyteorder("=")).reshape(shape))


def _unwrapped(hint: Any, value: Any) -> Any:
    """Give a number as one where a person gave an array or tensor that holds it."""
    is_one = hint in _WORDS or typing.get_origin(hint) is Literal
    if not is_one or isinstance(value, str | bool | int | float):
        return value
    (number,) = to_array(value).reshape(-1).tolist()
    return float(number) if hint is float else number


def _parts(values: Iterable[Any]) -> list[Any]:
    """Give the dataclasses in some values, within lists, too."""
    found: list[Any] = []
    for value in values:
        if dataclasses.is_dataclass(value):
            found.append(value)
        elif isinstance(value, Mapping):
            found += _parts(value.values())
        elif isinstance(value, list | tuple):
            found += _parts(value)
    return found


def _items(value: Any, place: str) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    raise _wrong(place, "a list", value)


def _scalar(hint: type, value: Any, place: str) -> Any:
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    raise _wrong(place, _WORDS[hint], value)


def _wrong(place: str, expected: str, value: Any) -> DamagedError:
    return DamagedError(f"{place}: expected {expected}, got {quoted(value)}")


def _check(built: Any) -> None:
    """Refuse what its own class does not look at, since only this package makes it."""
    match built:
        case Runs(box_xyxy=(x1, y1, x2, y2), lengths=lengths):
            area = (x2 - x1) * (y2 - y1)
            is_box = 0 <= x1 <= x2 and 0 <= y1 <= y2
            if lengths.ndim != 1 or lengths.dtype != np.int32 or (lengths < 0).any() or not is_box:
                raise ValueError("the run lengths are wrong")
            if int(lengths.sum(dtype=np.int64)) > area or len(lengths) % 2:
                raise ValueError("the run lengths do not fit their box")
        case LogitCells(values=values, left=left, top=top, mask_size=size):
            if values.ndim != 2 or not values.size or min(left, top) < 0:
                raise ValueError("the logits are wrong")
            if top + values.shape[0] > size or left + values.shape[1] > size:
                raise ValueError("the logits reach beyond the model's frame")
        case Mask(size_hw=(height, width)):
            runs, cells = built._given_runs, built._cells
            if height < 1 or width < 1 or (runs is None and cells is None):
                raise ValueError("the mask has no pixels")
            if runs is not None and (runs.box_xyxy[2] > width or runs.box_xyxy[3] > height):
                raise ValueError("the mask reaches beyond its image")
            if cells is not None:
                (left, top), (part_h, part_w) = built._corner_xy, cells.transform.original_size_hw
                if not (0 <= left <= width - part_w and 0 <= top <= height - part_h):
                    raise ValueError("the logits are of a part that is not within the image")
        case Prediction(low_res_logits=logits, iou_predictions=scores):
            shape = logits.shape
            is_square = len(shape) == 3 and shape[1] == shape[2]
            if not is_square or scores.shape != shape[:1] or not logits.size:
                raise ValueError("the logits are wrong")
        case _:
            pass
