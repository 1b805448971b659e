"""The widget's picture and masks as one array, one file, one canvas."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated
from samwidget.jupyter.overlay import canvas_of, new_canvas
from samwidget.results import Results
from samwidget.values.label_image import label_image
from samwidget.values.objects import SegmentedObject

if TYPE_CHECKING:
    from ipycanvas import Canvas

Shown = tuple[NDArray[np.uint8] | None, tuple[SegmentedObject, ...]]
"""The image, and all objects on it."""


class PicturesByCode:
    """The methods of :class:`samwidget.SamWidget` that paint."""

    overlay: ipywidgets.Widget | None
    _picture: tuple[Any, Any, bytes | None] | None = None

    @abstractmethod
    def _settled(self) -> Shown:
        """Give what is there with all edits in it."""

    @abstractmethod
    def _present(self) -> Shown:
        """Give what is there now."""

    def label_image(self) -> NDArray[np.int32]:
        """Give (H, W) int32: 0 where nothing is, else 1 + the index of the last mask there."""
        image, objects = self._settled()
        size_hw = (0, 0) if image is None else (image.shape[0], image.shape[1])
        return label_image([one.shape for one in objects], size_hw)

    def composite(self) -> NDArray[np.uint8]:
        """Give the picture with all masks painted over it, (H, W, 3) uint8 RGB."""
        return self._results().plot()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write :meth:`composite` into a file, a PNG if its name ends so; gives the path."""
        return self._results().save(path)

    def new_overlay(self) -> Canvas:
        """Make an ipycanvas canvas of the image's size, and draw what is on it over the image."""
        image, _ = self._settled()
        if image is None:
            raise ValueError("an overlay has the size of the image: set the widget's image first")
        self.overlay = new_canvas(image.shape[1], image.shape[0])
        return self.overlay

    def to_canvas(self) -> Canvas:
        """Give an ipycanvas canvas of the image's size that shows :meth:`composite`, to draw on."""
        return canvas_of(self.composite())

    def _static_picture(self) -> bytes | None:
        """Give the PNG that is shown where the widget cannot run; made anew when things changed."""
        image, objects = self._present()
        if image is None:
            return None
        picture = self._picture
        if picture is None or picture[0] is not image or picture[1] != objects:
            picture = self._picture = (image, objects, Results(image, objects)._repr_png_())
        return picture[2]

    def _annotated(self) -> Annotated:
        return self._results()._annotated()

    def _results(self) -> Results:
        image, objects = self._settled()
        if image is None:
            raise ValueError("there is no picture yet: set the widget's image first")
        return Results(image, objects)
