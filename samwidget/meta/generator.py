"""Segment-anything's ``SamAutomaticMaskGenerator``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.meta.predictor import Model, SamPredictor
from samwidget.predict.everything import FoundMask, segment_everything
from samwidget.predict.grid import Grid
from samwidget.values.images import load_image

OUTPUT_MODES = ("binary_mask", "uncompressed_rle", "coco_rle")


class SamAutomaticMaskGenerator:
    """Segment everything in images, with the interface of segment-anything.

    Parameters
    ----------
    model
        What :class:`SamPredictor` takes. The default thresholds are made for SAM's ViT-H; for
        the embedded model take ``pred_iou_thresh=0.75, stability_score_thresh=0.8``.
    points_per_side
        The grid has as many rows and columns of clicks; None if there are ``point_grids``.
    points_per_batch
        Clicks that are decoded together on an accelerator.
    pred_iou_thresh, stability_score_thresh, stability_score_offset, box_nms_thresh
        What to keep, see :class:`samwidget.predict.everything.Grid`.
    crop_n_layers, crop_nms_thresh, crop_overlap_ratio, crop_n_points_downscale_factor
        Search also crops of the image, see there.
    point_grids
        For each layer of crops an array (N, 2), (x, y) as shares of the crop.
    min_mask_region_area
        Fill holes and drop islands with fewer pixels.
    output_mode
        What ``segmentation`` is in the records: ``"binary_mask"``, an (H, W) bool array;
        ``"uncompressed_rle"``, COCO's counts column by column as a list; ``"coco_rle"``, the same
        as a compressed string, for which pycocotools is needed.

    Raises
    ------
    ImportError
        When ``"coco_rle"`` is asked for and pycocotools is not installed.
    ValueError
        When a setting is out of its range, or of ``points_per_side`` and ``point_grids`` not
        exactly one is given.

    Examples
    --------
    >>> import numpy as np
    >>> generator = SamAutomaticMaskGenerator("nano", points_per_side=1, pred_iou_thresh=1000)
    >>> generator.generate(np.zeros((60, 80, 3), np.uint8))
    []
    """

    def __init__(
        self,
        model: Model = "nano",
        points_per_side: int | None = 32,
        points_per_batch: int = 64,
        pred_iou_thresh: float = 0.88,
        stability_score_thresh: float = 0.95,
        stability_score_offset: float = 1.0,
        box_nms_thresh: float = 0.7,
        crop_n_layers: int = 0,
        crop_nms_thresh: float = 0.7,
        crop_overlap_ratio: float = 512 / 1500,
        crop_n_points_downscale_factor: int = 1,
        point_grids: Sequence[NDArray[Any]] | None = None,
        min_mask_region_area: int = 0,
        output_mode: str = "binary_mask",
    ) -> None:
        if (points_per_side is None) == (point_grids is None):
            raise ValueError(
                "expected either points_per_side or point_grids, got "
                + ("neither" if point_grids is None else "both; set points_per_side=None")
            )
        if output_mode not in OUTPUT_MODES:
            raise ValueError(
                f"output_mode: expected {' or '.join(map(repr, OUTPUT_MODES))}, got {output_mode!r}"
            )
        if output_mode == "coco_rle":
            _coco_masks()
        self.grid = Grid(
            points_per_side=32 if points_per_side is None else points_per_side,
            pred_iou_thresh=pred_iou_thresh,
            stability_score_thresh=stability_score_thresh,
            stability_score_offset=stability_score_offset,
            box_nms_thresh=box_nms_thresh,
            points_per_batch=points_per_batch,
            crop_n_layers=crop_n_layers,
            crop_nms_thresh=crop_nms_thresh,
            crop_overlap_ratio=crop_overlap_ratio,
            crop_n_points_downscale_factor=crop_n_points_downscale_factor,
            min_mask_region_area=min_mask_region_area,
            point_grids=point_grids,
        )
        self.output_mode = output_mode
        self.predictor = SamPredictor(model)

    def generate(self, image: object) -> list[dict[str, Any]]:
        """Segment everything in an image.

        Parameters
        ----------
        image
            (H, W, 3) uint8 RGB, or whatever else :func:`samwidget.load_image` takes.

        Returns
        -------
        list of dict
            For each mask ``segmentation`` (see ``output_mode``), ``area`` in pixels, ``bbox``
            (XYWH, where W and H count from the first to the last pixel and so are one less than the
            numbers of pixels), ``predicted_iou``, ``point_coords`` ([[x, y]], the click that it
            answers), ``stability_score`` and ``crop_box`` (XYWH, where it was found). Empty masks
            are left out.
        """
        found = segment_everything(self.predictor.predictor, load_image(image), self.grid)
        return [self._record(one) for one in found]

    def _record(self, found: FoundMask) -> dict[str, Any]:
        mask = found.shape.full()
        segmentation: Any = mask
        if self.output_mode != "binary_mask":
            segmentation = _run_lengths(mask)
        if self.output_mode == "coco_rle":
            height, width = mask.shape
            segmentation = _coco_masks().frPyObjects(segmentation, height, width)
            segmentation["counts"] = segmentation["counts"].decode()
        x1, y1, x2, y2 = map(int, found.shape.box_xyxy)
        left, top, right, bottom = found.region.xyxy
        return {
            "segmentation": segmentation,
            "area": found.shape.area,
            "bbox": [x1, y1, x2 - 1 - x1, y2 - 1 - y1],
            "predicted_iou": found.score,
            "point_coords": [list(found.point_xy)],
            "stability_score": found.stability_score,
            "crop_box": [left, top, right - left, bottom - top],
        }


def _run_lengths(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Count column by column, background first, as COCO does."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = np.concatenate([[0] if flat[0] else [], [0], changes, [flat.size]]).astype(np.int64)
    return {"size": list(mask.shape), "counts": np.diff(ends).tolist()}


def _coco_masks() -> Any:
    try:
        from pycocotools import mask
    except ImportError as error:
        raise ImportError(
            "output_mode='coco_rle' needs pycocotools: pip install pycocotools; "
            "'uncompressed_rle' does not"
        ) from error
    return mask
