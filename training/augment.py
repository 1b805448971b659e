"""Geometric and photometric augmentation of whole images."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from training.data import U8, U16
from training.scene import Scene


def place(image: U8, maps: list[U16], ignore: list[int | None], side: int, rng: Generator) -> Scene:
    """Warp an image and its labels into a square frame with random scale, aspect, turn and flip.

    Half of the time the whole image is shown as the model sees it in use: its long side fills the
    frame, padding lies right or below.
    """
    h, w = image.shape[:2]
    stretch = float(np.exp(rng.normal(0, 0.15)))
    sx, sy = stretch, 1 / stretch
    scale = side / max(h * sy, w * sx)
    kind = rng.random()
    if kind < 0.45:  # a part, enlarged
        scale *= float(np.exp(rng.uniform(0, np.log(2.5))))
    elif kind < 0.6:
        scale *= float(rng.uniform(0.6, 1.0))
    sx, sy = sx * scale, sy * scale
    angle = np.deg2rad(float(rng.normal(0, 8))) if rng.random() < 0.3 else 0.0
    flip = -1.0 if rng.random() < 0.5 else 1.0
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s], [s, c]]) @ np.diag([flip * sx, sy])
    new_w, new_h = w * sx, h * sy
    shown = min(side, round(new_h)), min(side, round(new_w))
    slack = np.array([max(0.0, new_w - side), max(0.0, new_h - side)])
    centre = np.array([new_w, new_h]) / 2 - slack * rng.uniform(0, 1, 2)
    affine = np.column_stack([turn, centre - turn @ (w / 2, h / 2)])
    affine[:, 2] += turn @ (0.5, 0.5) - 0.5  # pixel centres
    if scale < 0.7:  # warpAffine does not average
        image = cv2.GaussianBlur(image, (0, 0), 0.45 / scale)
    warped = cv2.warpAffine(
        image, affine, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    hidden = np.zeros((side, side), bool)
    placed = []
    for labels, unknown in zip(maps, ignore, strict=True):
        moved = cv2.warpAffine(labels, affine, (side, side), flags=cv2.INTER_NEAREST)
        moved[shown[0] :], moved[:, shown[1] :] = 0, 0
        if unknown is not None:
            band = moved == unknown
            hidden |= band
            moved[band] = 0
        placed.append(moved)
    return Scene(warped, placed, hidden, shown)


def recolour(image: U8, rng: Generator) -> U8:
    """Random light, contrast, colour, grey, blur, noise and JPEG damage."""
    x = image.astype(np.float32)
    if rng.random() < 0.8:
        x = x * float(np.exp(rng.normal(0, 0.2))) + float(rng.normal(0, 12))
        mean = x.mean()
        x = (x - mean) * float(np.exp(rng.normal(0, 0.2))) + mean
    if rng.random() < 0.6:
        x = x * np.exp(rng.normal(0, 0.1, 3)).astype(np.float32)
        grey = x.mean(axis=2, keepdims=True)
        x = grey + (x - grey) * float(np.exp(rng.normal(0, 0.35)))
    if rng.random() < 0.1:
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.05:
        x = x[..., rng.permutation(3)]
    if rng.random() < 0.03:
        x = 255 - x
    if rng.random() < 0.2:
        gamma = float(np.exp(rng.normal(0, 0.25)))
        x = 255 * (np.clip(x, 0, 255) / 255) ** gamma
    if rng.random() < 0.15:
        x = cv2.GaussianBlur(x, (0, 0), float(rng.uniform(0.4, 1.3)))
    if rng.random() < 0.2:
        x = x + rng.normal(0, rng.uniform(2, 12), x.shape).astype(np.float32)
    out: U8 = np.clip(x, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))]
        out = cv2.imdecode(cv2.imencode(".jpg", out, quality)[1], cv2.IMREAD_COLOR)
    return out
