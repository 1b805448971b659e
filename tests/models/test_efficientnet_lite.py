"""The trunk: shapes, padding, and normalisations that stay as they were."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from samwidget.models.efficientnet_lite import CHANNELS, EPS, ConvNorm, EfficientNetLite


def test_features_have_the_strides_and_channels_that_are_told() -> None:
    maps = list(EfficientNetLite().eval()(torch.randn(1, 3, 96, 96)))
    assert [m.shape for m in maps] == [
        (1, channels, 96 // stride, 96 // stride)
        for channels, stride in zip(CHANNELS, (2, 4, 8, 16, 32), strict=True)
    ]


@pytest.mark.parametrize(
    ("kernel", "stride", "before", "after"),
    [(1, 1, 0, 0), (3, 1, 1, 1), (5, 1, 2, 2), (3, 2, 0, 1), (5, 2, 1, 2)],
)
def test_layers_pad_as_tensorflow_and_normalise_as_torch(
    kernel: int, stride: int, before: int, after: int
) -> None:
    torch.manual_seed(0)
    layer = ConvNorm(4, 4, kernel, stride, groups=4)
    norm = nn.BatchNorm2d(4, eps=EPS).eval()
    for tensor in (norm.weight.data, norm.bias.data, norm.running_mean, norm.running_var):
        tensor.uniform_(0.5, 2.0)
    layer.norm.load_state_dict(norm.state_dict(), strict=False)
    x = torch.randn(2, 4, 12, 12)
    padded = F.pad(x, (before, after, before, after))
    wanted = F.relu6(norm(F.conv2d(padded, layer.conv.weight, None, stride, groups=4)))
    torch.testing.assert_close(layer(x), wanted, atol=1e-5, rtol=1e-5)
    assert wanted.min() == 0
    assert wanted.max() > 1


def test_training_moves_weights_but_no_statistics() -> None:
    torch.manual_seed(0)
    trunk = EfficientNetLite().train()
    before = {name: buffer.clone() for name, buffer in trunk.named_buffers()}
    loss = sum(level.square().mean() for level in trunk(5 * torch.randn(2, 3, 64, 64)))
    loss.backward()
    assert before
    assert all(torch.equal(before[name], buffer) for name, buffer in trunk.named_buffers())
    assert [n for n, p in trunk.named_parameters() if p.grad is None] == []
