"""Edges: where the masks of a grid of clicks end, the stronger the more surely they do.

The method is that of Kirillov et al. (2023), appendix D.2: a 16 x 16 grid, three masks a click, no
filter but NMS; the Sobel filter on the masks' probabilities, kept where it meets the outer border
of a mask; the pixel-wise maximum, from 0 to 1; edge NMS.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.predict.embeddings import Embedding, Region
from samwidget.predict.everything import ENCODING_SHARE, Progress, candidates, part_of
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.values.filtering import without_doubles

GRID = Grid(points_per_side=16, pred_iou_thresh=0, stability_score_thresh=0)
"""Every mask of every click, but for those whose box is nearly that of a better one."""

DRAWN_SIDE = 1024
"""Edges are drawn on images of at most so many pixels along a side: models see no more."""

_MERGED_PX = 0.7
"""Standard deviation of the smoothing that makes one ridge of several masks' borders."""

_DIRECTION_PX = 2.0
"""Standard deviation of the smoothing that the direction of a ridge is read from."""

_TOLERANCE = 1.01
"""A neighbour must be larger by this to suppress a pixel."""


def find_edges(
    predictor: Predictor, image: NDArray[np.uint8], on_progress: Progress | None = None
) -> NDArray[np.float32]:
    """Encode an image and find the edges of whatever there is in it.

    Parameters
    ----------
    predictor
        A model.
    image
        (H, W, 3) uint8 RGB.
    on_progress
        Told the fraction done, 0 to 1; what it raises ends the search and reaches the caller.

    Returns
    -------
    ndarray
        (H, W) float32 from 0 to 1, thin lines on zeros. The strongest edge is 1, unless there is
        none.

    Examples
    --------
    >>> from samwidget.models.build import build
    >>> from samwidget.models.config import NANO
    >>> predictor = Predictor(build(NANO), "cpu")
    >>> find_edges(predictor, np.zeros((60, 80, 3), np.uint8)).shape
    (60, 80)
    """
    embedding = predictor.encode(image, part_of(on_progress, 0, ENCODING_SHARE))
    size_hw = embedding.region.size_hw
    drawn_hw = _drawn_size(size_hw)
    # The same embedding, as one of an image that is resized to what is drawn.
    smaller = replace(
        embedding,
        transform=replace(embedding.transform, original_size_hw=drawn_hw),
        region=Region.whole(drawn_hw),
    )
    searching = part_of(on_progress, ENCODING_SHARE, 1 - ENCODING_SHARE)
    strengths = _strengths(predictor, smaller, searching)
    thin = thin_edges(strengths)
    return thin if drawn_hw == size_hw else _enlarged(thin, size_hw)


def _strengths(
    predictor: Predictor, embedding: Embedding, on_progress: Progress | None
) -> NDArray[np.float32]:
    """Give how steeply, at most, the probability of any mask falls just outside of it."""
    some = candidates(predictor, embedding, GRID, on_progress=on_progress)
    boxes = np.array([one.box_xyxy for one in some], np.float64).reshape(-1, 4)
    scores = np.array([one.found.score for one in some])
    strongest = np.zeros(embedding.region.size_hw, np.float32)
    for index in without_doubles(boxes, scores, GRID.box_nms_thresh):
        rows, columns, slopes = some[index].found.shape.outline_slopes()
        strongest[rows, columns] = np.maximum(strongest[rows, columns], slopes)
    return strongest


def thin_edges(strengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Leave the ridges of an edge map, each one or two pixels wide: edge NMS (Canny, 1986).

    The direction across a ridge is that of the largest curvature, as in structured edges (Dollar
    and Zitnick, 2015).

    Parameters
    ----------
    strengths
        (H, W) float32, not negative.

    Returns
    -------
    ndarray
        (H, W) float32 from 0 to 1; the strongest edge is 1, unless there is none.

    Examples
    --------
    >>> thin_edges(np.pad(np.ones((1, 9), np.float32), 4)).any(axis=1).nonzero()[0].tolist()
    [4]
    """
    from scipy import ndimage  # takes 0.3 s

    if not strengths.any():
        return np.zeros(strengths.shape, np.float32)
    merged = ndimage.gaussian_filter(strengths, _MERGED_PX, radius=1)
    across = _across(ndimage.gaussian_filter(strengths, _DIRECTION_PX))
    return _suppressed(merged, *across)


def _across(
    smooth: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the direction across ridges, (dy, dx) of length 1, of a smooth map (H, W)."""
    padded = np.pad(smooth, 1, mode="edge")
    middle = padded[1:-1, 1:-1]
    yy = padded[:-2, 1:-1] - 2 * middle + padded[2:, 1:-1]
    xx = padded[1:-1, :-2] - 2 * middle + padded[1:-1, 2:]
    xy = (padded[:-2, :-2] - padded[:-2, 2:] - padded[2:, :-2] + padded[2:, 2:]) / 4
    # The eigenvector of the smaller, that is the more negative, eigenvalue of the Hessian.
    angle = np.arctan2(2 * xy, xx - yy) / 2 + np.pi / 2
    return np.sin(angle), np.cos(angle)


def _suppressed(
    edges: NDArray[np.float32], dy: NDArray[np.float32], dx: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Turn to zero what has a stronger neighbour a pixel further across; the strongest to 1.

    The directions may be of a smaller map of the same image: each pixel takes that of the one
    which it lies on.
    """
    from scipy import ndimage

    strongest = float(edges.max(initial=0))
    rows, columns = np.nonzero(edges > 1e-3 * strongest)
    values = edges[rows, columns]
    place = tuple(
        (axis * of / length).astype(np.intp)
        for axis, of, length in zip((rows, columns), dy.shape, edges.shape, strict=True)
    )
    down, right = dy[place], dx[place]
    kept = np.ones(len(rows), np.bool_)
    for sign in (-1, 1):
        places = rows + sign * down, columns + sign * right
        beside = ndimage.map_coordinates(edges, places, order=1, mode="nearest")
        kept &= _TOLERANCE * values >= beside
    thin = np.zeros_like(edges)
    thin[rows[kept], columns[kept]] = values[kept] / max(values[kept].max(initial=0), 1e-30)
    return thin


def _drawn_size(size_hw: tuple[int, int]) -> tuple[int, int]:
    scale = DRAWN_SIDE / max(size_hw)
    if scale >= 1:
        return size_hw
    height, width = (max(1, round(side * scale)) for side in size_hw)
    return height, width


def _enlarged(thin: NDArray[np.float32], size_hw: tuple[int, int]) -> NDArray[np.float32]:
    """Draw thin edges at another size, as thin."""
    from scipy import ndimage

    height, width = size_hw
    large = np.asarray(Image.fromarray(thin).resize((width, height), Image.Resampling.BILINEAR))
    dy, dx = _across(ndimage.gaussian_filter(thin, 1.0))
    return _suppressed(large, dy, dx)
