"""A file's contents to flat names and tensors, and whether they are what a model wants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from torch import Tensor

from samwidget.weights.records import CheckpointError

State = dict[str, Tensor]

Renaming = Sequence[tuple[str, str]]
"""(expression at the start of a name, what takes its place); the first hit counts."""

_WRAPPINGS = ("model", "state_dict", "model_state", "model_state_dict")
_PREFIXES = ("module.", "_orig_mod.", "model.", "sam.")
_SHOWN = 5


def unwrap(loaded: object) -> State:
    """Take names and tensors out of the wrapping that training scripts put around them."""
    while isinstance(loaded, Mapping):
        inner = [loaded[key] for key in _WRAPPINGS if isinstance(loaded.get(key), Mapping)]
        if not inner:
            break
        loaded = inner[0]
    if not isinstance(loaded, Mapping) or not loaded:
        raise CheckpointError(f"holds {described(loaded)} instead of names and tensors")
    for key, value in loaded.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"holds {described(value)} under the name {key!r}, where a tensor was expected"
            )
    return dict(loaded)


def without_prefix(state: State) -> State:
    """Drop what all names begin with when it is only a wrapper's name."""
    while True:
        prefix = next((p for p in _PREFIXES if all(key.startswith(p) for key in state)), None)
        if prefix is None:
            return state
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}


def renamed(state: State, renaming: Renaming) -> State:
    """Give every tensor the name that a family's table has for it; others keep theirs."""
    return {_renamed(key, renaming): tensor for key, tensor in state.items()}


def check_state(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Compare names and shapes.

    Raises
    ------
    CheckpointError
        Naming what is missing, what is unknown and what has another shape.
    """
    missing = [key for key in expected if key not in state]
    unknown = [key for key in state if key not in expected]
    reshaped = [
        f"{key} {tuple(state[key].shape)} instead of {tuple(tensor.shape)}"
        for key, tensor in expected.items()
        if key in state and state[key].shape != tensor.shape
    ]
    complaints = [
        f"{len(found)} {kind}: {some(found)}"
        for kind, found in (
            ("missing", missing),
            ("unknown", unknown),
            ("of another shape", reshaped),
        )
        if found
    ]
    if complaints:
        raise CheckpointError("does not fit the model: " + "; ".join(complaints))


def _renamed(key: str, renaming: Renaming) -> str:
    for expression, replacement in renaming:
        name, hits = re.subn("^" + expression, replacement, key)
        if hits:
            return name
    return key


def described(value: object) -> str:
    """Say what a value is, for an error."""
    return "nothing" if value is None or value == {} else f"a {type(value).__name__}"


def some(names: list[str]) -> str:
    """List the first few of many names, for an error."""
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
