"""The first family: Meta's names are ours, Hugging Face's are translated."""

from __future__ import annotations

import re
from dataclasses import replace

import torch.nn.functional as F

from samwidget.models.config import CONFIGS, VitConfig
from samwidget.models.vit import PATCH_SIZE, WINDOW_SIZE
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


def from_owner(state: State) -> tuple[VitConfig, State]:
    """Read the architecture off names and shapes; a row of :data:`CONFIGS` when it is one.

    Relative positions of global attention that are of another size of images than the table of
    absolute ones are interpolated, as segment-anything does whenever it reads them.
    """
    numbers = sorted(
        {int(m[1]) for key in state if (m := re.match(r"image_encoder\.blocks\.(\d+)\.", key))}
    )
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
    shapes = {i: state[f"image_encoder.blocks.{i}.attn.rel_pos_h"].shape for i in numbers}
    head_dim = shapes[0][1]
    if side != width or dim % head_dim:
        raise CheckpointError(
            "holds a ViT encoder of a kind that is not supported: positions for "
            f"{side} x {width} tokens, {dim} channels, {head_dim} in each attention head"
        )
    rows = {i: shape[0] for i, shape in shapes.items()}
    is_global = _global_blocks(rows, side)
    config = VitConfig(
        f"vit_{dim}x{len(rows)}",
        image_size=side * PATCH_SIZE,
        mask_size=side * PATCH_SIZE // 4,
        embed_dim=dim,
        depth=len(rows),
        num_heads=dim // head_dim,
        mlp_dim=None if hidden == 4 * dim else hidden,
        global_attn_indexes=tuple(is_global),
    )
    for row in CONFIGS.values():
        if replace(config, name=row.name) == row:
            config = replace(config, name=row.name)
    return config, _with_relative_positions(state, is_global, 2 * side - 1)


def _global_blocks(rows: dict[int, int], side: int) -> list[int]:
    """Tell which blocks attend to everything, by the rows of their relative positions."""
    of_window, of_map = 2 * WINDOW_SIZE - 1, 2 * side - 1
    others = set(rows.values()) - {of_window, of_map}
    if others and (len(others) > 1 or of_map in rows.values() or of_window not in rows.values()):
        raise CheckpointError(
            "holds a ViT encoder whose tables of relative positions do not fit that of the "
            f"absolute ones: for windows of {WINDOW_SIZE} x {WINDOW_SIZE} tokens and maps of "
            f"{side} x {side} they have {of_window} and {of_map} rows, but these have "
            f"{sorted(set(rows.values()))}. Interpolate them to one size of images, and save the "
            "state_dict() again"
        )
    return [i for i, count in rows.items() if count in ({of_map} | others)]


def _with_relative_positions(state: State, blocks: list[int], rows: int) -> State:
    """Interpolate the tables of some blocks to as many rows, where they have others."""
    changed: State = {}
    for i in blocks:
        for axis in "hw":
            key = f"image_encoder.blocks.{i}.attn.rel_pos_{axis}"
            table = state.get(key)
            if table is not None and table.ndim == 2 and len(table) != rows:
                stretched = F.interpolate(table.detach().float().T[None], rows, mode="linear")
                changed[key] = stretched[0].T.contiguous()
    return state | changed
