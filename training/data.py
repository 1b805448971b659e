"""Index of the data folder, and its images and label maps decoded once into one flat file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

TRAINING_SPLITS = ("train", "cutouts", "unlabelled")
"""What a training step may see. ``validation`` and ``eval`` are for evaluation only."""

CACHE_VERSION = 2

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]


@dataclass(frozen=True)
class LabelMap:
    """One label map of a record: 0 is unlabelled, every other value one region."""

    file: str
    kind: str
    ignore: int | None


@dataclass(frozen=True)
class Record:
    """One line of ``manifest.jsonl``."""

    id: str
    source: str
    split: str
    image: str
    maps: tuple[LabelMap, ...]


def read_index(data: Path, splits: tuple[str, ...]) -> list[Record]:
    """Records of the wanted splits, in the manifest's order."""
    manifest = data / "manifest.jsonl"
    if not manifest.is_file():
        raise ValueError(f"no manifest.jsonl in {data}; pass the data folder as --data")
    records = []
    for line in manifest.read_text().splitlines():
        row = json.loads(line)
        if row["split"] in splits:
            maps = tuple(LabelMap(m["file"], m["kind"], m["ignore"]) for m in row["maps"])
            records.append(Record(row["id"], row["source"], row["split"], row["image"], maps))
    return records


def training_index(data: Path) -> list[Record]:
    """Every record that training may use."""
    return read_index(data, TRAINING_SPLITS)


def read_image(path: Path) -> U8:
    """(H, W, 3) RGB, or (H, W, 4) where the file has transparency."""
    with Image.open(path) as image:
        has_alpha = image.mode in ("RGBA", "LA") or "transparency" in image.info
        return np.asarray(image.convert("RGBA" if has_alpha else "RGB"))


def read_labels(path: Path) -> U16:
    """(H, W) labels."""
    with Image.open(path) as image:
        return np.asarray(image).astype(np.uint16)


def image_digest(image: U8) -> str:
    """SHA-256 of an image's size and pixels, whatever file format it came in."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """Where one record lies in the flat file."""

    source: str
    split: str
    shape: tuple[int, ...]
    offset: int
    maps: tuple[tuple[str, int | None, int], ...]
    """(kind, ignore value, offset) of each label map, 16-bit."""
    regions: int
    """Labelled regions on all maps together."""
    number: int
    """Its place in the file."""


class Cache:
    """Decoded records behind one memory map, shared by all worker processes."""

    def __init__(self, folder: Path) -> None:
        rows = json.loads((folder / "entries.json").read_text())["entries"]
        self.entries = [
            Entry(r[0], r[1], tuple(r[2]), r[3], tuple((k, i, o) for k, i, o in r[4]), r[5], n)
            for n, r in enumerate(rows)
        ]
        self._bytes = np.memmap(folder / "pixels.bin", np.uint8, "r")
        regions = folder / "regions.jsonl"
        lines = regions.read_text().splitlines() if regions.is_file() else []
        rows = [json.loads(line) for line in lines]
        self._regions = {row["entry"]: (row["offset"], tuple(row["shape"])) for row in rows}
        if any(shape[0] for _, shape in self._regions.values()):
            self._region_bytes = np.memmap(folder / "regions.bin", np.uint8, "r")

    def image(self, entry: Entry) -> U8:
        size = int(np.prod(entry.shape))
        return self._bytes[entry.offset : entry.offset + size].reshape(entry.shape)

    def labels(self, entry: Entry, number: int) -> U16:
        offset = entry.maps[number][2]
        h, w = entry.shape[:2]
        return self._bytes[offset : offset + 2 * h * w].view(np.uint16).reshape(h, w)

    def regions(self, entry: Entry) -> list[U16]:
        """Maps of the image's shape with what :mod:`training.hierarchy` found in it, if it did."""
        offset, shape = self._regions.get(entry.number, (0, (0, 0, 0)))
        if not shape[0]:
            return []
        small = self._region_bytes[offset : offset + int(np.prod(shape))].reshape(shape)
        h, w = entry.shape[:2]
        resize = {"dsize": (w, h), "interpolation": cv2.INTER_NEAREST}
        return [cv2.resize(labels, **resize).astype(np.uint16) for labels in small]

    def of(self, *sources: str) -> list[Entry]:
        """Entries of the named sources."""
        return [e for e in self.entries if e.source in sources]

    def labelled(self) -> dict[str, list[Entry]]:
        """Entries with regions by source, in the manifest's order."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.split == "train" and entry.regions:
                found.setdefault(entry.source, []).append(entry)
        return found


def build_cache(data: Path, folder: Path) -> Cache:
    """Decode every training record into ``folder`` unless that was done before."""
    header = folder / "entries.json"
    if header.is_file() and json.loads(header.read_text())["version"] == CACHE_VERSION:
        return Cache(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with (folder / "pixels.bin").open("wb") as out:

        def write(array: NDArray[np.generic]) -> int:
            out.write(b"\0" * (-out.tell() % 8))
            start = out.tell()
            out.write(np.ascontiguousarray(array).tobytes())
            return start

        for record in training_index(data):
            image = read_image(data / record.image)
            offset = write(image)
            maps, regions = [], 0
            for m in record.maps:
                labels = read_labels(data / m.file)
                if labels.shape != image.shape[:2]:
                    raise ValueError(f"{m.file} is {labels.shape}, its image {image.shape[:2]}")
                maps.append((m.kind, m.ignore, write(labels)))
                regions += len(set(np.unique(labels)) - {0, m.ignore})
            rows.append((record.source, record.split, image.shape, offset, maps, regions))
    header.write_text(json.dumps({"version": CACHE_VERSION, "entries": rows}))
    return Cache(folder)
