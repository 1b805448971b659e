"""One picture of many trials, to be looked at: click, mask, outline of what was meant.

python -m training.picture --data DATA --split eval --out picture.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from training.data import U8, read_image, read_index
from training.evaluate import regions_of
from training.metrics import iou
from training.prompts import Mask, deepest
from training.segmenters import NanoSegmenter

TILE = 300
MASK, OUTLINE, CLICK = (255, 190, 0), (0, 255, 90), (255, 0, 80)


def tile(image: U8, mask: Mask, target: Mask, xy: tuple[int, int], caption: str) -> U8:
    """An image no larger than ``TILE`` with mask, outline and click, centred on grey."""
    scale = TILE / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    drawn = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    shown = cv2.resize(mask.astype(np.uint8), size) > 0
    drawn[shown] = (0.5 * drawn[shown] + 0.5 * np.array(MASK)).astype(np.uint8)
    wanted = cv2.resize(target.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(wanted, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, outlines, -1, OUTLINE, 1, cv2.LINE_AA)
    centre = (round(xy[0] * scale), round(xy[1] * scale))
    cv2.circle(drawn, centre, 6, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(drawn, centre, 4, CLICK, -1, cv2.LINE_AA)
    out = np.full((TILE + 24, TILE + 8, 3), 40, np.uint8)
    top, left = (TILE - size[1]) // 2, (TILE - size[0]) // 2 + 4
    out[top : top + size[1], left : left + size[0]] = drawn
    where = (6, TILE + 17)
    cv2.putText(out, caption, where, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255,) * 3, 1, cv2.LINE_AA)
    return out


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("eval", "validation"), default="validation")
    parser.add_argument("--weights", type=Path, help="a .safetensors or a checkpoint of train.py")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    segmenter = NanoSegmenter.load(args.weights, None, threads=2)
    rng = np.random.default_rng(args.seed)
    records = read_index(args.data, (args.split,))
    tiles: list[U8] = []
    for index in rng.permutation(len(records)):
        record = records[int(index)]
        image = np.ascontiguousarray(read_image(args.data / record.image)[..., :3])
        regions = regions_of(args.data, record, image.shape[:2], 1, 0.002)
        if not regions:
            continue
        (region,) = regions
        xy = deepest(region.mask)
        segmenter.show(image)
        answers, scores = segmenter.clicks(
            np.array([[xy]], np.float32), np.ones((1, 1), np.int64), None, several=True
        )
        best = int(scores[0].argmax())
        each = [iou(mask, region.mask, region.known) for mask in answers[0].masks]
        caption = f"{record.source}  IoU {each[best]:.2f}  score {scores[0, best]:.2f}"
        caption += f"  best {max(each):.2f}"
        tiles.append(tile(image, answers[0].masks[best], region.mask, xy, caption))
        if len(tiles) == args.count:
            break
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % args.columns)
    rows = [np.hstack(tiles[i : i + args.columns]) for i in range(0, len(tiles), args.columns)]
    picture = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(args.out), picture):
        raise OSError(f"could not write {args.out}")


if __name__ == "__main__":
    main()
