"""An ipycanvas canvas in image coordinates that is drawn inside the widget's view."""

from __future__ import annotations

from ipycanvas import Canvas


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
