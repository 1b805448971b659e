"""What segmenting gives: one object, and all objects of one image. Values; no model runs here.

Coordinates are pixels of the image frame: x to the right, y down, the origin at the outer corner
of the first pixel. Boxes are XYXY.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.formats.annotated import Annotated
from samwidget.formats.exportable import Exportable
from samwidget.values.arrays import frozen
from samwidget.values.drawing import draw_box, draw_objects, draw_points
from samwidget.values.errors import quoted, text_of
from samwidget.values.label_image import label_image
from samwidget.values.objects import Box, SegmentedObject
from samwidget.values.paths import expanded, reason_of
from samwidget.values.whole_files import replacing

_PREVIEW_SIDE = 1024


@dataclass(frozen=True, eq=False)
class Masks:
    """The masks of one image: ``data`` is (N, H, W) bool, read-only."""

    data: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.data)

    @property
    def orig_shape(self) -> tuple[int, int]:
        """Height and width of the image in pixels."""
        height, width = self.data.shape[1:]
        return height, width


@dataclass(frozen=True, eq=False)
class Boxes:
    """The tight boxes of one image, ``xyxy`` (N, 4) float32, and ``conf``, the scores (N,)."""

    xyxy: NDArray[np.float32]
    conf: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.xyxy)

    @property
    def xywh(self) -> NDArray[np.float32]:
        """(N, 4) float32: x and y of the centre, width, height."""
        corner, far_corner = self.xyxy[:, :2], self.xyxy[:, 2:]
        return np.concatenate([(corner + far_corner) / 2, far_corner - corner], axis=1)


@dataclass(frozen=True, eq=False)
class Results(Exportable):
    """All objects of one image.

    Parameters
    ----------
    orig_img
        (H, W, 3) uint8 RGB.
    objects
        In the order of their prompts.
    path
        Where the image came from, None when it was handed over in memory.
    error
        Why there are no objects: the image was skipped. If it could not even be read, ``orig_img``
        is (0, 0, 3).
    notes
        What was done to read the image and may not be meant so, such as that its values were
        stretched; see :func:`samwidget.read_image`.

    Examples
    --------
    >>> results = Results(np.zeros((4, 6, 3), np.uint8), ())
    >>> len(results), results.orig_shape, results.masks
    (0, (4, 6), None)
    """

    orig_img: NDArray[np.uint8]
    objects: Sequence[SegmentedObject]
    path: str | None = None
    error: Exception | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.objects)

    def __iter__(self) -> Iterator[SegmentedObject]:
        return iter(self.objects)

    def __getitem__(self, index: int) -> SegmentedObject:
        return self.objects[index]

    def __repr__(self) -> str:
        height, width = self.orig_shape
        origin = "" if self.path is None else f" of {self.path}"
        noun = "object" if len(self) == 1 else "objects"
        if self.error is not None:
            return f"<Results{origin}: skipped, {text_of(self.error)}>"
        told = "; ".join((f"{len(self)} {noun} in {width} x {height} pixels", *self.notes))
        return f"<Results{origin}: {told}>"

    @property
    def orig_shape(self) -> tuple[int, int]:
        """Height and width of the image in pixels."""
        return self.orig_img.shape[0], self.orig_img.shape[1]

    @cached_property
    def masks(self) -> Masks | None:
        """Every object's mask; None when there is no object.

        The stack takes a byte for each pixel and object, 12 MB an object at 12 megapixels, and is
        made when first read. Iterating over the objects, or :meth:`label_image`, needs none.
        """
        if not self.objects:
            return None
        data = np.empty((len(self), *self.orig_shape), np.bool_)
        for i, one in enumerate(self.objects):
            data[i] = one.mask
        return Masks(frozen(data))

    @cached_property
    def boxes(self) -> Boxes:
        """Every object's tight box with its score."""
        xyxy = np.array([one.box_xyxy for one in self.objects], np.float32).reshape(-1, 4)
        return Boxes(frozen(xyxy), self.scores)

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """(N,) float32, the model's own estimates of the masks' IoU; may exceed 1."""
        return frozen(np.array([one.score for one in self.objects], np.float32))

    def label_image(self) -> NDArray[np.int32]:
        """Give (H, W) int32: 0 where nothing is, else the number of the topmost object, from 1.

        Later objects lie on top of earlier ones.
        """
        return label_image([one.shape for one in self.objects], self.orig_shape)

    @cached_property
    def stability_scores(self) -> NDArray[np.float32]:
        """(N,) float32, how little each mask changes with the threshold; NaN where unknown."""
        scores = (one.stability_score for one in self.objects)
        return frozen(np.array([np.nan if one is None else one for one in scores], np.float32))

    @cached_property
    def detection_scores(self) -> NDArray[np.float32]:
        """(N,) float32, what a detector said of each object; NaN where none was asked."""
        scores = (one.detection_score for one in self.objects)
        return frozen(np.array([np.nan if one is None else one for one in scores], np.float32))

    def plot(
        self,
        *,
        alpha: float = 0.45,
        outline: bool = True,
        boxes: bool = False,
        prompts: bool = False,
        max_side: int | None = None,
        ax: Any = None,
    ) -> NDArray[np.uint8]:
        """Paint the objects over the image.

        Parameters
        ----------
        alpha
            Opacity of the fill, 0 to 1.
        outline
            Draw the masks' borders.
        boxes
            Draw the tight box of each mask.
        prompts
            Draw the clicks and boxes that were asked for.
        max_side
            When the image's longer side has more pixels, shrink the picture to this.
        ax
            Show the picture on these axes of matplotlib, in pixels of the image.

        Returns
        -------
        ndarray
            (H, W, 3) uint8 **RGB**, a new array.
        """
        if self.orig_img.size == 0:
            return self.orig_img.copy()
        picture = draw_objects(
            self.orig_img,
            [one.shape for one in self.objects],
            [one.color for one in self.objects],
            alpha=alpha,
            outline=outline,
            max_side=max_side,
        )
        scale = picture.shape[1] / self.orig_shape[1]
        for one in self.objects:
            if boxes and one.area:
                picture = draw_box(picture, _scaled(one.box_xyxy, scale), one.color)
            if prompts and one.box_prompt_xyxy is not None:
                picture = draw_box(picture, _scaled(one.box_prompt_xyxy, scale), one.color)
            if prompts:
                points = one.point_coords * np.float32(scale)
                picture = draw_points(picture, points, one.point_labels)
        if ax is not None:
            height, width = self.orig_shape
            # As imshow does, a pixel's centre is at whole numbers.
            ax.imshow(picture, extent=(-0.5, width - 0.5, height - 0.5, -0.5))
        return picture

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write :meth:`plot`'s picture into a file; its ending (.png, .jpg, ...) says the format.

        The file is whole or not there at all; one that was there before stays until then.

        Parameters
        ----------
        path
            ``~`` is the home folder.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OSError
            When it cannot be written there, such as into a folder that there is not.
        ValueError
            When no image format has this ending, no file can be called so, or the image could not
            be read.
        """
        if self.orig_img.size == 0:
            why = "" if self.error is None else f": {text_of(self.error)}"
            raise ValueError(f"there is no picture to save, the image was not read{why}")
        target = expanded(path, "the path of a file to write")
        known = Image.registered_extensions()
        if known.get(target.suffix.lower()) not in Image.SAVE:
            raise ValueError(
                f"cannot save a picture as {quoted(target.name)}: no image format has the ending "
                f"{quoted(target.suffix)}; use .png or .jpg"
            )
        picture = Image.fromarray(self.plot())
        try:
            with replacing(target) as part:
                picture.save(part, quality=95)
        except OSError as error:
            told = f"cannot save a picture as {quoted(target)}: {reason_of(error)}"
            raise type(error)(told) from error
        return target

    def _annotated(self) -> Annotated:
        name = "" if self.path is None else Path(self.path).name
        return Annotated(self.objects, self.orig_shape, name or "image.png", self.orig_img)

    def _repr_png_(self) -> bytes | None:
        return self._preview if self.orig_img.size else None

    @cached_property
    def _preview(self) -> bytes:
        """A PNG of the picture, small, made when first shown."""
        stream = io.BytesIO()
        picture = Image.fromarray(self.plot(max_side=_PREVIEW_SIDE))
        picture.save(stream, "PNG", compress_level=1)  # a third of the time for a tenth of the size
        return stream.getvalue()


def _scaled(box: Box, scale: float) -> Box:
    x1, y1, x2, y2 = box
    return x1 * scale, y1 * scale, x2 * scale, y2 * scale
