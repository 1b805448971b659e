"""Crops of an image, and what they cut off.

The rules and their numbers are those of segment-anything's automatic mask generator. Boxes are
XYXY in pixels.
"""

from __future__ import annotations

import math
from itertools import product

from samwidget.predict.embeddings import Region

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
