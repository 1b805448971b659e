"""Boxes in the columns of a table, as detectors and annotation tools write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.values.detection_dicts import read_annotations
from samwidget.values.detections import Detections, as_list, as_numbers
from samwidget.values.errors import quoted

_Corners = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _xyxy(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return columns


def _xywh(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([columns[:, :2], columns[:, :2] + columns[:, 2:]], axis=1)


def _centred(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    half = columns[:, 2:] / 2
    return np.concatenate([columns[:, :2] - half, columns[:, :2] + half], axis=1)


_BOX_COLUMNS: tuple[tuple[str, _Corners], ...] = (
    ("xmin ymin xmax ymax", _xyxy),
    ("x_min y_min x_max y_max", _xyxy),
    ("x1 y1 x2 y2", _xyxy),
    ("left top right bottom", _xyxy),
    ("bbox-1 bbox-0 bbox-3 bbox-2", _xyxy),  # scikit-image's rows and columns
    ("x y w h", _xywh),
    ("x y width height", _xywh),
    ("bbox_x bbox_y bbox_width bbox_height", _xywh),
    ("bbox_x bbox_y bbox_w bbox_h", _xywh),
    ("left top width height", _xywh),
    ("xcenter ycenter width height", _centred),
    ("x_center y_center width height", _centred),
    ("cx cy w h", _centred),
)
"""The first set of which all are there is taken."""

_CLASS_COLUMNS = (
    *("class_name", "name", "category_name", "text_label", "class", "category", "label"),
    *("class_id", "category_id", "cls"),
)
_SCORE_COLUMNS = ("detection_score", "confidence", "conf", "score", "probability")
_IMAGE_COLUMNS = ("image", "image_id", "file_name", "filename", "image_path", "path")


def read_table(table: Any, image_name: str | None = None) -> Detections:
    """Read a DataFrame, or a dict of columns, with a box in each row.

    Parameters
    ----------
    table
        Its columns, in upper or lower case:

        * ``xmin ymin xmax ymax``, ``x_min ...``, ``x1 y1 x2 y2`` or ``left top right bottom``;
          ``bbox-0`` to ``bbox-3`` of scikit-image (rows and columns);
        * or **XYWH**, the upper left corner and the size: ``x y w h``, ``x y width height``,
          ``bbox_x bbox_y bbox_width bbox_height`` or ``left top width height``;
        * or the centre and the size: ``xcenter ycenter width height`` or ``cx cy w h``;
        * or ``bbox`` with a box in each cell, XYWH as in COCO, or ``box`` with a dict in each.

        Names or numbers of classes are in ``class_name``, ``name``, ``category``, ``class``,
        ``label``, ``class_id`` or ``category_id``, scores in ``confidence`` or ``score``, pixels
        all.
    image_name
        Where ``image``, ``file_name`` or the like tell of several images, the rows of this one are
        taken.

    Raises
    ------
    ValueError
        When there are no such columns, or it is not known which rows are this image's.

    Examples
    --------
    >>> read_table({"x": [10], "y": [20], "w": [5], "h": [8], "name": ["cat"]}).class_names
    ('cat',)
    """
    found = {str(name).strip().lower(): name for name in _column_names(table)}

    def column(name: str) -> list[Any]:
        return as_list(table[found[name]])

    for sides, corners in _BOX_COLUMNS:
        if all(side in found for side in sides.split()):
            rows = [as_numbers(column(side), f"column {side!r}") for side in sides.split()]
            boxes = corners(np.stack(rows, axis=1))
            break
    else:
        cells = next((name for name in ("bbox", "box") if name in found), None)
        if cells is None:
            raise ValueError(
                "bboxes: no columns with boxes; expected xmin, ymin, xmax, ymax or x1, y1, x2, y2, "
                f"or XYWH as x, y, w, h; got {quoted(', '.join(map(str, found.values())))}"
            )
        boxes = _boxes_in_cells(cells, column(cells))

    def first_of(names: tuple[str, ...]) -> list[Any] | None:
        return next((column(name) for name in names if name in found), None)

    classes, scores = first_of(_CLASS_COLUMNS), first_of(_SCORE_COLUMNS)
    rows_of = first_of(_IMAGE_COLUMNS)
    if rows_of is not None and len(set(rows_of)) > 1:
        if image_name is None:
            raise ValueError(
                f"bboxes: the rows are of {len(set(rows_of))} images and this one has no name; "
                "give its rows alone"
            )
        name = PurePath(image_name).name
        mine = [i for i, one in enumerate(rows_of) if PurePath(str(one)).name == name]
        boxes = boxes[mine]
        classes = None if classes is None else [classes[i] for i in mine]
        scores = None if scores is None else [scores[i] for i in mine]
    return Detections.of(boxes, classes, scores)


def _column_names(table: Any) -> list[Any]:
    return list(table) if isinstance(table, Mapping) else list(table.columns)


def _boxes_in_cells(name: str, cells: list[Any]) -> NDArray[np.float64]:
    return read_annotations([{name: cell} for cell in cells]).boxes_xyxy.astype(np.float64)
