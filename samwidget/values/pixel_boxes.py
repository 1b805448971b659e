"""Boxes of whole pixels: XYXY, columns x1 to x2 - 1, rows y1 to y2 - 1."""

from __future__ import annotations

PixelBox = tuple[int, int, int, int]
"""XYXY in whole pixels: columns x1 to x2 - 1, rows y1 to y2 - 1."""

EMPTY_BOX: PixelBox = (0, 0, 0, 0)


def overlap(one: PixelBox, other: PixelBox) -> PixelBox:
    """Give what two boxes share; ``EMPTY_BOX`` when that is nothing."""
    x1, y1 = max(one[0], other[0]), max(one[1], other[1])
    x2, y2 = min(one[2], other[2]), min(one[3], other[3])
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else EMPTY_BOX


def around(one: PixelBox, other: PixelBox) -> PixelBox:
    """Give the smallest box around two, neither of which is empty."""
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def shifted(box: PixelBox, right: int, down: int) -> PixelBox:
    """Give a box so many pixels further to the right and down; an empty one stays."""
    if box == EMPTY_BOX:
        return box
    return box[0] + right, box[1] + down, box[2] + right, box[3] + down


def is_inside(one: PixelBox, other: PixelBox) -> bool:
    """Whether the first box is within the other."""
    return overlap(one, other) == one


def holds(box: PixelBox, x: float, y: float) -> bool:
    """Whether a point (x, y) of the image frame is in a box, its edge included."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
