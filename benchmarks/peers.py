"""Other implementations of the same models, for parity tests and benchmarks."""

from __future__ import annotations

import importlib.util
import re
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build_empty
from samwidget.models.config import EMBED_DIM, HieraConfig, HqVitConfig, VitConfig
from samwidget.models.vit import PATCH_SIZE, WINDOW_SIZE

State = dict[str, Tensor]


def random_sam(config: VitConfig, seed: int = 0) -> SegmentAnything:
    """Build our model with weights that all have a say; of fresh ones many are zero or one."""
    generator = torch.Generator().manual_seed(seed)
    model = build_empty(config)
    state = {}
    for name, empty in model.state_dict().items():
        noise = torch.randn(empty.shape, generator=generator)
        if empty.ndim == 1:
            is_norm = name.endswith("weight")  # no other weight has one dimension
            state[name] = 0.1 * noise + is_norm
        elif "gaussian" in name:
            state[name] = noise
        elif any(part in name for part in ("_embed.weight", "pos_embed", "rel_pos", "token.")):
            state[name] = 0.1 * noise
        else:
            state[name] = noise / empty[0].numel() ** 0.5
    model.load_state_dict(state, assign=True)
    return model.eval()


def segment_anything() -> Any:
    """Import segment-anything; where torchvision is missing, with what it needs of it in Pillow."""
    if "segment_anything" in sys.modules or importlib.util.find_spec("torchvision"):
        import segment_anything

        return segment_anything
    functional = {"resize": _resize, "to_pil_image": _to_pil_image}
    boxes = {"batched_nms": _batched_nms, "box_area": _not_here}
    stubs: dict[str, dict[str, Callable[..., Any]]] = {
        "torchvision": {},
        "torchvision.transforms": {},
        "torchvision.transforms.functional": functional,
        "torchvision.ops": {},
        "torchvision.ops.boxes": boxes,
    }
    for name, members in stubs.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
    try:
        import segment_anything

        return segment_anything
    finally:
        for name in stubs:  # others must not take them for the real thing
            del sys.modules[name]


def _to_pil_image(image: Any) -> Any:
    from PIL import Image

    return Image.fromarray(image)


def _resize(image: Any, size_hw: tuple[int, int]) -> Any:
    """Do what torchvision does with a PIL image: call its own bilinear resize."""
    from PIL import Image

    return image.resize(size_hw[::-1], Image.Resampling.BILINEAR)


def _batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Do what torchvision does for boxes (N, 4) that are all of one category."""
    assert not idxs.any()
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(2)
    overlap = shared / (area[:, None] + area[None] - shared)
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if all(overlap[i, j] <= iou_threshold for j in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def _not_here(*_: object) -> None:
    raise NotImplementedError("torchvision's box_area is stubbed")


def segment_anything_sam(config: VitConfig, state: State) -> Any:
    """Build segment-anything's Sam of any size, as its ``_build_sam`` does."""
    modeling = segment_anything().modeling
    side = config.image_size // PATCH_SIZE
    sam = modeling.Sam(
        image_encoder=modeling.ImageEncoderViT(
            depth=config.depth,
            embed_dim=config.embed_dim,
            img_size=config.image_size,
            mlp_ratio=4,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            num_heads=config.num_heads,
            patch_size=PATCH_SIZE,
            qkv_bias=True,
            use_rel_pos=True,
            global_attn_indexes=config.global_attn_indexes,
            window_size=WINDOW_SIZE,
            out_chans=EMBED_DIM,
        ),
        prompt_encoder=modeling.PromptEncoder(
            embed_dim=EMBED_DIM,
            image_embedding_size=(side, side),
            input_image_size=(config.image_size, config.image_size),
            mask_in_chans=16,
        ),
        mask_decoder=modeling.MaskDecoder(
            num_multimask_outputs=3,
            transformer=modeling.TwoWayTransformer(
                depth=2, embedding_dim=EMBED_DIM, mlp_dim=2048, num_heads=8
            ),
            transformer_dim=EMBED_DIM,
            iou_head_depth=3,
            iou_head_hidden_dim=256,
        ),
        pixel_mean=config.pixel_mean,
        pixel_std=config.pixel_std,
    )
    sam.load_state_dict(state)
    return sam.eval()


def transformers_sam(config: VitConfig, state: State) -> Any:
    """Build Hugging Face's SamModel of any size."""
    from transformers import SamConfig, SamModel

    side = {"image_size": config.image_size, "patch_size": PATCH_SIZE}
    vision = {
        "hidden_size": config.embed_dim,
        "num_hidden_layers": config.depth,
        "num_attention_heads": config.num_heads,
        "global_attn_indexes": list(config.global_attn_indexes),
        "num_pos_feats": EMBED_DIM // 2,
        "mlp_dim": config.mlp_dim or 4 * config.embed_dim,
    }
    sam = SamModel(
        SamConfig(
            vision_config={**side, **vision},
            prompt_encoder_config=side,
            # Its default is 1e-6, but these weights were trained with 1e-5.
            mask_decoder_config={"layer_norm_eps": 1e-5},
        )
    )
    sam.load_state_dict(
        {_transformers_name(name): tensor for name, tensor in state.items()}
        | {
            "shared_image_embedding.positional_embedding": state[_POSITIONS],
        }
    )
    return sam.eval()


def transformers_sam2(config: HieraConfig, state: State) -> Any:
    """Build transformers' Sam2Model with our weights."""
    from transformers import Sam2Config, Sam2Model

    dims = [config.embed_dim * 2**i for i in range(4)]
    side = config.image_size
    backbone = {
        "hidden_size": config.embed_dim,
        "num_attention_heads": config.num_heads,
        "image_size": [side, side],
        "blocks_per_stage": list(config.stages),
        "embed_dim_per_stage": dims,
        "num_attention_heads_per_stage": [config.num_heads * 2**i for i in range(4)],
        "window_size_per_stage": list(config.window_sizes),
        "global_attention_blocks": list(config.global_attn_indexes),
        "window_positional_embedding_background_size": [config.background_size] * 2,
    }
    vision = {
        "backbone_config": {"model_type": "sam2_hiera_det_model", **backbone},
        "backbone_channel_list": dims[::-1],
        "backbone_feature_sizes": [[side // s, side // s] for s in (4, 8, 16)],
    }
    sam = Sam2Model(Sam2Config(vision_config=vision, prompt_encoder_config={"image_size": side}))
    points = [f"prompt_encoder.point_embeddings.{i}.weight" for i in range(4)]
    theirs = {
        transformers_sam2_name(name): tensor for name, tensor in state.items() if name not in points
    }
    theirs["prompt_encoder.point_embed.weight"] = torch.cat([state[name] for name in points])
    theirs["shared_image_embedding.positional_embedding"] = state[_POSITIONS]
    sam.load_state_dict(theirs)
    return sam.eval()


def transformers_hq_sam(config: HqVitConfig, state: State) -> Any:
    """Build transformers' SamHQModel with our weights."""
    from transformers import SamHQConfig, SamHQModel
    from transformers.models.sam_hq.configuration_sam_hq import (
        SamHQMaskDecoderConfig,
        SamHQPromptEncoderConfig,
        SamHQVisionConfig,
    )

    side = config.image_size
    sam = SamHQModel(
        SamHQConfig(
            vision_config=SamHQVisionConfig(
                hidden_size=config.embed_dim,
                num_hidden_layers=config.depth,
                num_attention_heads=config.num_heads,
                global_attn_indexes=list(config.global_attn_indexes),
                image_size=side,
                window_size=WINDOW_SIZE,
                num_pos_feats=EMBED_DIM // 2,
                mlp_dim=4 * config.embed_dim,
            ),
            prompt_encoder_config=SamHQPromptEncoderConfig(
                image_size=side, image_embedding_size=side // PATCH_SIZE
            ),
            mask_decoder_config=SamHQMaskDecoderConfig(
                layer_norm_eps=1e-5, vit_dim=config.embed_dim
            ),
        )
    )
    theirs = {transformers_hq_name(name): tensor for name, tensor in state.items()}
    theirs["shared_image_embedding.positional_embedding"] = state[_POSITIONS]
    sam.load_state_dict(theirs)
    return sam.eval()


_POSITIONS = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"

_TRANSFORMERS_NAMES = [
    ("image_encoder.patch_embed.proj", "vision_encoder.patch_embed.projection"),
    (r"image_encoder.blocks.(\d+).norm", r"vision_encoder.layers.\1.layer_norm"),
    ("image_encoder.blocks", "vision_encoder.layers"),
    ("image_encoder.neck.0", "vision_encoder.neck.conv1"),
    ("image_encoder.neck.1", "vision_encoder.neck.layer_norm1"),
    ("image_encoder.neck.2", "vision_encoder.neck.conv2"),
    ("image_encoder.neck.3", "vision_encoder.neck.layer_norm2"),
    ("image_encoder", "vision_encoder"),
    (_POSITIONS, "prompt_encoder.shared_embedding.positional_embedding"),
    ("point_embeddings", "point_embed"),
    ("mask_downscaling.0", "mask_embed.conv1"),
    ("mask_downscaling.1", "mask_embed.layer_norm1"),
    ("mask_downscaling.3", "mask_embed.conv2"),
    ("mask_downscaling.4", "mask_embed.layer_norm2"),
    ("mask_downscaling.6", "mask_embed.conv3"),
    (r"(transformer.layers.\d).norm", r"\1.layer_norm"),
    ("norm_final_attn", "layer_norm_final_attn"),
    ("output_upscaling.0", "upscale_conv1"),
    ("output_upscaling.1", "upscale_layer_norm"),
    ("output_upscaling.3", "upscale_conv2"),
    (r"(head|mlps.\d).layers.0", r"\1.proj_in"),
    (r"(head|mlps.\d).layers.1", r"\1.layers.0"),
    (r"(head|mlps.\d).layers.2", r"\1.proj_out"),
]


def _transformers_name(name: str) -> str:
    for ours, theirs in _TRANSFORMERS_NAMES:
        name, changed = re.subn(ours, theirs, name)
        if changed and ours.startswith("(head"):
            break  # the three layers of a head shift by one: rename once
    return name


_TRANSFORMERS_HQ_NAMES = [
    ("hf_token", "hq_token"),
    ("hf_mlp.layers.0", "hq_mask_mlp.proj_in"),
    ("hf_mlp.layers.1", "hq_mask_mlp.layers.0"),
    ("hf_mlp.layers.2", "hq_mask_mlp.proj_out"),
    ("compress_vit_feat.0", "compress_vit_conv1"),
    ("compress_vit_feat.1", "compress_vit_norm"),
    ("compress_vit_feat.3", "compress_vit_conv2"),
    ("embedding_encoder.0", "encoder_conv1"),
    ("embedding_encoder.1", "encoder_norm"),
    ("embedding_encoder.3", "encoder_conv2"),
    ("embedding_maskfeature.0", "mask_conv1"),
    ("embedding_maskfeature.1", "mask_norm"),
    ("embedding_maskfeature.3", "mask_conv2"),
]


def transformers_hq_name(name: str) -> str:
    for ours, theirs in _TRANSFORMERS_HQ_NAMES:
        if ours in name:
            return name.replace(ours, theirs)
    return _transformers_name(name)


_TRANSFORMERS_SAM2_NAMES = [
    ("no_mem_embed", "no_memory_embedding"),
    (r"image_encoder.neck.convs.(\d).conv", r"vision_encoder.neck.convs.\1"),
    ("image_encoder.trunk.patch_embed.proj", "vision_encoder.backbone.patch_embed.projection"),
    (r"image_encoder.trunk.blocks.(\d+).norm", r"vision_encoder.backbone.blocks.\1.layer_norm"),
    (r"image_encoder.trunk.(blocks.\d+.mlp).layers.0", r"vision_encoder.backbone.\1.proj_in"),
    (r"image_encoder.trunk.(blocks.\d+.mlp).layers.1", r"vision_encoder.backbone.\1.proj_out"),
    ("image_encoder.trunk", "vision_encoder.backbone"),
    (r"(transformer.layers.\d.mlp).lin1", r"\1.proj_in"),
    (r"(transformer.layers.\d.mlp).lin2", r"\1.proj_out"),
    (r"(transformer.*).out_proj", r"\1.o_proj"),
]


def transformers_sam2_name(name: str) -> str:
    for ours, theirs in _TRANSFORMERS_SAM2_NAMES:
        name = re.sub(ours, theirs, name)
    return name if name.startswith("vision_encoder") else _transformers_name(name)
