"""A pandas DataFrame with a row for each object; CSV and Parquet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from samwidget.formats.annotated import Annotated
from samwidget.formats.files import missing
from samwidget.formats.measures import measure
from samwidget.values.errors import quoted
from samwidget.values.whole_files import replacing

if TYPE_CHECKING:
    import pandas as pd


def to_dataframe(
    images: Sequence[Annotated], *, pixel_size: float | tuple[float, float] | None = None
) -> pd.DataFrame:
    """Measure all objects.

    Parameters
    ----------
    images
        Of any sizes. Where pixels are at hand their means are measured.
    pixel_size
        Side of a pixel in some unit, or its height and width if they differ; adds what is measured
        in that unit.

    Returns
    -------
    pandas.DataFrame
        ``image`` (file name), ``label`` (the object's number in its image, from 1), ``class_name``,
        ``score``, ``stability_score``, ``detection_score``; in pixels ``area``, ``bbox-0`` to
        ``bbox-3`` (first row and column, last row and column + 1), ``centroid-0`` and
        ``centroid-1`` (row and column of pixels' centres), ``perimeter``, and
        ``intensity_mean-0`` and so on, one for each band, as scikit-image's
        ``regionprops_table`` names them. With ``pixel_size`` also ``area_unit``,
        ``perimeter_unit`` (for square pixels), ``centroid_unit-0`` and ``centroid_unit-1``.

    Raises
    ------
    ImportError
        When pandas is not installed.
    ValueError
        When ``pixel_size`` is not one or two positive numbers.
    """
    try:
        import pandas as pd
    except ImportError:
        raise missing("pandas", "a table", "table") from None
    size = None if pixel_size is None else _sides(pixel_size)
    rows: list[dict[str, Any]] = []
    for image in images:
        for number, one in enumerate(image.objects, start=1):
            found = measure(one.shape, image.image)
            row: dict[str, Any] = {
                "image": image.file_name,
                "label": number,
                "class_name": one.label,
                "score": one.score,
                "stability_score": _number(one.stability_score),
                "detection_score": _number(one.detection_score),
                "area": found.area,
                **{f"bbox-{i}": side for i, side in enumerate(found.bbox)},
                **{f"centroid-{i}": place for i, place in enumerate(found.centroid)},
                "perimeter": found.perimeter,
                **{f"intensity_mean-{i}": mean for i, mean in enumerate(found.intensity_mean)},
            }
            if size is not None:
                height, width = size
                row["area_unit"] = found.area * height * width
                row["perimeter_unit"] = found.perimeter * height if height == width else math.nan
                row["centroid_unit-0"] = found.centroid[0] * height
                row["centroid_unit-1"] = found.centroid[1] * width
            rows.append(row)
    if rows:
        return pd.DataFrame(rows)
    columns = ["image", "label", "class_name", "score", "stability_score", "detection_score"]
    columns += ["area"]
    columns += [f"bbox-{i}" for i in range(4)] + ["centroid-0", "centroid-1", "perimeter"]
    return pd.DataFrame(columns=columns)


def write_csv(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    """Write :func:`to_dataframe`'s table as CSV."""
    table = to_dataframe(images, **options)
    with replacing(path) as part:
        table.to_csv(part, index=False)


def write_parquet(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    """Write :func:`to_dataframe`'s table as Parquet."""
    table = to_dataframe(images, **options)
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise missing("pyarrow", "Parquet", "table") from None
    with replacing(path) as part:
        table.to_parquet(part, index=False)


def _number(score: float | None) -> float:
    return math.nan if score is None else score


def _sides(pixel_size: float | tuple[float, float]) -> tuple[float, float]:
    try:
        sides = np.broadcast_to(np.asarray(pixel_size, np.float64), (2,))
    except (TypeError, ValueError):
        sides = np.zeros(2)
    if not (np.isfinite(sides) & (sides > 0)).all():
        raise ValueError(
            "pixel_size must be the side of a pixel or its (height, width), all positive, got "
            f"{quoted(pixel_size)}"
        )
    return float(sides[0]), float(sides[1])
