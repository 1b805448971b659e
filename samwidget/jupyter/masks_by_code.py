"""Brush, polygon and whole masks, for code: one method for each edit of pixels."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from numpy.typing import ArrayLike

from samwidget.editing import combine_edits, mask_edits
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.values.prompt_checks import read_number
from samwidget.values.strokes import path_of


class MasksByCode:
    """The methods of :class:`samwidget.SamWidget` that change masks without a model.

    Coordinates are pixels of the image, the centre of its first one is (0.5, 0.5). With
    ``object_id=None`` a method works on the draft, and what adds pixels begins one; else on the
    object with this id. Each call is one step of undo.
    """

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled_state(self) -> State:
        """Give the state with all edits in it."""

    def paint(self, points: ArrayLike, radius: float, object_id: int | None = None) -> None:
        """Add a brush stroke to the mask.

        Parameters
        ----------
        points
            (N, 2), (x, y) of the stroke's path; one alone is a dab.
        radius
            Of the round brush, in pixels: all pixels whose centre is so near to the path.
        object_id
            The object to paint on; None for the draft.

        Raises
        ------
        ValueError
            When there is no point, a number is not finite, or there is no such object.

        Examples
        --------
        >>> widget.paint([(40, 30), (90, 35)], radius=8)  # doctest: +SKIP
        >>> widget.erase([(60, 30)], radius=3)  # doctest: +SKIP
        >>> widget.commit("cup")  # doctest: +SKIP
        """
        self._do(mask_edits.PaintStroke(_path(points), _radius(radius), True, object_id))

    def erase(self, points: ArrayLike, radius: float, object_id: int | None = None) -> None:
        """Take what :meth:`paint` would add away from the mask.

        Raises ValueError when there is no mask, or nothing would be left of an object.
        """
        self._do(mask_edits.PaintStroke(_path(points), _radius(radius), False, object_id))

    def add_polygon(self, points: ArrayLike, object_id: int | None = None) -> None:
        """Add the inside of a polygon, corners (N, 2), to the mask: pixels by their centres."""
        self._do(mask_edits.PaintPolygon(_path(points), True, object_id))

    def cut_polygon(self, points: ArrayLike, object_id: int | None = None) -> None:
        """Take the inside of a polygon, corners (N, 2), away from the mask."""
        self._do(mask_edits.PaintPolygon(_path(points), False, object_id))

    def set_outline(self, rings: Sequence[ArrayLike], object_id: int | None = None) -> None:
        """Make the mask the inside of polygons, each (N, 2); a ring within another is a hole.

        :meth:`samwidget.values.mask.Mask.polygons` gives such rings of a mask.
        """
        self._do(mask_edits.SetOutline([_path(ring) for ring in rings], object_id))

    def fill_holes(self, max_share: float = 1.0, object_id: int | None = None) -> None:
        """Fill holes of at most this share, 0 to 1, of the mask's area."""
        self._reshape("fill_holes", "max_share", max_share, object_id)

    def drop_islands(self, min_share: float = 1.0, object_id: int | None = None) -> None:
        """Leave out islands of less than this share, 0 to 1, of the mask's area.

        The largest one and those with a positive point stay.
        """
        self._reshape("drop_islands", "min_share", min_share, object_id)

    def grow(self, pixels: float = 1.0, object_id: int | None = None) -> None:
        """Add what is at most so many pixels away from the mask."""
        self._reshape("grow", "pixels", pixels, object_id)

    def shrink(self, pixels: float = 1.0, object_id: int | None = None) -> None:
        """Take away what is at most so many pixels away from the outside."""
        self._reshape("shrink", "pixels", pixels, object_id)

    def smooth(self, pixels: float = 2.0, object_id: int | None = None) -> None:
        """Round off what is small against so many pixels; straight borders stay in their place."""
        self._reshape("smooth", "pixels", pixels, object_id)

    def _reshape(
        self, operation: mask_edits.Operation, name: str, amount: float, object_id: int | None
    ) -> None:
        unit = "pixels" if name == "pixels" else "shares of the mask's area"
        self._do(mask_edits.ReshapeMask(operation, read_number(name, amount, unit), object_id))

    def union(self, object_ids: Sequence[int]) -> None:
        """Make one object of several: the first one's id, name, colour and place."""
        self._do(combine_edits.CombineObjects("union", list(object_ids)))

    def subtract(self, object_ids: Sequence[int]) -> None:
        """Take the others away from the first of these objects; they stay as they are."""
        self._do(combine_edits.CombineObjects("subtract", list(object_ids)))

    def intersect(self, object_ids: Sequence[int]) -> None:
        """Leave of these objects what all have in common, as the first one."""
        self._do(combine_edits.CombineObjects("intersect", list(object_ids)))

    def split(self, object_id: int) -> None:
        """Make an object of each island of an object; the largest one stays what it was."""
        self._do(combine_edits.SplitObject(object_id))

    @property
    def exclusive(self) -> bool:
        """Whether a pixel belongs to one object only. Can be set at any time.

        If so, what is made or changed from then on takes its pixels from the other objects, and an
        object without any pixel left goes. At first objects may overlap.
        """
        return self._settled_state().exclusive

    @exclusive.setter
    def exclusive(self, exclusive: bool) -> None:
        self._do(combine_edits.SetExclusive(exclusive))


def _path(points: ArrayLike) -> list[mask_edits.PointXY]:
    path = path_of("a path", points, least=1)
    return [(x, y) for x, y in path.tolist()]


def _radius(radius: float) -> float:
    return read_number("a brush's radius", radius)
