"""Figures of a model or a baseline on a split that was never trained on, as markdown.

    python -m training.evaluate --data DATA --split validation
    python -m training.evaluate --data DATA --split eval --model grabcut

Clicks: the first is the pixel of the region farthest from its border, every next one the same of
the largest connected error. The answer to the first click is the mask the model itself scores
highest; "oracle" is the best of the three. Later clicks get the earlier logits back and ask for one
mask. Everything is compared at the image's own resolution.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from training.baselines import BASELINES
from training.data import U8, Record, read_image, read_index, read_labels
from training.metrics import boundary_iou, iou
from training.prompts import Mask, box_of, correction, deepest
from training.segmenters import NanoSegmenter, Segmenter

MAX_CLICKS = 20
BANDS = {"< 1 %": (0.0, 0.01), "1 to 10 %": (0.01, 0.1), ">= 10 %": (0.1, 1.01)}


@dataclass
class Region:
    """One thing to segment: where it is, and the pixels that nobody judges."""

    mask: Mask
    known: Mask


@dataclass
class Result:
    """What one region's trial gave; IoUs 0 to 1."""

    source: str
    area: float
    clicks: dict[int, float] = field(default_factory=dict)
    oracle: float = 0.0
    box: float = 0.0
    boundary: float = 0.0
    noc85: int = MAX_CLICKS
    noc90: int = MAX_CLICKS
    score_error: float = 0.0
    score_error_3: float | None = None


def regions_of(
    data: Path, record: Record, shape: tuple[int, int], most: int, least_area: float
) -> list[Region]:
    """The regions of a record that are big enough; at most ``most``, spread over its maps."""
    rng = np.random.default_rng(hash_of(record.id))
    found = []
    for m in record.maps:
        labels = read_labels(data / m.file)
        if labels.shape != shape:
            raise ValueError(f"{m.file} is {labels.shape}, its image {shape}")
        known = np.ones(shape, bool) if m.ignore is None else labels != m.ignore
        for value, count in zip(*np.unique(labels, return_counts=True), strict=True):
            if value and value != m.ignore and least_area <= count / labels.size <= 0.9:
                found.append(Region(labels == value, known))
    if len(found) > most:
        found = [found[i] for i in sorted(rng.choice(len(found), most, replace=False))]
    return found


def hash_of(text: str) -> int:
    """A number from a text that stays the same from run to run."""
    return int.from_bytes(text.encode(), "little") % (2**63)


def trial(segmenter: Segmenter, regions: list[Region], source: str, clicks: int) -> list[Result]:
    """All trials on one image that the segmenter has been shown."""
    results = [Result(source, float(r.mask.mean())) for r in regions]
    first = np.array([deepest(r.mask) for r in regions], np.float32)
    coords = first[:, None]
    labels = np.ones((len(regions), 1), np.int64)
    answers, scores = segmenter.clicks(coords, labels, None, several=True)
    trusted = np.zeros(len(regions))
    masks: list[Mask] = []
    memory: list[Any] = []
    for i, region in enumerate(regions):
        each = [iou(m, region.mask, region.known) for m in answers[i].masks]
        best = int(scores[i].argmax())
        results[i].oracle = max(each)
        results[i].score_error = float(np.abs(scores[i] - each).mean())
        masks.append(answers[i].masks[best])
        memory.append(answers[i].memory[best])
        results[i].boundary = boundary_iou(masks[i], region.mask, region.known)
    active = list(range(len(regions)))
    for number in range(1, clicks + 1):
        for i in active:
            value = iou(masks[i], regions[i].mask, regions[i].known)
            results[i].clicks[number] = value
            if number == 3:
                results[i].score_error_3 = abs(trusted[i] - value)
            if value >= 0.85:
                results[i].noc85 = min(results[i].noc85, number)
            if value >= 0.90:
                results[i].noc90 = min(results[i].noc90, number)
        # after five clicks only NoC is at stake
        active = [i for i in active if number < 5 or results[i].clicks[number] < 0.9]
        if number == clicks or not active:
            break
        added = np.zeros((len(regions), 1, 2), np.float32)
        signs = np.full((len(regions), 1), -1, np.int64)
        for i in active:
            click = correction(masks[i], regions[i].mask, regions[i].known)
            if click is not None:
                added[i, 0], signs[i, 0] = click[:2], click[2]
        coords = np.concatenate([coords, added], axis=1)
        labels = np.concatenate([labels, signs], axis=1)
        previous = [memory[i] for i in active]
        answers, scores = segmenter.clicks(coords[active], labels[active], previous, several=False)
        for i, answer, score in zip(active, answers, scores[:, 0], strict=True):
            trusted[i] = score
            if labels[i, -1] >= 0:
                masks[i], memory[i] = answer.masks[0], answer.memory[0]
    boxes = np.stack([box_of(r.mask) for r in regions])
    for i, mask in enumerate(segmenter.boxes(boxes)):
        results[i].box = iou(mask, regions[i].mask, regions[i].known)
    return results


def summary(results: list[Result], clicks: int) -> dict[str, float]:
    """Means over regions."""

    def after(n: int) -> float:
        return float(np.mean([r.clicks.get(n, r.clicks[max(r.clicks)]) for r in results]))

    row: dict[str, float] = {"regions": len(results)}
    row.update({f"{n} click{'s' * (n > 1)}": after(n) for n in (1, 3, 5) if n <= clicks})
    row["oracle of 3"] = float(np.mean([r.oracle for r in results]))
    row["box"] = float(np.mean([r.box for r in results]))
    row["boundary IoU"] = float(np.mean([r.boundary for r in results]))
    if clicks == MAX_CLICKS:
        row["NoC@85"] = float(np.mean([r.noc85 for r in results]))
        row["NoC@90"] = float(np.mean([r.noc90 for r in results]))
    row["score error"] = float(np.mean([r.score_error for r in results]))
    later = [r.score_error_3 for r in results if r.score_error_3 is not None]
    row["after 3 clicks"] = float(np.mean(later)) if later else float("nan")
    return row


def table(results: list[Result], clicks: int) -> dict[str, dict[str, float]]:
    """One row per source, over all, and per band of region size."""
    sources = sorted({r.source for r in results})
    rows = {}
    for source in sources:
        rows[source] = summary([r for r in results if r.source == source], clicks)
    if "bsds500" in rows:
        large = [r for r in results if r.source == "bsds500" and r.area >= 0.01]
        rows["bsds500, >= 1 %"] = summary(large, clicks)
    trained = [s for s in sources if s not in ("bsds500", "grabcut")]
    if trained:
        rows["mean of trained sources"] = {
            key: float(np.mean([rows[s][key] for s in trained])) for key in rows[trained[0]]
        }
    rows["all regions"] = summary(results, clicks)
    for name, (low, high) in BANDS.items():
        band = [r for r in results if low <= r.area < high]
        if band:
            rows[f"regions {name} of the image"] = summary(band, clicks)
    return rows


def markdown(rows: dict[str, dict[str, float]]) -> str:
    """The table as text."""
    columns = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        cells = []
        for c in columns:
            digits = 0 if c == "regions" else 1 if c.startswith("NoC") else 3
            cells.append(f"{row[c]:.{digits}f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def trials(args: argparse.Namespace, records: list[Record]) -> Iterator[list[Result]]:
    """All trials on each image; an image without a region that is big enough has none."""
    if args.model == "nano":
        segmenter: Segmenter = NanoSegmenter.load(args.weights, args.size, args.threads)
    else:
        segmenter = BASELINES[args.model]()
    for record in records:
        image: U8 = read_image(args.data / record.image)[..., :3]
        regions = regions_of(args.data, record, image.shape[:2], args.regions, args.least_area)
        if not regions:
            yield []
            continue
        segmenter.show(image)
        yield trial(segmenter, regions, record.source, args.clicks)


def _list_of_trials(args: argparse.Namespace, records: list[Record]) -> list[list[Result]]:
    return list(trials(args, records))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("eval", "validation"), default="validation")
    parser.add_argument("--model", choices=("nano", *BASELINES), default="nano")
    parser.add_argument("--weights", type=Path, help="a .safetensors or a checkpoint of train.py")
    parser.add_argument("--size", type=int, help="model frame, if not the model's own")
    parser.add_argument("--source", action="append", help="only this source; may be repeated")
    parser.add_argument("--limit", type=int, help="at most this many images of each source")
    parser.add_argument("--regions", type=int, default=6, help="at most this many per image")
    parser.add_argument("--least-area", type=float, default=0.002, help="share of the image")
    parser.add_argument("--clicks", type=int, default=MAX_CLICKS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="also write every region's result here")
    parser.add_argument("--processes", type=int, default=1, help="each with --threads threads")
    args = parser.parse_args(argv)
    by_source: dict[str, list[Record]] = {}
    for record in read_index(args.data, (args.split,)):
        if args.source is None or record.source in args.source:
            by_source.setdefault(record.source, []).append(record)
    if not by_source:
        raise ValueError(f"no image of {args.source} in the split {args.split}")
    chosen: list[Record] = []
    for _, records in sorted(by_source.items()):
        step = 1 if args.limit is None else max(1, len(records) // args.limit)
        chosen += records[::step][: args.limit]
    started = time.monotonic()
    if args.processes == 1:
        found = list(trials(args, chosen))
    else:
        shares = [chosen[i :: args.processes] for i in range(args.processes)]
        with ProcessPoolExecutor(args.processes, get_context("spawn")) as pool:
            answers = list(pool.map(_list_of_trials, [args] * len(shares), shares))
        # In the order of one process, so that the result is the same to the last digit.
        found = [one for turn in zip_longest(*answers) for one in turn if one is not None]
    results = [result for one in found for result in one]
    images = sum(bool(one) for one in found)
    rows = table(results, args.clicks)
    print(f"{args.model}, {args.split}: {images} images, {time.monotonic() - started:.0f} s\n")
    print(markdown(rows))
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "regions": [asdict(r) for r in results]}))


if __name__ == "__main__":
    main()
