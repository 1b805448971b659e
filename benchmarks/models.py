"""Time and memory of our models beside segment-anything and transformers, in one run.

    python benchmarks/models.py [--repeats 5] [--models vit_b] [--skip-transformers]

All have the same random weights and run on the CPU in float32 with torch's own number of threads.
Runs are interleaved, so that a change in the machine's load meets all of them; shown are medians.
Random weights draw speckle over the whole image, the worst case for making a full-size mask.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import peers
import torch
from numpy.typing import NDArray
from torch import Tensor

from samwidget.geometry import ResizeTransform
from samwidget.models.base import ImageFeatures
from samwidget.models.build import build
from samwidget.models.config import CONFIGS, VitConfig
from samwidget.predictor import Embedding, Predictor, Prompts, preprocess

IMAGES_HW = {"1.5 MP": (1000, 1500), "12 MP": (3000, 4000)}
POINT_XY = (0.4, 0.55)
"""Where the click is, as a share of the image."""

QUICK_TIMES = 10
"""What takes milliseconds runs so many times at each repeat."""


class Ours:
    name = "samwidget"

    def __init__(self, config: VitConfig, state: peers.State) -> None:
        with torch.device("meta"):
            model = build(config)
        model.load_state_dict(state, assign=True)
        self.predictor = Predictor(model, device="cpu")

    def preprocess(self, image: NDArray[np.uint8]) -> Tensor:
        config = self.predictor.model.config
        transform = ResizeTransform.for_image(image.shape[:2], config.image_size)
        return preprocess(image, transform, config)

    def encode(self, pixels: Tensor) -> Tensor:
        return self.predictor.model.encode(pixels).image_embedding

    def decode(self, features: Tensor, coords: Tensor, labels: Tensor) -> Tensor:
        logits, _ = self.predictor.model.decode(
            ImageFeatures(features), point_coords=coords, point_labels=labels
        )
        return logits[0]

    def click(
        self, features: Tensor, size_hw: tuple[int, int], point_xy: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        config = self.predictor.model.config
        transform = ResizeTransform.for_image(size_hw, config.image_size)
        embedding = Embedding(ImageFeatures(features), transform, config.name)
        prediction = self.predictor.predict(embedding, Prompts(point_xy[None], np.array([1])))
        return prediction.mask(prediction.best)


class SegmentAnything:
    name = "segment-anything"

    def __init__(self, config: VitConfig, state: peers.State) -> None:
        self.sam = peers.segment_anything_sam(config, state)
        self.predictor = peers.segment_anything().SamPredictor(self.sam)

    def preprocess(self, image: NDArray[np.uint8]) -> Tensor:
        resized = torch.as_tensor(self.predictor.transform.apply_image(image))
        pixels: Tensor = self.sam.preprocess(resized.permute(2, 0, 1).contiguous()[None])
        return pixels

    def encode(self, pixels: Tensor) -> Tensor:
        features: Tensor = self.sam.image_encoder(pixels)
        return features

    def decode(self, features: Tensor, coords: Tensor, labels: Tensor) -> Tensor:
        sparse, dense = self.sam.prompt_encoder((coords, labels), None, None)
        positions = self.sam.prompt_encoder.get_dense_pe()
        logits, _ = self.sam.mask_decoder(features, positions, sparse, dense, True)
        masks: Tensor = logits[0]
        return masks

    def click(
        self, features: Tensor, size_hw: tuple[int, int], point_xy: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        predictor = self.predictor
        predictor.original_size = size_hw
        predictor.input_size = predictor.transform.get_preprocess_shape(
            *size_hw, predictor.transform.target_length
        )
        predictor.features, predictor.is_image_set = features, True
        masks, scores, _ = predictor.predict(point_xy[None], np.array([1]))
        best: NDArray[np.bool_] = masks[scores.argmax()]
        return best


class Transformers:
    name = "transformers"

    def __init__(self, config: VitConfig, state: peers.State) -> None:
        from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

        self.model = peers.transformers_sam(config, state)
        self.processor = SamImageProcessorPil()
        self.image_size = config.image_size

    def preprocess(self, image: NDArray[np.uint8]) -> Tensor:
        pixels: Tensor = self.processor(images=image, return_tensors="pt")["pixel_values"]
        return pixels

    def encode(self, pixels: Tensor) -> Tensor:
        features: Tensor = self.model.get_image_embeddings(pixels)
        return features

    def _predict(self, features: Tensor, coords: Tensor, labels: Tensor) -> Any:
        return self.model(
            image_embeddings=features, input_points=coords[:, None], input_labels=labels[:, None]
        )

    def decode(self, features: Tensor, coords: Tensor, labels: Tensor) -> Tensor:
        masks: Tensor = self._predict(features, coords, labels).pred_masks[0, 0]
        return masks

    def click(
        self, features: Tensor, size_hw: tuple[int, int], point_xy: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        transform = ResizeTransform.for_image(size_hw, self.image_size)
        coords = torch.from_numpy(transform.apply_coords(point_xy))[None, None]
        answer = self._predict(features, coords, torch.ones(1, 1, dtype=torch.int64))
        masks = self.processor.post_process_masks(
            [answer.pred_masks[0]], [size_hw], [transform.input_size_hw]
        )
        best: NDArray[np.bool_] = masks[0][0, answer.iou_scores[0, 0].argmax()].numpy()
        return best


Contender = Ours | SegmentAnything | Transformers
CONTENDERS: dict[str, type[Contender]] = {c.name: c for c in (Ours, SegmentAnything, Transformers)}


def make_image(size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (*size_hw, 3), dtype=np.uint8)


def interleaved(calls: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Give the median seconds of each call; the first round warms up and is not counted."""
    seconds: list[list[float]] = [[] for _ in calls]
    for turn in range(repeats + 1):
        for call, own in zip(calls, seconds, strict=True):
            start = time.perf_counter()
            call()
            if turn:
                own.append(time.perf_counter() - start)
    return [statistics.median(own) for own in seconds]


def peak_memory_mb(name: str, model: str) -> float:
    """Load a model and encode an image in a process of its own.

    On Linux a process inherits its parent's peak: call this before anything big is in memory.
    """
    command = [sys.executable, __file__, "--memory-of", name, "--models", model]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def print_peak_memory(name: str, config: VitConfig) -> None:
    contender = CONTENDERS[name](config, peers.random_sam(config).state_dict())
    contender.encode(contender.preprocess(make_image(IMAGES_HW["1.5 MP"])))
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20)


def measure(
    config: VitConfig, contenders: list[Contender], repeats: int, memory_mb: list[float]
) -> list[list[str]]:
    """Give one row of the table for each measurement."""
    rows: list[list[str]] = []

    def add(what: str, values: Iterable[float], unit: str) -> None:
        shown = [*values]
        ratios = [f"{shown[0] / other:.2f}" for other in shown[1:]]
        rows.append([what, *(f"{value:,.1f} {unit}" for value in shown), *ratios])
        print(" | ".join(rows[-1]), file=sys.stderr)

    def add_times(what: str, calls: list[Callable[[], object]], times: int) -> None:
        add(what, (1000 * s for s in interleaved(calls, times)), "ms")

    model = config.name
    image = make_image(IMAGES_HW["1.5 MP"])
    pixels = contenders[0].preprocess(image)
    features: dict[str, Tensor] = {}

    def encode(contender: Contender) -> None:
        features[contender.name] = contender.encode(pixels)

    add_times(f"{model}: encode", [lambda c=c: encode(c) for c in contenders], repeats)

    side = config.image_size
    coords, labels = torch.tensor([[POINT_XY]]) * side, torch.ones(1, 1, dtype=torch.int64)
    ours = features[Ours.name]
    logits = {c.name: c.decode(ours, coords, labels) for c in contenders}
    quick = repeats * QUICK_TIMES
    add_times(
        f"{model}: decode one click",
        [lambda c=c: c.decode(ours, coords, labels) for c in contenders],
        quick,
    )
    for label, size_hw in IMAGES_HW.items():
        picture = make_image(size_hw)
        point_xy = np.array(POINT_XY, np.float32) * size_hw[::-1]
        add_times(
            f"preprocess {label}",
            [lambda c=c, p=picture: c.preprocess(p) for c in contenders],
            quick,
        )
        add_times(
            f"{model}: click to best full-size mask, {label}",
            [lambda c=c, s=size_hw, p=point_xy: c.click(ours, s, p) for c in contenders],
            quick,
        )
    add(f"{model}: peak memory of a process that loads and encodes", memory_mb, "MB")
    for what, values in (("embedding", features), ("low-res logits", logits)):
        differences = [
            f"{(values[c.name] - values[Ours.name]).abs().max().item():.1e}" for c in contenders[1:]
        ]
        rows.append([f"{model}: largest difference, {what}", "0", *differences])
        rows[-1] += [""] * len(differences)
    return rows


def machine() -> str:
    name = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{name or platform.machine()}, {os.cpu_count()} CPUs, {torch.get_num_threads()} threads, "
        f"{platform.system()}{load}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    models = [name for name, config in CONFIGS.items() if isinstance(config, VitConfig)]
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--models", nargs="+", choices=models, default=["vit_b"])
    parser.add_argument("--skip-transformers", action="store_true")
    parser.add_argument("--memory-of", choices=CONTENDERS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    configs = [config for name in args.models if isinstance(config := CONFIGS[name], VitConfig)]
    torch.set_grad_enabled(False)
    if args.memory_of:
        print_peak_memory(args.memory_of, configs[0])
        return

    classes = [c for c in CONTENDERS.values() if not (args.skip_transformers and c is Transformers)]
    names = [c.name for c in classes]
    packages = ["samwidget", "torch", "numpy", "pillow", *names[1:]]
    print(machine())
    print(", ".join(f"{package} {version(package)}" for package in packages))
    print()
    head = ["", *names, *(f"ours / {name}" for name in names[1:])]
    rows = [head, ["---"] * len(head)]
    memory_mb = {c.name: [peak_memory_mb(other, c.name) for other in names] for c in configs}
    for config in configs:
        state = peers.random_sam(config).state_dict()
        contenders = [c(config, state) for c in classes]
        rows += measure(config, contenders, args.repeats, memory_mb[config.name])
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
