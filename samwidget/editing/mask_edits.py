"""Edits of a mask's pixels; ``apply`` is as in ``edits.py``.

They carry paths and numbers, never bitmaps, and need no model. All work on the object with the
given ``id``, null for the draft; on an empty draft, what adds pixels begins a new object. Prompts
that are given later refine what was painted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from samwidget.editing.checks import image_size_hw
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.target import is_draft, mask_of, something_of, with_mask
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import Rings
from samwidget.values.reshaping import grown, shrunk, smoothed
from samwidget.values.strokes import path_of, stroke_mask

PointXY = tuple[float, float]
Operation = Literal["fill_holes", "drop_islands", "grow", "shrink", "smooth"]

MOST_RINGS = 1000


@dataclass(frozen=True)
class PaintStroke(Edit):
    """Add what a round brush covers along a path, or with ``add`` false take it away.

    A pixel is covered when its centre is at most ``radius`` away from the path.
    """

    needs_mask: ClassVar[bool] = True
    kind: Literal["paint_stroke"] = field(default="paint_stroke", kw_only=True)
    points: list[PointXY]
    radius: float
    add: bool
    id: int | None

    def apply(self, state: State) -> State:
        covered = stroke_mask(self.points, self.radius, image_size_hw(state))
        return _painted(state, self.id, covered, add=self.add)


@dataclass(frozen=True)
class PaintPolygon(Edit):
    """Add what is within a polygon, or with ``add`` false take it away.

    A pixel is within when its centre is; the last corner is joined to the first.
    """

    needs_mask: ClassVar[bool] = True
    kind: Literal["paint_polygon"] = field(default="paint_polygon", kw_only=True)
    points: list[PointXY]
    add: bool
    id: int | None

    def apply(self, state: State) -> State:
        path = path_of("a polygon", self.points, least=3)
        covered = Mask.from_polygons([path], image_size_hw(state))
        begins = self.add and mask_of(state, self.id).is_empty
        rings = (_corners(self.points),) if begins else None
        return _painted(state, self.id, covered, add=self.add, rings=rings)


@dataclass(frozen=True)
class SetOutline(Edit):
    """Make the mask the inside of polygons: a ring within another is a hole."""

    needs_mask: ClassVar[bool] = True
    kind: Literal["set_outline"] = field(default="set_outline", kw_only=True)
    rings: list[list[PointXY]]
    id: int | None

    def apply(self, state: State) -> State:
        if not 1 <= len(self.rings) <= MOST_RINGS:
            raise ValueError(
                f"an outline is 1 to {MOST_RINGS} rings of points (x, y), got {len(self.rings)}"
            )
        paths = [
            path_of(f"rings[{number}]", ring, least=3) for number, ring in enumerate(self.rings)
        ]
        mask = Mask.from_polygons(paths, image_size_hw(state))
        if mask.is_empty:
            raise ValueError("the outline covers no pixel of the image")
        mask_of(state, self.id)  # tells of an unknown id
        return with_mask(state, self.id, mask, tuple(map(_corners, self.rings)))


@dataclass(frozen=True)
class ReshapeMask(Edit):
    """Clean or change a mask as a whole.

    ``amount`` is in pixels for ``grow``, ``shrink`` and ``smooth``. ``fill_holes`` fills holes of
    at most this share of the mask's area, ``drop_islands`` leaves out islands of less; the largest
    and those with a positive point stay.
    """

    needs_mask: ClassVar[bool] = True
    kind: Literal["reshape_mask"] = field(default="reshape_mask", kw_only=True)
    operation: Operation
    amount: float
    id: int | None

    def apply(self, state: State) -> State:
        operations: dict[str, Callable[[Mask], Mask]] = {
            "fill_holes": lambda mask: mask.with_holes_filled(self.amount),
            "drop_islands": lambda mask: mask.without_islands(self.amount, self._wanted(state)),
            "grow": lambda mask: grown(mask, self.amount),
            "shrink": lambda mask: shrunk(mask, self.amount),
            "smooth": lambda mask: smoothed(mask, self.amount),
        }
        if self.operation not in operations:
            known = ", ".join(operations)
            raise ValueError(f"an operation is one of {known}; got {quoted(self.operation)}")
        before = something_of(state, self.id, "to change")
        after = operations[self.operation](before)
        if after is before:
            return state
        if after.is_empty:
            raise ValueError(
                f"nothing would be left of the mask: {self.operation} it by less than "
                f"{self.amount:g} pixels"
            )
        return with_mask(state, self.id, after)

    def _wanted(self, state: State) -> list[PointXY]:
        """Give the points that say what belongs to the object."""
        if is_draft(state, self.id):
            prompts = state.document.draft.prompts
        else:
            prompts = next(one.prompts for one in state.document.objects if one.id == self.id)
        return [(x, y) for x, y, label in prompts.points if label == 1]


def _painted(
    state: State, object_id: int | None, covered: Mask, *, add: bool, rings: Rings | None = None
) -> State:
    if add:
        before = mask_of(state, object_id)
        after = before.union(covered)
    else:
        before = something_of(state, object_id, "to take from")
        after = before.subtract(covered)
    if after.area == before.area:  # the one holds the other, so that they are equal
        return state
    return with_mask(state, object_id, after, rings)


def _corners(points: list[PointXY]) -> tuple[PointXY, ...]:
    return tuple((float(x), float(y)) for x, y in points)
