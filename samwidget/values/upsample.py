"""Low-res logits to the image's own resolution, in numpy.

The published models upsample in two bilinear steps: the M x M logits to the model frame, then the
part that holds the image to the image's size (segment-anything ``Sam.postprocess_masks``). Both
steps are linear and separable, so together they are one matrix per axis,

    full = rows @ low_res @ columns.T

with at most three neighbouring entries in each row of a matrix. SAM 2 has no padding, and takes a
single step. The output is made tile by tile from the few cells that reach it. All weights are
positive and sum to one: where those cells are all inside or all outside of the mask, so is the
whole tile, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import frozen
from samwidget.values.geometry import ResizeTransform

TILE = 256
"""Side of an output tile in pixels: its float values stay in the processor's cache."""


def full_mask(
    low_res_logits: ArrayLike, transform: ResizeTransform, threshold: float = 0.0
) -> NDArray[np.bool_]:
    """Upsample logits to the image and threshold them.

    Parameters
    ----------
    low_res_logits
        (M, M) float, covering the model frame.
    transform
        How the image lies in the model frame.
    threshold
        Logits above it are inside.

    Returns
    -------
    mask
        (H, W) bool in the image frame.

    Raises
    ------
    ValueError
        When the logits are no square.
    """
    mask = np.zeros(transform.original_size_hw, dtype=np.bool_)
    for y, x, values in _tiles_inside(check_logits(low_res_logits), transform, threshold):
        mask[y, x] = values
    return mask


def mask_region(
    low_res_logits: ArrayLike, transform: ResizeTransform, threshold: float = 0.0
) -> tuple[NDArray[np.bool_], int, int]:
    """Give the part of :func:`full_mask` that has pixels inside, without the rest of the image.

    Returns
    -------
    region
        (h, w) bool, equal to that part; not tight; (0, 0) when no pixel is inside.
    left, top
        Where it lies in the image, in pixels.
    """
    tiles = list(_tiles_inside(check_logits(low_res_logits), transform, threshold))
    if not tiles:
        return np.zeros((0, 0), dtype=np.bool_), 0, 0
    left, right = min(x.start for _, x, _ in tiles), max(x.stop for _, x, _ in tiles)
    top, bottom = tiles[0][0].start, tiles[-1][0].stop
    region = np.zeros((bottom - top, right - left), dtype=np.bool_)
    for y, x, values in tiles:
        region[y.start - top : y.stop - top, x.start - left : x.stop - left] = values
    return region, left, top


def _tiles_inside(
    low_res_logits: NDArray[np.float32], transform: ResizeTransform, threshold: float
) -> Iterator[tuple[slice, slice, NDArray[np.bool_] | bool]]:
    """Yield rows, columns and values of the tiles that a cell inside reaches, row by row."""
    # With the threshold at zero a tile's sign follows from the signs of its cells without rounding.
    logits = low_res_logits - np.float32(threshold)
    inside = logits > 0
    rows, columns = _axis_weights(transform, logits.shape[0])
    for y, cells_y in _tiles(rows):
        if not inside[cells_y].any():
            continue
        band = rows[y, cells_y] @ logits[cells_y]  # (tile, M)
        for x, cells_x in _tiles(columns):
            cells = inside[cells_y, cells_x]
            if cells.all():
                yield y, x, True
            elif cells.any():
                yield y, x, band[:, cells_x] @ columns[x, cells_x].T > 0


def full_logits(low_res_logits: ArrayLike, transform: ResizeTransform) -> NDArray[np.float32]:
    """Upsample logits (M, M) to the image: (H, W) float32, not thresholded."""
    logits = check_logits(low_res_logits)
    rows, columns = _axis_weights(transform, logits.shape[0])
    full = np.empty(transform.original_size_hw, dtype=np.float32)
    for y, cells_y in _tiles(rows):
        band = rows[y, cells_y] @ logits[cells_y]  # (tile, M)
        for x, cells_x in _tiles(columns):
            full[y, x] = band[:, cells_x] @ columns[x, cells_x].T
    return full


def check_logits(low_res_logits: ArrayLike) -> NDArray[np.float32]:
    """Give logits as (M, M) float32; raise ValueError when they are no square."""
    logits = np.asarray(low_res_logits, dtype=np.float32)
    if logits.ndim != 2 or logits.shape[0] != logits.shape[1] or logits.size == 0:
        raise ValueError(f"low_res_logits must have the shape (M, M), got {logits.shape}")
    return logits


def _tiles(weights: NDArray[np.float32]) -> Iterator[tuple[slice, slice]]:
    """Yield the tiles of an axis, each with the cells that reach it."""
    length = weights.shape[0]
    first = (weights[::TILE] != 0).argmax(axis=1)  # of each tile's first pixel
    for start, lowest in zip(range(0, length, TILE), first, strict=True):
        stop = min(start + TILE, length)
        highest = np.flatnonzero(weights[stop - 1])[-1]
        yield slice(start, stop), slice(int(lowest), int(highest) + 1)


@lru_cache(maxsize=4)
def _axis_weights(
    transform: ResizeTransform, mask_size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the matrices (H, M) and (W, M) of both bilinear steps together."""
    if not transform.keeps_aspect:
        height, width = transform.original_size_hw
        return _one_step_weights(mask_size, height), _one_step_weights(mask_size, width)
    rows, columns = (
        _composed_weights(mask_size, transform.image_size, input_length, original_length)
        for input_length, original_length in zip(
            transform.input_size_hw, transform.original_size_hw, strict=True
        )
    )
    return rows, columns


def _composed_weights(
    mask_size: int, image_size: int, input_length: int, original_length: int
) -> NDArray[np.float32]:
    """Give the matrix (original_length, mask_size) that one axis is upsampled with."""
    weights = np.zeros((original_length, mask_size), dtype=np.float32)
    rows = np.arange(original_length)
    cell_taps = _bilinear_taps(mask_size, image_size)
    for pixel, pixel_weight in _bilinear_taps(input_length, original_length):
        for cell, cell_weight in cell_taps:
            weights[rows, cell[pixel]] += pixel_weight * cell_weight[pixel]
    return frozen(weights)


def _one_step_weights(mask_size: int, original_length: int) -> NDArray[np.float32]:
    """Give the matrix (original_length, mask_size) of a model without padding."""
    weights = np.zeros((original_length, mask_size), dtype=np.float32)
    rows = np.arange(original_length)
    for cell, cell_weight in _bilinear_taps(mask_size, original_length):
        weights[rows, cell] += cell_weight
    return frozen(weights)


def _bilinear_taps(
    source_length: int, target_length: int
) -> list[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Give the two sources of each target with their weights.

    As ``torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`` places them, in
    float32 like there.
    """
    scale = np.float32(source_length) / np.float32(target_length)
    centres = (np.arange(target_length, dtype=np.float32) + np.float32(0.5)) * scale
    position = np.maximum(centres - np.float32(0.5), np.float32(0))
    lower = np.minimum(position.astype(np.intp), source_length - 1)
    upper = np.minimum(lower + 1, source_length - 1)
    share = position - lower.astype(np.float32)
    return [(lower, np.float32(1) - share), (upper, share)]
