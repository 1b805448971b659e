"""SAM with the ViT encoder: ours, segment-anything's and transformers', on the same weights."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import peers
import torch
from measuring import Row, gemm_gflops, interleaved
from numpy.typing import NDArray
from torch import Tensor

from samwidget.meta import SamPredictor
from samwidget.models.build import build_empty
from samwidget.models.config import NANO, VitConfig
from samwidget.predict.embeddings import Embedding, Region
from samwidget.predict.everything import find_everything
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.predict.preprocess import preprocess
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import open_model

META, HUGGING_FACE = "segment-anything", "transformers"
IMAGES_HW = {"1.5 MP": (1000, 1500), "12 MP": (3000, 4000)}
GOALS = {
    "1.5 MP": ("1 (exactly theirs)", "0.45 / 0.33"),
    "12 MP": ("1 (exactly theirs)", "0.22 / 0.15"),
}
"""For preprocessing and for a click, in each size."""

POINT_XY = (0.4, 0.55)
"""Where the click is, as a share of the image."""

QUICK_TIMES = 10
"""What takes milliseconds runs so many times at each repeat."""

VIT_B_GFLOP = 937.6
"""Multiplications and additions of ViT-B's encoder, without any for the padding of windows."""


def make_image(size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (*size_hw, 3), dtype=np.uint8)


@dataclass
class Bench:
    """The same weights in every implementation, and one image that all have encoded."""

    config: VitConfig
    repeats: int

    def __post_init__(self) -> None:
        state = peers.random_sam(self.config).state_dict()
        self.ours = Predictor(self._built(state), "cpu")
        # Of its own, since precision is a matter of how the weights are held.
        self.rounded = Predictor(self._built(dict(state)), "cpu", "bfloat16")
        self.meta = peers.segment_anything_sam(self.config, state)
        self.meta_predictor = peers.segment_anything().SamPredictor(self.meta)
        self.hugging_face = peers.transformers_sam(self.config, state)
        image = make_image(IMAGES_HW["1.5 MP"])
        self.pixels = self.preprocess(image)
        side = self.config.image_size
        self.coords = torch.tensor([[POINT_XY]]) * side
        self.labels = torch.ones(1, 1, dtype=torch.int64)

    def _built(self, state: peers.State) -> torch.nn.Module:
        model = build_empty(self.config)
        model.load_state_dict(state, assign=True)
        return model

    # What each does. Ours:

    def preprocess(self, image: NDArray[np.uint8]) -> Tensor:
        transform = ResizeTransform.for_image(image.shape[:2], self.config.image_size)
        return preprocess(image, transform, self.config)

    def embedding(self, predictor: Predictor, size_hw: tuple[int, int]) -> Embedding:
        transform = ResizeTransform.for_image(size_hw, self.config.image_size)
        features = predictor.model.encode(self.pixels)
        region = Region.whole(size_hw)
        return Embedding(features, transform, predictor.model_id, predictor.fingerprint, "", region)

    # segment-anything's:

    def meta_preprocess(self, image: NDArray[np.uint8]) -> Tensor:
        resized = torch.as_tensor(self.meta_predictor.transform.apply_image(image))
        pixels: Tensor = self.meta.preprocess(resized.permute(2, 0, 1).contiguous()[None])
        return pixels

    def meta_decode(self, features: Tensor, coords: Tensor, labels: Tensor) -> Tensor:
        sparse, dense = self.meta.prompt_encoder((coords, labels), None, None)
        positions = self.meta.prompt_encoder.get_dense_pe()
        logits, _ = self.meta.mask_decoder(features, positions, sparse, dense, True)
        masks: Tensor = logits
        return masks

    def meta_click(self, features: Tensor, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
        predictor = self.meta_predictor
        predictor.original_size = size_hw
        predictor.input_size = predictor.transform.get_preprocess_shape(
            *size_hw, predictor.transform.target_length
        )
        predictor.features, predictor.is_image_set = features, True
        point = np.array([POINT_XY], np.float32) * size_hw[::-1]
        masks, scores, _ = predictor.predict(point, np.array([1]))
        best: NDArray[np.bool_] = masks[scores.argmax()]
        return best

    # The rows.

    def preprocessing(self) -> Iterator[Row]:
        for label, size_hw in IMAGES_HW.items():
            image = make_image(size_hw)
            calls = {"": lambda i=image: self.preprocess(i)}
            calls[META] = lambda i=image: self.meta_preprocess(i)
            ms = interleaved(calls, self.repeats * QUICK_TIMES)
            yield Row(f"preprocess {label}", "ms", ms[""], META, ms[META], GOALS[label][0])

    def encoding(self) -> Iterator[Row]:
        name = self.config.name

        def autocast() -> None:
            with torch.autocast("cpu", torch.bfloat16):
                self.meta.image_encoder(self.pixels)

        calls = {
            "float32": partial(self.ours.model.encode, self.pixels),
            "bfloat16": partial(self.rounded.model.encode, self.pixels),
            META: partial(self.meta.image_encoder, self.pixels),
            f"{META}, autocast": autocast,
            HUGGING_FACE: partial(self.hugging_face.get_image_embeddings, self.pixels),
        }
        rate = gemm_gflops(4096, 768, 3072)
        ms = interleaved(calls, self.repeats)
        rate = max(rate, gemm_gflops(4096, 768, 3072))
        exact, rounded = f"{name}: embed, float32", f"{name}: embed, bfloat16"
        yield Row(exact, "ms", ms["float32"], META, ms[META], "0.65 / 0.55")
        yield Row(exact, "ms", ms["float32"], HUGGING_FACE, ms[HUGGING_FACE], "0.72 / 0.62")
        if name == "vit_b":
            bound = VIT_B_GFLOP / rate * 1000
            share = bound / ms["float32"]
            what = f"{name}: share of the rate of matrix products ({rate:.0f} GFLOP/s)"
            yield Row(what, "", share, wanted="at least 0.75 / 0.85")
        both = f"{META}, autocast"
        yield Row(rounded, "ms", ms["bfloat16"], f"{META}, float32", ms[META], "0.35 / 0.29")
        yield Row(rounded, "ms", ms["bfloat16"], both, ms[both], "0.62 / 0.53")
        ours = self.ours.model.encode(self.pixels).image_embedding
        theirs = self.meta.image_encoder(self.pixels)
        yield Row(
            f"{name}: largest difference of embeddings, float32",
            "",
            (ours - theirs).abs().max().item(),
            wanted="1e-4 / 1e-5",
        )

    def decoding(self) -> Iterator[Row]:
        name = self.config.name
        features = self.ours.model.encode(self.pixels)
        rounded = self.rounded.model.encode(self.pixels)
        raw = features.image_embedding
        prompt = {"point_coords": self.coords, "point_labels": self.labels}
        nano = Predictor(open_model("nano"), "cpu")
        nano_features = nano.model.encode(torch.zeros(1, 3, NANO.image_size, NANO.image_size))
        at = self.coords * NANO.image_size / self.config.image_size
        calls = {
            "float32": partial(self.ours.model.decode, features, **prompt),
            "bfloat16": partial(self.rounded.model.decode, rounded, **prompt),
            META: partial(self.meta_decode, raw, self.coords, self.labels),
            "nano": partial(
                nano.model.decode, nano_features, point_coords=at, point_labels=self.labels
            ),
        }
        ms = interleaved(calls, self.repeats * QUICK_TIMES)
        click = f"{name}: decode a click"
        yield Row(f"{click}, float32", "ms", ms["float32"], META, ms[META], "0.38 / 0.28")
        peer = f"{META}, float32"
        yield Row(f"{click}, bfloat16", "ms", ms["bfloat16"], peer, ms[META], "0.22 / 0.15")
        yield Row("nano: decode a click", "ms", ms["nano"], f"{META} {name}", ms[META], "15 ms")
        logits, _ = self.ours.model.decode(features, **prompt)
        difference = (logits - self.meta_decode(raw, self.coords, self.labels)).abs().max().item()
        what = f"{name}: largest difference of low-res logits, float32"
        yield Row(what, "", difference, wanted="1e-4 / 1e-5")
        yield from self._clicks(raw)
        yield self._many_boxes()
        yield from self._under_load(raw)

    def _clicks(self, raw: Tensor) -> Iterator[Row]:
        for label, size_hw in IMAGES_HW.items():
            embedding = self.embedding(self.ours, size_hw)
            prompts = Prompts(np.array([POINT_XY]) * size_hw[::-1], [1])

            def ours(embedding: Embedding = embedding, prompts: Prompts = prompts) -> object:
                prediction = self.ours.predict(embedding, prompts)
                return prediction.mask(prediction.best)

            calls = {"": ours, META: partial(self.meta_click, raw, size_hw)}
            ms = interleaved(calls, self.repeats * QUICK_TIMES)
            what = f"{self.config.name}: click to best full-size mask, {label}"
            yield Row(what, "ms", ms[""], META, ms[META], GOALS[label][1])

    def _many_boxes(self) -> Row:
        """Fifty boxes to full-size masks by ``predict_torch``, as Meta's notebook does."""
        height, width = IMAGES_HW["1.5 MP"]
        ours = SamPredictor(self.ours)
        ours._embedding = self.embedding(self.ours, IMAGES_HW["1.5 MP"])
        theirs = self.meta_predictor
        theirs.original_size, theirs.is_image_set = (height, width), True
        theirs.input_size = ours.input_size
        theirs.features = ours.features
        corners = torch.rand(50, 2, generator=torch.Generator().manual_seed(0))
        boxes = torch.cat([corners, corners + 0.2], 1) * torch.tensor([width, height] * 2) * 0.8
        boxes = ours.transform.apply_boxes_torch(boxes, (height, width))
        calls = {
            name: partial(one.predict_torch, None, None, boxes, multimask_output=False)
            for name, one in (("", ours), (META, theirs))
        }
        ms = interleaved(calls, max(1, self.repeats // 2))
        what = f"{self.config.name}: 50 boxes in one call, to full-size masks, 1.5 MP"
        return Row(what, "ms", ms[""], META, ms[META], "0.5")

    def everything(self) -> Iterator[Row]:
        """Encode an image and search it with a grid of points, once: this takes minutes.

        The threshold of the scores lets every fifth mask of these random weights through, the
        threshold of stability all.
        """
        image = make_image(IMAGES_HW["1.5 MP"])
        embedding = self.embedding(self.ours, IMAGES_HW["1.5 MP"])
        some = self.ours.predict_batch(
            embedding, [Prompts([xy], [1]) for xy in Grid(4).points_xy(IMAGES_HW["1.5 MP"])]
        )
        scores = np.concatenate([prediction.iou_predictions for prediction in some])
        thresholds = {
            "pred_iou_thresh": float(np.quantile(scores, 0.8)),
            "stability_score_thresh": 0.0,
        }
        grid = Grid(**thresholds)
        theirs = peers.segment_anything().SamAutomaticMaskGenerator(self.meta, **thresholds)

        def ours(predictor: Predictor) -> None:
            find_everything(predictor, predictor.encode(image), grid)

        calls = {
            "float32": partial(ours, self.ours),
            "bfloat16": partial(ours, self.rounded),
            META: partial(theirs.generate, image),
        }
        ms = interleaved(calls, 1, warm_up=False)
        what = f"{self.config.name}: everything in 1.5 MP, 32 x 32 points"
        yield Row(f"{what}, float32", "ms", ms["float32"], META, ms[META], "0.28 / 0.20")
        peer = f"{META}, float32"
        yield Row(f"{what}, bfloat16", "ms", ms["bfloat16"], peer, ms[META], "0.18 / 0.12")

    def _under_load(self, raw: Tensor) -> Iterator[Row]:
        embedding = self.embedding(self.ours, IMAGES_HW["1.5 MP"])
        prompts = Prompts(np.array([POINT_XY]) * IMAGES_HW["1.5 MP"][::-1], [1])
        calls = {
            "": partial(self.ours.predict, embedding, prompts),
            META: partial(self.meta_decode, raw, self.coords, self.labels),
        }
        with busy_cores(torch.get_num_threads()):
            ms = interleaved(calls, self.repeats * QUICK_TIMES)
        what = f"{self.config.name}: decode a click while others keep every core busy"
        yield Row(what, "ms", ms[""], META, ms[META])


@contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """Let other processes compute for as long as the context lasts."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(count)]
    try:
        time.sleep(1)
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()
