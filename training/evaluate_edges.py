"""Figures of edges against BSDS500's outlines, as markdown: the model's, Canny's, Sobel's.

    python -m training.evaluate_edges --data DATA --split eval --processes 2

The rules are those of the benchmark, see ``boundaries.py``. Canny is OpenCV's, its upper threshold
is the edge's strength; Sobel is the gradient's length, thinned as the model's edges are. Both see
the grey image after a Gaussian of 2 pixels, the best of 0 to 3 on validation.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from samwidget.predict.edges import find_edges, thin_edges
from samwidget.predict.predictor import Predictor
from samwidget.weights.opening import open_model
from training.boundaries import (
    THRESHOLDS,
    Counts,
    count_matches,
    default_thresholds,
    figures,
    outlines,
)
from training.data import U8, Record, read_image, read_index, read_labels

Edges = NDArray[np.float32]
SIGMA = 2.0
"""Of the baselines' smoothing, in pixels."""


def _slopes(image: U8) -> tuple[Edges, Edges]:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), SIGMA)
    return cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)


def sobel(image: U8) -> Edges:
    return thin_edges(np.hypot(*_slopes(image)))


def canny(image: U8) -> Edges:
    """For each pixel the largest of forty upper thresholds at which it is an edge."""
    dx, dy = (np.clip(np.rint(8 * one), -32767, 32767).astype(np.int16) for one in _slopes(image))
    largest = float(np.hypot(dx.astype(float), dy).max())
    edges = np.zeros(dx.shape, np.float32)
    for share in np.linspace(0.02, 1, 40):
        upper = share * largest
        edges[cv2.Canny(dx, dy, 0.4 * upper, upper, L2gradient=True) > 0] = share
    return edges


def method(name: str, weights: Path | None) -> Callable[[U8], Edges]:
    if name in ("canny", "sobel"):
        return {"canny": canny, "sobel": sobel}[name]
    torch.set_num_threads(1)
    predictor = Predictor(open_model(weights or name), "cpu")
    return partial(find_edges, predictor)


def counted(
    name: str, weights: Path | None, data: Path, thresholds: int, records: list[Record]
) -> list[Counts]:
    """The counts of each image."""
    edges_of = method(name, weights)
    cuts = default_thresholds(thresholds)
    found = []
    for record in records:
        image = np.ascontiguousarray(read_image(data / record.image)[..., :3])
        annotators = [outlines(read_labels(data / one.file)) for one in record.maps]
        found.append(count_matches(edges_of(image), annotators, cuts))
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("eval", "validation"), default="validation")
    parser.add_argument("--model", action="append", help="nano, canny, sobel; may be repeated")
    parser.add_argument("--weights", type=Path, help="a file of weights instead of the model's own")
    parser.add_argument("--limit", type=int, help="at most this many images")
    parser.add_argument("--thresholds", type=int, default=THRESHOLDS)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args(argv)
    records = [r for r in read_index(args.data, (args.split,)) if r.source == "bsds500"]
    if not records:
        raise ValueError(f"no image of bsds500 in the split {args.split} of {args.data}")
    step = 1 if args.limit is None else max(1, len(records) // args.limit)
    records = records[::step][: args.limit]
    print(f"BSDS500, {args.split}: {len(records)} images, {args.thresholds} thresholds\n")
    print("| | ODS | OIS | AP | R50 | seconds |\n|---|---|---|---|---|---|")
    rows = {}
    for name in args.model or ("nano", "canny", "sobel"):
        started = time.monotonic()
        shares = [records[i :: args.processes] for i in range(args.processes)]
        work = partial(counted, name, args.weights, args.data, args.thresholds)
        if args.processes == 1:
            answers = [work(records)]
        else:
            with ProcessPoolExecutor(args.processes, get_context("spawn")) as pool:
                answers = list(pool.map(work, shares))
        result = figures(
            [one for some in answers for one in some], default_thresholds(args.thresholds)
        )
        rows[name] = asdict(result)
        cells = [f"{x:.3f}" for x in (result.ods, result.ois, result.ap, result.r50)]
        seconds = f"{time.monotonic() - started:.0f}"
        print(f"| {name} | " + " | ".join([*cells, seconds]) + " |", flush=True)
    if args.json:
        args.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
