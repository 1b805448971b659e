"""Simulated users: the first click, the next click, the box."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def depth(mask: Mask) -> NDArray[np.float32]:
    """Distance of every pixel to the nearest one outside the mask; outside the image counts."""
    padded = np.pad(mask.astype(np.uint8), 1)
    return cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]


def deepest(mask: Mask) -> tuple[int, int]:
    """(x, y) of the pixel of a non-empty mask that is farthest from its border."""
    y, x = np.unravel_index(int(depth(mask).argmax()), mask.shape)
    return int(x), int(y)


def any_inside(mask: Mask, rng: Generator) -> tuple[int, int]:
    """(x, y) of a random pixel of a non-empty mask, away from its border where it can be."""
    d = depth(mask)
    inner = d >= min(3.0, 0.5 * float(d.max()))
    ys, xs = np.nonzero(inner)
    i = int(rng.integers(len(xs)))
    return int(xs[i]), int(ys[i])


def largest_piece(mask: Mask) -> Mask:
    """The largest 8-connected piece of a non-empty mask."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count <= 2:
        return mask
    largest: Mask = pieces == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return largest


def correction(
    predicted: Mask, target: Mask, known: Mask, rng: Generator | None = None
) -> tuple[int, int, int] | None:
    """(x, y, label) of the next click, or None when nothing is wrong.

    The click goes to the pixel farthest from the border of the largest connected error region;
    with ``rng``, sometimes to another pixel of it.
    """
    missed, extra = target & ~predicted & known, predicted & ~target & known
    best, label = None, 0
    for region, value in ((missed, 1), (extra, 0)):
        if region.any():
            piece = largest_piece(region)
            if best is None or piece.sum() > best.sum():
                best, label = piece, value
    if best is None:
        return None
    x, y = any_inside(best, rng) if rng is not None and rng.random() < 0.3 else deepest(best)
    return x, y, label


def box_of(mask: Mask) -> NDArray[np.float32]:
    """XYXY box of a non-empty mask in pixel coordinates: first and last pixel that belong to it."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([cols[0], rows[0], cols[-1], rows[-1]], np.float32)


def jittered(box_xyxy: NDArray[np.float32], side: int, rng: Generator) -> NDArray[np.float32]:
    """A box as a hand draws it: each edge off by some percent of the box, at most 20 pixels."""
    w, h = box_xyxy[2] - box_xyxy[0], box_xyxy[3] - box_xyxy[1]
    share = 0.0 if rng.random() < 0.3 else 0.07
    error = np.clip(rng.normal(0, share, 4) * np.array([w, h, w, h]), -20, 20)
    out = np.clip(box_xyxy + error, 0, side - 1)
    out[2:] = np.maximum(out[2:], out[:2] + 1)
    return out.astype(np.float32)
