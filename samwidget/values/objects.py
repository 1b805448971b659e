"""One object of an image, with what it was asked for with. Values; no model runs here.

Coordinates are pixels of the image frame: x to the right, y down, the origin at the outer corner
of the first pixel. Boxes are XYXY.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from samwidget.values.mask import Mask
from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class SegmentedObject:
    """One object with its prompts. It never changes.

    Parameters
    ----------
    id
        Unlike that of any other object of the same session.
    label
        What the user calls it; may be empty.
    score
        The model's own estimate of the mask's IoU; may exceed 1.
    shape
        The mask as a value, which keeps no full array.
    prompts
        What it was asked for with; empty for a mask that nobody asked a model for.
    color
        ``"#rrggbb"``.
    stability_score
        How little the mask depends on the threshold, 0 to 1; None where nobody has measured it.
    detection_score
        What a detector said of the object before there was a mask; None where none was asked.
    region_xyxy
        The part of the image that the model saw, XYXY in whole pixels; None for all of it.

    Examples
    --------
    >>> shape = Mask.from_array(np.eye(3, dtype=bool))
    >>> one = SegmentedObject(1, "diagonal", 0.9, shape, Prompts(), "#ff0000")
    >>> one.area, one.box_xyxy
    (3, (0.0, 0.0, 3.0, 3.0))
    """

    id: int
    label: str
    score: float
    shape: Mask
    prompts: Prompts
    color: str
    stability_score: float | None = None
    detection_score: float | None = None
    region_xyxy: PixelBox | None = None

    @classmethod
    def from_prediction(
        cls,
        id: int,  # noqa: A002
        label: str,
        color: str,
        prompts: Prompts,
        prediction: Prediction,
        index: int,
    ) -> SegmentedObject:
        """Make an object of one of a prediction's candidates."""
        score = float(prediction.iou_predictions[index])
        shape, region = prediction.candidate(index), prediction.region_xyxy
        return cls(id, label, score, shape, prompts, color, region_xyxy=region)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(H, W) bool at the image's own resolution: a new array at each reading, not kept."""
        return self.shape.full()

    @property
    def area(self) -> int:
        """Pixels in the mask."""
        return self.shape.area

    @property
    def box_xyxy(self) -> Box:
        """The smallest box that holds every pixel of the mask entirely; zeros when it is empty."""
        return self.shape.box_xyxy

    @property
    def point_coords(self) -> NDArray[np.float32]:
        """(N, 2) float32, x and y of the clicks, read-only."""
        return self.prompts.point_coords

    @property
    def point_labels(self) -> NDArray[np.int64]:
        """(N,) int64, 1 foreground, 0 background, read-only."""
        return self.prompts.point_labels

    @property
    def box_prompt_xyxy(self) -> Box | None:
        """The box the user gave, if any."""
        return self.prompts.box


class Scored(Protocol):
    """What a model, and perhaps a detector, has said something of."""

    @property
    def score(self) -> float:
        """The model's own estimate of the mask's IoU."""

    @property
    def detection_score(self) -> float | None:
        """What a detector said of it; None where none was asked."""


def combined_score(one: Scored) -> float:
    """Join what was said of an object to one number, 0 to 1, by which objects are ranked.

    The product of what the detector (or CLIP) says of it and of what the model says of its mask:
    a sure mask of a doubtful thing and a doubtful mask of a sure thing both count less.

    Examples
    --------
    >>> shape = Mask.from_array(np.eye(3, dtype=bool))
    >>> combined_score(SegmentedObject(0, "", 0.8, shape, Prompts(), "", detection_score=0.5))
    0.4
    """
    said = 1.0 if one.detection_score is None else one.detection_score
    return said * min(max(one.score, 0.0), 1.0)
