"""The same random weights in three implementations, reduced so that a case takes milliseconds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from samwidget.models.config import VIT_B, VitConfig
from samwidget.predict.embeddings import Embedding
from samwidget.predict.predictor import Predictor

REDUCED = VitConfig(
    "reduced",
    image_size=512,
    mask_size=128,
    embed_dim=96,
    depth=4,
    num_heads=3,
    global_attn_indexes=(2,),
)
"""32 x 32 tokens: windows of 14 leave padding on both axes."""


def _load_peers() -> ModuleType:
    """Load the module that tests and benchmarks share; scripts have no package to import from."""
    path = Path(__file__).parents[2] / "benchmarks" / "peers.py"
    spec = importlib.util.spec_from_file_location("peers", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def peers() -> ModuleType:
    return _load_peers()


@pytest.fixture(scope="session")
def predictor(peers: ModuleType) -> Predictor:
    return Predictor(peers.random_sam(REDUCED), device="cpu")


@pytest.fixture(scope="session")
def meta(peers: ModuleType, predictor: Predictor) -> Any:
    return peers.segment_anything_sam(REDUCED, predictor.model.state_dict())


@pytest.fixture(scope="session")
def hugging_face(peers: ModuleType, predictor: Predictor) -> Any:
    return peers.transformers_sam(REDUCED, predictor.model.state_dict())


@pytest.fixture(scope="session")
def full_size(peers: ModuleType, photo: Any) -> tuple[Predictor, NDArray[np.uint8], Embedding]:
    """Give ViT-B with an image that it has encoded; that takes seconds, so both peers share it."""
    predictor = Predictor(peers.random_sam(VIT_B), device="cpu")
    image = photo(600, 800)
    return predictor, image, predictor.encode(image)


@pytest.fixture(scope="session")
def photo() -> Any:
    """Give a function that makes an image of a size: smooth colours, some noise."""

    def make(height: int, width: int) -> NDArray[np.uint8]:
        random = np.random.default_rng(height * 100_000 + width)
        y, x = np.mgrid[:height, :width].astype(np.float32)
        waves = [np.sin(x / (20 + 7 * i) + i) * np.cos(y / (30 - 5 * i)) for i in range(3)]
        image = 128 + 90 * np.stack(waves, axis=-1) + random.normal(0, 12, (height, width, 3))
        return image.clip(0, 255).astype(np.uint8)

    return make
