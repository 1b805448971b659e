"""Masks that a search has found, before it is known which of them are shown: none is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samwidget.values.filtering import Thresholds, distinct, without_doubles
from samwidget.values.mask import Mask
from samwidget.values.pixel_boxes import PixelBox


@dataclass(frozen=True, eq=False)
class Candidate:
    """One of them.

    Attributes
    ----------
    shape
        The mask, in pixels of the region it was found in.
    region_xyxy
        That part of the image.
    box_xyxy
        The mask's tight box, in pixels of the image.
    point_xy
        The click that it answers, in pixels of the image.
    score
        The model's own estimate of its IoU; may exceed 1.
    stability_score
        How little it depends on the threshold, 0 to 1.
    """

    shape: Mask
    region_xyxy: PixelBox
    box_xyxy: PixelBox
    point_xy: tuple[float, float]
    score: float
    stability_score: float

    def drawn(self, size_hw: tuple[int, int], least_area: float = 0) -> Drawn:
        """Give its mask in an image of this size, without regions smaller than ``least_area``."""
        shape, had_any = self.shape.placed(*self.region_xyxy[:2], size_hw), False
        if least_area > 0:
            shape, had_any = shape.without_small_regions(least_area)
        return Drawn(shape.compact(), is_clean=not had_any)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A candidate's mask in the form that is kept for good.

    Attributes
    ----------
    shape
        In pixels of the image.
    is_clean
        Whether no small region was taken away.
    """

    shape: Mask
    is_clean: bool


@dataclass(frozen=True, eq=False)
class Table:
    """What filter and NMS look at, of N candidates.

    Attributes
    ----------
    boxes_xyxy
        (N, 4).
    scores, stability_scores
        (N,).
    regions
        (N, 4), XYXY.
    """

    boxes_xyxy: NDArray[np.float64]
    scores: NDArray[np.float64]
    stability_scores: NDArray[np.float64]
    regions: NDArray[np.int64]

    @classmethod
    def of(cls, candidates: list[Candidate]) -> Table:
        """Write them into arrays."""
        return cls(
            np.array([one.box_xyxy for one in candidates], np.float64).reshape(-1, 4),
            np.array([one.score for one in candidates], np.float64),
            np.array([one.stability_score for one in candidates], np.float64),
            np.array([one.region_xyxy for one in candidates], np.int64).reshape(-1, 4),
        )

    def distinct(self, thresholds: Thresholds) -> list[int]:
        """Give the indices of those that are good enough, without doubles.

        Those of one region come with the best first; of several regions the smaller come first.
        """
        kept: list[int] = []
        for region in dict.fromkeys(map(tuple, self.regions.tolist())):
            (places,) = np.nonzero((self.regions == region).all(axis=1))
            inside = distinct(
                self.boxes_xyxy[places],
                self.scores[places],
                self.stability_scores[places],
                thresholds,
            )
            kept += [int(places[index]) for index in inside]
        if not thresholds.has_crops:
            return kept
        x1, y1, x2, y2 = self.regions[kept].T.astype(np.float64)
        order = without_doubles(
            self.boxes_xyxy[kept], 1 / ((x2 - x1) * (y2 - y1)), thresholds.crop_nms_thresh
        )
        return [kept[index] for index in order]
