"""A training scene: an image with label maps, and how objects are pasted into it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.data import U8, U16


@dataclass
class Scene:
    """One square training image.

    Attributes
    ----------
    image
        (S, S, 3) uint8 RGB.
    maps
        (S, S) uint16 each, 0 is unlabelled; maps may overlap (whole and part).
    ignore
        (S, S) bool, pixels whose label nobody knows.
    size_hw
        Height and width of the part that shows the image; the rest is padding.
    """

    image: U8
    maps: list[U16]
    ignore: NDArray[np.bool_]
    size_hw: tuple[int, int]


@dataclass
class Cutout:
    """An object with its own pixels: (H, W, 3) image, (H, W) alpha 0 to 255, part labels."""

    image: U8
    alpha: U8
    parts: U16 | None = None


def crop_to_alpha(cutout: Cutout) -> Cutout | None:
    """The cut-out's bounding box, or None when there is nothing in it."""
    rows = np.flatnonzero(cutout.alpha.max(axis=1) > 127)
    cols = np.flatnonzero(cutout.alpha.max(axis=0) > 127)
    if len(rows) < 4 or len(cols) < 4:
        return None
    window = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    parts = None if cutout.parts is None else cutout.parts[window]
    return Cutout(cutout.image[window], cutout.alpha[window], parts)


def paste(scene: Scene, cutout: Cutout, rng: Generator, label: int) -> None:
    """Put a cut-out somewhere into the scene, with its own scale, turn, light and soft edge."""
    side = scene.image.shape[0]
    h, w = cutout.alpha.shape
    extent = side * float(np.exp(rng.uniform(np.log(0.12), np.log(0.85))))
    scale = extent / max(h, w)
    stretch = float(np.exp(rng.normal(0, 0.12)))
    angle = float(rng.normal(0, 12)) if rng.random() < 0.7 else float(rng.uniform(0, 360))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turn = np.array([[c, -s], [s, c]]) @ np.diag([flip * scale * stretch, scale / stretch])
    centre = rng.uniform(0.0, 1.0, 2) * (scene.size_hw[1], scene.size_hw[0])
    shift = centre - turn @ (w / 2, h / 2)
    affine = np.column_stack([turn, shift])
    pixels, alpha = cutout.image, cutout.alpha
    if scale < 0.5:  # warpAffine does not average
        k = max(1, int(0.7 / scale))
        pixels, alpha = cv2.blur(pixels, (k, k)), cv2.blur(alpha, (k, k))
    size = (side, side)
    pixels = cv2.warpAffine(pixels, affine, size, flags=cv2.INTER_LINEAR)
    pixels = pixels.astype(np.float32)
    alpha = cv2.warpAffine(alpha, affine, size, flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    if rng.random() < 0.5:
        alpha = cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.4, 1.0)))
    alpha[scene.size_hw[0] :] = 0
    alpha[:, scene.size_hw[1] :] = 0
    if rng.random() < 0.5:
        pixels = pixels * rng.uniform(0.7, 1.2) + rng.uniform(-25, 25)
    below = scene.image.astype(np.float32)
    if rng.random() < 0.25:  # a soft shadow
        offset = np.float32([[1, 0, rng.normal(0, 4)], [0, 1, rng.uniform(0, 6)]])
        shadow = cv2.GaussianBlur(cv2.warpAffine(alpha, offset, size), (0, 0), 4.0)
        below *= 1 - float(rng.uniform(0.2, 0.6)) * shadow[..., None]
    mixed = below + alpha[..., None] * (np.clip(pixels, 0, 255) - below)
    scene.image = np.clip(mixed, 0, 255).astype(np.uint8)

    solid = alpha > 0.5
    scene.ignore &= ~solid
    for labels in scene.maps:
        labels[solid] = 0
    if not scene.maps:
        scene.maps.append(np.zeros((side, side), np.uint16))
    scene.maps[0][solid] = label
    if cutout.parts is not None:
        parts = cv2.warpAffine(cutout.parts, affine, size, flags=cv2.INTER_NEAREST)
        if len(scene.maps) < 2:
            scene.maps.append(np.zeros((side, side), np.uint16))
        inside = solid & (parts > 0)
        scene.maps[1][inside] = parts[inside] + label
