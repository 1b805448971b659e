"""Segment-anything's ``sam_model_registry``."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build
from samwidget.models.config import CONFIGS
from samwidget.values.errors import quoted
from samwidget.weights.opening import open_model


def _open_named(name: str, checkpoint: str | os.PathLike[str] | None = None) -> SegmentAnything:
    """Give a network in eval mode: with the weights of a file or a name, or untrained without."""
    config = CONFIGS[name]
    if checkpoint is None:
        return build(config).eval()
    model = open_model(checkpoint)
    if model.config.name != config.name:
        raise ValueError(
            f"{quoted(checkpoint)} holds the model '{model.config.name}', not '{name}'"
        )
    return model


sam_model_registry: dict[str, Callable[..., SegmentAnything]] = {
    "default": partial(_open_named, "vit_h"),
    "vit_h": partial(_open_named, "vit_h"),
    "vit_l": partial(_open_named, "vit_l"),
    "vit_b": partial(_open_named, "vit_b"),
    "vit_t": partial(_open_named, "mobile_sam"),
}
"""Names to functions of ``checkpoint=None``, the path or name of weights; MobileSAM is vit_t."""
