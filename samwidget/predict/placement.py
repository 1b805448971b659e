"""Where a network runs and how precisely, without a change to the one that was given."""

from __future__ import annotations

import copy
from typing import Literal

import torch
from torch import nn

from samwidget.models.base import SegmentAnything
from samwidget.models.config import NANO, ModelConfig
from samwidget.values.errors import quoted


def network_on(model: SegmentAnything, device: torch.device) -> SegmentAnything:
    """Give the network where it is to be: itself, or a twin that was moved."""
    tensors = [*model.parameters(), *model.buffers()]
    there = torch.zeros(0, dtype=torch.float32, device=device).device  # "cuda" is "cuda:0" then
    return model if all(t.device == there for t in tensors) else twin(model).to(device)


def twin(model: SegmentAnything) -> SegmentAnything:
    """Copy a network but for its weights, which both have until they are moved or rounded."""
    shared: dict[int, object] = {
        id(p): nn.Parameter(p.detach(), p.requires_grad) for p in model.parameters()
    }
    shared |= {id(b): b for b in model.buffers()}
    return copy.deepcopy(model, shared)


def pick_device(device: str | torch.device = "auto") -> torch.device:
    """Turn ``"auto"`` into CUDA, MPS or CPU, the first that is there; else check the name.

    Raises
    ------
    ValueError
        When the name is none of torch's or the device is not there.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        picked = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f"device must be 'auto', 'cpu', 'cuda', 'cuda:N' or 'mps', got {quoted(device)}"
        ) from error
    if picked.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"device {quoted(device)} asked for, but torch finds no CUDA GPU; use 'auto'"
        )
    if picked.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError(f"device {quoted(device)} asked for, but torch finds no MPS; use 'auto'")
    return picked


def pick_precision(
    precision: str, device: torch.device, config: ModelConfig
) -> Literal["float32", "bfloat16"]:
    """Turn ``"auto"`` into what suits a model on a device; else check the name.

    Raises
    ------
    ValueError
        When it is none of ``"auto"``, ``"float32"``, ``"bfloat16"``.
    """
    if precision == "float32":
        return "float32"
    if precision == "bfloat16":
        return "bfloat16"
    if precision != "auto":
        raise ValueError(
            f"precision must be 'auto', 'float32' or 'bfloat16', got {quoted(precision)}"
        )
    pays = device.type == "cuda" and torch.cuda.is_bf16_supported() and config is not NANO
    return "bfloat16" if pays else "float32"
