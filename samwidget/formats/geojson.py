"""GeoJSON: each object as a feature, in pixels or, with an affine transform, on a map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated, finite
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts

Affine = Sequence[float]
"""(a, b, c, d, e, f): x = a * column + b * row + c, y = d * column + e * row + f. An ``Affine`` of
rasterio begins with these six."""

PIXELS: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def to_geojson(
    image: Annotated, *, transform: Affine | None = None, crs: str | None = None
) -> dict[str, Any]:
    """Describe one image's objects as a FeatureCollection.

    Parameters
    ----------
    image
        Objects with empty masks become features without geometry.
    transform
        From pixels (column, row), counted from the outer corner of the first pixel, to the map;
        None gives pixels.
    crs
        Name of the map's coordinate system, such as ``"EPSG:32633"``. RFC 7946 knows longitude and
        latitude only; the older member ``crs`` that is written is what GDAL, QGIS and geopandas
        read.

    Returns
    -------
    dict
        Ready for ``json.dump``: Polygons and MultiPolygons, outer rings counter-clockwise as RFC
        7946 wants, with ``id``, ``class``, ``score`` and ``area_px`` as properties.

    Raises
    ------
    ValueError
        When the transform has not six numbers, or cannot be undone.
    """
    matrix = _matrix(PIXELS if transform is None else transform)
    collection: dict[str, Any] = {"type": "FeatureCollection"}
    if crs is not None:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    collection["features"] = [_feature(one, matrix) for one in image.objects]
    return collection


def _feature(one: SegmentedObject, matrix: NDArray[np.float64]) -> dict[str, Any]:
    polygons = [
        [_placed(ring, matrix, is_hole=i > 0) for i, ring in enumerate(polygon)]
        for polygon in one.shape.polygons()
    ]
    geometry: dict[str, Any] | None = None
    if len(polygons) == 1:
        geometry = {"type": "Polygon", "coordinates": polygons[0]}
    elif polygons:
        geometry = {"type": "MultiPolygon", "coordinates": polygons}
    properties = {"class": one.label, "score": finite(one.score), "area_px": one.area}
    if one.stability_score is not None:
        properties["stability_score"] = finite(one.stability_score)
    return {"type": "Feature", "id": one.id, "geometry": geometry, "properties": properties}


def _placed(
    ring: NDArray[np.int64], matrix: NDArray[np.float64], *, is_hole: bool
) -> list[list[float]]:
    points = ring @ matrix[:, :2].T + matrix[:, 2]
    x, y = points.T
    turns_left = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0
    if turns_left == is_hole:
        points = points[::-1]
    return [*points.tolist(), points[0].tolist()]


def from_geojson(
    data: Mapping[str, Any],
    size_hw: tuple[int, int],
    *,
    transform: Affine | None = None,
    file_name: str = "image.png",
) -> Annotated:
    """Read polygons as one image's objects; ``class``, ``label`` or ``name`` gives the label.

    Parameters
    ----------
    data
        A FeatureCollection, a Feature or a bare geometry.
    size_hw
        The image in pixels.
    transform
        The one from pixels to the map, as for :func:`to_geojson`.
    file_name
        Of the image.

    Raises
    ------
    ValueError
        When it is no GeoJSON, or a geometry is no polygon; the text says which one.
    """
    matrix = _matrix(PIXELS if transform is None else transform)
    kind = data.get("type") if isinstance(data, Mapping) else None
    if kind == "FeatureCollection":
        features = data.get("features")
    elif kind == "Feature":
        features = [data]
    else:
        features = [{"geometry": data, "properties": {}}]
    if not isinstance(features, Sequence):
        raise ValueError(f"expected GeoJSON with a list of features, got {quoted(data)}")
    objects: list[SegmentedObject] = []
    for number, feature in enumerate(features):
        try:
            shape = _shape(feature["geometry"], matrix, size_hw)
            properties = feature.get("properties") or {}
            given = properties.get("score", 1.0)
            score = math.nan if given is None else float(given)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"features[{number}]: {error}") from error
        names = (properties.get(key) for key in ("class", "label", "name"))
        label = next((str(name) for name in names if name), "")
        index = len(objects)
        objects.append(SegmentedObject(index, label, score, shape, Prompts(), color_for(index)))
    return Annotated(tuple(objects), size_hw, file_name)


def _shape(geometry: Any, matrix: NDArray[np.float64], size_hw: tuple[int, int]) -> Mask:
    if geometry is None:
        return Mask.from_array(np.zeros(size_hw, np.bool_))
    kind, coordinates = geometry["type"], geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"expected a Polygon or a MultiPolygon, got a {kind}")
    back = np.linalg.inv(matrix[:, :2])
    shape = Mask.from_array(np.zeros(size_hw, np.bool_))
    for polygon in [coordinates] if kind == "Polygon" else coordinates:
        rings = [(np.asarray(ring, np.float64)[:, :2] - matrix[:, 2]) @ back.T for ring in polygon]
        # Numbers on a map are large: what was a pixel's corner comes back with a small error.
        rings = [np.round(ring, 6) for ring in rings]
        shape = shape.union(Mask.from_polygons(rings, size_hw))
    return shape


def _matrix(transform: Affine) -> NDArray[np.float64]:
    try:
        matrix = np.array([float(value) for value in list(transform)[:6]]).reshape(2, 3)
    except (TypeError, ValueError):
        raise ValueError(
            "transform must be six numbers (a, b, c, d, e, f) with x = a * column + b * row + c "
            f"and y = d * column + e * row + f, got {quoted(transform)}"
        ) from None
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:, :2])) < 1e-300:
        raise ValueError(f"transform cannot be undone: {tuple(matrix.ravel().tolist())}")
    return matrix
