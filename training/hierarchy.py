"""Regions that are no objects: a classical hierarchical segmentation of every photo.

    python -m training.hierarchy --cache RUN/cache

As ultrametric contour maps are made (Arbeláez et al., 2011), with simpler measures: the watershed
of a gradient of colour and texture gives small regions; the two neighbours that differ least are
merged until one is left. A region is worth learning when it lasts: when what was merged inside it
differed much less than it differs from what is around it.
"""

from __future__ import annotations

import argparse
import heapq
import json
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from training.data import U8, U16, Cache, Entry

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

SCALES = (0.8, 1.6)
"""Standard deviations, in pixels, of the smoothing before each gradient."""

TEXTURE_WEIGHT = 6.0
LEAST_AREA, MOST_AREA = 0.004, 0.7
LASTING = 1.25
"""A region lasts when it ends at so many times the difference that it began at."""

LEAST_CONTRAST = 6.0
"""Of a region with what it is merged into, about in units of CIELAB."""

THIN = 6.0
"""Regions of this thickness, in pixels, count half as unlike as thick ones."""

OUTLINED, FLAT = 2.2, 0.5
"""How much stronger the gradient must be along the border than inside; what counts as none."""

SIDE = 320
"""Long side of the photo that is segmented."""

MOST_REGIONS = 25
MAPS = 2


def features(image: U8) -> F32:
    """(H, W, 4): CIELAB, and how strong the texture is around each pixel."""
    flat = cv2.pyrMeanShiftFiltering(image, 5, 14, maxLevel=1)
    lab = cv2.cvtColor(flat.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    fine = cv2.absdiff(lab[..., 0], cv2.GaussianBlur(lab[..., 0], (0, 0), 1.5))
    texture = np.sqrt(cv2.GaussianBlur(fine, (0, 0), 3.0)) * TEXTURE_WEIGHT
    return np.dstack([lab, texture])


def gradient(channels: F32) -> F32:
    """(H, W) how much the features change at each pixel, the mean over the scales."""
    total = np.zeros(channels.shape[:2], np.float32)
    for scale in SCALES:
        smooth = cv2.GaussianBlur(channels, (0, 0), scale)
        dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125)
        dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
        total += np.sqrt((dx**2 + dy**2).sum(axis=2)) * scale
    return total / len(SCALES)


def small_regions(edges: F32) -> I32:
    """(H, W) labels 0 to n - 1: the catchment basins of the gradient."""
    smooth = cv2.GaussianBlur(edges, (0, 0), 1.0)
    basins = ndimage.minimum_filter(smooth, 5) == smooth
    markers, _ = ndimage.label(basins, np.ones((3, 3)))
    relief = np.clip(smooth * 40, 0, 65535).astype(np.uint16)
    flooded: I32 = ndimage.watershed_ift(relief, markers.astype(np.int32))
    _, labels = np.unique(flooded, return_inverse=True)
    return labels.reshape(edges.shape).astype(np.int32)


@dataclass
class Node:
    """A region of the hierarchy."""

    area: float
    sums: F32
    inner: float
    begin: float
    children: tuple[int, int] | None = None
    end: float = np.inf
    edges: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Neighbour to the sum of the gradient along the common border, and its length."""

    def contrast(self) -> float:
        """Mean gradient along the border by the mean gradient inside."""
        total, length = np.sum(list(self.edges.values()), axis=0)
        return float(total / length / (self.inner / self.area + FLAT))

    def thickness(self) -> float:
        """Area by half the length of the border inside the image, in pixels."""
        return self.area / (1 + 0.5 * sum(length for _, length in self.edges.values()))


def _difference(a: Node, b: Node, border: tuple[float, float]) -> float:
    """How unlike two neighbours are; small ones count as more alike."""
    means = float(np.linalg.norm(a.sums / a.area - b.sums / b.area))
    thickness = min(a.thickness(), b.thickness())
    return (0.5 * means + border[0] / border[1]) * thickness / (thickness + THIN)


def merged(labels: I32, channels: F32, edges: F32) -> list[Node]:
    """The nodes of the hierarchy: first the small regions, the last is the whole image."""
    count = int(labels.max()) + 1
    flat = labels.ravel()
    areas = np.bincount(flat, minlength=count).astype(np.float32)
    sums = np.stack(
        [np.bincount(flat, channels[..., c].ravel(), count) for c in range(channels.shape[2])], 1
    ).astype(np.float32)
    inner = np.bincount(flat, edges.ravel(), count)
    nodes = [Node(float(areas[i]), sums[i], float(inner[i]), 0.0) for i in range(count)]
    for here, there, strength in (
        (labels[:, :-1], labels[:, 1:], np.maximum(edges[:, :-1], edges[:, 1:])),
        (labels[:-1], labels[1:], np.maximum(edges[:-1], edges[1:])),
    ):
        crosses = here != there
        for a, b, s in zip(here[crosses], there[crosses], strength[crosses], strict=True):
            total, length = nodes[a].edges.get(int(b), (0.0, 0.0))
            border = (total + float(s), length + 1)
            nodes[a].edges[int(b)] = nodes[b].edges[int(a)] = border
    alive = set(range(count))
    heap = [
        (_difference(node, nodes[b], border), i, b)
        for i, node in enumerate(nodes)
        for b, border in node.edges.items()
        if i < b
    ]
    heapq.heapify(heap)
    while heap:
        cost, a, b = heapq.heappop(heap)
        if a not in alive or b not in alive:
            continue
        left, right, new = nodes[a], nodes[b], len(nodes)
        cost = max(cost, left.begin, right.begin)
        left.end = right.end = cost
        sums = left.sums + right.sums
        node = Node(left.area + right.area, sums, left.inner + right.inner, cost, (a, b))
        alive -= {a, b}
        alive.add(new)
        for old in (left, right):
            for neighbour, border in old.edges.items():
                if neighbour in (a, b):
                    continue
                total, length = node.edges.get(neighbour, (0.0, 0.0))
                node.edges[neighbour] = (total + border[0], length + border[1])
        for neighbour, border in node.edges.items():
            nodes[neighbour].edges.pop(a, None)
            nodes[neighbour].edges.pop(b, None)
            nodes[neighbour].edges[new] = border
            heapq.heappush(heap, (_difference(node, nodes[neighbour], border), neighbour, new))
        nodes.append(node)
    return nodes


def leaves_of(nodes: list[Node], index: int) -> list[int]:
    """The small regions that a node is made of."""
    found, waiting = [], [index]
    while waiting:
        children = nodes[waiting[-1]].children
        if children is None:
            found.append(waiting.pop())
        else:
            waiting.pop()
            waiting += children
    return found


def rounded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask with a smooth outline and without pin-holes: its largest part."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2.0) > 0.5
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(soft.astype(np.uint8))
    if count < 2:
        return np.zeros_like(mask)
    largest: NDArray[np.bool_] = pieces == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    holes, pieces, stats, _ = cv2.connectedComponentsWithStats((~largest).astype(np.uint8))
    for i in range(1, holes):
        if stats[i, cv2.CC_STAT_AREA] < 0.02 * largest.sum():
            largest[pieces == i] = True
    return largest


def lasting_regions(image: U8) -> list[NDArray[np.bool_]]:
    """Masks (H, W) of the regions worth learning, the most lasting first; some hold others."""
    channels = features(image)
    edges = gradient(channels)
    labels = small_regions(edges)
    nodes = merged(labels, channels, edges)
    size = float(labels.size)
    worth = []
    for i, node in enumerate(nodes[:-1]):
        if not LEAST_AREA <= node.area / size <= MOST_AREA or node.end < LEAST_CONTRAST:
            continue
        ratio = node.end / max(node.begin, 0.4 * LEAST_CONTRAST)
        if ratio >= LASTING and node.contrast() >= OUTLINED:
            worth.append(((node.end - node.begin) * node.area**0.5, i))
    worth.sort(reverse=True)
    masks = []
    for _, i in worth[:MOST_REGIONS]:
        chosen = np.zeros(int(labels.max()) + 1, bool)
        chosen[leaves_of(nodes, i)] = True
        mask = rounded(chosen[labels])
        if mask.mean() >= LEAST_AREA:
            masks.append(mask)
    return masks


def as_maps(masks: list[NDArray[np.bool_]], shape: tuple[int, int]) -> list[U8]:
    """Lay masks into at most ``MAPS`` maps of labels, where none covers another.

    One that finds no place, or is nearly the same as another, is left out.
    """
    maps = [np.zeros(shape, np.uint8) for _ in range(MAPS)]
    label = 0
    laid: list[NDArray[np.bool_]] = []
    for mask in masks:
        area = mask.sum()
        if any((mask & old).sum() > 0.75 * (mask | old).sum() for old in laid):
            continue
        for labels in maps:
            if (labels[mask] > 0).sum() <= 0.03 * area:
                label += 1
                labels[mask & (labels == 0)] = label
                laid.append(mask)
                break
    return [labels for labels in maps if labels.any()]


def straddles(mask: NDArray[np.bool_], labels: U16, unknown: int | None) -> bool:
    """Whether a mask takes some of a labelled region, leaves some, and reaches beyond it."""
    inside, counts = np.unique(labels[mask], return_counts=True)
    for value, shared in zip(inside, counts, strict=True):
        if value in (0, unknown):
            continue
        whole = (labels == value).sum()
        if 0.1 < shared / whole < 0.9 and 0.1 < shared / mask.sum() < 0.9:
            return True
    return False


def maps_of(cache: Cache, entry: Entry) -> list[U8]:
    """Small label maps of one photo's lasting regions that fit its labels."""
    image = np.ascontiguousarray(cache.image(entry)[..., :3])
    scale = min(1.0, SIDE / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    known = [
        (cv2.resize(cache.labels(entry, i), size, interpolation=cv2.INTER_NEAREST), unknown)
        for i, (_, unknown, _) in enumerate(entry.maps)
    ]
    masks = [
        mask
        for mask in lasting_regions(image)
        if not any(straddles(mask, labels, unknown) for labels, unknown in known)
    ]
    return as_maps(masks, image.shape[:2])


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, required=True, help="decoded data of train.py")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    cache = Cache(args.cache)
    index, pixels = args.cache / "regions.jsonl", args.cache / "regions.bin"
    rows = [json.loads(line) for line in index.read_text().splitlines()] if index.exists() else []
    done = len(rows)
    with pixels.open("ab") as out, index.open("a") as lines:
        out.truncate(sum(int(np.prod(shape)) for row in rows for shape in [row["shape"]]))
        out.seek(0, 2)
        for number, entry in enumerate(cache.entries[done:], done):
            maps = maps_of(cache, entry) if entry.split in ("train", "unlabelled") else []
            shape = (len(maps), *(maps[0].shape if maps else (0, 0)))
            start = out.tell()
            for labels in maps:
                out.write(labels.tobytes())
            out.flush()
            lines.write(json.dumps({"entry": number, "offset": start, "shape": shape}) + "\n")
            lines.flush()


if __name__ == "__main__":
    main()
