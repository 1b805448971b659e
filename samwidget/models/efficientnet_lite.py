"""EfficientNet-Lite0 (Tan and Le, 2019; Lite by Liu, 2020) as a trunk: features at five strides.

Inverted residual blocks without squeeze-and-excitation, ReLU6 throughout, TensorFlow's "same"
padding, which pads more at the right and bottom. The batch statistics are frozen: each
normalisation is a scale and a shift, and both go into the convolution before it, so that they cost
as much as the weights are large, not as the maps are.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STEM_CHANNELS = 32
BLOCKS = (
    # kernel, stride, expansion, channels, repeats
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
CHANNELS = (16, 24, 40, 112, 320)
"""Of the features at strides 2, 4, 8, 16 and 32."""

_ENDS = (0, 1, 2, 4, 6)
"""The groups of :data:`BLOCKS` after which the map is halved or the trunk ends."""

EPS = 1e-3


class FrozenNorm(nn.Module):
    """Scale and shift of a batch normalisation whose statistics stay as they are."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self) -> tuple[Tensor, Tensor]:
        """Give what to multiply with and what to add then, (C,) each."""
        scale = self.weight * (self.running_var + EPS).rsqrt()
        return scale, self.bias - self.running_mean * scale


class ConvNorm(nn.Module):
    """Convolution with "same" padding, frozen normalisation and, unless it is linear, ReLU6."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, groups=groups, bias=False)
        self.norm = FrozenNorm(c_out)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        scale, shift = self.norm()
        weight = self.conv.weight * scale[:, None, None, None]
        kernel, stride = weight.shape[-1], self.conv.stride[0]
        if stride == 2:  # of an even number of pixels; one more to pad at the end than at the start
            x = F.pad(x, ((kernel - 2) // 2, (kernel - 1) // 2) * 2)
        padding = kernel // 2 if stride == 1 else 0
        y = F.conv2d(x, weight, shift, stride, padding, groups=self.conv.groups)
        return y if self.linear else F.relu6(y, inplace=True)


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow; around it an identity where the shape stays."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = c_in * expansion
        self.expand = ConvNorm(c_in, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, kernel, stride, groups=wide)
        self.project = ConvNorm(wide, c_out, 1, linear=True)
        self.adds = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.adds else y


class EfficientNetLite(nn.Module):
    """The trunk without its classifier.

    Its names are in the order of the published weights, which hold the same tensors under other
    names and then those of the classifier.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM_CHANNELS, 3, 2)
        self.stages = nn.ModuleList()
        channels, stage = STEM_CHANNELS, nn.Sequential()
        for group, (kernel, stride, expansion, c_out, repeats) in enumerate(BLOCKS):
            for i in range(repeats):
                first = stride if i == 0 else 1
                stage.append(InvertedResidual(channels, c_out, kernel, first, expansion))
                channels = c_out
            if group in _ENDS:
                self.stages.append(stage)
                stage = nn.Sequential()

    def forward(self, pixels: Tensor) -> Iterator[Tensor]:
        """Give the features at strides 2, 4, 8, 16 and 32, each when it is ready.

        ``pixels`` is (B, 3, S, S) RGB as ``(x - 127) / 128``, S a multiple of 32.
        """
        x = self.stem(pixels)
        for stage in self.stages:
            x = stage(x)
            yield x
