"""SAM 2 and 2.1: the owner's names, Hugging Face's, and what a still image has no use for."""

from __future__ import annotations

import re
from dataclasses import replace

from torch import Tensor

from samwidget.models.config import SAM2, SAM2_1, HieraConfig
from samwidget.weights.conversion.state import State, renamed
from samwidget.weights.records import CheckpointError

_OWNER = (
    (r"sam_prompt_encoder\.", "prompt_encoder."),
    (r"sam_mask_decoder\.(transformer\.layers\.\d+)\.mlp\.layers\.0\.",
     r"mask_decoder.\1.mlp.lin1."),
    (r"sam_mask_decoder\.(transformer\.layers\.\d+)\.mlp\.layers\.1\.",
     r"mask_decoder.\1.mlp.lin2."),
    (r"sam_mask_decoder\.", "mask_decoder."),
)  # fmt: skip

_HUGGING_FACE = (
    (r"no_memory_embedding$", "no_mem_embed"),
    (r"(?:prompt_encoder\.shared_embedding|shared_image_embedding)\.positional_embedding",
     r"prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
    (r"vision_encoder\.neck\.convs\.(\d)\.", r"image_encoder.neck.convs.\1.conv."),
    (r"vision_encoder\.backbone\.patch_embed\.projection\.",
     "image_encoder.trunk.patch_embed.proj."),
    (r"vision_encoder\.backbone\.(blocks\.\d+)\.layer_norm", r"image_encoder.trunk.\1.norm"),
    (r"vision_encoder\.backbone\.(blocks\.\d+\.mlp)\.proj_in\.",
     r"image_encoder.trunk.\1.layers.0."),
    (r"vision_encoder\.backbone\.(blocks\.\d+\.mlp)\.proj_out\.",
     r"image_encoder.trunk.\1.layers.1."),
    (r"vision_encoder\.backbone\.", "image_encoder.trunk."),
    (r"prompt_encoder\.mask_embed\.conv1\.", "prompt_encoder.mask_downscaling.0."),
    (r"prompt_encoder\.mask_embed\.layer_norm1\.", "prompt_encoder.mask_downscaling.1."),
    (r"prompt_encoder\.mask_embed\.conv2\.", "prompt_encoder.mask_downscaling.3."),
    (r"prompt_encoder\.mask_embed\.layer_norm2\.", "prompt_encoder.mask_downscaling.4."),
    (r"prompt_encoder\.mask_embed\.conv3\.", "prompt_encoder.mask_downscaling.6."),
    (r"(mask_decoder\.transformer\.layers\.\d+)\.layer_norm", r"\1.norm"),
    (r"(mask_decoder\.transformer\.layers\.\d+\.mlp)\.proj_in\.", r"\1.lin1."),
    (r"(mask_decoder\.transformer\.layers\.\d+\.mlp)\.proj_out\.", r"\1.lin2."),
    (r"(mask_decoder\.transformer\..*)\.o_proj\.", r"\1.out_proj."),
    (r"mask_decoder\.transformer\.layer_norm_final_attn\.",
     "mask_decoder.transformer.norm_final_attn."),
    (r"mask_decoder\.upscale_conv1\.", "mask_decoder.output_upscaling.0."),
    (r"mask_decoder\.upscale_layer_norm\.", "mask_decoder.output_upscaling.1."),
    (r"mask_decoder\.upscale_conv2\.", "mask_decoder.output_upscaling.3."),
    # A head is three linear layers; the middle one is called layers.0 there and layers.1 here.
    (r"(mask_decoder\.(?:\w+_head|output_hypernetworks_mlps\.\d))\.proj_out\.", r"\1.layers.2."),
    (r"(mask_decoder\.(?:\w+_head|output_hypernetworks_mlps\.\d))\.layers\.0\.", r"\1.layers.1."),
    (r"(mask_decoder\.(?:\w+_head|output_hypernetworks_mlps\.\d))\.proj_in\.", r"\1.layers.0."),
)  # fmt: skip

_ONLY_IN_2_0 = ("no_obj_ptr", "no_object_pointer")
_ONLY_IN_2_1 = ("no_obj_embed_spatial", "occlusion_spatial_embedding_parameter")
"""Names that begin like these: 2.1 has both kinds, 2.0 the first, an image model neither."""


def from_owner(state: State) -> tuple[HieraConfig, State]:
    """Take the parts for still images out of a file of SAM 2 or 2.1."""
    return _config(state), renamed(state, _OWNER)


def from_hugging_face(state: State) -> tuple[HieraConfig, State]:
    """Give the names of ``transformers.Sam2Model`` or ``Sam2VideoModel`` the owner's names."""
    ours = renamed(_with_split_points(state), _HUGGING_FACE)
    return _config(state | ours), ours


def _with_split_points(state: State) -> State:
    """Split the table of point embeddings into one table for each kind."""
    split: State = {}
    for key, tensor in state.items():
        if key == "prompt_encoder.point_embed.weight":
            for i in range(len(tensor)):
                split[f"prompt_encoder.point_embeddings.{i}.weight"] = tensor[i : i + 1]
        else:
            split[key] = tensor
    return split


def _with_background(row: HieraConfig, table: Tensor | None) -> HieraConfig:
    """Have the size of table that there is; it is stretched over the image in any case."""
    if table is None or table.ndim != 4 or table.shape[2] != table.shape[3]:
        return row
    return replace(row, background_size=table.shape[2])


def _config(state: State) -> HieraConfig:
    trunk = "image_encoder.trunk."
    patches = state.get(f"{trunk}patch_embed.proj.weight")
    widths = {
        int(m[1]): tensor.shape[0]
        for key, tensor in state.items()
        if (m := re.fullmatch(trunk.replace(".", r"\.") + r"blocks\.(\d+)\.norm2\.weight", key))
    }
    if patches is None or not widths:
        raise CheckpointError("holds a SAM 2 without an image encoder")
    in_order = [widths[i] for i in sorted(widths)]
    stages = tuple(in_order.count(width) for width in sorted(set(in_order)))
    old = any(key.startswith(_ONLY_IN_2_0) for key in state)
    new = any(key.startswith(_ONLY_IN_2_1) for key in state)
    for row in SAM2 if old and not new else SAM2_1:
        if (row.embed_dim, row.stages) == (patches.shape[0], stages):
            return _with_background(row, state.get(f"{trunk}pos_embed"))
    raise CheckpointError(
        f"holds a SAM 2 of a size that is not known: {patches.shape[0]} channels, and {stages} "
        "blocks in its stages"
    )
