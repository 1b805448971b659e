"""Frozen dataclasses to and from what travels between kernel and browser.

A value travels as JSON under the dataclass's own field names. Bytes are never JSON: inside a synced
trait they stay where they are (ipywidgets carries them as buffers), in a custom message
:func:`pack` moves them into the message's buffers and names their places in ``buffer_paths``.

The type hints are the schema. Known are int, float, str, bool, bytes, Literal, ``X | None``, unions
of dataclasses told apart by ``kind``, ``list[X]``, fixed-length ``tuple[X, Y]`` and dataclasses.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, Union

from samwidget.values.errors import quoted, shortened
from samwidget.values.texts import sendable

T = TypeVar("T")

_SCALARS: dict[type, str] = {
    int: "an integer",
    float: "a number",
    str: "a string",
    bool: "a boolean",
}


class ProtocolError(ValueError):
    """A message does not keep to the contract; the text names the field, what came, what should."""


def to_wire(value: Any) -> Any:
    """Turn a dataclass value into dicts, lists and texts that UTF-8 has; bytes stay in place."""
    if isinstance(value, str):
        return sendable(value)
    if dataclasses.is_dataclass(value):
        return {f.name: to_wire(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    return value


def pack(message: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Split a message into JSON content and buffers.

    ``content["buffer_paths"][i]`` is the path of keys and indices at which ``buffers[i]`` belongs;
    null stands there meanwhile. The key is absent when there are no buffers.
    """
    content = to_wire(message)
    paths: list[list[str | int]] = []
    buffers: list[bytes] = []

    def strip(node: Any, path: list[str | int]) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, child in list(pairs):
            if isinstance(child, bytes):
                node[key] = None
                paths.append([*path, key])
                buffers.append(child)
            elif isinstance(child, dict | list):
                strip(child, [*path, key])

    strip(content, [])
    if paths:
        content["buffer_paths"] = paths
    return content, buffers


def parse(cls: type[T], content: object, buffers: Sequence[object], *, path: str) -> T:
    """Check JSON content against the dataclass ``cls`` and build it, buffers put in their places.

    Raises
    ------
    ProtocolError
        At the first field that does not fit.
    """
    if isinstance(content, Mapping) and "buffer_paths" in content:
        content = _with_buffers(content, buffers, path)
    return typing.cast(T, _check(cls, content, path))


def _with_buffers(
    content: Mapping[str, Any], buffers: Sequence[object], path: str
) -> dict[str, Any]:
    paths = content["buffer_paths"]
    if not isinstance(paths, list) or len(paths) != len(buffers):
        raise ProtocolError(
            f"{path}.buffer_paths: expected a list of {len(buffers)} paths, one for each buffer, "
            f"got {quoted(paths)}"
        )
    filled = _copy({k: v for k, v in content.items() if k != "buffer_paths"})
    for place, buffer in zip(paths, buffers, strict=True):
        try:
            node: Any = filled
            for key in place[:-1]:
                node = node[key]
            node[place[-1]] = bytes(memoryview(typing.cast(Any, buffer)))
        except (KeyError, IndexError, TypeError) as error:
            raise ProtocolError(f"{path}.buffer_paths: no such place {quoted(place)}") from error
    return typing.cast("dict[str, Any]", filled)


def _copy(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _copy(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_copy(child) for child in node]
    return node


@functools.cache
def hints(cls: type) -> dict[str, Any]:
    """Give the resolved type of each field of a dataclass, in order."""
    resolved = typing.get_type_hints(cls)
    return {f.name: resolved[f.name] for f in dataclasses.fields(cls)}


def union_members(hint: Any) -> tuple[Any, ...]:
    """Give the members of a union hint, empty for anything else."""
    is_union = typing.get_origin(hint) in (Union, types.UnionType)
    return typing.get_args(hint) if is_union else ()


def _check(hint: Any, value: Any, path: str) -> Any:
    members = union_members(hint)
    if members:
        return _check_union(members, value, path)
    origin = typing.get_origin(hint)
    args = typing.get_args(hint)
    if origin is Literal:
        for option in args:
            if value == option and type(value) is type(option):
                return value
        raise _mismatch(path, "one of " + ", ".join(map(quoted, args)), value)
    if origin is list:
        items = _sequence(value, path)
        return [_check(args[0], item, f"{path}[{i}]") for i, item in enumerate(items)]
    if origin is tuple:
        items = _sequence(value, path)
        if len(items) != len(args):
            raise _mismatch(path, f"{len(args)} items", value)
        pairs = zip(args, items, strict=True)
        return tuple(_check(arg, item, f"{path}[{i}]") for i, (arg, item) in enumerate(pairs))
    if dataclasses.is_dataclass(hint):
        return _check_dataclass(typing.cast(type, hint), value, path)
    return _check_scalar(hint, value, path)


def _check_scalar(hint: Any, value: Any, path: str) -> Any:
    if hint is float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and abs(value) <= sys.float_info.max:  # neither infinite nor NaN
            return float(value)
        raise _mismatch(path, "a number", value)
    if hint is bytes:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        raise _mismatch(path, "binary data", value)
    if isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    raise _mismatch(path, _SCALARS[hint], value)


def _check_union(members: tuple[Any, ...], value: Any, path: str) -> Any:
    if value is None and type(None) in members:
        return None
    rest = [member for member in members if member is not type(None)]
    if len(rest) == 1:
        return _check(rest[0], value, path)
    by_kind = {typing.get_args(hints(member)["kind"])[0]: member for member in rest}
    if not isinstance(value, Mapping):
        raise _mismatch(path, "an object", value)
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in by_kind:
        raise _mismatch(f"{path}.kind", "one of " + ", ".join(map(quoted, by_kind)), kind)
    return _check(by_kind[kind], value, path)


def _check_dataclass(cls: type, value: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise _mismatch(path, "an object", value)
    fields = hints(cls)
    unknown = sorted(str(key) for key in value if key not in fields)
    if unknown:
        raise ProtocolError(
            f"{path}.{shortened(unknown[0])}: no such field; expected only {', '.join(fields)}"
        )
    missing = [name for name in fields if name not in value]
    if missing:
        raise ProtocolError(f"{path}.{missing[0]}: missing")
    return cls(
        **{name: _check(hint, value[name], f"{path}.{name}") for name, hint in fields.items()}
    )


def _sequence(value: Any, path: str) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    raise _mismatch(path, "a list", value)


def _mismatch(path: str, expected: str, value: Any) -> ProtocolError:
    return ProtocolError(f"{path}: expected {expected}, got {quoted(value)}")
