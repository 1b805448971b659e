"""One row per model: everything that tells one architecture from another."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    name: str
    image_size: int = 1024
    mask_size: int = 256
    pixel_mean: tuple[float, float, float] = IMAGENET_MEAN
    pixel_std: tuple[float, float, float] = IMAGENET_STD


@dataclass(frozen=True)
class VitConfig(ModelConfig):
    """A SAM with the plain ViT encoder (Kirillov et al., 2023)."""

    embed_dim: int = 768
    depth: int = 12
    num_heads: int = 12
    global_attn_indexes: tuple[int, ...] = (2, 5, 8, 11)


@dataclass(frozen=True)
class TinyVitConfig(ModelConfig):
    """MobileSAM: a SAM with a TinyViT encoder (Zhang et al., 2023); a value for each stage."""

    dims: tuple[int, ...] = (64, 128, 160, 320)
    depths: tuple[int, ...] = (2, 2, 6, 2)
    num_heads: tuple[int, ...] = (2, 4, 5, 10)
    window_sizes: tuple[int, ...] = (7, 7, 14, 7)


@dataclass(frozen=True)
class NanoConfig(ModelConfig):
    """The embedded model; see ``nano.py``.

    Attributes
    ----------
    encoder_channels, encoder_depths
        Channels at strides 2, 4, 8, 16, 32; residual blocks at strides 4, 8, 16, 32.
    attention_depth, encoder_heads
        Transformer blocks at stride 32.
    key_channels, similarity_heads
        Features at stride 8 that prompts are compared in, and the number of cosines of each pair.
    mask_channels
        Features of the previous mask.
    decoder_channels
        Channels at strides 16, 8, 4, 2 of the mask decoder.
    decoder_depth, decoder_heads
        Two-way layers at stride 16.
    """

    encoder_channels: tuple[int, int, int, int, int] = (24, 48, 96, 160, 192)
    encoder_depths: tuple[int, int, int, int] = (1, 2, 2, 0)
    attention_depth: int = 3
    encoder_heads: int = 6
    key_channels: int = 64
    similarity_heads: int = 8
    mask_channels: int = 16
    decoder_channels: tuple[int, int, int, int] = (96, 48, 24, 8)
    decoder_depth: int = 2
    decoder_heads: int = 4


VIT_B = VitConfig("vit_b")
VIT_L = VitConfig(
    "vit_l", embed_dim=1024, depth=24, num_heads=16, global_attn_indexes=(5, 11, 17, 23)
)
VIT_H = VitConfig(
    "vit_h", embed_dim=1280, depth=32, num_heads=16, global_attn_indexes=(7, 15, 23, 31)
)
MOBILE_SAM = TinyVitConfig("mobile_sam")
NANO = NanoConfig("nano", image_size=384, mask_size=192)

CONFIGS: dict[str, ModelConfig] = {row.name: row for row in (NANO, MOBILE_SAM, VIT_B, VIT_L, VIT_H)}
