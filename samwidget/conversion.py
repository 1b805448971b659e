"""Foreign weights: which model they are, and their names turned into ours.

Our ViT models use the names of Meta's own files, so those only lose their wrapping. Hugging Face
names are translated. Everything is told from the contents: names of files and folders do not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from samwidget.models.config import CONFIGS, NANO, ModelConfig, VitConfig
from samwidget.models.vit import PATCH_SIZE
from samwidget.records import CheckpointError

State = dict[str, Tensor]

_WRAPPINGS = ("model", "state_dict", "model_state", "model_state_dict")
_PREFIXES = ("module.", "_orig_mod.", "model.", "sam.")
_SHOWN = 5

_FAMILIES = {
    # Where one key begins like this, the weights are of that family. The first hit counts.
    "image_encoder.trunk.": "SAM 2",
    "sam_mask_decoder.": "SAM 2",
    "vision_encoder.backbone.": "SAM 2",
    "mask_decoder.hf_token.": "HQ-SAM",
    "mask_decoder.hq_token.": "HQ-SAM",
    "image_encoder.layers.": "MobileSAM (TinyViT)",
    "image_encoder.features.": "EdgeSAM",
    "prompt_encoder.bbox_top_left_embeddings.": "EfficientSAM",
}

_HUGGING_FACE = (
    # (expression at the start of a name, what takes its place)
    (r"(?:prompt_encoder\.shared_embedding|shared_image_embedding)\.positional_embedding",
     r"prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
    (r"vision_encoder\.layers\.(\d+)\.layer_norm", r"image_encoder.blocks.\1.norm"),
    (r"vision_encoder\.layers\.", r"image_encoder.blocks."),
    (r"vision_encoder\.patch_embed\.projection\.", r"image_encoder.patch_embed.proj."),
    (r"vision_encoder\.neck\.conv1\.", r"image_encoder.neck.0."),
    (r"vision_encoder\.neck\.layer_norm1\.", r"image_encoder.neck.1."),
    (r"vision_encoder\.neck\.conv2\.", r"image_encoder.neck.2."),
    (r"vision_encoder\.neck\.layer_norm2\.", r"image_encoder.neck.3."),
    (r"vision_encoder\.pos_embed", r"image_encoder.pos_embed"),
    (r"prompt_encoder\.point_embed\.", r"prompt_encoder.point_embeddings."),
    (r"prompt_encoder\.mask_embed\.conv1\.", r"prompt_encoder.mask_downscaling.0."),
    (r"prompt_encoder\.mask_embed\.layer_norm1\.", r"prompt_encoder.mask_downscaling.1."),
    (r"prompt_encoder\.mask_embed\.conv2\.", r"prompt_encoder.mask_downscaling.3."),
    (r"prompt_encoder\.mask_embed\.layer_norm2\.", r"prompt_encoder.mask_downscaling.4."),
    (r"prompt_encoder\.mask_embed\.conv3\.", r"prompt_encoder.mask_downscaling.6."),
    (r"(mask_decoder\.transformer\.layers\.\d+)\.layer_norm", r"\1.norm"),
    (r"mask_decoder\.transformer\.layer_norm_final_attn\.",
     r"mask_decoder.transformer.norm_final_attn."),
    (r"mask_decoder\.upscale_conv1\.", r"mask_decoder.output_upscaling.0."),
    (r"mask_decoder\.upscale_layer_norm\.", r"mask_decoder.output_upscaling.1."),
    (r"mask_decoder\.upscale_conv2\.", r"mask_decoder.output_upscaling.3."),
    # A head is three linear layers; the middle one is called layers.0 there and layers.1 here.
    (r"(mask_decoder\.(?:iou_prediction_head|output_hypernetworks_mlps\.\d))\.proj_out\.",
     r"\1.layers.2."),
    (r"(mask_decoder\.(?:iou_prediction_head|output_hypernetworks_mlps\.\d))\.layers\.0\.",
     r"\1.layers.1."),
    (r"(mask_decoder\.(?:iou_prediction_head|output_hypernetworks_mlps\.\d))\.proj_in\.",
     r"\1.layers.0."),
)  # fmt: skip


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
    state = _without_prefix(_unwrap(loaded))
    for start, family in _FAMILIES.items():
        if any(key.startswith(start) for key in state):
            raise CheckpointError(f"holds a {family} model, and those are not supported yet")
    if "image_encoder.stem.0.weight" in state:
        return NANO, state
    if "vision_encoder.pos_embed" in state:
        state = {_from_hugging_face(key): tensor for key, tensor in state.items()}
    if "image_encoder.pos_embed" not in state:
        raise CheckpointError(
            f"holds no Segment Anything model that is known; its {len(state)} names begin with "
            + _some(list(state))
        )
    return _vit_config(state), state


def check_state(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Compare names and shapes.

    Raises
    ------
    CheckpointError
        Naming what is missing, what is unknown and what has another shape.
    """
    missing = [key for key in expected if key not in state]
    unknown = [key for key in state if key not in expected]
    reshaped = [
        f"{key} {tuple(state[key].shape)} instead of {tuple(tensor.shape)}"
        for key, tensor in expected.items()
        if key in state and state[key].shape != tensor.shape
    ]
    complaints = [
        f"{len(found)} {kind}: {_some(found)}"
        for kind, found in (
            ("missing", missing),
            ("unknown", unknown),
            ("of another shape", reshaped),
        )
        if found
    ]
    if complaints:
        raise CheckpointError("does not fit the model: " + "; ".join(complaints))


def _unwrap(loaded: object) -> State:
    while isinstance(loaded, Mapping):
        inner = [loaded[key] for key in _WRAPPINGS if isinstance(loaded.get(key), Mapping)]
        if not inner:
            break
        loaded = inner[0]
    if not isinstance(loaded, Mapping) or not loaded:
        raise CheckpointError(f"holds {_described(loaded)} instead of names and tensors")
    for key, value in loaded.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"holds {_described(value)} under the name {key!r}, where a tensor was expected"
            )
    return dict(loaded)


def _without_prefix(state: State) -> State:
    while True:
        prefix = next((p for p in _PREFIXES if all(key.startswith(p) for key in state)), None)
        if prefix is None:
            return state
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}


def _from_hugging_face(key: str) -> str:
    for expression, replacement in _HUGGING_FACE:
        renamed, hits = re.subn("^" + expression, replacement, key)
        if hits:
            return renamed
    return key


def _vit_config(state: State) -> VitConfig:
    numbers = {
        int(m[1]) for key in state if (m := re.match(r"image_encoder\.blocks\.(\d+)\.", key))
    }
    looked_at = {
        "image_encoder.pos_embed": 4,
        "image_encoder.blocks.0.mlp.lin1.weight": 2,
    } | {f"image_encoder.blocks.{i}.attn.rel_pos_h": 2 for i in numbers}
    for key, ndim in looked_at.items():
        if key not in state or state[key].ndim != ndim:
            raise CheckpointError(
                "holds a ViT encoder unlike that of the first Segment Anything models: "
                f"{key} is missing or has another number of dimensions than {ndim}"
            )
    _, side, width, dim = state["image_encoder.pos_embed"].shape
    hidden = state["image_encoder.blocks.0.mlp.lin1.weight"].shape[0]
    rows = {i: state[f"image_encoder.blocks.{i}.attn.rel_pos_h"].shape for i in numbers}
    head_dim = rows[0][1]
    if side != width or dim % head_dim:
        raise CheckpointError(
            "holds a ViT encoder of a kind that is not supported: positions for "
            f"{side} x {width} tokens, {dim} channels, {head_dim} in each attention head"
        )
    if hidden != 4 * dim:
        raise CheckpointError(
            f"holds a pruned ViT encoder, such as SlimSAM's, with {dim} channels and {hidden} "
            "between them, and those are not supported yet"
        )
    config = VitConfig(
        f"vit_{dim}x{len(rows)}",
        image_size=side * PATCH_SIZE,
        mask_size=side * PATCH_SIZE // 4,
        embed_dim=dim,
        depth=len(rows),
        num_heads=dim // head_dim,
        global_attn_indexes=tuple(i for i, shape in rows.items() if shape[0] == 2 * side - 1),
    )
    for row in CONFIGS.values():
        if replace(config, name=row.name) == row:
            return replace(config, name=row.name)
    return config


def _described(value: object) -> str:
    return "nothing" if value is None or value == {} else f"a {type(value).__name__}"


def _some(names: list[str]) -> str:
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
