"""The embedded model; MobileSAM and SAM 2 beside others' implementations, on the same weights."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import MagicMock

import peers
import torch
from measuring import Row, interleaved
from vit import IMAGES_HW, make_image

from samwidget.models.config import MOBILE_SAM, SAM2_1
from samwidget.predict.predictor import Predictor
from samwidget.weights.opening import open_model

TIMM = "timm's TinyViT"
TIMM_FOLDER = Path(os.environ.get("TIMM", Path(sys.prefix) / "timm"))
"""Where timm is put aside, without what it depends on."""

HUGGING_FACE = "transformers"


def nano(repeats: int) -> Iterator[Row]:
    """Time the embedded model's way from a photo's pixels to its embedding."""
    predictor = Predictor(open_model("nano"), "cpu")
    for label, size_hw in IMAGES_HW.items():
        call = partial(predictor.encode, make_image(size_hw))
        ms = interleaved({"": call}, 5 * repeats)[""]
        yield Row(f"nano: embed, {label}", "ms", ms, wanted="250 ms")


def mobile_sam(repeats: int) -> Iterator[Row]:
    """Time the encoder beside timm's, which has MobileSAM's stages but not its folded norms."""
    ours = peers.random_sam(MOBILE_SAM).image_encoder
    theirs = _timm_encoder()
    if theirs is None:
        print("timm is not installed; make test puts it aside without what it depends on")
        return
    side = MOBILE_SAM.image_size
    pixels = torch.randn(1, 3, side, side)

    def rounded() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            ours(pixels)

    calls = {
        "float32": partial(ours, pixels),
        "bfloat16": rounded,
        TIMM: partial(theirs.forward_features, pixels),
    }
    ms = interleaved(calls, 3 * repeats)
    yield Row("mobile_sam: embed, float32", "ms", ms["float32"], TIMM, ms[TIMM], "0.66 / 0.5")
    peer = f"{TIMM}, float32"
    yield Row("mobile_sam: embed, bfloat16", "ms", ms["bfloat16"], peer, ms[TIMM], "0.36 / 0.3")


def sam2(repeats: int) -> Iterator[Row]:
    """Time SAM 2.1 tiny: embedding an image, and decoding a click."""
    config = SAM2_1[0]
    ours = peers.random_sam(config)
    theirs = peers.transformers_sam2(config, ours.state_dict())
    side = config.image_size
    pixels = torch.randn(1, 3, side, side)
    calls = {
        "": partial(ours.encode, pixels),
        HUGGING_FACE: partial(theirs.get_image_embeddings, pixels),
    }
    ms = interleaved(calls, 3 * repeats)
    what = f"{config.name}: embed, float32"
    yield Row(what, "ms", ms[""], HUGGING_FACE, ms[HUGGING_FACE], "0.7 / 0.55")
    features, same = ours.encode(pixels), theirs.get_image_embeddings(pixels)
    point, label = torch.tensor([[[400.0, 300.0]]]), torch.ones(1, 1, dtype=torch.int64)
    calls = {
        "": partial(ours.decode, features, point_coords=point, point_labels=label),
        HUGGING_FACE: partial(
            theirs,
            image_embeddings=same,
            input_points=point[:, None],
            input_labels=label[:, None],
        ),
    }
    ms = interleaved(calls, 10 * repeats)
    what = f"{config.name}: decode a click, float32"
    yield Row(what, "ms", ms[""], HUGGING_FACE, ms[HUGGING_FACE])


def _timm_encoder() -> torch.nn.Module | None:
    """Build timm's TinyViT; torchvision, which it imports for its data sets, is stood in for."""
    if not TIMM_FOLDER.is_dir():
        return None
    before = set(sys.modules)
    sys.path.insert(0, str(TIMM_FOLDER))
    parts = ("", ".datasets", ".datasets.folder", ".transforms", ".transforms.functional", ".ops",
             ".ops.misc", ".models", ".models.feature_extraction", ".utils", ".io")  # fmt: skip
    for part in parts:
        stub = sys.modules["torchvision" + part] = MagicMock()
        stub.__spec__ = importlib.machinery.ModuleSpec("torchvision" + part, None)
        stub.__path__ = []
    try:
        tiny_vit = importlib.import_module("timm.models.tiny_vit")
    finally:
        sys.path.remove(str(TIMM_FOLDER))
        for name in set(sys.modules) - before:
            if name.startswith("torchvision"):
                del sys.modules[name]
    model = tiny_vit.TinyVit(
        num_classes=0,
        embed_dims=MOBILE_SAM.dims,
        depths=MOBILE_SAM.depths,
        num_heads=MOBILE_SAM.num_heads,
        window_sizes=MOBILE_SAM.window_sizes,
    ).eval()
    model.stages[3].downsample.conv2.conv.stride = (1, 1)
    return model
