"""MobileSAM: its owner's names are ours once batch normalisation is folded into convolutions."""

from __future__ import annotations

from samwidget.models.config import MOBILE_SAM, TinyVitConfig
from samwidget.weights.conversion.state import State, some
from samwidget.weights.records import CheckpointError

_EPS = 1e-5
_LEFTOVERS = ("image_encoder.norm_head.", "image_encoder.head.")
"""Of the classifier that the encoder was distilled from; nothing reads them."""


def from_owner(state: State) -> tuple[TinyVitConfig, State]:
    """Give MobileSAM's file our names."""
    return MOBILE_SAM, folded(state)


def folded(state: State) -> State:
    """Fold what follows each convolution into it, and drop the classifier's leftovers.

    ``x.c.weight`` and ``x.bn.*`` become ``x.weight`` and ``x.bias``, exactly but for rounding.
    """
    kept = {key: t for key, t in state.items() if not key.startswith(_LEFTOVERS)}
    plain: State = {}
    for key, tensor in kept.items():
        if key.endswith(".c.weight"):
            name = key.removesuffix(".c.weight")
            norm = [f"{name}.bn.{part}" for part in ("weight", "bias", "running_mean")]
            norm.append(f"{name}.bn.running_var")
            missing = [part for part in norm if part not in kept]
            if missing:
                raise CheckpointError("holds a TinyViT encoder without " + some(missing))
            gain, shift, mean, variance = (kept[part].float() for part in norm)
            scale = gain * (variance + _EPS).rsqrt()
            plain[f"{name}.weight"] = tensor.float() * scale.view(-1, 1, 1, 1)
            plain[f"{name}.bias"] = shift - mean * scale
        elif ".bn." not in key:
            plain[key] = tensor
    return plain
