"""One object of an image, with what it was asked for with. Values; no model runs here.

Coordinates are pixels of the image frame: x to the right, y down, the origin at the outer corner
of the first pixel. Boxes are XYXY.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from samwidget.values.geometry import ResizeTransform
from samwidget.values.upsample import full_mask

T = TypeVar("T", bound=np.generic)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class SegmentedObject:
    """One object with its prompts. The full mask is computed when first read.

    Parameters
    ----------
    id
        Unlike that of any other object of the same session.
    label
        What the user calls it; may be empty.
    score
        The model's own estimate of the mask's IoU; may exceed 1.
    low_res_logits
        (M, M) float32 over the model frame, positive inside. Kept read-only.
    transform
        How image frame and model frame lie to each other.
    point_coords
        (N, 2) float32, x and y of the clicks. Kept read-only.
    point_labels
        (N,) int64, 1 foreground, 0 background. Kept read-only.
    box_prompt_xyxy
        The box the user gave, if any.
    color
        ``"#rrggbb"``.
    stability_score
        How little the mask changes with the threshold, 0 to 1; None where it was not asked for.
    """

    id: int
    label: str
    score: float
    low_res_logits: NDArray[np.float32]
    transform: ResizeTransform
    point_coords: NDArray[np.float32]
    point_labels: NDArray[np.int64]
    box_prompt_xyxy: Box | None
    color: str
    stability_score: float | None = None

    def __post_init__(self) -> None:
        for name in ("low_res_logits", "point_coords", "point_labels"):
            object.__setattr__(self, name, _frozen(getattr(self, name).copy()))

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """(H, W) bool at the image's own resolution, read-only."""
        return _frozen(full_mask(self.low_res_logits, self.transform))

    @cached_property
    def area(self) -> int:
        """Pixels in the mask."""
        return int(np.count_nonzero(self.mask))

    @cached_property
    def box_xyxy(self) -> Box:
        """The smallest box that holds every pixel of the mask entirely; zeros when it is empty."""
        (rows,) = np.nonzero(self.mask.any(axis=1))
        (columns,) = np.nonzero(self.mask.any(axis=0))
        if not len(rows):
            return (0.0, 0.0, 0.0, 0.0)
        return (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def _frozen(array: NDArray[T]) -> NDArray[T]:
    """Forbid to write into an array that nobody else holds."""
    array.flags.writeable = False
    return array
