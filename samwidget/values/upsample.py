"""Low-res logits to the image's own resolution, in numpy.

The published models upsample in two bilinear steps: the M x M logits to the model frame, then the
part that holds the image to the image's size (segment-anything ``Sam.postprocess_masks``). Both
steps are linear and separable, so together they are one matrix per axis,

    full = rows @ low_res @ columns.T

with at most three neighbouring entries in each row of a matrix. SAM 2 has no padding, and takes a
single step. The output is made in tiles from the few cells that reach each. All weights are
positive and sum to one: where those cells are all inside or all outside of the mask, so is the
whole tile, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import frozen
from samwidget.values.geometry import ResizeTransform
from samwidget.values.pixel_boxes import EMPTY_BOX, PixelBox

TILE = 64
"""Side of an output tile in pixels: small enough to hug the border, large enough to be worth a
matrix product."""

_TILES_AT_A_TIME = 128
"""Their values, 2 MB, stay in the processor's cache."""

_UNKNOWN = -8.0
"""What a logit that is NaN counts as."""


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
    region, left, top = mask_region(low_res_logits, transform, threshold)
    if region.shape == transform.original_size_hw:
        return np.ascontiguousarray(region)
    mask = np.zeros(transform.original_size_hw, dtype=np.bool_)
    mask[top : top + region.shape[0], left : left + region.shape[1]] = region
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
    # With the threshold at zero a tile's sign follows from the signs of its cells without rounding.
    tiles = _Tiles.of(check_logits(low_res_logits) - np.float32(threshold), transform)
    reached = tiles.highest > 0
    (places_y,), (places_x,) = np.nonzero(reached.any(axis=1)), np.nonzero(reached.any(axis=0))
    if not len(places_y):
        return np.zeros((0, 0), dtype=np.bool_), 0, 0
    (y1, y2), (x1, x2) = ((int(places[0]), int(places[-1]) + 1) for places in (places_y, places_x))
    region = np.zeros((y2 - y1, TILE, x2 - x1, TILE), dtype=np.bool_)
    y, x = np.nonzero(tiles.lowest > 0)
    region[y - y1, :, x - x1] = True
    for y, x, values in tiles.values(reached & (tiles.lowest <= 0)):
        region[y - y1, :, x - x1] = values > 0
    height, width = transform.original_size_hw
    whole = region.reshape((y2 - y1) * TILE, (x2 - x1) * TILE)
    return whole[: height - y1 * TILE, : width - x1 * TILE], x1 * TILE, y1 * TILE


def measured(
    low_res_logits: ArrayLike, transform: ResizeTransform, thresholds: Sequence[float]
) -> tuple[list[int], PixelBox]:
    """Tell how large masks of several thresholds are at the image's size, without drawing them.

    Returns
    -------
    areas
        For each threshold the pixels of :func:`full_mask` that are inside.
    box_xyxy
        The tight box of the first threshold's mask, zeros when it is empty.
    """
    first = np.float32(thresholds[0])
    levels = [np.float32(one) - first for one in thresholds]
    tiles = _Tiles.of(check_logits(low_res_logits) - first, transform)
    is_mixed = (tiles.highest > min(levels)) & (tiles.lowest <= max(levels))
    sides = tiles.rows.sides(), tiles.columns.sides()
    pixels = np.outer(*sides)
    areas = [int(pixels[(tiles.lowest > level) & ~is_mixed].sum()) for level in levels]
    height, width = transform.original_size_hw
    in_row, in_column = np.zeros(len(sides[0]) * TILE, bool), np.zeros(len(sides[1]) * TILE, bool)
    y, x = np.nonzero((tiles.lowest > 0) & ~is_mixed)
    in_row.reshape(-1, TILE)[y], in_column.reshape(-1, TILE)[x] = True, True
    for y, x, values in tiles.values(is_mixed):
        beyond = TILE**2 * len(y) - int(pixels[y, x].sum())  # of which the values are zeros
        for number, level in enumerate(levels):
            inside = np.count_nonzero(values > level)
            areas[number] += int(inside) - (beyond if level < 0 else 0)
        inside_first = values > 0
        np.logical_or.at(in_row.reshape(-1, TILE), y, inside_first.any(axis=2))
        np.logical_or.at(in_column.reshape(-1, TILE), x, inside_first.any(axis=1))
    (rows,), (columns,) = np.nonzero(in_row[:height]), np.nonzero(in_column[:width])
    if not len(rows):
        return areas, EMPTY_BOX
    return areas, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def outline_slopes(
    low_res_logits: ArrayLike, transform: ResizeTransform
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Tell how steeply the probability of being inside falls along a mask's border.

    Returns
    -------
    rows, columns
        (N,) of the pixels that are outside and touch one inside at a side or corner.
    slopes
        (N,) float32: what the Sobel filter gives there for the upsampled logits' sigmoid, its
        length; 1 where the probability falls from 1 to 0 at once.
    """
    tiles = _Tiles.of(check_logits(low_res_logits), transform, halo=1)
    height, width = transform.original_size_hw
    found: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]] = []
    for y, x, values in tiles.values((tiles.highest > 0) & (tiles.lowest <= 0)):
        inside = values > 0
        near = inside[:, :-2] | inside[:, 1:-1] | inside[:, 2:]
        near = near[:, :, :-2] | near[:, :, 1:-1] | near[:, :, 2:]
        tile, down, right = np.nonzero(near & ~inside[:, 1:-1, 1:-1])
        rows, columns = y[tile] * (TILE - 2) + down, x[tile] * (TILE - 2) + right
        shown = (rows < height) & (columns < width)
        tile, down, right = tile[shown], down[shown], right[shown]

        def at(dy: int, dx: int) -> NDArray[np.float32]:
            logits = values[tile, down + 1 + dy, right + 1 + dx]  # noqa: B023  # called at once
            p: NDArray[np.float32] = np.reciprocal(1 + np.exp(-np.clip(logits, -60, 60)))
            return p

        falls = at(-1, -1) - at(1, 1), at(-1, 1) - at(1, -1)  # along the diagonals
        across = falls[0] - falls[1] + 2 * (at(0, -1) - at(0, 1))
        along = falls[0] + falls[1] + 2 * (at(-1, 0) - at(1, 0))
        found.append((rows[shown], columns[shown], np.hypot(across, along) / 4))
    if not found:
        none = np.zeros(0, np.intp)
        return none, none, np.zeros(0, np.float32)
    every_row, every_column, slopes = (np.concatenate(part) for part in zip(*found, strict=True))
    return every_row, every_column, slopes


def full_logits(low_res_logits: ArrayLike, transform: ResizeTransform) -> NDArray[np.float32]:
    """Upsample logits (M, M) to the image: (H, W) float32, not thresholded."""
    tiles = _Tiles.of(check_logits(low_res_logits), transform)
    full = np.empty((len(tiles.lowest), TILE, tiles.lowest.shape[1], TILE), np.float32)
    for y, x, values in tiles.values(np.ones(tiles.lowest.shape, np.bool_)):
        full[y, :, x] = values
    height, width = transform.original_size_hw
    whole = full.reshape(full.shape[0] * TILE, full.shape[2] * TILE)
    return np.ascontiguousarray(whole[:height, :width])


@dataclass(frozen=True, eq=False)
class _Axis:
    """One axis of an image in tiles: the cells that each reads, and their weights.

    Attributes
    ----------
    length
        In pixels.
    first_cell
        (T,) of each tile.
    weights
        (T, TILE, K) float32 of that cell and the next ones; zeros beyond the image.
    """

    length: int
    first_cell: NDArray[np.intp]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, weights: NDArray[np.float32], halo: int) -> _Axis:
        """Cut a matrix (length, M) into tiles, that with a halo overlap by twice as much.

        Beyond the image a halo repeats its last pixels; without one there are zeros.
        """
        length, cells = weights.shape
        used = weights != 0
        low, high = used.argmax(axis=1), cells - 1 - used[:, ::-1].argmax(axis=1)
        starts = np.arange(0, length, TILE - 2 * halo)
        pixels = starts[:, None] + np.arange(-halo, TILE - halo)  # (T, TILE)
        known = np.clip(pixels, 0, length - 1)
        first = low[known].min(axis=1)
        many = int((high[known].max(axis=1) - first).max()) + 1
        first = np.minimum(first, cells - many)
        columns = first[:, None] + np.arange(many)  # (T, K)
        tiled = weights[known[:, :, None], columns[:, None, :]]
        if not halo:
            tiled[pixels >= length] = 0
        return cls(length, frozen(first), frozen(tiled))

    @property
    def reach(self) -> int:
        """The number K of cells."""
        return int(self.weights.shape[2])

    def sides(self) -> NDArray[np.intp]:
        """(T,) pixels of each tile that belong to the image."""
        return np.minimum(TILE, self.length - TILE * np.arange(len(self.first_cell)))


@dataclass(frozen=True, eq=False)
class _Tiles:
    """Logits (M, M) as tiles of an image, and the range (T, T') of the cells that reach each."""

    logits: NDArray[np.float32]
    rows: _Axis
    columns: _Axis
    lowest: NDArray[np.float32]
    highest: NDArray[np.float32]

    @classmethod
    def of(cls, logits: NDArray[np.float32], transform: ResizeTransform, halo: int = 0) -> _Tiles:
        rows, columns = _axes(transform, logits.shape[0], halo)
        lowest, highest = (
            _over(over, _over(over, logits, rows).T, columns).T for over in (np.minimum, np.maximum)
        )
        return cls(logits, rows, columns, lowest, highest)

    def values(
        self, wanted: NDArray[np.bool_]
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]]:
        """Yield rows (n,), columns (n,) and values (n, TILE, TILE) of the wanted tiles."""
        windows = sliding_window_view(self.logits, (self.rows.reach, self.columns.reach))
        places = np.nonzero(wanted)
        for start in range(0, len(places[0]), _TILES_AT_A_TIME):
            y, x = (axis[start : start + _TILES_AT_A_TIME] for axis in places)
            cells = windows[self.rows.first_cell[y], self.columns.first_cell[x]]  # (n, K, K')
            down = self.rows.weights[y] @ cells  # (n, TILE, K')
            values: NDArray[np.float32] = np.matmul(
                down, self.columns.weights[x].transpose(0, 2, 1)
            )
            yield y, x, values


def _over(over: np.ufunc, logits: NDArray[np.float32], axis: _Axis) -> NDArray[np.float32]:
    """Take the minimum or maximum of the cells (M, N) that each tile of an axis reads: (T, N)."""
    found: NDArray[np.float32] = logits[axis.first_cell]
    for step in range(1, axis.reach):
        over(found, logits[axis.first_cell + step], out=found)
    return found


def check_logits(low_res_logits: ArrayLike) -> NDArray[np.float32]:
    """Give logits as (M, M) finite float32; raise ValueError when they are no square."""
    logits = np.asarray(low_res_logits, dtype=np.float32)
    if logits.ndim != 2 or logits.shape[0] != logits.shape[1] or logits.size == 0:
        raise ValueError(f"low_res_logits must have the shape (M, M), got {logits.shape}")
    if not np.isfinite(logits).all():
        logits = np.nan_to_num(logits, nan=_UNKNOWN)
    return logits


@lru_cache(maxsize=4)
def _axes(transform: ResizeTransform, mask_size: int, halo: int) -> tuple[_Axis, _Axis]:
    """Give rows and columns, with the weights of both bilinear steps together."""
    if not transform.keeps_aspect:
        height, width = transform.original_size_hw
        rows, columns = (_one_step_weights(mask_size, side) for side in (height, width))
        return _Axis.of(rows, halo), _Axis.of(columns, halo)
    rows, columns = (
        _composed_weights(mask_size, transform.image_size, input_length, original_length)
        for input_length, original_length in zip(
            transform.input_size_hw, transform.original_size_hw, strict=True
        )
    )
    return _Axis.of(rows, halo), _Axis.of(columns, halo)


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
    return weights


def _one_step_weights(mask_size: int, original_length: int) -> NDArray[np.float32]:
    """Give the matrix (original_length, mask_size) of a model without padding."""
    weights = np.zeros((original_length, mask_size), dtype=np.float32)
    rows = np.arange(original_length)
    for cell, cell_weight in _bilinear_taps(mask_size, original_length):
        weights[rows, cell] += cell_weight
    return weights


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
