"""Records as segment-anything's automatic mask generator gives them."""

from __future__ import annotations

from typing import Any, Literal

from samwidget.formats.coco_rle import to_rle
from samwidget.values.objects import SegmentedObject

OutputMode = Literal["binary_mask", "uncompressed_rle", "coco_rle"]


def record(
    one: SegmentedObject,
    output_mode: OutputMode = "uncompressed_rle",
    crop_xyxy: tuple[int, int, int, int] | None = None,
) -> dict[str, Any]:
    """Describe one object.

    Parameters
    ----------
    one
        Whose clicks become ``point_coords``.
    output_mode
        What ``segmentation`` is: (H, W) bool or COCO's run lengths.
    crop_xyxy
        The part of the image in which it was found; None is all of it.

    Returns
    -------
    dict
        ``segmentation``, ``area``, ``bbox`` (XYWH, where W and H count from the first to the last
        pixel and so are one less than the numbers of pixels), ``predicted_iou``, ``point_coords``
        [[x, y], ...], ``stability_score`` (None where unknown) and ``crop_box`` (XYWH).
    """
    height, width = one.shape.size_hw
    left, top, right, bottom = (0, 0, width, height) if crop_xyxy is None else crop_xyxy
    x1, y1, x2, y2 = map(int, one.box_xyxy)
    segmentation: Any = (
        one.shape.full()
        if output_mode == "binary_mask"
        else to_rle(one.shape, compressed=output_mode == "coco_rle")
    )
    return {
        "segmentation": segmentation,
        "area": one.area,
        "bbox": [x1, y1, max(0, x2 - 1 - x1), max(0, y2 - 1 - y1)],
        "predicted_iou": one.score,
        "point_coords": one.point_coords.astype(float).tolist(),
        "stability_score": one.stability_score,
        "crop_box": [left, top, right - left, bottom - top],
    }
