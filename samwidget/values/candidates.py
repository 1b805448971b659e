"""Masks that a search has found, before it is known which of them are shown: none is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samwidget.values.filtering import Thresholds, distinct, without_doubles
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject, combined_score
from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.prompts import Prompts


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
        How little it depends on the threshold, 0 to 1; None where nobody has measured it.
    label
        The phrase that was searched for; empty where everything was.
    detection_score
        What a detector said of it; None where none was asked.
    prompts
        What it answers where that is no click, in pixels of the image.
    """

    shape: Mask
    region_xyxy: PixelBox
    box_xyxy: PixelBox
    point_xy: tuple[float, float]
    score: float
    stability_score: float | None
    label: str = ""
    detection_score: float | None = None
    prompts: Prompts | None = None

    @classmethod
    def of_object(cls, one: SegmentedObject) -> Candidate:
        """Take an object of the whole image, whose id and colour do not count."""
        height, width = one.shape.size_hw
        x1, y1, x2, y2 = (int(side) for side in one.box_xyxy)
        return cls(
            shape=one.shape,
            region_xyxy=(0, 0, width, height),
            box_xyxy=(x1, y1, x2, y2),
            point_xy=((x1 + x2) / 2, (y1 + y2) / 2),
            score=one.score,
            stability_score=one.stability_score,
            label=one.label,
            detection_score=one.detection_score,
            prompts=one.prompts,
        )

    @property
    def rank(self) -> float:
        """What the best of several has most of."""
        return self.score if self.detection_score is None else combined_score(self)

    def asked(self) -> Prompts:
        """Give what it answers."""
        if self.prompts is not None:
            return self.prompts
        return Prompts(np.array([self.point_xy], np.float32), np.ones(1, np.int64))

    def drawn(self, size_hw: tuple[int, int], least_area: float = 0) -> Drawn:
        """Give its mask in an image of this size, without regions smaller than ``least_area``."""
        shape, had_any = self.shape.placed(*self.region_xyxy[:2], size_hw), False
        if least_area > 0:
            shape, had_any = shape.without_small_regions(least_area)
        return Drawn(shape.cropped(), is_clean=not had_any)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A candidate's mask as it is shown; what is taken is made compact.

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
    scores, stability_scores, detection_scores
        (N,); 1 where nobody has measured it.
    ranks
        (N,), see :attr:`Candidate.rank`.
    regions
        (N, 4), XYXY.
    """

    boxes_xyxy: NDArray[np.float64]
    scores: NDArray[np.float64]
    stability_scores: NDArray[np.float64]
    detection_scores: NDArray[np.float64]
    ranks: NDArray[np.float64]
    regions: NDArray[np.int64]

    @classmethod
    def of(cls, candidates: list[Candidate]) -> Table:
        """Write them into arrays."""
        return cls(
            np.array([one.box_xyxy for one in candidates], np.float64).reshape(-1, 4),
            np.array([one.score for one in candidates], np.float64),
            _known([one.stability_score for one in candidates]),
            _known([one.detection_score for one in candidates]),
            np.array([one.rank for one in candidates], np.float64),
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
                detection_scores=self.detection_scores[places],
                ranks=self.ranks[places],
            )
            kept += [int(places[index]) for index in inside]
        if not thresholds.has_crops:
            return kept
        x1, y1, x2, y2 = self.regions[kept].T.astype(np.float64)
        order = without_doubles(
            self.boxes_xyxy[kept], 1 / ((x2 - x1) * (y2 - y1)), thresholds.crop_nms_thresh
        )
        return [kept[index] for index in order]


def _known(scores: list[float | None]) -> NDArray[np.float64]:
    return np.array([1.0 if score is None else score for score in scores], np.float64)
