"""What a person has told torch for a whole notebook, kept away from our own computing; and forks.

Default dtype and default device cannot be kept away without a cost at each operation: every tensor
that is made names both instead, which ``tests/models/test_modes.py`` holds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


@contextmanager
def undisturbed(device: torch.device) -> Iterator[None]:
    """Compute without gradients, and as if no inference mode and no autocast had been entered.

    Inference mode would mark what is kept for later, which nothing outside of it may write to then.
    """
    _prepare_for_forks()
    with torch.inference_mode(False), torch.no_grad():  # the first one turns gradients on
        kind = device.type
        if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
            with torch.autocast(kind, enabled=False):
                yield
        else:
            yield


Method = TypeVar("Method", bound=Callable[..., Any])


def on_its_device(method: Method) -> Method:
    """Have a method of an object with a ``device`` run :func:`undisturbed` there."""

    @wraps(method)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        with undisturbed(self.device):
            return method(self, *args, **kwargs)

    return cast("Method", run)


def version_of(tensor: Tensor) -> int:
    """Count the changes in place; 0 for what was made in inference mode, which does not count."""
    return 0 if tensor.is_inference() else tensor._version


@contextmanager
def building(device: torch.device) -> Iterator[None]:
    """Have modules that are made meanwhile hold float32 on a device, whatever the defaults are."""
    _prepare_for_forks()
    with torch.inference_mode(False), device, _Float32():
        yield


_is_prepared = False


def _prepare_for_forks() -> None:
    """Have processes that are forked from now on compute on a single thread.

    OpenMP keeps its threads between computations and waits for them at the next one; in a forked
    process they are missing, and it waits for ever.
    """
    global _is_prepared
    if not _is_prepared and hasattr(os, "register_at_fork"):
        _is_prepared = True
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


_MAKERS = frozenset([torch.empty, torch.zeros, torch.ones, torch.full, torch.randn, torch.rand])


class _Float32(TorchFunctionMode):
    """Names the dtype where a module has left it to the default."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in _MAKERS and kwargs.get("dtype") is None:
            kwargs["dtype"] = torch.float32
        return func(*args, **kwargs)
