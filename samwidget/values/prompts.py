"""What one object is asked for with: one value from the browser to the decoder's batch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeGuard, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import as_rows, frozen, squeezed
from samwidget.values.errors import check_index
from samwidget.values.pixel_boxes import PixelBox, holds
from samwidget.values.prompt_checks import (
    Bounds,
    boxes_within,
    check_corners,
    points_within,
    read_labels,
    read_numbers,
)

T = TypeVar("T", bound=np.generic)

Point = tuple[float, float, int]
"""(x, y, label): a click in pixels of the image frame, label 1 for foreground, 0 for background."""


@dataclass(frozen=True, eq=False)
class Prompts:
    """What one object is asked for with. All points together mean one object.

    Arrays, tensors and lists are accepted by the rule of :mod:`samwidget.values.prompt_checks`, and
    an image's size is asked about with :meth:`on_image`; the attributes are read-only arrays. It
    never changes: the ``with_...`` methods give new prompts, in which the rest is the same.

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
        coords = as_rows(coords, 2)
        if coords.ndim != 2 or coords.shape[1] != 2:
            raise ValueError(
                f"point_coords must have the shape (N, 2), got {coords.shape}; "
                "a single point is [[x, y]]"
            )
        labels = self.point_labels
        if not _is_frozen(labels, np.int64):
            labels = read_labels("point_labels", labels)
        labels = squeezed(labels, keep=1) if labels.ndim else labels.reshape(1)
        if labels.shape != coords.shape[:1]:
            raise ValueError(
                f"point_labels must hold one label for each point: there are {len(coords)} points "
                f"and the labels have the shape {labels.shape}"
            )
        box = None
        if self.box_xyxy is not None:
            box = _float_array("box_xyxy", self.box_xyxy)
            boxes = as_rows(box, 4)
            if boxes.shape != (1, 4):
                raise ValueError(f"box_xyxy must have the shape (4,), got {box.shape}")
            check_corners("box_xyxy", boxes)
            box = boxes[0]
        mask = None
        if self.mask_input is not None:
            mask = _float_array("mask_input", self.mask_input)
            came = mask.shape
            if mask.ndim > 3:
                mask = squeezed(mask, keep=2)[np.newaxis]
            if mask.ndim != 3 or mask.shape[0] != 1 or mask.shape[1] != mask.shape[2]:
                one = "; give one of the candidates, as in logits[index, None]"
                raise ValueError(
                    "mask_input must be low-res logits of the shape (1, M, M), got "
                    f"{came}{one if mask.ndim > 1 else ''}"
                )
        object.__setattr__(self, "point_coords", frozen(coords))
        object.__setattr__(self, "point_labels", frozen(labels))
        object.__setattr__(self, "box_xyxy", None if box is None else frozen(box))
        object.__setattr__(self, "mask_input", None if mask is None else frozen(mask))

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a point nor a box nor a mask."""
        return len(self.point_coords) == 0 and self.box_xyxy is None and self.mask_input is None

    @property
    def is_only_background(self) -> bool:
        """Whether there are points, all background, and nothing that says what the object is."""
        has_others = self.box_xyxy is not None or self.mask_input is not None
        return len(self.point_labels) > 0 and not has_others and not self.point_labels.any()

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

    def on_image(self, size_hw: tuple[int, int]) -> Prompts:
        """Give them without what sticks out of an image (H, W).

        Raises
        ------
        ValueError
            When a point or the box is outside, see :mod:`samwidget.values.prompt_checks`.
        """
        bounds, changed = Bounds.of_image(size_hw), self
        if len(self.point_coords):
            coords = points_within("point_coords", self.point_coords, bounds)
            if not np.array_equal(coords, self.point_coords):
                changed = replace(changed, point_coords=coords)
        if self.box_xyxy is not None:
            box = boxes_within("box_xyxy", self.box_xyxy[np.newaxis], bounds)[0]
            if not np.array_equal(box, self.box_xyxy):
                changed = replace(changed, box_xyxy=box)
        return changed

    def shifted(self, right: float, down: float) -> Prompts:
        """Give them so many pixels further to the right and down; logits stay."""
        if right == down == 0:
            return self
        by = np.array([right, down])
        box = None if self.box_xyxy is None else (self.box_xyxy + np.tile(by, 2)).astype(np.float32)
        coords = (self.point_coords + by).astype(np.float32)
        return replace(self, point_coords=coords, box_xyxy=box)

    def is_within(self, box_xyxy: PixelBox) -> bool:
        """Whether all points and the box lie in this box, its edge included."""
        corners = self.point_coords.tolist()
        if self.box is not None:
            corners += [self.box[:2], self.box[2:]]
        return all(holds(box_xyxy, x, y) for x, y in corners)

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
        return replace(self, box_xyxy=box_xyxy)  # type: ignore[arg-type]

    def with_mask_input(self, mask_input: NDArray[np.float32] | None) -> Prompts:
        """Set the low-res logits to start from, (1, M, M), or take them away."""
        return replace(self, mask_input=mask_input)


def _float_array(name: str, value: object) -> NDArray[np.float32]:
    """Copy what came, unless nobody can change it."""
    if _is_frozen(value, np.float32) and np.isfinite(value).all():
        return value
    with np.errstate(over="ignore"):
        array = read_numbers(name, value).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: numbers up to 3e38 are expected, got a larger one")
    return array


def _is_frozen(value: object, dtype: type[T]) -> TypeGuard[NDArray[T]]:
    return type(value) is np.ndarray and value.dtype == dtype and not value.flags.writeable
