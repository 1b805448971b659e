"""Objects from elsewhere, for code: masks, boxes and files of other tools."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from samwidget.editing.checks import image_size_hw
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.import_edits import ImportObjects
from samwidget.formats.reading import read_objects
from samwidget.jupyter.by_code import as_objects
from samwidget.session.asking import asked
from samwidget.session.session import Session
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.sources import origin_of


class ImportsByCode:
    """The methods of :class:`samwidget.SamWidget` that take objects from elsewhere."""

    _session: Session

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled_state(self) -> State:
        """Give the state with all edits in it."""

    def add_objects(
        self,
        source: object,
        *,
        image_name: str | None = None,
        classes: Sequence[str] | None = None,
        transform: Sequence[float] | None = None,
    ) -> tuple[SegmentedObject, ...]:
        """Make objects of masks, boxes or another tool's annotations; one step of undo.

        Of each box the model is asked for the mask, as if it had been drawn by hand: the object has
        its box as prompt, and is refined from there. Masks stay as they are, pixel by pixel.
        Classes come along, and so do scores; new names are added to :attr:`classes`. What says no
        class gets the label that is set.

        Parameters
        ----------
        source
            Masks (N, H, W), a label image (H, W), boxes (N, 4) XYXY, a detector's result
            (``supervision.Detections``, ultralytics, torchvision, a DataFrame ...),
            :class:`samwidget.Results`, COCO, GeoJSON or Label Studio as values; or the path of a
            ``.json``, ``.geojson``, ``.txt`` or folder of YOLO, label image, ``.csv`` or
            ``.parquet``. See :func:`samwidget.formats.reading.read_objects`.
        image_name
            The image's name in a file that tells of several.
        classes
            Names of YOLO's classes, from 0, or of a label image's numbers, from 1.
        transform
            Of GeoJSON on a map: six numbers from pixels to the map.

        Returns
        -------
        tuple of SegmentedObject
            Those that were added, in their order. What has no pixel is left out, with a warning.

        Raises
        ------
        ImportError, OSError, TypeError, ValueError
            When it cannot be read, is of an image of another size, or a box is not on the image;
            the text says which. Nothing is added then.
        RuntimeError
            When another image was set, or the widget was closed, meanwhile.

        Examples
        --------
        >>> widget.add_objects([[10, 20, 200, 150]])  # doctest: +SKIP
        >>> widget.add_objects("instances.json", image_name="photo.jpg")  # doctest: +SKIP
        """
        size_hw = image_size_hw(self._settled_state())
        given = read_objects(
            source, size_hw, image_name=image_name, classes=classes, transform=transform
        )
        return self._import(given)

    def _import(
        self, given: Sequence[SegmentedObject], *, is_beginning: bool = False
    ) -> tuple[SegmentedObject, ...]:
        """Ask for the masks of those that have prompts, and make objects of all."""
        if any(not one.prompts.is_empty for one in given):
            job = asked(given)
            self._session.start(job)
            try:
                given = self._session.result(job.future)
            except KeyboardInterrupt:
                job.cancel()
                raise
        kept = with_pixels(given)
        if not kept:
            return ()
        first = self._settled_state().document.next_id
        self._do(ImportObjects(kept, is_beginning))
        made = range(first, first + len(kept))
        return tuple(one for one in self._session.state.document.objects if one.id in made)


def with_pixels(given: Sequence[SegmentedObject]) -> list[SegmentedObject]:
    """Leave out what has no pixel, with a warning."""
    kept = [one for one in given if not one.shape.is_empty]
    if len(kept) < len(given):
        warnings.warn(
            f"{len(given) - len(kept)} of {len(given)} objects have no pixel and are left out",
            stacklevel=4,
        )
    return kept


def beginning(
    objects: Any, image: object, size_hw: tuple[int, int] | None
) -> tuple[Edit, list[SegmentedObject]]:
    """Read what a widget is to begin with.

    Parameters
    ----------
    objects
        As :meth:`ImportsByCode.add_objects` takes them.
    image
        As the person gave it: its name tells which of several images of a file is meant.
    size_hw
        Of the image, None without one.

    Returns
    -------
    at_once
        The edit that makes objects of what has a mask already.
    to_be_asked
        All, where some are boxes that the model is to be asked for.
    """
    if are_masks(objects):
        first = as_objects(objects)
        if size_hw is None and first.masks:
            raise ValueError(
                "objects are masks of one image: give the image, too; of a list, add them there"
            )
        return first, []
    if size_hw is None:
        raise ValueError("objects are of one image: give the image, too; of a list, add them there")
    given = read_objects(objects, size_hw, image_name=origin_of(image))
    if any(not one.prompts.is_empty for one in given):
        return ImportObjects(()), given
    return ImportObjects(with_pixels(given)), []


def are_masks(source: Any) -> bool:
    """Tell whether objects are plain masks, which need neither reading nor a model."""
    if isinstance(source, Mask):
        return True
    if isinstance(source, list | tuple):
        return all(isinstance(one, Mask) or np.ndim(one) >= 2 for one in source)
    return getattr(source, "ndim", 0) == 3 or str(getattr(source, "dtype", "")).endswith("bool")
