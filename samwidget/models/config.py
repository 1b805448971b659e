"""One row per model: everything that tells one architecture from another."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Literal

EMBED_DIM = 256
"""Channels of an image's embedding and of the mask decoder, in every model but the embedded one."""

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)


@dataclass(frozen=True)
class ModelConfig:
    """What callers of any model need to know about it.

    Attributes
    ----------
    name
        The model's name in this package, such as ``"vit_b"``.
    image_size
        Side of the square model frame in pixels. The image's long side is resized to it.
    mask_size
        Side of the square low-res logits.
    pixel_mean, pixel_std
        RGB, in units of 0 to 255.
    keeps_aspect
        False: both sides of an image are resized to ``image_size``, and there is no padding.
    resized_by
        The library whose bilinear resize the weights' owner uses.
    cleans_masks
        Whether small islands and holes of its masks are noise, which
        :mod:`samwidget.values.cleaning` takes away.
    """

    name: str
    image_size: int = 1024
    mask_size: int = 256
    pixel_mean: tuple[float, float, float] = IMAGENET_MEAN
    pixel_std: tuple[float, float, float] = IMAGENET_STD
    keeps_aspect: bool = True
    resized_by: Literal["pillow", "torch"] = "pillow"
    cleans_masks: bool = False


@dataclass(frozen=True)
class VitConfig(ModelConfig):
    """A SAM with the plain ViT encoder (Kirillov et al., 2023).

    ``mlp_dim`` is four times ``embed_dim`` unless it is given, as for pruned encoders.
    """

    embed_dim: int = 768
    depth: int = 12
    num_heads: int = 12
    global_attn_indexes: tuple[int, ...] = (2, 5, 8, 11)
    mlp_dim: int | None = None


@dataclass(frozen=True)
class HqVitConfig(VitConfig):
    """HQ-SAM (Ke et al., 2023) with the plain ViT encoder."""


@dataclass(frozen=True)
class TinyVitConfig(ModelConfig):
    """MobileSAM: a SAM with a TinyViT encoder (Zhang et al., 2023); a value for each stage."""

    dims: tuple[int, ...] = (64, 128, 160, 320)
    depths: tuple[int, ...] = (2, 2, 6, 2)
    num_heads: tuple[int, ...] = (2, 4, 5, 10)
    window_sizes: tuple[int, ...] = (7, 7, 14, 7)


@dataclass(frozen=True)
class HqTinyVitConfig(TinyVitConfig):
    """HQ-SAM with MobileSAM's encoder, also called Light HQ-SAM."""


@dataclass(frozen=True)
class HieraConfig(ModelConfig):
    """SAM 2 and 2.1 (Ravi et al., 2024).

    Attributes
    ----------
    embed_dim, num_heads
        Of the first stage; each next one has twice as many.
    stages
        Blocks of each stage.
    global_attn_indexes
        Blocks that attend to the whole map.
    background_size
        Side of the part of the position embedding that is stretched over the map.
    window_sizes
        Of each stage.
    """

    keeps_aspect: bool = False
    resized_by: Literal["pillow", "torch"] = "torch"
    embed_dim: int = 96
    num_heads: int = 1
    stages: tuple[int, int, int, int] = (1, 2, 7, 2)
    global_attn_indexes: tuple[int, ...] = (5, 7, 9)
    background_size: int = 7
    window_sizes: tuple[int, int, int, int] = (8, 4, 14, 7)


@dataclass(frozen=True)
class NanoConfig(ModelConfig):
    """The embedded model; see ``nano.py``.

    Attributes
    ----------
    encoder_channels
        Of the pretrained trunk, at strides 2, 4, 8, 16, 32.
    attention_channels, attention_depth, encoder_heads
        Transformer blocks at stride 32.
    pyramid_channels
        On the way back up, at strides 16, 8 and 4.
    key_channels, similarity_heads
        Features at stride 8 that prompts are compared in, and the number of cosines of each pair.
    mask_channels
        Features of the previous mask.
    decoder_channels
        Channels at strides 16, 8, 4, 2 of the mask decoder.
    decoder_depth, decoder_heads
        Two-way layers at stride 16.
    """

    pixel_mean: tuple[float, float, float] = (127.0, 127.0, 127.0)
    pixel_std: tuple[float, float, float] = (128.0, 128.0, 128.0)
    resized_by: Literal["pillow", "torch"] = "torch"
    cleans_masks: bool = True
    encoder_channels: tuple[int, int, int, int, int] = (16, 24, 40, 112, 320)
    attention_channels: int = 192
    attention_depth: int = 3
    encoder_heads: int = 6
    pyramid_channels: tuple[int, int, int] = (160, 96, 48)
    key_channels: int = 64
    similarity_heads: int = 8
    mask_channels: int = 16
    decoder_channels: tuple[int, int, int, int] = (128, 64, 32, 8)
    decoder_depth: int = 2
    decoder_heads: int = 4


VIT_B = VitConfig("vit_b")
VIT_L = VitConfig(
    "vit_l", embed_dim=1024, depth=24, num_heads=16, global_attn_indexes=(5, 11, 17, 23)
)
VIT_H = VitConfig(
    "vit_h", embed_dim=1280, depth=32, num_heads=16, global_attn_indexes=(7, 15, 23, 31)
)
SAM2_T = HieraConfig("sam2_t")
SAM2_S = replace(SAM2_T, name="sam2_s", stages=(1, 2, 11, 2), global_attn_indexes=(7, 10, 13))
SAM2_B = HieraConfig(
    "sam2_b",
    embed_dim=112,
    num_heads=2,
    stages=(2, 3, 16, 3),
    global_attn_indexes=(12, 16, 20),
    background_size=14,
)
SAM2_L = HieraConfig(
    "sam2_l",
    embed_dim=144,
    num_heads=2,
    stages=(2, 6, 36, 4),
    global_attn_indexes=(23, 33, 43),
    window_sizes=(8, 4, 16, 8),
)
SAM2 = (SAM2_T, SAM2_S, SAM2_B, SAM2_L)
SAM2_1 = tuple(replace(row, name=row.name.replace("sam2", "sam2.1")) for row in SAM2)
"""For still images the two releases differ in their weights only."""

MOBILE_SAM = TinyVitConfig("mobile_sam")
NANO = NanoConfig("nano", image_size=384, mask_size=192)

HQ_TINY = HqTinyVitConfig("hq_vit_tiny")
HQ = tuple(HqVitConfig(**asdict(row) | {"name": f"hq_{row.name}"}) for row in (VIT_B, VIT_L, VIT_H))

CONFIGS: dict[str, ModelConfig] = {
    row.name: row for row in (NANO, MOBILE_SAM, VIT_B, VIT_L, VIT_H, *SAM2_1, *SAM2, HQ_TINY, *HQ)
}
