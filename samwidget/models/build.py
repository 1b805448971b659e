"""From a config to its model; the code of a family is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from samwidget.models.base import SegmentAnything
from samwidget.models.config import (
    HieraConfig,
    HqTinyVitConfig,
    HqVitConfig,
    ModelConfig,
    NanoConfig,
    TinyVitConfig,
    VitConfig,
)
from samwidget.models.modes import building


def build(config: ModelConfig) -> SegmentAnything:
    """Build the model of a config, with untrained weights, in train mode, float32, on the CPU.

    Raises
    ------
    TypeError
        When no model is known for the config.
    """
    with building(torch.device("cpu")):
        return _build(config)


def _build(config: ModelConfig) -> SegmentAnything:
    if isinstance(config, HqVitConfig | HqTinyVitConfig):
        from samwidget.models.hq_sam import HqSam

        return HqSam(config)
    if isinstance(config, VitConfig | TinyVitConfig):
        from samwidget.models.sam import Sam

        return Sam(config)
    if isinstance(config, HieraConfig):
        from samwidget.models.sam2 import Sam2

        return Sam2(config)
    if isinstance(config, NanoConfig):
        from samwidget.models.nano import NanoSam

        return NanoSam(config)
    raise TypeError(f"config must be one of samwidget.models.config, got {type(config).__name__}")


def build_empty(config: ModelConfig) -> SegmentAnything:
    """Build the model of a config on the meta device, to ``load_state_dict(..., assign=True)``.

    Raises
    ------
    TypeError
        When no model is known for the config.
    """
    with building(torch.device("meta")), _NothingDrawn():
        return _build(config)


class _NothingDrawn(TorchFunctionMode):
    """Leaves out the drawing of normal numbers.

    On the meta device, where there is nothing to fill, torch does that by means of its compiler,
    which takes more than a second to import.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is nn.init.normal_:
            return kwargs["tensor"]
        if func is torch.randn:
            func = torch.empty
        return func(*args, **kwargs)
