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
class NanoConfig(ModelConfig):
    """The embedded model; see ``nano.py``."""


VIT_B = VitConfig("vit_b")
VIT_L = VitConfig(
    "vit_l", embed_dim=1024, depth=24, num_heads=16, global_attn_indexes=(5, 11, 17, 23)
)
VIT_H = VitConfig(
    "vit_h", embed_dim=1280, depth=32, num_heads=16, global_attn_indexes=(7, 15, 23, 31)
)
NANO = NanoConfig("nano", image_size=512, mask_size=256)

CONFIGS: dict[str, ModelConfig] = {row.name: row for row in (NANO, VIT_B, VIT_L, VIT_H)}
