"""Everything and edges: time beside segment-anything's, memory in processes of their own.

python benchmarks/tasks.py samwidget|segment-anything|nano

Prints by how many megabytes the peak of a process grows while it finds everything in an image of
12 megapixels that is encoded already: with random ViT-B weights, of whose masks a threshold lets
three in a hundred through; or, for ``nano``, when about a thousand masks are kept of a photo.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import peers
import torch
from measuring import Row, in_a_process_of_its_own, interleaved
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures
from samwidget.models.build import build_empty
from samwidget.models.config import VIT_B
from samwidget.predict.edges import find_edges
from samwidget.predict.embeddings import Embedding, Region
from samwidget.predict.everything import find_everything, segment_everything
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import open_model

META = "segment-anything"
SIZE_HW = (3000, 4000)
LET_THROUGH = 0.03
"""Of the random weights' masks. They are speckle: if many were kept, segment-anything's run lengths
alone would take tens of gigabytes."""

PHOTO = Path(__file__).resolve().parent.parent / "examples" / "photos" / "astronaut.jpg"


class Encoded(nn.Module):
    """Stands for an image encoder whose answer is known."""

    def __init__(self, features: Tensor) -> None:
        super().__init__()
        self.features = features
        self.img_size = VIT_B.image_size

    def forward(self, _: Tensor) -> Tensor:
        return self.features


class Large:
    """The same random weights and the same embedding of 12 megapixels in both implementations."""

    def __init__(self) -> None:
        state = peers.random_sam(VIT_B).state_dict()
        model = build_empty(VIT_B)
        model.load_state_dict(state, assign=True)
        self.ours = Predictor(model, "cpu")
        pixels = torch.randn(1, 3, VIT_B.image_size, VIT_B.image_size)
        features = self.ours.model.encode(pixels)
        self.embedding = self._embedding(features)
        self.meta = peers.segment_anything_sam(VIT_B, state)
        self.meta.image_encoder = Encoded(features.image_embedding)
        self.image = np.zeros((*SIZE_HW, 3), np.uint8)
        clicks = [Prompts([xy], [1]) for xy in Grid(4).points_xy(SIZE_HW)]
        some = self.ours.predict_batch(self.embedding, clicks)
        scores = np.concatenate([one.iou_predictions for one in some])
        self.thresholds = {
            "pred_iou_thresh": float(np.quantile(scores, 1 - LET_THROUGH)),
            "stability_score_thresh": 0.0,
        }

    def _embedding(self, features: ImageFeatures) -> Embedding:
        transform = ResizeTransform.for_image(SIZE_HW, VIT_B.image_size)
        owner = self.ours.model_id, self.ours.fingerprint
        return Embedding(features, transform, *owner, "", Region.whole(SIZE_HW))

    def find(self, per_side: int = 32) -> object:
        grid = Grid(points_per_side=per_side, **self.thresholds)
        return find_everything(self.ours, self.embedding, grid)

    def meta_find(self, per_side: int = 32) -> object:
        generator = peers.segment_anything().SamAutomaticMaskGenerator(
            self.meta, points_per_side=per_side, **self.thresholds
        )
        return generator.generate(self.image)

    def find_edges(self) -> object:
        """Find edges with an embedding that is there already."""
        ours = Predictor(self.ours.model, "cpu")
        ours.encode = lambda *_: self.embedding  # type: ignore[method-assign]
        return find_edges(ours, self.image)


def memory() -> Iterator[Row]:
    """Compare what everything takes; run this before anything big is there."""
    ours, theirs = (_grown(name) for name in ("samwidget", META))
    what = "vit_b: extra memory of everything in 12 MP, 32 x 32 points"
    yield Row(what, "MB", ours, META, theirs, "0.1")
    what = "nano: extra memory of a thousand masks of 12 MP"
    yield Row(what, "MB", _grown("nano"), wanted="300 MB")


def _grown(name: str) -> float:
    return in_a_process_of_its_own(Path(__file__), name)[0]


def times(repeats: int) -> Iterator[Row]:
    """Time everything and edges, once or a few times: this takes many minutes."""
    yield from nano(repeats)
    large = Large()
    calls = {"": large.find, META: large.meta_find}
    ms = interleaved(calls, 1, warm_up=False)
    what = "vit_b: everything in 12 MP, 32 x 32 points, without embedding"
    yield Row(what, "ms", ms[""], META, ms[META], "0.20 / 0.12")
    small = {"everything": partial(large.find, 16), "edges": large.find_edges}
    ms = interleaved(small, max(1, repeats // 2), warm_up=False)
    what = "vit_b: edges of 12 MP, without embedding"
    peer = "everything, 16 x 16 points"
    yield Row(what, "ms", ms["edges"], peer, ms["everything"], "1.3")


def nano(repeats: int) -> Iterator[Row]:
    """Time the embedded model on a photo of 1.5 megapixels."""
    predictor = Predictor(open_model("nano"), "cpu")
    image = photo((1000, 1500))
    grid = Grid.for_model(predictor.model.config, points_per_side=32)
    first: list[float] = []

    def search() -> None:
        start = time.perf_counter()
        told: list[float] = []
        embedding = predictor.encode(image)
        find_everything(
            predictor,
            embedding,
            grid,
            lambda _: told.append(time.perf_counter() - start),
        )
        first.append(1000 * told[0])

    ms = interleaved({"": search, "edges": lambda: find_edges(predictor, image)}, repeats)
    yield Row("nano: everything in 1.5 MP, 32 x 32 points", "ms", ms[""], wanted="6 s / 3 s")
    what = "nano: first partial results of everything in 1.5 MP"
    yield Row(what, "ms", float(np.median(first[1:])), wanted="500 ms")
    yield Row("nano: edges of 1.5 MP", "ms", ms["edges"])


def photo(size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    with Image.open(PHOTO) as image:
        return np.asarray(image.convert("RGB").resize(size_hw[::-1]))


def grown(name: str) -> float:
    if name == "nano":
        predictor = Predictor(open_model("nano"), "cpu")
        anything: dict[str, Any] = {"pred_iou_thresh": 0, "stability_score_thresh": 0}
        grid = Grid(points_per_side=19, box_nms_thresh=1, **anything)
        segment_everything(predictor, photo((60, 80)), Grid(points_per_side=2, **anything))
        image = photo(SIZE_HW)
        before = peak_mb()
        found = segment_everything(predictor, image, grid)
        assert len(found) >= 1000
        return peak_mb() - before
    large = Large()
    before = peak_mb()
    kept = large.meta_find() if name == META else large.find()
    assert kept
    return peak_mb() - before


def peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    print(grown(sys.argv[1]))
