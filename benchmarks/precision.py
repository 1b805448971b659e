"""What bfloat16 changes in the masks of the embedded model, on photos with regions.

    python benchmarks/precision.py --data DATA [--split eval] [--limit 10]

Each region is asked for with a click in its middle and with its box, in float32 and in bfloat16;
compared are the two masks, not the mask with the region. ``DATA`` as in training/README.md.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samwidget.predict.predictor import Predictor
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import open_model
from training.data import read_image, read_index
from training.evaluate import regions_of
from training.prompts import box_of, deepest


def changed(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """One minus the IoU of two masks."""
    union = (a | b).sum()
    return 1 - float((a & b).sum() / union) if union else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("eval", "validation"), default="eval")
    parser.add_argument("--limit", type=int, default=10, help="images of each source")
    args = parser.parse_args()
    exact = Predictor(open_model("nano"), "cpu", "float32")
    rounded = Predictor(open_model("nano"), "cpu", "bfloat16")
    by_source = defaultdict(list)
    for record in read_index(args.data, (args.split,)):
        by_source[record.source].append(record)
    found: dict[str, list[float]] = {"click": [], "box": []}
    for records in by_source.values():
        for record in records[:: max(1, len(records) // args.limit)][: args.limit]:
            image = np.ascontiguousarray(read_image(args.data / record.image)[..., :3])
            embeddings = exact.encode(image), rounded.encode(image)
            for region in regions_of(args.data, record, image.shape[:2], 3, 0.002):
                for kind, prompts in (
                    ("click", Prompts([deepest(region.mask)], [1])),
                    ("box", Prompts(box_xyxy=box_of(region.mask))),
                ):
                    several = kind == "click"
                    first, second = (
                        p.predict(e, prompts, multimask_output=several)
                        for p, e in zip((exact, rounded), embeddings, strict=True)
                    )
                    # The same candidate: which of them is best is another question.
                    found[kind].append(changed(first.mask(first.best), second.mask(first.best)))
    print("| nano: masks in both | 1 - IoU, mean | median | 95th percentile | more than 0.5 % |")
    print("|---|---|---|---|---|")
    for kind, values in found.items():
        figures = [np.mean(values), np.median(values), np.quantile(values, 0.95)]
        figures.append(np.mean(np.array(values) > 0.005))
        cells = " | ".join(f"{figure:.2%}" for figure in figures)
        print(f"| {len(values)}, by {kind} | {cells} |")


if __name__ == "__main__":
    main()
