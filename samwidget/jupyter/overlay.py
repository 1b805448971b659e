"""An ipycanvas canvas in image coordinates that is drawn inside the widget's view."""

from __future__ import annotations

import numpy as np
from ipycanvas import Canvas
from numpy.typing import NDArray


def new_canvas(width: int, height: int) -> Canvas:
    """Make a canvas that can be drawn on again after the page was reloaded.

    A reload empties the browser's canvas; draw again in a function given to its
    ``on_client_ready``.
    """
    canvas = Canvas(width=width, height=height)

    def forget_current_canvas() -> None:
        # ipycanvas sends which canvas it draws on only when that changes, and does not know that a
        # reloaded page has forgotten it.
        if hasattr(canvas._canvas_manager, "_current_canvas"):
            canvas._canvas_manager._current_canvas = None

    canvas.on_client_ready(forget_current_canvas)
    return canvas


def canvas_of(picture: NDArray[np.uint8]) -> Canvas:
    """Make a canvas that shows a picture (H, W, 3) uint8 RGB, also after the page was reloaded."""
    canvas = new_canvas(picture.shape[1], picture.shape[0])

    def draw() -> None:
        canvas.put_image_data(picture)

    draw()
    canvas.on_client_ready(draw)
    return canvas
