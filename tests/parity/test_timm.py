"""MobileSAM's encoder against timm's TinyViT, from a file in the owner's layout to features."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch

from samwidget.models import tiny_vit as ours_tiny_vit
from samwidget.models.build import build_empty
from samwidget.models.config import MOBILE_SAM
from samwidget.models.cpu import layers as layers_cpu
from samwidget.models.cpu.layers import POSITIONS_AT_A_TIME
from samwidget.weights.conversion import convert
from samwidget.weights.opening import open_model

pytestmark = pytest.mark.parity

SIDE = 256

# timm imports torchvision for its data sets. No wheel of it fits the torch that is tested with.
TORCHVISION = ("", ".datasets", ".datasets.folder", ".transforms", ".transforms.functional", ".ops",
               ".ops.misc", ".models", ".models.feature_extraction", ".utils", ".io")  # fmt: skip


@pytest.fixture(scope="module")
def tiny_vit() -> Iterator[Any]:
    folder = Path(sys.prefix) / "timm"
    if not folder.is_dir():
        if os.environ.get("SAMWIDGET_TEST_ALL"):
            pytest.fail(f"timm is missing: {folder}")
        pytest.skip("make test installs timm without what it depends on")
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    for part in TORCHVISION:
        name = "torchvision" + part
        stub = sys.modules[name] = MagicMock()
        stub.__spec__ = importlib.machinery.ModuleSpec(name, None)
        stub.__path__ = []
    try:
        yield importlib.import_module("timm.models.tiny_vit")
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:  # others must not take the stubs for the real thing
            if name.split(".")[0] in ("timm", "torchvision"):
                del sys.modules[name]


def reference(tiny_vit: Any) -> Any:
    """Build timm's model with the stages of MobileSAM and random weights and statistics."""
    config = MOBILE_SAM
    torch.manual_seed(0)
    model = tiny_vit.TinyVit(
        num_classes=0,
        embed_dims=config.dims,
        depths=config.depths,
        num_heads=config.num_heads,
        window_sizes=config.window_sizes,
    ).eval()
    model.stages[3].downsample.conv2.conv.stride = (1, 1)  # MobileSAM stays at stride 16
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if name.endswith("running_var"):
            tensor.data.uniform_(0.5, 2.0)
        elif name.endswith(("running_mean", "bias", "attention_biases")):
            tensor.data.normal_(0, 0.2)
        elif name.endswith("weight") and tensor.ndim == 1:
            tensor.data.normal_(1, 0.2)
    return model


def owners_name(name: str) -> str:
    """Turn timm's name of a tensor into the one in MobileSAM's file."""
    name = re.sub(r"\.conv\.weight$", ".c.weight", name)
    name = name.replace("patch_embed.conv1.", "patch_embed.seq.0.")
    name = name.replace("patch_embed.conv2.", "patch_embed.seq.2.")
    # What timm has at the start of a stage stands at the end of the stage before there.
    name = re.sub(r"stages\.(\d)\.downsample", lambda m: f"layers.{int(m[1]) - 1}.downsample", name)
    return "image_encoder." + name.replace("stages.", "layers.")


@torch.no_grad()
@pytest.mark.parametrize("positions", [POSITIONS_AT_A_TIME, 700], ids=["whole", "in strips"])
def test_encoder_of_a_file_in_the_owners_layout(
    tiny_vit: Any, tmp_path: Path, positions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours_tiny_vit, "POSITIONS_AT_A_TIME", positions)
    monkeypatch.setattr(layers_cpu, "ROWS_AT_A_TIME", positions)
    theirs = reference(tiny_vit)
    ours = build_empty(MOBILE_SAM)
    state = {
        name: 0.1 * torch.randn(tensor.shape)
        for name, tensor in ours.state_dict().items()
        if not name.startswith(("image_encoder.layers.", "image_encoder.patch_embed."))
    }
    state |= {
        owners_name(name): tensor
        for name, tensor in theirs.state_dict().items()
        if not name.startswith("head.")
    }
    state["image_encoder.norm_head.weight"] = torch.ones(320)
    state["image_encoder.norm_head.bias"] = torch.zeros(320)
    state["image_encoder.head.weight"] = torch.zeros(1000, 320)
    state["image_encoder.head.bias"] = torch.zeros(1000)
    torch.save(state, tmp_path / "mobile_sam.pt")

    model = open_model(tmp_path / "mobile_sam.pt")
    assert model.config == MOBILE_SAM
    pixels = torch.randn(1, 3, SIDE, SIDE)
    expected = theirs.forward_features(pixels)
    assert expected.std() > 0.1
    for i in range(4):
        expected = model.image_encoder.neck[i](expected)
    encoder = model.image_encoder
    torch.testing.assert_close(encoder(pixels), expected, rtol=0, atol=1e-4)
    # With gradients nothing is changed in place.
    with torch.enable_grad():
        torch.testing.assert_close(encoder(pixels).detach(), expected, rtol=0, atol=1e-4)


def test_wrapped_fine_tune_loads_as_what_it_is(tiny_vit: Any) -> None:
    state = {
        owners_name(n): t for n, t in reference(tiny_vit).state_dict().items() if "head" not in n
    }
    state |= {f"{part}.weight": torch.ones(1) for part in ("prompt_encoder", "mask_decoder")}
    wrapped = {"model_state": {f"sam.{name}": tensor for name, tensor in state.items()}}
    config, found = convert(wrapped)
    assert config == MOBILE_SAM
    assert "image_encoder.patch_embed.seq.0.bias" in found
    assert not any(".bn." in name or name.startswith("sam.") for name in found)
