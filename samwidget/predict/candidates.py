"""What becomes of many candidate masks: crops of an image, doubles.

The rules and their numbers are those of segment-anything's automatic mask generator. Boxes are
XYXY in pixels; those that are compared end, as there, at the last pixel instead of behind it.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from samwidget.predict.embeddings import Region
from samwidget.values.nms import box_nms

EDGE_PX = 20.0
"""A box that ends so near to the edge of a crop may be of something that goes on beyond."""


def crop_regions(
    size_hw: tuple[int, int], layers: int, overlap_ratio: float
) -> list[tuple[Region, int]]:
    """Divide an image into overlapping crops, each with the number of its layer.

    Layer 0 is the whole image, layer n has 2**n x 2**n crops. Those of layer 1 overlap by
    ``overlap_ratio`` of the shorter side, those of later layers by less.
    """
    height, width = size_hw
    found = [(Region.whole(size_hw), 0)]
    for layer in range(1, layers + 1):
        per_side = 2**layer
        overlap = int(overlap_ratio * min(height, width) * (2 / per_side))
        crop_w, crop_h = (
            math.ceil((overlap * (per_side - 1) + side) / per_side) for side in (width, height)
        )
        for column, row in product(range(per_side), repeat=2):
            x, y = (crop_w - overlap) * column, (crop_h - overlap) * row
            if x < width and y < height:  # of an image of a few pixels there may be too little
                found.append((Region(x, y, min(x + crop_w, width), min(y + crop_h, height)), layer))
    return found


def is_cut_off(
    box_xyxy: tuple[float, float, float, float], region: Region, size_hw: tuple[int, int]
) -> bool:
    """Tell whether a box, in pixels of the image, touches an edge of a crop inside of the image."""
    x1, y1, x2, y2 = box_xyxy
    ends = (x1, y1, x2 - 1, y2 - 1)
    return any(
        abs(end - edge) <= EDGE_PX < abs(end - border)
        for end, edge, border in zip(ends, region.xyxy, Region.whole(size_hw).xyxy, strict=True)
    )


def without_doubles(
    boxes_xyxy: NDArray[np.float64], scores: NDArray[np.float64], iou_threshold: float
) -> list[int]:
    """Suppress boxes (N, 4) that overlap a better one (NMS); give the others' indices by score."""
    ends_inside = boxes_xyxy - np.array([0, 0, 1, 1])
    return [int(i) for i in box_nms(ends_inside, scores, iou_threshold)]
