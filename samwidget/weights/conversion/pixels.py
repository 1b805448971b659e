"""How a checkpoint normalises colours, where it says so."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from samwidget.models.config import ModelConfig
from samwidget.weights.conversion.state import State
from samwidget.weights.records import CheckpointError


def with_own_pixels(config: ModelConfig, state: State) -> ModelConfig:
    """Take over the ``pixel_mean`` and ``pixel_std`` that lie beside weights.

    segment-anything's models hold both, as buffers that are not saved by default. They are in units
    of 0 to 255, or of 0 to 1 when no deviation is above 1.

    Raises
    ------
    CheckpointError
        When they are no three numbers each.
    """
    if "pixel_mean" not in state or "pixel_std" not in state:
        return config
    mean, std = (_three(state[name], name) for name in ("pixel_mean", "pixel_std"))
    if any(value <= 0 for value in std):
        raise CheckpointError(f"holds a pixel_std that is not above zero: {std}")
    if max(std) <= 1:
        mean, std = ((255 * r, 255 * g, 255 * b) for r, g, b in (mean, std))
    pairs = zip((*mean, *std), (*config.pixel_mean, *config.pixel_std), strict=True)
    if all(abs(theirs - ours) < _TOLERANCE for theirs, ours in pairs):
        return config
    return replace(config, pixel_mean=mean, pixel_std=std)


_TOLERANCE = 0.6
"""Of 255: half precision and three digits of 0 to 1 are as coarse."""


def _three(tensor: Tensor, name: str) -> tuple[float, float, float]:
    values = [float(value) for value in tensor.detach().flatten()[:4].float()]
    if len(values) != 3 or not all(abs(value) < 1e6 for value in values):
        raise CheckpointError(f"holds a {name} that is no three numbers: {values}")
    return values[0], values[1], values[2]
