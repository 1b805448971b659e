"""The image encoder of the embedded model: a pretrained trunk, attention, a pyramid back up."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures, Progress
from samwidget.models.config import NanoConfig
from samwidget.models.efficientnet_lite import EfficientNetLite
from samwidget.models.nano_layers import EncoderBlock, conv_norm, sine_positions

_TRUNK_DONE = (0.2, 0.4, 0.5, 0.65, 0.75)
"""Fractions of the encoding that are done after each stage of the trunk."""


class NanoImageEncoder(nn.Module):
    """EfficientNet-Lite0 down to stride 32, attention there, a feature pyramid back up to 4."""

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        t2, t4, t8, t16, t32 = config.encoder_channels
        c32 = config.attention_channels
        c16, c8, c4 = config.pyramid_channels
        d16, d8, d4, d2 = config.decoder_channels
        self.lite = EfficientNetLite()
        self.enter = nn.Conv2d(t32, c32, 1)
        self.blocks = nn.ModuleList(
            EncoderBlock(c32, config.encoder_heads, 3) for _ in range(config.attention_depth)
        )
        self.norm = nn.LayerNorm(c32)
        self.lateral16 = nn.Conv2d(t16, c16, 1)
        self.lateral8 = nn.Conv2d(t8, c8, 1)
        self.lateral4 = nn.Conv2d(t4, c4, 1)
        self.down32 = nn.Conv2d(c32, c16, 1)
        self.down16 = nn.Conv2d(c16, c8, 1)
        self.down8 = nn.Conv2d(c8, c4, 1)
        self.merge16 = conv_norm(c16, c16)
        self.merge8 = conv_norm(c8, c8)
        self.merge4 = conv_norm(c4, c4)
        self.out16 = nn.Conv2d(c16, d16, 1)
        self.out8 = nn.Conv2d(c8, config.key_channels + d8, 1)
        self.out4 = nn.Conv2d(c4, d4, 1)
        self.out2 = nn.Conv2d(t2, d2, 1)

    def forward(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        def step(fraction: float) -> None:
            if on_progress is not None:
                on_progress(fraction)

        step(0.0)
        levels = []  # (B, t, S/2, S/2) and so on to S/32
        for level, fraction in zip(self.lite(pixels), _TRUNK_DONE, strict=True):
            levels.append(level)
            step(fraction)
        x2, x4, x8, x16, x32 = levels
        x32 = self.enter(x32)
        b, c, h, w = x32.shape
        tokens = x32.flatten(2).transpose(1, 2)  # (B, h * w, c32)
        tokens = tokens + sine_positions(h, w, c, tokens)
        for block in self.blocks:
            tokens = block(tokens)
        x32 = self.norm(tokens).transpose(1, 2).reshape(b, c, h, w)
        step(0.85)
        x16 = F.relu(self.merge16(_joined(self.lateral16(x16), self.down32(x32))), inplace=True)
        x8 = F.relu(self.merge8(_joined(self.lateral8(x8), self.down16(x16))), inplace=True)
        x4 = F.relu(self.merge4(_joined(self.lateral4(x4), self.down8(x8))), inplace=True)
        features = ImageFeatures(self.out16(x16), (self.out8(x8), self.out4(x4), self.out2(x2)))
        step(1.0)
        return features


def _joined(fine: Tensor, coarse: Tensor) -> Tensor:
    return fine + F.interpolate(coarse, size=fine.shape[-2:], mode="nearest")
