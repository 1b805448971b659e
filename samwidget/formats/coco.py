"""COCO's instances: one JSON of images, categories and annotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from samwidget.formats.annotated import Annotated, class_names, class_of, finite
from samwidget.formats.coco_rle import from_rle, to_rle
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.outlines import Ring, outlines
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts

Segmentation = Literal["rle", "uncompressed_rle", "polygon"]


class CocoFile:
    """A file in the making: add one image after the other; of them only the text is kept.

    Parameters
    ----------
    segmentation
        ``"rle"`` is exact and small, ``"uncompressed_rle"`` exact and in plain integers.
        ``"polygon"`` gives outlines along the pixels' borders; COCO's polygons have no holes, so
        parts with holes are cut into several without.
    classes
        The first categories, in this order, from id 1; others follow as they come.

    Raises
    ------
    ValueError
        When ``segmentation`` is none of these, or a class comes twice.
    """

    def __init__(self, *, segmentation: Segmentation = "rle", classes: Sequence[str] = ()) -> None:
        if segmentation not in ("rle", "uncompressed_rle", "polygon"):
            raise ValueError(
                "segmentation must be 'rle', 'uncompressed_rle' or 'polygon', got "
                + quoted(segmentation)
            )
        self._segmentation = segmentation
        self._categories = {name: i for i, name in enumerate(class_names([], classes), start=1)}
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add(self, image: Annotated) -> None:
        """Describe an image and its objects."""
        height, width = image.size_hw
        image_id = len(self._images) + 1
        self._images.append(
            {"id": image_id, "file_name": image.file_name, "width": width, "height": height}
        )
        self._annotations += [
            self._annotation(one, image_id, i) for i, one in enumerate(image.objects)
        ]

    def _annotation(self, one: SegmentedObject, image_id: int, index: int) -> dict[str, Any]:
        x1, y1, x2, y2 = one.box_xyxy
        annotation = {
            "id": len(self._annotations) + index + 1,
            "image_id": image_id,
            "category_id": self._categories.setdefault(class_of(one), len(self._categories) + 1),
            "segmentation": (
                hole_free_polygons(one.shape)
                if self._segmentation == "polygon"
                else to_rle(one.shape, compressed=self._segmentation == "rle")
            ),
            "area": one.area,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "iscrowd": 0,
            "score": finite(one.score),
        }
        for name in ("stability_score", "detection_score"):
            if getattr(one, name) is not None:
                annotation[name] = finite(getattr(one, name))
        return annotation

    def value(self) -> dict[str, Any]:
        """Give the whole, ready for ``json.dump``."""
        return {
            "info": {"description": "made with samwidget"},
            "licenses": [],
            "images": self._images,
            "categories": [{"id": i, "name": name} for name, i in self._categories.items()],
            "annotations": self._annotations,
        }


def to_coco(
    images: Sequence[Annotated],
    *,
    segmentation: Segmentation = "rle",
    classes: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe the objects of some images as COCO does; CVAT and pycocotools read it.

    Parameters
    ----------
    images
        In the order of their ids, from 1.
    segmentation, classes
        See :class:`CocoFile`, also for errors.

    Returns
    -------
    dict
        Ready for ``json.dump``. Empty masks have an area of 0. ``score`` is the mask's predicted
        IoU, ``bbox`` XYWH.
    """
    file = CocoFile(segmentation=segmentation, classes=classes)
    for image in images:
        file.add(image)
    return file.value()


def hole_free_polygons(mask: Mask) -> list[list[float]]:
    """Give outlines as flat lists x1, y1, x2, y2 ...; a part with holes is cut across them."""
    x1, y1, x2, y2 = (int(side) for side in mask.box_xyxy)
    if mask.is_empty:
        return []
    found: list[Ring] = []
    waiting = [(mask.crop((x1, y1, x2, y2)), x1, y1)]
    while waiting:
        pixels, left, top = waiting.pop()
        for polygon in outlines(pixels, left, top):
            if len(polygon) == 1:
                found.append(polygon[0])
                continue
            # Cut through the middle of the first hole: each half has fewer of them.
            hole_y = polygon[1][:, 1]
            (low_x, low_y), (high_x, high_y) = polygon[0].min(axis=0), polygon[0].max(axis=0)
            across = min(max((hole_y.min() + hole_y.max()) // 2, low_y + 1), high_y - 1)
            box = (int(low_x), int(low_y), int(high_x), int(high_y))
            part = Mask.from_polygons(polygon, mask.size_hw).crop(box)
            cut = int(across - low_y)
            waiting += [(part[:cut], box[0], box[1]), (part[cut:], box[0], int(across))]
    return [ring.astype(float).ravel().tolist() for ring in found]


def from_coco(data: Mapping[str, Any]) -> list[Annotated]:
    """Read what :func:`to_coco` or any other tool has written; the order is that of the images.

    Annotations without a segmentation are boxes that are asked for: objects with a box prompt and
    the box as their mask.

    Raises
    ------
    ValueError
        When it is no such thing, an annotation belongs to no image or category, or a polygon has
        fewer than three points; the text says which one.
    """
    for key in ("images", "annotations"):
        if not isinstance(data, Mapping) or not isinstance(data.get(key), Sequence):
            raise ValueError(f"expected COCO instances with a list of {key!r}, got {quoted(data)}")
    names = {row["id"]: str(row["name"]) for row in data.get("categories", ())}
    objects: defaultdict[Any, list[SegmentedObject]] = defaultdict(list)
    sizes = {}
    for row in data["images"]:
        try:
            sizes[row["id"]] = (int(row["height"]), int(row["width"]))
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"an image needs an id, a width and a height, got {quoted(row)}"
            ) from None
    for number, row in enumerate(data["annotations"]):
        where = f"annotations[{number}]"
        size_hw = sizes.get(row.get("image_id"))
        if size_hw is None:
            raise ValueError(
                f"{where}: there is no image {quoted(row.get('image_id'))} in the file"
            )
        category = row.get("category_id")
        if names and category not in names:
            raise ValueError(f"{where}: there is no category {quoted(category)} in the file")
        shape, prompts = _shape(row, size_hw, where)
        own = objects[row["image_id"]]
        own.append(
            SegmentedObject(
                id=len(own),
                label=names.get(category, ""),
                score=float("nan")
                if row.get("score", 1.0) is None
                else float(row.get("score", 1.0)),
                shape=shape,
                prompts=prompts,
                color=color_for(len(own)),
                stability_score=row.get("stability_score"),
                detection_score=row.get("detection_score"),
            )
        )
    return [
        Annotated(tuple(objects[row["id"]]), sizes[row["id"]], str(row.get("file_name", row["id"])))
        for row in data["images"]
    ]


def _shape(row: Mapping[str, Any], size_hw: tuple[int, int], where: str) -> tuple[Mask, Prompts]:
    segmentation = row.get("segmentation")
    try:
        if isinstance(segmentation, Mapping):
            shape = from_rle(dict(segmentation))
            if shape.size_hw != size_hw:
                raise ValueError(f"its size is {shape.size_hw}, the image's {size_hw} (H, W)")
            return shape, Prompts()
        if isinstance(segmentation, Sequence) and (segmentation or "bbox" not in row):
            return _union(segmentation, size_hw), Prompts()
        x, y, width, height = (float(side) for side in row["bbox"])
        if row.get("area") == 0 and not (width and height):
            return Mask.from_array(np.zeros(size_hw, np.bool_)), Prompts()
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        box = (x, y, x + width, y + height)
        return Mask.from_polygons([corners], size_hw), Prompts(box_xyxy=np.array(box, np.float32))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from error


def _union(polygons: Sequence[Any], size_hw: tuple[int, int]) -> Mask:
    """Fill polygons, each on its own, as COCO does."""
    shape = Mask.from_array(np.zeros(size_hw, np.bool_))
    for flat in polygons:
        points = np.asarray(flat, np.float64)
        if points.ndim != 1 or len(points) % 2 or len(points) < 6:
            raise ValueError(
                "a polygon must be a flat list x1, y1, x2, y2 ... of at least 3 points, got "
                f"{quoted(flat)}"
            )
        shape = shape.union(Mask.from_polygons([points.reshape(-1, 2)], size_hw))
    return shape
