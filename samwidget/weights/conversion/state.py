"""Names and tensors: other names for them, and whether they are what a model wants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from torch import Tensor

from samwidget.values.errors import shortened
from samwidget.weights.records import CheckpointError

State = dict[str, Tensor]

Renaming = Sequence[tuple[str, str]]
"""(expression at the start of a name, what takes its place); the first hit counts."""

_SHOWN = 5
_LONGEST = 80

_TABLES = ("image_encoder.pos_embed", "image_encoder.trunk.pos_embed")
_RELATIVE = (".attn.rel_pos_h", ".attn.rel_pos_w")
"""Names, and ends of names, of what depends on the size of the images."""


def renamed(state: State, renaming: Renaming) -> State:
    """Give every tensor the name that a family's table has for it; others keep theirs."""
    return {_renamed(key, renaming): tensor for key, tensor in state.items()}


def check_state(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Compare names, shapes and kinds of numbers.

    Raises
    ------
    CheckpointError
        Naming what is missing, what is unknown, what has another shape or no real numbers.
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
        only_tables = (
            not missing
            and not unknown
            and all(
                name.startswith(_TABLES) or name.split(" ")[0].endswith(_RELATIVE)
                for name in reshaped
            )
        )
        advice = (
            ". Only its tables of positions differ, so it was trained for another size of images: "
            "interpolate them to one size, and save the state_dict() again"
        )
        raise CheckpointError(
            "does not fit the model: " + "; ".join(complaints) + (advice if only_tables else "")
        )
    whole = [
        f"{key} ({state[key].dtype})"
        for key, tensor in expected.items()
        if tensor.is_floating_point() and not state[key].is_floating_point()
    ]
    if whole:
        raise CheckpointError(
            f"holds whole numbers in the place of weights: {some(whole)}. Weights that were "
            "quantised are not supported; give those from before"
        )


def check_finite(state: Mapping[str, Tensor]) -> None:
    """Raise a CheckpointError when a weight is no number: then no mask is one."""
    empty = [key for key, tensor in state.items() if tensor.is_meta]
    if empty:
        raise CheckpointError(f"holds tensors without values (on the meta device): {some(empty)}")
    bad = [
        key
        for key, tensor in state.items()
        if tensor.is_floating_point()
        # A sum tells in one pass, but may be too large itself.
        and not tensor.float().sum().isfinite()
        and not tensor.float().isfinite().all()
    ]
    if bad:
        raise CheckpointError(
            f"holds weights that are NaN or infinite: {some(bad)}; its training has diverged, "
            "give an earlier one"
        )


def _renamed(key: str, renaming: Renaming) -> str:
    for expression, replacement in renaming:
        name, hits = re.subn("^" + expression, replacement, key)
        if hits:
            return name
    return key


def described(value: object) -> str:
    """Say what a value is, for an error."""
    if value is None or (isinstance(value, Mapping) and not value):
        return "nothing"
    return f"a {getattr(value, 'origin', type(value).__name__)}"


def some(names: list[str]) -> str:
    """List the first few of many names, for an error."""
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(shortened(name, _LONGEST) for name in names[:_SHOWN]) + more
