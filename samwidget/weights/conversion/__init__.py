"""Foreign weights: which model they are, and their names turned into ours.

Our ViT models use the names of Meta's own files, so those only lose their wrapping. Hugging Face
names are translated. Everything is told from the contents: names of files and folders do not count.
"""

from __future__ import annotations

from collections.abc import Callable

from samwidget.models.config import NANO, ModelConfig
from samwidget.weights.conversion import hq, mobile, sam1, sam2
from samwidget.weights.conversion.finding import find_state
from samwidget.weights.conversion.pixels import with_own_pixels
from samwidget.weights.conversion.state import State, check_finite, check_state, some
from samwidget.weights.records import CheckpointError

__all__ = ["check_finite", "check_state", "convert"]

_OF_MODELS = ("image_encoder.", "prompt_encoder.", "mask_decoder.", "no_mem_embed")

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
        What a file of weights holds: names to tensors, in whatever wrapping and with whatever
        beside them, see :mod:`samwidget.weights.conversion.finding`.

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
    found = find_state(loaded)
    config, state = _converted(found)
    state = {key: tensor for key, tensor in state.items() if key.startswith(_OF_MODELS)}
    return with_own_pixels(config, found), state


def _converted(state: State) -> tuple[ModelConfig, State]:
    if "image_encoder.lite.stem.conv.weight" in state:
        return NANO, state
    for start, from_origin in _ORIGINS.items():
        if any(key.startswith(start) for key in state):
            return from_origin(state)
    if "vision_encoder.pos_embed" in state:
        state = sam1.from_hugging_face(state)
    if "image_encoder.pos_embed" not in state:
        raise CheckpointError(
            f"holds no Segment Anything model that is known; its {len(state)} names begin with "
            + some(list(state))
        )
    return sam1.from_owner(state)
