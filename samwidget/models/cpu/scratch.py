"""Memory that is used again, which is what the fast ways of this folder live by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


def is_frugal(x: Tensor) -> bool:
    """Tell whether work on ``x`` goes this folder's ways: on a CPU, without gradients."""
    return x.device.type == "cpu" and not torch.is_grad_enabled()


class Scratch:
    """Named buffers that grow to the largest request and are reused from call to call."""

    def __init__(self, like: Tensor) -> None:
        self._like = like
        self._buffers: dict[str, Tensor] = {}

    def __call__(self, name: str, *shape: int) -> Tensor:
        """Give an uninitialised tensor; it is overwritten by the next request of this name."""
        size = math.prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            with torch.inference_mode(False):  # may be written to outside of it, another time
                buffer = self._buffers[name] = self._like.new_empty(size)
        return buffer[:size].view(shape)


class ScratchPool:
    """Keeps one :class:`Scratch` between calls; calls at the same time get one of their own."""

    def __init__(self) -> None:
        self._spare: list[tuple[object, Scratch]] = []

    def __deepcopy__(self, memo: object) -> ScratchPool:
        """Give an empty one: the copy of a network needs nothing of what is in the buffers."""
        return ScratchPool()

    @contextmanager
    def lend(self, like: Tensor) -> Iterator[Scratch]:
        """Lend buffers with a tensor's dtype and device."""
        kind = (like.dtype, like.device)
        # Lists are changed in one step each: no two threads can get the same entry.
        known, scratch = self._spare.pop() if self._spare else (None, None)
        if scratch is None or known != kind:
            scratch = Scratch(like.new_empty(0))
        yield scratch
        if not self._spare:
            self._spare.append((kind, scratch))
