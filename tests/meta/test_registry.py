from __future__ import annotations

from pathlib import Path

import pytest
import torch

import samwidget
from samwidget.meta import registry, sam_model_registry
from samwidget.models.build import build
from samwidget.models.config import VitConfig

SMALL = VitConfig("small", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    torch.save(build(SMALL).state_dict(), tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


def test_names_are_metas_and_mobile_sams() -> None:
    assert set(sam_model_registry) == {"default", "vit_h", "vit_l", "vit_b", "vit_t"}
    assert samwidget.sam_model_registry is sam_model_registry


def test_a_checkpoint_is_opened_ready_to_predict(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samwidget.weights.opening import load_model

    config = load_model(path).config
    monkeypatch.setitem(registry.CONFIGS, "vit_b", config)
    sam = sam_model_registry["vit_b"](checkpoint=str(path))
    assert not sam.training
    assert sam.to(device="cpu") is sam
    assert sam.device == torch.device("cpu")


def test_another_models_checkpoint_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match=r"weights\.pth' holds the model .*, not 'vit_l'"):
        sam_model_registry["vit_l"](path)
