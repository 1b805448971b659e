"""Foreign weights: which model they are, and their names turned into ours.

Our ViT models use the names of Meta's own files, so those only lose their wrapping. Hugging Face
names are translated. Everything is told from the contents: names of files and folders do not count.
"""

from __future__ import annotations

from collections.abc import Callable

from samwidget.models.config import NANO, NANO_LITE, ModelConfig
from samwidget.weights.conversion import hq, mobile, sam2
from samwidget.weights.conversion.sam1 import from_hugging_face, vit_config
from samwidget.weights.conversion.state import State, check_state, some, unwrap, without_prefix
from samwidget.weights.records import CheckpointError

__all__ = ["check_state", "convert"]

_REFUSED = {
    # Where one key begins like this, the weights are refused for a reason.
    "image_encoder.features.": "an EdgeSAM, whose licence forbids commercial use",
    "prompt_encoder.bbox_top_left_embeddings.": "an EfficientSAM, which knows neither background "
    "points nor masks as prompts",
}

_ORIGINS: dict[str, Callable[[State], tuple[ModelConfig, State]]] = {
    "image_encoder.trunk.": sam2.from_owner,
    "vision_encoder.backbone.": sam2.from_hugging_face,
    "mask_decoder.hf_token.": hq.from_owner,
    "mask_decoder.hq_token.": hq.from_hugging_face,
    "image_encoder.layers.": mobile.from_owner,
}
"""Where one key begins like this, the weights are of that origin. The first hit counts."""


def convert(loaded: object) -> tuple[ModelConfig, State]:
    """Recognise weights and give them our names.

    Parameters
    ----------
    loaded
        What a file of weights holds: names to tensors, flat or wrapped as ``{"model": ...}``,
        ``{"state_dict": ...}``, ``{"model_state": ...}``; with or without a common prefix such as
        ``module.``.

    Returns
    -------
    config
        The architecture, read off the names and shapes; a row of
        :data:`samwidget.models.config.CONFIGS` when it is one of them.
    state
        Our names to the tensors.

    Raises
    ------
    CheckpointError
        When these are not the weights of a model that is supported.
    """
    state = without_prefix(unwrap(loaded))
    for start, reason in _REFUSED.items():
        if any(key.startswith(start) for key in state):
            raise CheckpointError(f"holds {reason}; it is not supported")
    if "image_encoder.stem.0.weight" in state:
        return NANO, state
    if "image_encoder.lite.stem.conv.weight" in state:
        return NANO_LITE, state
    for start, from_origin in _ORIGINS.items():
        if any(key.startswith(start) for key in state):
            return from_origin(state)
    if "vision_encoder.pos_embed" in state:
        state = from_hugging_face(state)
    if "image_encoder.pos_embed" not in state:
        raise CheckpointError(
            f"holds no Segment Anything model that is known; its {len(state)} names begin with "
            + some(list(state))
        )
    return vit_config(state), state
