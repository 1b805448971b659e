"""One way in for all formats: files by their ending, values of other libraries by their form."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.formats import coco, geojson, label_studio, yolo
from samwidget.formats.annotated import Annotated
from samwidget.formats.coco_rle import to_rle
from samwidget.formats.files import missing, read_json
from samwidget.formats.label_image import from_label_image
from samwidget.values.arrays import to_array
from samwidget.values.detection_dicts import annotation_class
from samwidget.values.detection_shapes import split_detections
from samwidget.values.detections import Detections
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.mask_shapes import as_masks
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.paths import expanded
from samwidget.values.prompt_checks import Bounds, boxes_within
from samwidget.values.prompts import Prompts

KNOWN = (
    "masks, a label image, boxes (N, 4), a detector's result, COCO, YOLO, GeoJSON or Label Studio "
    "as values or as the path of a file"
)


def read_objects(
    source: object,
    size_hw: tuple[int, int],
    *,
    image_name: str | None = None,
    classes: Sequence[str] | None = None,
    transform: geojson.Affine | None = None,
) -> list[SegmentedObject]:
    """Read one image's objects from whatever holds some.

    Parameters
    ----------
    source
        * masks: (H, W) or (N, H, W) bool or 0 and 1, :class:`Mask`, :class:`SegmentedObject`,
          :class:`samwidget.Results`, or a list of such;
        * a label image, (H, W) integers;
        * boxes XYXY in pixels, (4,) or (N, 4), or what a detector found, see
          :func:`samwidget.values.detection_shapes.split_detections`; where masks came along
          (``supervision.Detections``, ultralytics, torchvision), they are taken;
        * COCO's instances, a list of its annotations or of an automatic mask generator's records,
          a GeoJSON collection, a list of Label Studio's tasks;
        * the path of such: ``.json``, ``.geojson``, ``.txt`` or a folder of YOLO, ``.png`` or
          ``.tif`` for a label image, ``.csv`` or ``.parquet`` for a table of boxes.
    size_hw
        The image in pixels.
    image_name
        Its path or name, by which it is found where several images are told of.
    classes
        Names of YOLO's classes, from 0, or of a label image's numbers, from 1.
    transform
        Of GeoJSON, from pixels to the map, see :func:`samwidget.formats.geojson.to_geojson`.

    Returns
    -------
    list of SegmentedObject
        Those that came as a box alone have it for their prompt: a model is to be asked for their
        mask, which until then is the box. All others have no prompts. Labels are empty where
        nothing was said.

    Raises
    ------
    ImportError
        When the format's library is not installed.
    OSError
        When a file cannot be read.
    TypeError, ValueError
        When it is nothing of this, broken, of an image of another size, or it is not known which
        of several images is meant.
    """
    reader = _Reader(size_hw, image_name, classes, transform)
    objects = reader.read(source)
    for number, one in enumerate(objects):
        if one.shape.size_hw != tuple(size_hw):
            (height, width), (own_height, own_width) = size_hw, one.shape.size_hw
            raise ValueError(
                f"objects[{number}]: its mask is of an image of {own_width} x {own_height} pixels, "
                f"this one has {width} x {height}"
            )
    return objects


class _Reader:
    """Reads for one image; each method takes one form."""

    def __init__(
        self,
        size_hw: tuple[int, int],
        image_name: str | None,
        classes: Sequence[str] | None,
        transform: geojson.Affine | None,
    ) -> None:
        self._size_hw = (int(size_hw[0]), int(size_hw[1]))
        self._name = None if image_name is None else PurePath(image_name).name
        self._classes = classes
        self._transform = transform

    def read(self, source: Any) -> list[SegmentedObject]:
        if isinstance(source, str | os.PathLike):
            return self._file(expanded(source, "a path of a file with objects"))
        if isinstance(source, Mapping):
            return self._mapping(source)
        if isinstance(source, Mask | SegmentedObject):
            return self._sequence([source])
        if isinstance(getattr(source, "objects", None), list | tuple):  # Results and the like
            return self._sequence(source.objects)
        if isinstance(source, list | tuple):
            return self._sequence(source)
        found = split_detections(source, [self._name])
        if found is not None:
            return self._detections(found[0], _masks_of(source))
        if hasattr(source, "__array__") or hasattr(source, "detach"):
            return self._array(to_array(source))
        if hasattr(source, "__iter__"):
            return self._sequence(list(source))
        raise TypeError(f"objects are {KNOWN}; got {quoted(source)}")

    # ------------------------------------------------------------------------------------- files

    def _file(self, path: Path) -> list[SegmentedObject]:
        if path.is_dir():
            return self._yolo_folder(path)
        if not path.is_file():
            raise FileNotFoundError(f"there is no file or folder {quoted(str(path))}")
        ending = path.suffix.lower()
        if ending in (".json", ".geojson"):
            try:
                return self.read(read_json(path))
            except (TypeError, ValueError) as error:
                text = str(error)
                raise ValueError(
                    text if text.startswith(path.name) else f"{path.name}: {text}"
                ) from error
        if ending == ".txt":
            return self._yolo_file(path, self._classes or _classes_near(path))
        if ending in (".png", ".tif", ".tiff"):
            return self._label_image(_pixels_of(path))
        if ending in (".csv", ".parquet"):
            return self.read(_table_of(path))
        raise ValueError(
            f"{path.name}: objects are read from .json, .geojson, .txt, .png, .tif, .csv and "
            ".parquet, and from a folder of YOLO"
        )

    def _yolo_folder(self, folder: Path) -> list[SegmentedObject]:
        if not (folder / "data.yaml").is_file():
            raise ValueError(
                f"{folder.name} is no folder of YOLO: it has no data.yaml; give the path of a file"
            )
        classes = self._classes or yolo.read_classes(folder / "data.yaml")
        files = sorted((folder / "labels").rglob("*.txt"))
        if self._name is not None:
            files = [path for path in files if path.stem == PurePath(self._name).stem]
        if len(files) != 1:
            which = "this one has no name" if self._name is None else f"none is {self._name}"
            raise ValueError(
                f"{folder.name} has labels of {len(files)} images that may be meant ({which}); "
                "give the path of a .txt file, or image_name="
            )
        return self._yolo_file(files[0], classes)

    def _yolo_file(self, path: Path, classes: Sequence[str] | None) -> list[SegmentedObject]:
        lines = path.read_text(encoding="utf-8").splitlines()
        if classes is None:
            numbers = [line.split()[0] for line in lines if line.strip()]
            count = max((int(one) + 1 for one in numbers if one.isdecimal()), default=0)
            classes = [str(number) for number in range(count)]
        return self._checked(yolo.from_lines(lines, self._size_hw, classes, path.name).objects)

    # ------------------------------------------------------------------------------------ values

    def _mapping(self, value: Mapping[Any, Any]) -> list[SegmentedObject]:
        if value.get("type") in ("FeatureCollection", "Feature", "Polygon", "MultiPolygon"):
            read = geojson.from_geojson(value, self._size_hw, transform=self._transform)
            return self._checked(read.objects)
        if "annotations" in value and "images" in value:
            return self._checked(self._of_this_image(coco.from_coco(value)))
        if "annotations" in value:
            names = {one["id"]: str(one["name"]) for one in value.get("categories") or ()}
            return self._annotations(value["annotations"], names)
        found = split_detections(value, [self._name])
        if found is None:
            raise ValueError(f"expected {KNOWN}; got a dict with {quoted(sorted(map(str, value)))}")
        masks = value.get("masks") if "boxes" in value else None
        return self._detections(found[0], None if masks is None else _stack(masks))

    def _sequence(self, values: Sequence[Any]) -> list[SegmentedObject]:
        if len(values) == 0:
            return []
        first = values[0]
        if all(isinstance(one, SegmentedObject) for one in values):
            # What they were asked for with was another's question: their mask is what counts.
            return [replace(one, prompts=Prompts()) for one in values]
        if isinstance(first, Mapping):
            if "data" in first and ("annotations" in first or "predictions" in first):
                tasks = label_studio.from_label_studio(values)
                return self._checked(self._of_this_image(tasks))
            if any(one.get("segmentation") is not None for one in values):
                return self._annotations(values, {})
            found = split_detections(values, [self._name])
            if found is not None:
                return self._detections(found[0], None)
        if np.ndim(first) == 0 or (np.ndim(first) == 1 and len(first) == 4):
            return self._array(np.asarray(values))
        return self._masks(as_masks(values))

    def _array(self, array: NDArray[Any]) -> list[SegmentedObject]:
        is_of_image = array.shape == self._size_hw
        if array.dtype.kind in "iu" and is_of_image and array.max(initial=0) > 1:
            return self._label_image(array)
        is_of_boxes = array.dtype.kind in "iuf" and array.shape[-1:] == (4,) and array.ndim <= 2
        if is_of_boxes and not is_of_image:
            return self._detections(Detections.of(array), None)
        if array.size == 0:
            return []
        return self._masks(as_masks(array))

    def _annotations(self, rows: Sequence[Any], names: Mapping[Any, str]) -> list[SegmentedObject]:
        """Read COCO's annotations, or the records of a mask generator, of this image alone."""
        if len({row.get("image_id") for row in rows}) > 1:
            raise ValueError(
                "the annotations are of several images; give those of one, or the whole dataset "
                "with its 'images'"
            )
        height, width = self._size_hw
        known: dict[str, int] = {"": 0}
        own = []
        for row in rows:
            label = annotation_class(row, names)
            own.append(
                {
                    **row,
                    "image_id": 0,
                    "category_id": known.setdefault(label, len(known)),
                    "score": row.get("score", row.get("predicted_iou", 1.0)),
                }
            )
            if hasattr(row.get("segmentation"), "dtype"):
                own[-1]["segmentation"] = to_rle(Mask.from_array(to_array(row["segmentation"])))
        categories = [{"id": number, "name": label} for label, number in known.items()]
        image = {"id": 0, "height": height, "width": width}
        dataset = {"images": [image], "annotations": own, "categories": categories}
        return self._checked(coco.from_coco(dataset)[0].objects)

    def _label_image(self, labels: NDArray[Any]) -> list[SegmentedObject]:
        if labels.shape != self._size_hw:
            raise ValueError(
                f"a label image must be as large as the image, {self._size_hw} (H, W), got "
                f"{labels.shape}"
            )
        return list(from_label_image(labels, classes=self._classes).objects)

    def _detections(self, found: Detections, masks: Sequence[Mask] | None) -> list[SegmentedObject]:
        if masks is not None and len(masks) != len(found):
            raise ValueError(f"there are {len(found)} boxes and {len(masks)} masks")
        if masks is None:
            cut = boxes_within("bboxes", found.boxes_xyxy, Bounds.of_image(self._size_hw))
            asked = [Prompts(box_xyxy=box) for box in cut]
            shapes = [_filled(box, self._size_hw) for box in cut]
        else:
            asked, shapes = [Prompts()] * len(masks), list(masks)
        return [
            SegmentedObject(
                id=index,
                label=label,
                score=1.0,
                shape=shape,
                prompts=prompts,
                color=color_for(index),
                detection_score=score,
            )
            for index, (label, score, shape, prompts) in enumerate(
                zip(found.class_names, found.scores, shapes, asked, strict=True)
            )
        ]

    def _masks(self, masks: Sequence[Mask]) -> list[SegmentedObject]:
        return [
            SegmentedObject(index, "", 1.0, mask, Prompts(), color_for(index))
            for index, mask in enumerate(masks)
        ]

    # ----------------------------------------------------------------------------------- within

    def _of_this_image(self, images: Sequence[Annotated]) -> Sequence[SegmentedObject]:
        if len(images) > 1:
            images = [one for one in images if self._is_called(one.file_name)]
            if len(images) != 1:
                which = (
                    "this one has no name"
                    if self._name is None
                    else f"{len(images)} of them are {self._name}"
                )
                raise ValueError(
                    f"there are several images, of which {which}; say which with image_name="
                )
        return images[0].objects if images else ()

    def _is_called(self, file_name: str) -> bool:
        # Label Studio puts a mark before the names of what is uploaded.
        name = PurePath(file_name).name
        return self._name is not None and (name == self._name or name.endswith(f"-{self._name}"))

    def _checked(self, objects: Sequence[SegmentedObject]) -> list[SegmentedObject]:
        """Cut the boxes that are to be asked with to the image."""
        bounds = Bounds.of_image(self._size_hw)
        checked = []
        for number, one in enumerate(objects):
            box = one.prompts.box_xyxy
            if box is not None:
                (cut,) = boxes_within(f"objects[{number}]", box[np.newaxis], bounds)
                checked.append(replace(one, prompts=Prompts(box_xyxy=cut)))
            else:
                checked.append(replace(one, prompts=Prompts()))
        return checked


def _filled(box: NDArray[Any], size_hw: tuple[int, int]) -> Mask:
    x1, y1, x2, y2 = box.tolist()
    return Mask.from_polygons([[(x1, y1), (x2, y1), (x2, y2), (x1, y2)]], size_hw)


def _masks_of(value: Any) -> list[Mask] | None:
    """Give the masks of supervision's and ultralytics' results, None where they have boxes alone.

    Ultralytics' masks are as large as its network's input; its polygons are in the image's pixels.
    """
    stack = getattr(value, "mask", None)
    if hasattr(stack, "shape"):
        return _stack(stack)
    results = getattr(value, "masks", None)
    rings = getattr(results, "xy", None)
    if rings is None:
        return None
    size_hw = tuple(int(side) for side in value.orig_shape[:2])
    return [
        Mask.from_polygons([ring] if len(ring) > 2 else [], (size_hw[0], size_hw[1]))
        for ring in rings
    ]


def _stack(masks: Any) -> list[Mask]:
    array = to_array(masks)
    if array.ndim == 4 and array.shape[1] == 1:  # (N, 1, H, W), as torchvision's
        array = array[:, 0]
    if array.ndim != 3:
        raise ValueError(f"masks: expected (N, H, W), got {array.shape}")
    return [Mask.from_array(one > 0.5 if one.dtype.kind == "f" else one != 0) for one in array]


def _pixels_of(path: Path) -> NDArray[Any]:
    from PIL import Image

    try:
        with Image.open(path) as opened:
            pixels = np.asarray(opened)
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path.name} cannot be read as a label image: {error}") from error
    if pixels.ndim != 2 or pixels.dtype.kind not in "iub":
        raise ValueError(
            f"{path.name}: a label image has one band of integers, got {pixels.shape} "
            f"{pixels.dtype}; a picture is no label image"
        )
    return pixels


def _table_of(path: Path) -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise missing("pandas", f"reading {path.name}", "table") from None
    return pd.read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)


def _classes_near(path: Path) -> list[str] | None:
    """Look for the names of YOLO's classes beside a file of labels and above it."""
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        if (folder / "data.yaml").is_file():
            return yolo.read_classes(folder / "data.yaml")
        if (folder / "classes.txt").is_file():
            return (folder / "classes.txt").read_text(encoding="utf-8").split("\n")
    return None
