"""Which values a work file may hold, by the type hints of the values themselves.

A state and the edits of its log are frozen dataclasses. Every one that their hints lead to can be
written, under its name and those of its fields; nothing else can be read.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import sys
import types
import typing
from typing import Any

import numpy as np

from samwidget.editing.document import State
from samwidget.editing.edit import Edit

_ROOMS = ("samwidget.editing.", "samwidget.values.")

_NEVER_SAVED = {("State", "found"), ("State", "kept")}
"""What a search has found is no part of the work; what was taken of it is. Neither is other work
that is offered."""


@functools.cache
def saved_types() -> dict[str, type]:
    """Give every dataclass that a work file may hold, by name."""
    for name in ("edits", "add_found", "found", "log"):
        importlib.import_module(f"samwidget.editing.{name}")
    found: dict[str, type] = {}
    waiting: list[Any] = [State, *_edit_types(Edit)]
    while waiting:
        hint = waiting.pop()
        waiting += typing.get_args(hint)
        if not (isinstance(hint, type) and dataclasses.is_dataclass(hint)):
            continue
        if hint.__name__ not in found:
            found[hint.__name__] = hint
            waiting += saved_fields(hint).values()
        elif found[hint.__name__] is not hint:
            raise TypeError(f"two kinds of values are called {hint.__name__}")
    return found


@functools.cache
def saved_fields(cls: type) -> dict[str, Any]:
    """Give the hint of each field that is written, by its name."""
    hints = typing.get_type_hints(cls, localns=_names())
    return {
        one.name: hints[one.name]
        for one in dataclasses.fields(cls)
        if one.init and (cls.__name__, one.name) not in _NEVER_SAVED
    }


def is_union(hint: Any) -> bool:
    """Whether a hint is ``X | Y``."""
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def is_array(hint: Any) -> bool:
    """Whether a hint is an array's."""
    return hint is np.ndarray or typing.get_origin(hint) is np.ndarray


def _edit_types(base: Any) -> list[type]:
    below = [one for sub in base.__subclasses__() for one in (sub, *_edit_types(sub))]
    return [one for one in below if one.__module__.startswith(_ROOMS)]


def _names() -> dict[str, Any]:
    """Give what hints may name, also what their module imports for types only."""
    names: dict[str, Any] = {}
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(_ROOMS):
            names |= {
                name: value for name, value in vars(module).items() if isinstance(value, type)
            }
    return names
