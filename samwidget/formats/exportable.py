"""Methods of whoever has objects to give away: results and widgets."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samwidget.formats.annotated import Annotated

if TYPE_CHECKING:
    import pandas as pd


class Exportable:
    """Gives one image's objects in other forms; formats are imported when they are asked for."""

    @abstractmethod
    def _annotated(self) -> Annotated:
        """Give the image with its objects as they are now."""

    def export(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        **options: Any,
    ) -> Path:
        """Write the objects: COCO, GeoJSON, a table, a label image and others.

        Parameters and errors are those of :func:`samwidget.formats.export.export`.
        """
        from samwidget.formats.export import export

        return export([self._annotated()], path, format, **options)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        fill_opacity: float = 0.45,
    ) -> Path:
        """Write one page that works offline: pan, zoom, toggle objects, hover for class and score.

        Parameters and errors are those of :func:`samwidget.formats.report.to_html` and
        :meth:`export`; gives the path.

        Examples
        --------
        >>> widget.to_html("report.html")  # doctest: +SKIP
        """
        return self.export(path, "html", title=title, fill_opacity=fill_opacity)

    def to_coco(self, **options: Any) -> dict[str, Any]:
        """Give COCO's instances; see :func:`samwidget.formats.coco.to_coco`."""
        from samwidget.formats.coco import to_coco

        return to_coco([self._annotated()], **options)

    def to_dataframe(
        self, *, pixel_size: float | tuple[float, float] | None = None
    ) -> pd.DataFrame:
        """Give a table; see :func:`samwidget.formats.table.to_dataframe`."""
        from samwidget.formats.table import to_dataframe

        return to_dataframe([self._annotated()], pixel_size=pixel_size)

    def to_detections(self, *, classes: Sequence[str] = ()) -> Any:
        """Give ``supervision.Detections``; see :mod:`samwidget.formats.detections`."""
        from samwidget.formats.detections import to_detections

        return to_detections(self._annotated(), classes=classes)

    def to_tv_tensors(self, *, classes: Sequence[str] = ()) -> dict[str, Any]:
        """Give torchvision's boxes, masks and labels; see :mod:`samwidget.formats.detections`."""
        from samwidget.formats.detections import to_tv_tensors

        return to_tv_tensors(self._annotated(), classes=classes)
