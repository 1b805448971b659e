"""Endless training samples: scenes, and the regions of them to prompt for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from training.augment import place, recolour
from training.data import Cache, Entry
from training.prompts import any_inside, box_of, deepest, jittered
from training.scene import Cutout, Scene, crop_to_alpha, paste
from training.synthetic import mosaic

REGIONS_AN_IMAGE = 4
"""As many regions of an image count when it is drawn how often a source is seen."""

OBJECT_KINDS = ("object", "instance")
"""Kinds of maps whose regions can be cut out and pasted elsewhere."""

MOSAIC_SHARE, BACKGROUND_SHARE = 0.20, 0.15
REGION_SHARE = 0.4
"""Share of labelled photos that also show regions which are no objects; others always do."""

DEEPEST_SHARE = 0.65
"""Share of first clicks in the middle of their region; the others are anywhere inside."""

MIN_AREA = 0.0015
"""Smallest region worth a prompt, as a share of the frame."""


MIN_CUTOUT = 400
"""Pixels of the smallest object that is worth pasting."""


class Sample(NamedTuple):
    """One image with P targets, as tensors; M = S / 2.

    Attributes
    ----------
    image
        (3, S, S) uint8.
    size_hw
        (2,) int64, extent of the image in the frame.
    targets
        (P, M, M) uint8, coverage 0 to 255.
    known
        (M, M) bool, where the loss counts.
    points
        (P, 2) float32, a first click (x, y) in the frame.
    boxes
        (P, 4) float32, jittered XYXY in the frame.
    """

    image: torch.Tensor
    size_hw: torch.Tensor
    targets: torch.Tensor
    known: torch.Tensor
    points: torch.Tensor
    boxes: torch.Tensor


class SceneMaker:
    """Draws scenes from the cache."""

    def __init__(self, cache: Cache, side: int) -> None:
        self.cache, self.side = cache, side
        self.by_source = cache.labelled()
        if not self.by_source:
            raise ValueError("no labelled training photo in the data folder")
        self.shares = source_shares(self.by_source)
        with_objects = {
            name: [e for e in entries if any(m[0] in OBJECT_KINDS for m in e.maps)]
            for name, entries in self.by_source.items()
        }
        self.objects = {name: entries for name, entries in with_objects.items() if entries}
        self.object_shares = source_shares(self.objects)
        self.shapes = [e for e in cache.entries if e.split == "cutouts"]
        self.backgrounds = [e for e in cache.entries if e.split == "unlabelled"]

    def photo_entry(self, rng: Generator) -> Entry:
        return _pick_of(self.by_source, self.shares, rng)

    def any_photo(self, rng: Generator) -> np.ndarray:
        if self.backgrounds and rng.random() < 0.4:
            return self.cache.image(_pick(self.backgrounds, rng))
        return self.cache.image(self.photo_entry(rng))

    def cutout(self, rng: Generator) -> Cutout | None:
        """An emoji, its silhouette filled with a photo, or an object of a photo."""
        if self.shapes and (not self.objects or rng.random() < 0.5):
            rgba = self.cache.image(_pick(self.shapes, rng))
            pixels, alpha = rgba[..., :3], rgba[..., 3]
            if rng.random() < 0.4:
                fill, (h, w) = self.any_photo(rng)[..., :3], alpha.shape
                pixels = cv2.resize(fill, (w, h), interpolation=cv2.INTER_AREA)
            return crop_to_alpha(Cutout(recolour(np.ascontiguousarray(pixels), rng), alpha))
        if not self.objects:
            return None
        entry = _pick_of(self.objects, self.object_shares, rng)
        kinds = [m[0] for m in entry.maps]
        whole = next(i for i, k in enumerate(kinds) if k in OBJECT_KINDS)
        labels, unknown = self.cache.labels(entry, whole), entry.maps[whole][1]
        values = [v for v in np.unique(labels) if v not in (0, unknown)]
        if not values:
            return None
        mask = labels == values[int(rng.integers(len(values)))]
        if mask.sum() < MIN_CUTOUT:
            return None
        parts = None
        if "part" in kinds:
            parts = np.where(mask, self.cache.labels(entry, kinds.index("part")), 0)
            parts = parts.astype(np.uint16)
        alpha = mask.astype(np.uint8) * 255
        return crop_to_alpha(Cutout(self.cache.image(entry)[..., :3], alpha, parts))

    def scene(self, rng: Generator) -> Scene:
        kind = rng.random()
        if kind < MOSAIC_SHARE:
            scene = mosaic(self.side, rng, self.any_photo)
            pastes = int(rng.integers(0, 3))
        elif kind < MOSAIC_SHARE + BACKGROUND_SHARE and self.backgrounds:
            entry = _pick(self.backgrounds, rng)
            maps = self.cache.regions(entry)
            unlabelled = [None] * len(maps)
            scene = place(self.cache.image(entry)[..., :3], maps, unlabelled, self.side, rng)
            pastes = int(rng.integers(0 if maps else 1, 5))
        else:
            entry = self.photo_entry(rng)
            maps = [self.cache.labels(entry, i) for i in range(len(entry.maps))]
            ignore = [m[1] for m in entry.maps]
            if rng.random() < REGION_SHARE:
                maps += self.cache.regions(entry)
                ignore += [None] * (len(maps) - len(ignore))
            scene = place(self.cache.image(entry)[..., :3], maps, ignore, self.side, rng)
            pastes = int(rng.integers(1, 4)) if rng.random() < 0.35 else 0
        for i in range(pastes):
            cutout = self.cutout(rng)
            if cutout is not None:
                paste(scene, cutout, rng, 40000 + 1000 * i)
        scene.image = recolour(scene.image, rng)
        return scene

    def sample(self, rng: Generator, prompts: int) -> Sample:
        """A scene with regions to prompt for; draws again until there is one."""
        while True:
            scene = self.scene(rng)
            regions = [
                (number, value, area)
                for number, labels in enumerate(scene.maps)
                for value, area in zip(*np.unique(labels, return_counts=True), strict=True)
                if value and MIN_AREA < area / labels.size < 0.95
            ]
            if regions:
                return self._sample(scene, regions, rng, prompts)

    def _sample(
        self, scene: Scene, regions: list[tuple[int, int, int]], rng: Generator, prompts: int
    ) -> Sample:
        weight = np.array([area for _, _, area in regions], np.float64) ** 0.5
        again = len(regions) < prompts
        chosen = rng.choice(len(regions), prompts, replace=again, p=weight / weight.sum())
        half = (self.side // 2, self.side // 2)
        targets, points, boxes = [], [], []
        for index in chosen:
            number, value, _ = regions[int(index)]
            mask = scene.maps[number] == value
            cover = cv2.resize(mask.astype(np.uint8) * 255, half, interpolation=cv2.INTER_AREA)
            targets.append(cover)
            middle = rng.random() < DEEPEST_SHARE
            points.append(deepest(mask) if middle else any_inside(mask, rng))
            boxes.append(jittered(box_of(mask), self.side, rng))
        known = ~scene.ignore
        known[scene.size_hw[0] :], known[:, scene.size_hw[1] :] = True, True
        image = scene.image.copy()
        return Sample(
            torch.from_numpy(image).permute(2, 0, 1).contiguous(),
            torch.tensor(scene.size_hw),
            torch.from_numpy(np.stack(targets)),
            torch.from_numpy(known[::2, ::2].copy()),
            torch.tensor(points, dtype=torch.float32),
            torch.from_numpy(np.stack(boxes)),
        )


def source_shares(by_source: dict[str, list[Entry]]) -> NDArray[np.float64]:
    """How often each source is drawn: by the root of its number of regions.

    Of an image at most ``REGIONS_AN_IMAGE`` count, so that fields of small things do not lead.
    """
    counts = [sum(min(e.regions, REGIONS_AN_IMAGE) for e in es) for es in by_source.values()]
    roots = np.sqrt(np.array(counts, np.float64))
    return roots / roots.sum()


def _pick(entries: list[Entry], rng: Generator) -> Entry:
    return entries[int(rng.integers(len(entries)))]


def _pick_of(
    by_source: dict[str, list[Entry]], shares: NDArray[np.float64], rng: Generator
) -> Entry:
    return _pick(list(by_source.values())[int(rng.choice(len(shares), p=shares))], rng)


class Samples(IterableDataset[Sample]):
    """Endless samples, the same for the same seed and the same number of workers."""

    def __init__(self, cache_folder: Path, side: int, prompts: int, seed: int) -> None:
        self.cache_folder, self.side, self.prompts, self.seed = cache_folder, side, prompts, seed

    def __iter__(self) -> Iterator[Sample]:
        worker = get_worker_info()
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed, 0 if worker is None else worker.id])
        maker = SceneMaker(Cache(self.cache_folder), self.side)
        while True:
            yield maker.sample(rng, self.prompts)
