"""Average recall of the model's object proposals on labelled images, as markdown.

    python -m training.evaluate_proposals --data DATA --split eval --limit 10

AR@k is the share of regions that one of the first k proposals matches, averaged over ten IoUs from
0.5 to 0.95, as COCO's own code counts it (masks, all sizes, no classes). A label map is one set of
regions; BSDS500 has one for each annotator.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from samwidget.predict.predictor import Predictor
from samwidget.predict.proposals import find_proposals
from samwidget.weights.opening import open_model
from training.data import Record, read_image, read_index, read_labels

COUNTS = (10, 100, 1000)
LEAST_AREA, MOST_AREA = 0.002, 0.9
"""Of regions that count, as shares of the image."""

Bools = NDArray[np.bool_]


def average_recall(
    truths: Sequence[Sequence[Bools]],
    proposals: Sequence[Sequence[Bools]],
    counts: Sequence[int] = COUNTS,
) -> list[float]:
    """AR for each number of proposals.

    Parameters
    ----------
    truths
        For each image its regions, (H, W) bool.
    proposals
        For each image its proposals, the best first.
    """
    coded = [[_coded(mask) for mask in some] for some in truths]
    ranked = [[_coded(mask) for mask in some[: max(counts)]] for some in proposals]
    return _recall(coded, ranked, counts)


def _coded(mask: Bools) -> dict[str, Any]:
    code: dict[str, Any] = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return code


def _recall(
    truths: Sequence[Sequence[dict[str, Any]]],
    proposals: Sequence[Sequence[dict[str, Any]]],
    counts: Sequence[int],
) -> list[float]:
    sizes = [some[0]["size"] if some else (1, 1) for some in truths]
    images = [{"id": i, "height": h, "width": w} for i, (h, w) in enumerate(sizes, start=1)]
    regions = [
        {"image_id": image, "segmentation": code, "category_id": 1, "iscrowd": 0,
         "area": float(coco_mask.area(code))}
        for image, some in enumerate(truths, start=1)
        for code in some
    ]  # fmt: skip
    if not regions:
        raise ValueError("there is no region to find")
    found = [
        {"image_id": image, "segmentation": code, "category_id": 1, "score": 1 / rank}
        for image, some in enumerate(proposals, start=1)
        for rank, code in enumerate(some, start=1)
    ]
    if not found:
        return [0.0] * len(counts)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": images,
            "categories": [{"id": 1}],
            "annotations": [{**one, "id": number} for number, one in enumerate(regions, start=1)],
        }
        truth.createIndex()
        judge = COCOeval(truth, truth.loadRes(found), "segm")
        judge.params.maxDets = list(counts)
        judge.params.useCats = 0
        judge.evaluate()
        judge.accumulate()
    recall = judge.eval["recall"]  # (IoUs, classes, sizes, counts); the first size is all
    return [float(recall[:, 0, 0, number].mean()) for number in range(len(counts))]


Found = tuple[str, list[list[dict[str, Any]]], list[list[dict[str, Any]]], int]
"""The source, for each map its regions and the proposals, and how many there are."""


def proposed(weights: Path | None, data: Path, threads: int, records: list[Record]) -> list[Found]:
    """Regions and proposals of each image."""
    torch.set_num_threads(threads)
    predictor = Predictor(open_model(weights or "nano"), "cpu")
    answers: list[Found] = []
    for record in records:
        image = np.ascontiguousarray(read_image(data / record.image)[..., :3])
        objects = [one.shape.full() for one in find_proposals(predictor, image, max(COUNTS))]
        truths, proposals = [], []
        for one in record.maps:
            labels = read_labels(data / one.file)
            known = np.ones(labels.shape, bool) if one.ignore is None else labels != one.ignore
            values, areas = np.unique(labels[known], return_counts=True)
            wanted = [
                value
                for value, area in zip(values, areas, strict=True)
                if value and LEAST_AREA <= area / labels.size <= MOST_AREA
            ]
            if wanted:
                truths.append([_coded(labels == value) for value in wanted])
                proposals.append([_coded(mask & known) for mask in objects])
        answers.append((record.source, truths, proposals, len(objects)))
    return answers


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("eval", "validation"), default="validation")
    parser.add_argument("--weights", type=Path, help="a file of weights instead of the package's")
    parser.add_argument("--source", action="append", help="only this source; may be repeated")
    parser.add_argument("--limit", type=int, help="at most this many images of each source")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args(argv)
    by_source: dict[str, list[Record]] = {}
    for record in read_index(args.data, (args.split,)):
        if record.maps and (args.source is None or record.source in args.source):
            by_source.setdefault(record.source, []).append(record)
    if not by_source:
        raise ValueError(f"no image of {args.source} in the split {args.split}")
    chosen: list[Record] = []
    for _, records in sorted(by_source.items()):
        step = 1 if args.limit is None else max(1, len(records) // args.limit)
        chosen += records[::step][: args.limit]
    started = time.monotonic()
    if args.processes == 1:
        answers = proposed(args.weights, args.data, torch.get_num_threads(), chosen)
    else:
        shares = [chosen[i :: args.processes] for i in range(args.processes)]
        work = partial(proposed, args.weights, args.data, 1)
        with ProcessPoolExecutor(args.processes, get_context("spawn")) as pool:
            answers = [one for some in pool.map(work, shares) for one in some]
    print(f"{args.split}: {len(chosen)} images, {time.monotonic() - started:.0f} s\n")
    print("| | images | regions | proposals | " + " | ".join(f"AR@{k}" for k in COUNTS) + " |")
    print("|---" * (4 + len(COUNTS)) + "|")
    rows = {}
    for source in [*sorted(by_source), "mean of sources"]:
        some = [one for one in answers if one[0] == source]
        if source == "mean of sources":
            recalls = [float(x) for x in np.mean(list(rows.values()), axis=0)]
            print(f"| {source} | | | | " + " | ".join(f"{r:.3f}" for r in recalls) + " |")
            break
        truths = [regions for one in some for regions in one[1]]
        if not truths:
            continue
        proposals = [masks for one in some for masks in one[2]]
        rows[source] = _recall(truths, proposals, COUNTS)
        facts = [len(some), sum(map(len, truths)), round(float(np.mean([one[3] for one in some])))]
        cells = [*map(str, facts), *(f"{r:.3f}" for r in rows[source])]
        print(f"| {source} | " + " | ".join(cells) + " |", flush=True)
    if args.json:
        args.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
