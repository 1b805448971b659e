"""Which part of a large image the model should see, so that it sees what the person sees."""

from __future__ import annotations

import math

from samwidget.values.pixel_boxes import PixelBox, is_inside

MARGIN = 0.25
"""Of the view's sides, on each side: what a model sees around an object tells it what that is."""

LEAST_GAIN = 1.5
"""So many times finer than all of the image, or it is not worth an embedding."""

FINEST = 4.0
"""Pixels of the model frame for a pixel of the image, at most."""


def closer_region(
    size_hw: tuple[int, int],
    view_xyxy: tuple[float, float, float, float],
    screen_scale: float,
    frame_side: int,
    present: PixelBox | None = None,
) -> PixelBox | None:
    """Choose the part of an image that a model is to see for a view of it.

    Parameters
    ----------
    size_hw
        Of the image in pixels.
    view_xyxy
        What is on the screen, in pixels of the image; it may reach beyond.
    screen_scale
        Pixels of the screen for a pixel of the image.
    frame_side
        Of the square that the model sees, in pixels.
    present
        The part that it sees now, which is kept while it does.

    Returns
    -------
    region_xyxy
        In whole pixels; None for all of the image, where that is as fine as the screen or nearly as
        fine as the part would be.

    Examples
    --------
    >>> closer_region((3000, 4000), (1000, 1000, 1400, 1300), 2.0, 1024)
    (900, 925, 1500, 1375)
    >>> closer_region((3000, 4000), (0, 0, 4000, 3000), 0.2, 1024) is None
    True
    """
    height, width = size_hw
    x1, y1 = max(0.0, view_xyxy[0]), max(0.0, view_xyxy[1])
    x2, y2 = min(float(width), view_xyxy[2]), min(float(height), view_xyxy[3])
    fineness = frame_side / max(size_hw)
    if not (x1 < x2 and y1 < y2) or fineness >= screen_scale:
        return None
    view_w, view_h = x2 - x1, y2 - y1
    least = frame_side / FINEST
    add_x = max(MARGIN * view_w, (least - view_w) / 2)
    add_y = max(MARGIN * view_h, (least - view_h) / 2)
    region = (
        max(0, math.floor(x1 - add_x)),
        max(0, math.floor(y1 - add_y)),
        min(width, math.ceil(x2 + add_x)),
        min(height, math.ceil(y2 + add_y)),
    )
    side = _long_side(region)
    if max(size_hw) / side < LEAST_GAIN:
        return None
    if present is not None and _long_side(present) < LEAST_GAIN * side:
        view = (math.ceil(x1), math.ceil(y1), math.floor(x2), math.floor(y2))
        if view[0] >= view[2] or view[1] >= view[3] or is_inside(view, present):
            return present
    return region


def _long_side(region: PixelBox) -> int:
    return max(region[2] - region[0], region[3] - region[1])
