"""A mask, wherever it comes from: one value, exact, that never keeps the full array.

Coordinates are pixels of the image frame: x to the right, y down, the origin at the outer corner
of the first pixel, so that pixel (0, 0) covers 0 to 1 on both axes. Boxes are XYXY.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samwidget.values.arrays import squeezed, to_array
from samwidget.values.cells import LogitCells
from samwidget.values.errors import quoted
from samwidget.values.geometry import ResizeTransform
from samwidget.values.levels import Levels, run_levels
from samwidget.values.mask_prompt import logits_of_coverage
from samwidget.values.morphology import drop_islands, drop_small_regions, fill_holes
from samwidget.values.outlines import Polygon, outlines
from samwidget.values.pixel_boxes import EMPTY_BOX, PixelBox, around, overlap, shifted
from samwidget.values.polygons import runs_of_polygons
from samwidget.values.runs import Runs
from samwidget.values.upsample import full_mask, mask_region, measured, outline_slopes


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """Which pixels of an image belong to an object.

    Make one with :meth:`from_array`, :meth:`from_logits` or :meth:`from_polygons`. It never
    changes. What it keeps are run lengths, made when first needed, and the low-res logits if it
    came from some; see :meth:`compact`.

    Attributes
    ----------
    size_hw
        The image in pixels.

    Examples
    --------
    >>> array = np.zeros((4, 6), bool)
    >>> array[1:3, 2:5] = True
    >>> mask = Mask.from_array(array)
    >>> mask.area, mask.box_xyxy, mask.contains(2.5, 1.5)
    (6, (2.0, 1.0, 5.0, 3.0), True)
    """

    size_hw: tuple[int, int]
    _given_runs: Runs | None
    _cells: LogitCells | None
    _corner_xy: tuple[int, int] = (0, 0)
    """The pixel where the part of the image begins that the logits are of."""

    @classmethod
    def from_array(cls, array: ArrayLike) -> Mask:
        """Take a mask (H, W) bool, or of integers 0 and 1. The array is not kept.

        It may be a tensor, on any device; axes of length 1 before or after are left out.

        Raises
        ------
        ValueError
            When it has another shape or other values.
        """
        pixels = squeezed(to_array(array), keep=2)
        if pixels.ndim == 3 and pixels.shape[2] == 1:
            pixels = pixels[..., 0]
        if pixels.ndim != 2 or pixels.size == 0 or pixels.dtype.kind not in "biu":
            raise ValueError(
                "a mask must be an array (H, W) of bool, or of integers 0 and 1, got "
                f"{pixels.shape} {pixels.dtype}"
            )
        if pixels.dtype != np.bool_:
            low, high = int(pixels.min()), int(pixels.max())
            if low < 0 or high > 1:
                raise ValueError(
                    f"a mask must hold 0 and 1 only, got values from {low} to {high}; compare "
                    "first, as in array > 0"
                )
            pixels = pixels.astype(np.bool_)
        height, width = pixels.shape
        return cls((height, width), Runs.of_array(pixels), None)

    @classmethod
    def from_logits(
        cls, low_res_logits: ArrayLike, transform: ResizeTransform, threshold: float = 0.0
    ) -> Mask:
        """Take low-res logits (M, M) float32; the mask is where they, upsampled, are larger.

        Parameters
        ----------
        low_res_logits
            Over the model frame. A copy is kept, or the array itself when it is read-only.
        transform
            How the image lies in the model frame.
        threshold
            In logits.

        Raises
        ------
        ValueError
            When the logits are no square.
        """
        cells = LogitCells.whole(low_res_logits, transform, float(threshold))
        return cls(transform.original_size_hw, None, cells)

    @classmethod
    def from_polygons(cls, polygons: Sequence[ArrayLike], size_hw: tuple[int, int]) -> Mask:
        """Fill rings of (N, 2) points (x, y) by the even-odd rule: a ring in a ring is a hole.

        A pixel is inside exactly when its centre is; see
        :func:`samwidget.values.polygons.runs_of_polygons`.

        Raises
        ------
        ValueError
            When a ring has another shape, fewer than 3 points, or a number that is not finite.
        """
        height, width = (int(side) for side in size_hw)
        if height < 1 or width < 1:
            raise ValueError(f"size_hw must be at least 1x1 pixel, got {height}x{width}")
        return cls((height, width), runs_of_polygons(polygons, (height, width)), None)

    def __repr__(self) -> str:
        height, width = self.size_hw
        return f"<Mask: {self.area} of {width} x {height} pixels>"

    # ------------------------------------------------------------------------------- reading

    @cached_property
    def _runs(self) -> Runs:
        if self._given_runs is not None:
            return self._given_runs
        assert self._cells is not None
        runs = Runs.of_array(*mask_region(self._cells.frame(), self._cells.transform))
        return runs.shifted(*self._corner_xy)

    @property
    def area(self) -> int:
        """Pixels inside."""
        return self._runs.area

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is inside."""
        return self._box == EMPTY_BOX

    @property
    def box_xyxy(self) -> tuple[float, float, float, float]:
        """The smallest box that holds every pixel inside entirely; zeros when there is none."""
        x1, y1, x2, y2 = self._box
        return float(x1), float(y1), float(x2), float(y2)

    def contains(self, x: float, y: float) -> bool:
        """Whether the pixel in which a point lies is inside; a point beyond the image is not."""
        return self._runs.contains(math.floor(x), math.floor(y))

    def iou(self, other: Mask) -> float:
        """Give the intersection over the union, 0 to 1; 0 when both are empty."""
        self._check_size(other)
        shared = overlap(self._runs.box_xyxy, other._runs.box_xyxy)
        if shared == EMPTY_BOX:
            return 0.0
        both = int(np.count_nonzero(self.crop(shared) & other.crop(shared)))
        return both / (self.area + other.area - both)

    def full(self) -> NDArray[np.bool_]:
        """Give all pixels, (H, W) bool: a new array at each call, which is not kept."""
        cells = self._cells
        is_known = self._known_runs or self._region_xyxy != (0, 0, *self.size_hw[::-1])
        if cells is not None and cells.is_exact and not is_known:
            return full_mask(cells.frame(), cells.transform)
        height, width = self.size_hw
        return self.crop((0, 0, width, height))

    def crop(self, box_xyxy: PixelBox) -> NDArray[np.bool_]:
        """Give the pixels in a box of whole pixels: (y2 - y1, x2 - x1) bool, a new array.

        The box may reach beyond the image, where nothing is inside.
        """
        return self._runs.crop(box_xyxy)

    def coverage(
        self, region_xyxy: tuple[float, float, float, float], cells_wh: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Tell which part of each cell of a grid is inside: (rows, columns) float32, 0 to 1.

        ``region_xyxy`` is what the grid covers, in the image frame; it may reach beyond the image.
        """
        return self._runs.coverage(region_xyxy, cells_wh)

    def polygons(self) -> list[Polygon]:
        """Trace the outlines along the pixels' borders, see :func:`samwidget.values.outlines`.

        All rings together, given to :meth:`from_polygons`, are this mask again, exactly.
        """
        x1, y1, _, _ = self._box
        return outlines(self.crop(self._box), x1, y1)

    def outline_slopes(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
        """Tell how steeply the probability of being inside falls along the border.

        See :func:`samwidget.values.upsample.outline_slopes`.

        Raises
        ------
        ValueError
            When the mask's logits are not known exactly, as after :meth:`compact`.
        """
        if self._cells is None or not self._cells.is_exact:
            raise ValueError("the mask has no exact logits to take slopes of")
        rows, columns, slopes = outline_slopes(self._cells.frame(), self._cells.transform)
        left, top = self._corner_xy
        return rows + top, columns + left, slopes

    # --------------------------------------------------------------------------- other masks

    def union(self, other: Mask) -> Mask:
        """Give what is inside of one mask or of both."""
        self._check_size(other)
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return self._combined(other, np.logical_or, around(self._box, other._box))

    def subtract(self, other: Mask) -> Mask:
        """Give what is inside of this mask but not of the other."""
        self._check_size(other)
        if overlap(self._box, other._box) == EMPTY_BOX:
            return self
        return self._combined(other, np.greater, self._box)

    def intersect(self, other: Mask) -> Mask:
        """Give what is inside of both masks."""
        self._check_size(other)
        return self._combined(other, np.logical_and, overlap(self._box, other._box))

    def without_islands(
        self, min_share: float, keep_xy: Iterable[tuple[float, float]] = ()
    ) -> Mask:
        """Leave out small islands; pixels that touch at a side or corner are one island.

        Parameters
        ----------
        min_share
            From 0 to 1: islands of at least this share of the mask's area stay. The largest island
            always does.
        keep_xy
            Points (x, y) in the image frame, such as a person's clicks; the islands that they lie
            on stay.
        """
        _check_share("min_share", min_share)
        if self.is_empty:
            return self
        x1, y1, x2, y2 = self._box
        wanted = [(math.floor(x) - x1, math.floor(y) - y1) for x, y in keep_xy]
        inside = [(x, y) for x, y in wanted if 0 <= x < x2 - x1 and 0 <= y < y2 - y1]
        places = np.array(inside, np.intp).reshape(-1, 2)
        before = self.crop(self._box)
        after = drop_islands(before, min_share * self.area, places)
        return self._changed(self._box, before, after)

    def with_holes_filled(self, max_share: float) -> Mask:
        """Fill small holes: what is not inside, is enclosed, and connected by its pixels' sides.

        Parameters
        ----------
        max_share
            From 0 to 1: holes of at most this share of the mask's area are filled. A gap at the
            image's edge is no hole.
        """
        _check_share("max_share", max_share)
        if self.is_empty:
            return self
        before = self.crop(self._box)
        return self._changed(self._box, before, fill_holes(before, max_share * self.area))

    def without_small_regions(self, min_area: float) -> tuple[Mask, bool]:
        """Fill holes and drop islands as segment-anything's generator does, by pixels.

        See :func:`samwidget.values.morphology.drop_small_regions`. Tells also whether there was a
        small region, even if it is the island that stays.
        """
        if self.is_empty:
            return self, False
        # Seen is so much around the tight box that what is small outside of it is seen entirely.
        (height, width), (x1, y1, x2, y2) = self.size_hw, self._box
        across, down = math.ceil(min_area / (y2 - y1)), math.ceil(min_area / (x2 - x1))
        seen = overlap((x1 - across, y1 - down, x2 + across, y2 + down), (0, 0, width, height))
        before = self.crop(seen)
        after, had_any = drop_small_regions(before, min_area)
        return self._changed(seen, before, after), had_any

    def placed(self, left: int, top: int, size_hw: tuple[int, int]) -> Mask:
        """Give the mask of a part of an image as one of the whole image.

        The part begins at the pixel (left, top) of an image of ``size_hw`` pixels. Logits stay
        those of the part.

        Raises
        ------
        ValueError
            When the part reaches beyond the image.
        """
        (height, width), (part_h, part_w) = size_hw, self.size_hw
        if not (0 <= left <= width - part_w and 0 <= top <= height - part_h):
            raise ValueError(
                f"a mask of {part_w} x {part_h} pixels at ({left}, {top}) is not within an image of"
                f" {width} x {height} pixels"
            )
        if size_hw == self.size_hw:
            return self
        runs = self._known_runs
        own_left, own_top = self._corner_xy
        corner_xy = left + own_left, top + own_top
        return Mask(size_hw, runs and runs.shifted(left, top), self._cells, corner_xy)

    def within(self, region_xyxy: PixelBox) -> Mask:
        """Give the mask of a part of the image alone, in pixels of the part.

        The part is not empty and within the image. Logits stay if they are of just this part.
        """
        x1, y1, x2, y2 = region_xyxy
        if self._region_xyxy == region_xyxy and self._cells is not None:
            runs = self._known_runs
            return Mask((y2 - y1, x2 - x1), runs and runs.shifted(-x1, -y1), self._cells)
        if region_xyxy == (0, 0, *self.size_hw[::-1]):
            return self
        return Mask((y2 - y1, x2 - x1), Runs.of_array(self.crop(region_xyxy)), None)

    def cropped(self) -> Mask:
        """Give the same mask, exactly, without the logits around it; see :meth:`compact`.

        For the time until it is known whether the mask is kept: nothing is drawn.
        """
        if self._cells is None or self._known_runs:
            return self
        return replace(self, _cells=self._cells.cropped())

    def compact(self) -> Mask:
        """Give the same mask, exactly, in the form that is kept for good.

        It holds the run lengths and, if the mask came from logits, those around it, rounded (see
        :meth:`LogitCells.thinned`): some ten KB, and rarely more than a hundred.
        """
        if self._given_runs is not None:
            return self
        cells = self._cells.thinned() if self._cells else None
        return replace(self, _given_runs=self._runs, _cells=cells)

    # ----------------------------------------------------------------------------- for others

    def as_mask_input(self, transform: ResizeTransform, mask_size: int) -> NDArray[np.float32]:
        """Give the low-res logits that tell a model of this mask.

        Parameters
        ----------
        transform
            How the image lies in the model's frame.
        mask_size
            Side M of the logits that the model takes.

        Returns
        -------
        ndarray
            (1, M, M) float32: the kept logits when they fit this frame and size; else see
            :func:`samwidget.values.mask_prompt.logits_of_coverage`.

        Raises
        ------
        ValueError
            When the transform is that of an image of another size.
        """
        if transform.original_size_hw != self.size_hw:
            raise ValueError(
                f"the mask is {self.size_hw[0]} x {self.size_hw[1]} pixels high and wide, the image"
                f" {transform.original_size_hw[0]} x {transform.original_size_hw[1]}"
            )
        cells = self._cells
        if cells is not None and (cells.transform, cells.mask_size) == (transform, mask_size):
            return (cells.frame() + np.float32(cells.threshold))[np.newaxis]
        return logits_of_coverage(self.coverage, transform, mask_size)

    def levels(self) -> Levels:
        """Give what the browser draws, cropped to the mask; from the logits if there are any."""
        if self._cells is not None:
            return self._cells.levels().shifted(*self._corner_xy)
        return run_levels(self._runs, self.size_hw)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays that the mask holds now."""
        runs = self._known_runs
        return (runs.nbytes if runs else 0) + (self._cells.values.nbytes if self._cells else 0)

    # -------------------------------------------------------------------------------- helpers

    @property
    def _known_runs(self) -> Runs | None:
        return vars(self).get("_runs", self._given_runs)

    @property
    def _region_xyxy(self) -> PixelBox:
        """What the logits are of; all of the image where there are none."""
        (left, top), (height, width) = self._corner_xy, self.size_hw
        if self._cells is not None:
            height, width = self._cells.transform.original_size_hw
        return left, top, left + width, top + height

    @cached_property
    def _box(self) -> PixelBox:
        if self._cells is None or self._known_runs:
            return self._runs.box_xyxy
        # Where nobody has asked for the run lengths, the box alone is found without drawing.
        _, box = measured(self._cells.frame(), self._cells.transform, (0.0,))
        return shifted(box, *self._corner_xy)

    def _check_size(self, other: Mask) -> None:
        if self.size_hw != other.size_hw:
            raise ValueError(
                f"masks of one image are needed, got sizes (H, W) {self.size_hw} and "
                f"{other.size_hw}"
            )

    def _combined(self, other: Mask, operation: np.ufunc, box: PixelBox) -> Mask:
        pixels = operation(self.crop(box), other.crop(box))
        return Mask(self.size_hw, Runs.of_array(pixels, box[0], box[1]), None)

    def _changed(self, box: PixelBox, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Mask:
        """Put other pixels in a box around all of it; the same mask, logits and all, if equal."""
        if np.array_equal(before, after):
            return self
        return Mask(self.size_hw, Runs.of_array(after, box[0], box[1]), None)


def _check_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(
            f"{name}: expected a share of the mask's area, 0 to 1, got {quoted(share)}"
        )
