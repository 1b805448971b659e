"""How large a pixel is in the world."""

from __future__ import annotations

import math
from typing import Any

import traitlets


class Scaled(traitlets.HasTraits):
    """The part of :class:`samwidget.SamWidget` that the scale bar is drawn from.

    Attributes
    ----------
    pixel_size
        Side of a pixel in ``unit``; None for no scale bar.
    unit
        Its name.
    """

    pixel_size = traitlets.Float(None, allow_none=True).tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)

    @traitlets.validate("pixel_size")
    def _check_pixel_size(self, proposal: Any) -> float | None:
        size: float | None = proposal["value"]
        if size is not None and not (math.isfinite(size) and size > 0):
            raise ValueError(f"pixel_size is the side of a pixel in some unit, above 0; got {size}")
        return size
