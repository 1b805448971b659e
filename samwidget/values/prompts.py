"""What one object is asked for with: one value from the browser to the decoder's batch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import frozen
from samwidget.values.errors import check_index

Point = tuple[float, float, int]
"""(x, y, label): a click in pixels of the image frame, label 1 for foreground, 0 for background."""


@dataclass(frozen=True, eq=False)
class Prompts:
    """What one object is asked for with. All points together mean one object.

    Whatever numpy can read as an array is accepted; the attributes are read-only arrays. It never
    changes: the ``with_...`` methods give new prompts, in which the rest is the same.

    Attributes
    ----------
    point_coords
        (N, 2) float32, (x, y) in pixels of the image frame.
    point_labels
        (N,) int64: 1 foreground, 0 background.
    box_xyxy
        (4,) float32 in pixels of the image frame, or None.
    mask_input
        (1, M, M) float32, the low-res logits of an earlier prediction, or None.

    Raises
    ------
    ValueError
        When a shape, a length, a label or a number is not as above.

    Examples
    --------
    >>> Prompts(point_coords=[[120, 80]], point_labels=[1]).is_empty
    False
    >>> Prompts().with_point(120, 80).with_point(60, 20, 0).points
    ((120.0, 80.0, 1), (60.0, 20.0, 0))
    """

    point_coords: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((0, 2), dtype=np.float32)
    )
    point_labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    box_xyxy: NDArray[np.float32] | None = None
    mask_input: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        coords = _float_array("point_coords", self.point_coords)
        if coords.size == 0:
            coords = coords.reshape(0, 2)
        if coords.ndim != 2 or coords.shape[1] != 2:
            raise ValueError(
                f"point_coords must have the shape (N, 2), got {coords.shape}; "
                "a single point is [[x, y]]"
            )
        labels = np.asarray(self.point_labels)
        if labels.shape != coords.shape[:1]:
            raise ValueError(
                f"point_labels must hold one label for each point: there are {len(coords)} points "
                f"and the labels have the shape {labels.shape}"
            )
        if not np.isin(labels, (0, 1)).all():
            raise ValueError(
                f"point_labels must be 1 (foreground) or 0 (background), got {labels.tolist()}"
            )
        box = None
        if self.box_xyxy is not None:
            box = _float_array("box_xyxy", self.box_xyxy)
            if box.shape != (4,):
                raise ValueError(f"box_xyxy must have the shape (4,), got {box.shape}")
            if box[0] > box[2] or box[1] > box[3]:
                raise ValueError(
                    f"box_xyxy must be (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2, "
                    f"got {box.tolist()}"
                )
        mask = None
        if self.mask_input is not None:
            mask = _float_array("mask_input", self.mask_input)
            if mask.ndim != 3 or mask.shape[0] != 1 or mask.shape[1] != mask.shape[2]:
                raise ValueError(
                    f"mask_input must be low-res logits of the shape (1, M, M), got {mask.shape}"
                )
        object.__setattr__(self, "point_coords", frozen(coords))
        if labels.dtype != np.int64 or labels.flags.writeable:
            labels = labels.astype(np.int64)
        object.__setattr__(self, "point_labels", frozen(labels))
        object.__setattr__(self, "box_xyxy", None if box is None else frozen(box))
        object.__setattr__(self, "mask_input", None if mask is None else frozen(mask))

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a point nor a box nor a mask."""
        return len(self.point_coords) == 0 and self.box_xyxy is None and self.mask_input is None

    @property
    def points(self) -> tuple[Point, ...]:
        """The clicks as Python numbers, (x, y, label)."""
        labels = self.point_labels.tolist()
        pairs = zip(self.point_coords.tolist(), labels, strict=True)
        return tuple((x, y, label) for (x, y), label in pairs)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The box as Python numbers, XYXY, if there is one."""
        if self.box_xyxy is None:
            return None
        x1, y1, x2, y2 = self.box_xyxy.tolist()
        return x1, y1, x2, y2

    def with_point(self, x: float, y: float, label: int = 1) -> Prompts:
        """Add a click after the others."""
        coords = np.concatenate([self.point_coords, np.array([[x, y]], np.float32)])
        labels = [*self.point_labels.tolist(), label]
        return replace(self, point_coords=coords, point_labels=np.array(labels))

    def with_moved_point(self, index: int, x: float, y: float) -> Prompts:
        """Put a click elsewhere; its label stays. ValueError when there is none of this index."""
        check_index(index, len(self.point_coords), "point")
        coords = self.point_coords.copy()
        coords[index] = x, y
        return replace(self, point_coords=coords)

    def without_point(self, index: int) -> Prompts:
        """Take a click away. ValueError when there is none of this index."""
        check_index(index, len(self.point_coords), "point")
        return replace(
            self,
            point_coords=np.delete(self.point_coords, index, axis=0),
            point_labels=np.delete(self.point_labels, index),
        )

    def with_box(self, box_xyxy: ArrayLike | None) -> Prompts:
        """Set the box, XYXY, or take it away."""
        return replace(self, box_xyxy=None if box_xyxy is None else np.asarray(box_xyxy))

    def with_mask_input(self, mask_input: NDArray[np.float32] | None) -> Prompts:
        """Set the low-res logits to start from, (1, M, M), or take them away."""
        return replace(self, mask_input=mask_input)


def _float_array(name: str, value: object) -> NDArray[np.float32]:
    """Copy what came, unless nobody can change it."""
    if isinstance(value, np.ndarray) and value.dtype == np.float32 and not value.flags.writeable:
        return _finite(name, value)
    try:
        array = np.array(value, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers, got {value!r}") from error
    return _finite(name, array)


def _finite(name: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array.tolist()}")
    return array
