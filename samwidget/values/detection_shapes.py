"""The forms in which :meth:`samwidget.SAM.predict` takes what a detector found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

import numpy as np

from samwidget.values.detection_dicts import (
    is_of_a_box,
    read_annotations,
    read_dataset,
    read_dict,
)
from samwidget.values.detection_tables import read_table
from samwidget.values.detections import Detections
from samwidget.values.objects import SegmentedObject


def split_detections(bboxes: object, image_names: Sequence[str | None]) -> list[Detections] | None:
    """Read what a detector found in some images.

    Parameters
    ----------
    bboxes
        Of one image, which then is used for all:

        * ``supervision.Detections``;
        * ultralytics' ``Results`` or ``Boxes``;
        * :class:`samwidget.Results`, whose masks' tight boxes are taken, or a list of its objects;
        * COCO annotations: a list of dicts with ``bbox`` (XYWH), ``category_id`` and perhaps
          ``score``, or a whole dataset, a dict with ``annotations``, ``categories`` and perhaps
          ``images``, from which each image takes its own by its file's name. Of an annotation
          without ``bbox`` the polygons' box is taken;
        * a dict with ``boxes`` (XYXY), ``labels`` and ``scores``, as torchvision's and
          transformers' models give it, or a list of dicts with ``box``, ``label`` and ``score``, as
          transformers' pipelines do;
        * a DataFrame, of pandas or polars, see
          :func:`samwidget.values.detection_tables.read_table`.

        Or a list of such, one for each image.
    image_names
        Of the images, as far as they are known: paths or addresses.

    Returns
    -------
    list of Detections or None
        One for each image; None when it is nothing of this, but perhaps an array.

    Raises
    ------
    ValueError
        When it is something of this, but a part is missing or does not fit the rest.

    Examples
    --------
    >>> found = [{"bbox": [10, 20, 5, 8], "category_id": 3}]
    >>> split_detections(found, [None])[0].boxes_xyxy.tolist()
    [[10.0, 20.0, 15.0, 28.0]]
    """
    if _is_of_images(bboxes):
        if len(bboxes) != len(image_names):
            raise ValueError(
                f"bboxes: expected the detections of {len(image_names)} image(s), got a list of "
                f"{len(bboxes)}"
            )
        given: Sequence[Any] = bboxes
    else:
        given = [bboxes] * len(image_names)
    found = [_read(one, name) for one, name in zip(given, image_names, strict=True)]
    if all(one is None for one in found):
        return None
    return [Detections.of([]) if one is None else one for one in found]


def _is_of_images(value: object) -> TypeGuard[Sequence[Any]]:
    """Tell whether it is a list with what belongs to an image in each place."""
    if not isinstance(value, list | tuple):
        return False
    filled = [one for one in value if not (isinstance(one, list | tuple) and not one)]
    return bool(filled) and all(map(_is_of_an_image, filled))


def _is_of_an_image(value: object) -> bool:
    if isinstance(value, Mapping):
        return not is_of_a_box(value) and not _is_row(value)
    if isinstance(value, list | tuple):
        return isinstance(value[0], Mapping | SegmentedObject)
    return _reader(value) is not None


def _is_row(value: Mapping[Any, Any]) -> bool:
    """Tell whether it is a row of a table, as ``DataFrame.to_dict("records")`` gives them."""
    return all(isinstance(one, str) or np.ndim(one) == 0 for one in value.values())


def _read(value: object, image_name: str | None) -> Detections | None:
    if isinstance(value, Mapping):
        found = read_dict(value, image_name)
        return read_table(value, image_name) if found is None else found
    if isinstance(value, list | tuple):
        if not value or not isinstance(value[0], Mapping | SegmentedObject):
            return None
        if isinstance(value[0], SegmentedObject):
            return _of_objects(value)
        if is_of_a_box(value[0]):
            return read_annotations(value)
        rows = [one for one in value if isinstance(one, Mapping)]
        return read_table({key: [row.get(key) for row in rows] for key in rows[0]}, image_name)
    reader = _reader(value)
    return None if reader is None else reader(value, image_name)


def _reader(value: Any) -> Callable[[Any, str | None], Detections] | None:
    """Give what reads an object of a library, told by the names that it has."""
    if isinstance(value, Detections):
        return lambda one, _: one
    if hasattr(value, "columns") and hasattr(value, "__getitem__"):
        return read_table
    if isinstance(getattr(value, "objects", None), list | tuple):
        return lambda one, _: _of_objects(one.objects)
    if hasattr(value, "names") and hasattr(value, "boxes"):
        return lambda one, _: _of_ultralytics(one)
    if hasattr(value, "xyxy"):
        return lambda one, _: _of_xyxy(one, None)
    if isinstance(getattr(value, "dataset", None), Mapping):  # pycocotools' COCO
        return lambda one, name: read_dataset(one.dataset, name)
    return None


def _of_ultralytics(results: Any) -> Detections:
    if results.boxes is None:
        raise ValueError(
            "bboxes: these results hold no boxes; those of a model that detects objects do"
        )
    return _of_xyxy(results.boxes, results.names)


def _of_xyxy(found: Any, names: object) -> Detections:
    """Read supervision's ``Detections`` and ultralytics' ``Boxes``."""
    data = getattr(found, "data", None)
    named = data.get("class_name") if isinstance(data, Mapping) else None
    if named is None:
        named = _first(found, "class_id", "cls")
    return Detections.of(found.xyxy, named, _first(found, "confidence", "conf"), names)


def _first(found: Any, *attributes: str) -> object:
    values = (getattr(found, name, None) for name in attributes)
    return next((value for value in values if value is not None), None)


def _of_objects(objects: Sequence[SegmentedObject]) -> Detections:
    boxes = []
    for index, one in enumerate(objects):
        box = one.box_prompt_xyxy if one.shape.is_empty else one.box_xyxy
        if box is None:
            raise ValueError(f"bboxes: object {index} has no pixel and so no box; leave it out")
        boxes.append(box)
    scores = [one.detection_score for one in objects]
    return Detections.of(boxes, [one.label for one in objects], scores)


def name_objects(
    objects: Sequence[SegmentedObject], found: Detections
) -> tuple[SegmentedObject, ...]:
    """Give objects the class names and scores of the boxes that they were asked for with.

    They are in the order of their boxes, as many of each box.
    """
    each = len(objects) // max(1, len(found))
    return tuple(
        replace(
            one,
            label=found.class_names[index // each],
            detection_score=found.scores[index // each],
        )
        for index, one in enumerate(objects)
    )
