"""From a config to its model; the code of a family is imported when it is asked for."""

from __future__ import annotations

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


def build(config: ModelConfig) -> SegmentAnything:
    """Build the model of a config, with untrained weights, in train mode.

    Under ``torch.device("meta")`` no memory is taken, for ``load_state_dict(..., assign=True)``.

    Raises
    ------
    TypeError
        When no model is known for the config.
    """
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
