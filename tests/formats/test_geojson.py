"""GeoJSON out and in, read by shapely."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely.geometry
from annotated_cases import CASES, assert_same_masks

from samwidget.formats.annotated import Annotated
from samwidget.formats.geojson import from_geojson, to_geojson

SENTINEL = (10.0, 0.0, 399960.0, 0.0, -10.0, 5700000.0)
TURNED = (0.3, 0.1, 13.0, 0.1, -0.3, 52.0)


@pytest.mark.parametrize(
    "transform", [None, SENTINEL, TURNED], ids=["pixels", "north up", "turned"]
)
def test_what_was_written_is_read_again(case: Annotated, transform: Any) -> None:
    data = json.loads(json.dumps(to_geojson(case, transform=transform)))
    found = from_geojson(data, case.size_hw, transform=transform)
    assert_same_masks(found, case)
    assert [one.label for one in found.objects] == [one.label for one in case.objects]


@pytest.mark.parametrize("transform", [None, SENTINEL])
def test_shapely_reads_valid_polygons_of_the_right_area(case: Annotated, transform: Any) -> None:
    for feature, one in zip(
        to_geojson(case, transform=transform)["features"], case.objects, strict=True
    ):
        if not one.area:
            assert feature["geometry"] is None
            continue
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert shape.area == pytest.approx(one.area * (100 if transform else 1))
        parts = shape.geoms if shape.geom_type == "MultiPolygon" else [shape]
        for part in parts:
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)


def test_a_map_has_its_coordinate_system_and_place() -> None:
    data = to_geojson(CASES["one pixel"](), transform=SENTINEL, crs="EPSG:32633")
    assert data["crs"]["properties"]["name"] == "EPSG:32633"
    (ring,) = data["features"][0]["geometry"]["coordinates"]
    assert sorted(map(tuple, ring))[0] == (399960 + 90, 5700000 - 80)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"type": "FeatureCollection"}, "a list of features"),
        ({"type": "Point", "coordinates": [1, 2]}, r"features\[0\]: expected a Polygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "at least 3 points"),
        ({"type": "Polygon", "coordinates": 3}, r"features\[0\]"),
        ([], r"features\[0\]"),
        (None, None),
    ],
)
def test_what_is_no_polygon_is_refused(data: Any, message: str | None) -> None:
    if message is None:
        assert from_geojson({"type": "Feature", "geometry": None}, (3, 3)).objects[0].area == 0
        return
    with pytest.raises(ValueError, match=message):
        from_geojson(data, (10, 10))


@pytest.mark.parametrize("transform", [(1, 2, 3), "abcdef", (1, 2, 0, 2, 4, 0), (np.nan,) * 6])
def test_a_transform_that_cannot_be_undone_is_refused(transform: Any) -> None:
    with pytest.raises(ValueError, match="transform"):
        to_geojson(CASES["full"](), transform=transform)
