"""Checkpoints of a run: written whole, read without executing code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor


def save(path: Path, **state: object) -> None:
    """Write a checkpoint so that a reader never sees half of it."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def load(path: Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Read what :func:`save` wrote."""
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return state


def load_weights(path: Path) -> dict[str, Tensor]:
    """Float32 weights of a ``.safetensors``, or the averaged ones of a checkpoint."""
    if not path.is_file():
        raise ValueError(f"no weights at {path}: train them, or name a .safetensors or last.pt")
    state = load_file(path) if path.suffix == ".safetensors" else load(path)["ema"]
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
