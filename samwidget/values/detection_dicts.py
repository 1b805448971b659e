"""What a detector found, as dicts: COCO's, torchvision's and transformers'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from samwidget.values.detections import Detections, class_name, score, shown

_CLASS_KEYS = ("category_name", "label", "class_name", "name", "category_id", "class_id", "class")


def is_of_a_box(value: object) -> bool:
    """Tell whether it is a dict about one box."""
    return isinstance(value, Mapping) and any(
        key in value for key in ("bbox", "box", "segmentation")
    )


def read_dict(value: Mapping[Any, Any], image_name: str | None) -> Detections | None:
    """Read a COCO dataset, the boxes of one image or one box; None when it is nothing of this."""
    if "annotations" in value:
        return read_dataset(value, image_name)
    boxes = next((value[key] for key in ("boxes", "bboxes") if key in value), None)
    if boxes is not None:
        named = next((key for key in ("text_labels", "labels") if value.get(key) is not None), "")
        return Detections.of(boxes, value.get(named), value.get("scores"))
    return read_annotations([value]) if is_of_a_box(value) else None


def read_dataset(dataset: Mapping[Any, Any], image_name: str | None) -> Detections:
    """Read all of a COCO dataset, or what belongs to one of its images."""
    annotations = dataset["annotations"]
    images = dataset.get("images") or []
    if len(images) > 1:
        name = None if image_name is None else PurePath(image_name).name
        ids = [one["id"] for one in images if PurePath(str(one.get("file_name"))).name == name]
        if len(ids) != 1:
            which = "this one has no file name" if name is None else f"{len(ids)} are {shown(name)}"
            raise ValueError(
                f"bboxes: the annotations are of {len(images)} images, of which {which}; give the "
                "annotations of this image alone"
            )
        annotations = [one for one in annotations if one.get("image_id") == ids[0]]
    names = {one["id"]: one.get("name", "") for one in dataset.get("categories") or []}
    return read_annotations(annotations, names)


def read_annotations(found: Sequence[Any], names: Mapping[Any, str] | None = None) -> Detections:
    """Read dicts about a box each: COCO's annotations or what transformers' pipelines give."""
    boxes, classes, scores, images = [], [], [], set()
    for index, one in enumerate(found):
        if not is_of_a_box(one):
            raise ValueError(
                f"bboxes[{index}]: expected a dict with 'bbox' or 'box', got {shown(one)}"
            )
        boxes.append(_box_of(one, f"bboxes[{index}]"))
        classes.append(annotation_class(one, names))
        scores.append(score(one.get("score", one.get("confidence"))))
        images.add(one.get("image_id"))
    if len(images) > 1:
        raise ValueError(
            f"bboxes: the annotations are of {len(images)} images; give those of one, or the whole "
            "dataset with its 'images'"
        )
    return Detections(np.array(boxes, np.float64), tuple(classes), tuple(scores))


def annotation_class(one: Mapping[Any, Any], names: Mapping[Any, str] | None = None) -> str:
    """Give the class's name of a dict about one object, empty where there is none."""
    kind = next((one[key] for key in _CLASS_KEYS if one.get(key) is not None), None)
    return class_name(kind, names)


def _box_of(one: Mapping[Any, Any], where: str) -> list[float]:
    """Give a dict's box, XYXY."""
    if "box" in one:
        box = one["box"]
        try:
            ends = ("xmin", "ymin", "xmax", "ymax") if "xmin" in box else ("x1", "y1", "x2", "y2")
            return [float(box[end]) for end in ends]
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"{where}: 'box' must have xmin, ymin, xmax and ymax, got {shown(box)}"
            ) from None
    if one.get("bbox") is not None:
        try:
            x, y, width, height = (float(side) for side in one["bbox"])
        except (TypeError, ValueError):
            raise ValueError(
                f"{where}: 'bbox' must be (x, y, width, height), got {shown(one['bbox'])}"
            ) from None
        return [x, y, x + width, y + height]
    rings = one.get("segmentation")
    if not isinstance(rings, list | tuple) or not rings:
        raise ValueError(f"{where}: there is no 'bbox', got {shown(list(one))}")
    try:
        corners = np.concatenate([np.asarray(ring, np.float64).reshape(-1, 2) for ring in rings])
    except (TypeError, ValueError):
        raise ValueError(
            f"{where}: without a 'bbox', 'segmentation' must be polygons, got {shown(rings)}"
        ) from None
    return [*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()]
