"""HQ-SAM: the owner's names are ours, Hugging Face's are translated."""

from __future__ import annotations

from dataclasses import asdict

from samwidget.models.config import CONFIGS, HQ_TINY, HqTinyVitConfig, HqVitConfig
from samwidget.weights.conversion import mobile, sam1
from samwidget.weights.conversion.state import State, renamed

_DECODER = r"mask_decoder\."
_HUGGING_FACE = (
    (_DECODER + r"hq_token\.", "mask_decoder.hf_token."),
    (_DECODER + r"hq_mask_mlp\.proj_in\.", "mask_decoder.hf_mlp.layers.0."),
    (_DECODER + r"hq_mask_mlp\.layers\.0\.", "mask_decoder.hf_mlp.layers.1."),
    (_DECODER + r"hq_mask_mlp\.proj_out\.", "mask_decoder.hf_mlp.layers.2."),
    *(
        (_DECODER + f"{theirs}_{part}" + r"\.", f"mask_decoder.{ours}.{index}.")
        for theirs, ours in (
            ("compress_vit", "compress_vit_feat"),
            ("encoder", "embedding_encoder"),
            ("mask", "embedding_maskfeature"),
        )
        for part, index in (("conv1", 0), ("norm", 1), ("conv2", 3))
    ),
)


def from_owner(state: State) -> tuple[HqVitConfig | HqTinyVitConfig, State]:
    """Tell which encoder it has."""
    if any(key.startswith("image_encoder.layers.") for key in state):
        return HQ_TINY, mobile.folded(state)
    plain, state = sam1.from_owner(state)
    config = HqVitConfig(**asdict(plain) | {"name": f"hq_{plain.name}"})
    known = CONFIGS.get(config.name)
    assert known is None or known == config
    return config, state


def from_hugging_face(state: State) -> tuple[HqVitConfig | HqTinyVitConfig, State]:
    """Give the names of ``transformers.SamHQModel`` the names of the owner's files."""
    return from_owner(sam1.from_hugging_face(renamed(state, _HUGGING_FACE)))
