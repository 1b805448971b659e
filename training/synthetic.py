"""Procedural scenes: overlapping shapes filled with textures, every visible region labelled.

They teach what the narrow object classes of the photographs cannot: that a click on any evenly
textured area (sky, grass, a wall) means that area, that shapes may be thin or have holes, and that
whatever lies behind continues on the other side.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.data import U8, U16
from training.scene import Scene

F32 = NDArray[np.float32]
Crop = Callable[[Generator], U8]
"""Gives a random photograph to take texture from."""


def noise(side: int, cells: float, rng: Generator) -> F32:
    """(side, side) smooth noise, zero mean, unit variance, about ``cells`` bumps a side."""
    n = max(2, round(cells) + 1)
    coarse = rng.normal(0, 1, (n, n)).astype(np.float32)
    field = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return (field - field.mean()) / (field.std() + 1e-6)


def texture(side: int, rng: Generator, photo: Crop) -> F32:
    """(side, side, 3) one material: a zoomed piece of a photo, noise, stripes or a gradient."""
    kind = rng.random()
    if kind < 0.5:
        image = photo(rng)
        h, w = image.shape[:2]
        size = int(min(h, w) * rng.uniform(0.12, 0.6))
        top, left = int(rng.integers(0, h - size + 1)), int(rng.integers(0, w - size + 1))
        piece = image[top : top + size, left : left + size, :3]
        piece = cv2.resize(piece, (side, side), interpolation=cv2.INTER_LINEAR)
        out = piece.astype(np.float32)
        if rng.random() < 0.5:
            out = out.mean(axis=(0, 1)) + (out - out.mean(axis=(0, 1))) * rng.uniform(0.2, 0.8)
        return out
    colour = rng.uniform(0, 255, 3).astype(np.float32)
    out = np.broadcast_to(colour, (side, side, 3)).copy()
    tint = rng.normal(0, 1, 3).astype(np.float32)
    if kind < 0.7:  # mottled
        cells = float(np.exp(rng.uniform(np.log(3), np.log(side / 3))))
        out += noise(side, cells, rng)[..., None] * tint * rng.uniform(4, 30)
    elif kind < 0.85:  # stripes, sometimes crossed or wavy
        y, x = np.mgrid[:side, :side].astype(np.float32)
        angle, period = rng.uniform(0, np.pi), rng.uniform(3, side / 6)
        phase = (x * np.cos(angle) + y * np.sin(angle)) / period
        if rng.random() < 0.4:
            phase += noise(side, 4, rng) * rng.uniform(0.1, 1.0)
        wave = np.sin(2 * np.pi * phase)
        if rng.random() < 0.5:
            wave = np.sign(wave)
        out += (wave[..., None] * tint * rng.uniform(5, 40)).astype(np.float32)
    if rng.random() < 0.6:  # light falls off
        y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
        angle = rng.uniform(0, 2 * np.pi)
        slope = x * np.cos(angle) + y * np.sin(angle)
        out += slope[..., None].astype(np.float32) * rng.normal(0, 50)
    if rng.random() < 0.6:
        out += rng.normal(0, rng.uniform(1, 12), out.shape).astype(np.float32)
    return out


def shape(side: int, rng: Generator) -> F32:
    """(side, side) coverage 0 to 1 of one random shape."""
    kind = rng.random()
    canvas = np.zeros((side, side), np.uint8)
    centre = rng.uniform(0, side, 2)
    radius = side * float(np.exp(rng.uniform(np.log(0.06), np.log(0.5))))
    if kind < 0.3:  # blob
        field = noise(side, rng.uniform(2, 7), rng)
        y, x = np.mgrid[:side, :side].astype(np.float32)
        distance = np.hypot(x - centre[0], y - centre[1]) / radius
        canvas[field * rng.uniform(0.1, 0.6) > distance - 1] = 255
    elif kind < 0.45:  # land and sky
        field = noise(side, rng.uniform(1, 12), rng)
        y, x = np.mgrid[:side, :side].astype(np.float32) / side
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.4 else np.pi / 2
        level = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
        canvas[level + field * rng.uniform(0, 0.06) > rng.uniform(-0.3, 0.35)] = 255
    elif kind < 0.7:  # star-shaped or convex polygon
        corners = int(rng.integers(3, 12))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = radius * rng.uniform(0.35 if rng.random() < 0.5 else 0.9, 1.0, corners)
        stretch = np.exp(rng.normal(0, 0.4))
        offsets = np.column_stack([np.cos(angles) * stretch, np.sin(angles) / stretch])
        points = (centre + reach[:, None] * offsets) * 16
        cv2.fillPoly(canvas, [points.astype(np.int32)], 255, cv2.LINE_AA, 4)
    elif kind < 0.82:
        axes = (radius * np.exp(rng.normal(0, 0.5, 2))).clip(3, side)
        box = (tuple(centre), tuple(2 * axes), float(rng.uniform(0, 180)))
        cv2.ellipse(canvas, box, 255, -1, cv2.LINE_AA)
    else:  # thin structure
        steps = int(rng.integers(2, 7))
        turn = np.cumsum(rng.normal(0, 0.6, steps)) + rng.uniform(0, 2 * np.pi)
        stride = radius * rng.uniform(0.4, 1.2)
        walk = np.column_stack([np.cos(turn), np.sin(turn)]) * stride
        points = np.vstack([centre, centre + np.cumsum(walk, axis=0)]) * 16
        width = int(max(2, side * rng.uniform(0.012, 0.07)))
        cv2.polylines(canvas, [points.astype(np.int32)], False, 255, width, cv2.LINE_AA, 4)
    if rng.random() < 0.15:  # a hole
        inner = cv2.erode(canvas, np.ones((3, 3), np.uint8), iterations=int(side * 0.04))
        canvas = cv2.subtract(canvas, inner)
    return canvas.astype(np.float32) / 255


def components(labels: U16) -> U16:
    """Number the 4-connected pieces of every label anew, from 1."""
    out = np.zeros_like(labels)
    highest = 0
    for value in np.unique(labels):
        count, pieces = cv2.connectedComponents((labels == value).astype(np.uint8), connectivity=4)
        found = pieces > 0
        out[found] = (pieces[found] + highest).astype(np.uint16)
        highest += count - 1
    return out


def mosaic(side: int, rng: Generator, photo: Crop) -> Scene:
    """A scene of 2 to 10 layered shapes."""
    image = texture(side, rng, photo)
    labels = np.ones((side, side), np.uint16)
    for label in range(2, 2 + int(rng.integers(2, 10))):
        cover = shape(side, rng)
        if rng.random() < 0.4:
            cover = cv2.GaussianBlur(cover, (0, 0), float(rng.uniform(0.4, 1.2)))
        image += cover[..., None] * (texture(side, rng, photo) - image)
        labels[cover > 0.5] = label
    if rng.random() < 0.5:  # a region that something cuts in two counts as two
        labels = components(labels)
    if rng.random() < 0.4:  # light that ignores the borders
        image *= np.exp(noise(side, 3, rng) * rng.uniform(0.02, 0.15))[..., None]
    empty = np.zeros((side, side), bool)
    return Scene(np.clip(image, 0, 255).astype(np.uint8), [labels], empty, (side, side))
