"""The first family: Meta's names are ours, Hugging Face's are translated."""

from __future__ import annotations

import re
from dataclasses import replace

from samwidget.models.config import CONFIGS, VitConfig
from samwidget.models.vit import PATCH_SIZE
from samwidget.weights.conversion.state import State, renamed
from samwidget.weights.records import CheckpointError

_HUGGING_FACE = (
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


def from_hugging_face(state: State) -> State:
    """Give the names of ``transformers.SamModel`` the names of Meta's files."""
    return renamed(state, _HUGGING_FACE)


def vit_config(state: State) -> VitConfig:
    """Read the architecture off names and shapes; a row of :data:`CONFIGS` when it is one."""
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
    config = VitConfig(
        f"vit_{dim}x{len(rows)}",
        image_size=side * PATCH_SIZE,
        mask_size=side * PATCH_SIZE // 4,
        embed_dim=dim,
        depth=len(rows),
        num_heads=dim // head_dim,
        mlp_dim=None if hidden == 4 * dim else hidden,
        global_attn_indexes=tuple(i for i, shape in rows.items() if shape[0] == 2 * side - 1),
    )
    for row in CONFIGS.values():
        if replace(config, name=row.name) == row:
            return replace(config, name=row.name)
    return config
