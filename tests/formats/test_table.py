"""Tables, measured as scikit-image does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from annotated_cases import CASES, annotated

from samwidget.formats.annotated import Annotated
from samwidget.formats.export import export
from samwidget.formats.table import to_dataframe

PROPERTIES = ("area", "bbox", "centroid", "perimeter", "intensity_mean")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_numbers_and_names_are_those_of_scikit_image(small_case: Annotated) -> None:
    measure = pytest.importorskip("skimage.measure")
    table = to_dataframe([small_case])
    for (_, row), one in zip(table.iterrows(), small_case.objects, strict=True):
        if not one.area:
            assert row["area"] == 0
            continue
        theirs = measure.regionprops_table(
            one.mask.astype(int), small_case.image, properties=PROPERTIES
        )
        for name, (value,) in theirs.items():
            assert row[name] == pytest.approx(value), name


def test_rows_tell_where_they_come_from() -> None:
    one = annotated([np.eye(4, dtype=bool)] * 2, ["cat", ""], "a.png")
    two = annotated([np.eye(5, dtype=bool)], ["dog"], "b.png")
    table = to_dataframe([one, two])
    assert table["image"].tolist() == ["a.png", "a.png", "b.png"]
    assert table["label"].tolist() == [1, 2, 1]
    assert table["class_name"].tolist() == ["cat", "", "dog"]
    assert table["stability_score"].isna().tolist() == [True, False, True]


def test_pixel_size_adds_units() -> None:
    table = to_dataframe([CASES["touching"]()], pixel_size=0.5)
    np.testing.assert_allclose(table["area_unit"], table["area"] * 0.25)
    np.testing.assert_allclose(table["perimeter_unit"], table["perimeter"] * 0.5)
    wide = to_dataframe([CASES["touching"]()], pixel_size=(2.0, 3.0))
    np.testing.assert_allclose(wide["area_unit"], wide["area"] * 6)
    np.testing.assert_allclose(wide["centroid_unit-1"], wide["centroid-1"] * 3)
    assert wide["perimeter_unit"].isna().all()


@pytest.mark.parametrize("size", [0, -1, np.nan, (1, 2, 3), "wide"])
def test_a_pixel_without_size_is_refused(size: Any) -> None:
    with pytest.raises(ValueError, match="pixel_size must be"):
        to_dataframe([CASES["full"]()], pixel_size=size)


def test_any_number_of_bands_and_dtype_is_measured() -> None:
    mask = np.ones((3, 4), bool)
    image = np.stack([np.full((3, 4), value) for value in (1.5, 60000, -3, 2, 9)], axis=2)
    given = annotated([mask])
    table = to_dataframe([Annotated(given.objects, (3, 4), "x.tif", image)])
    means = [table[f"intensity_mean-{i}"][0] for i in range(5)]
    np.testing.assert_allclose(means, [1.5, 60000, -3, 2, 9])
    bare = to_dataframe([Annotated(given.objects, (3, 4))])
    assert not any(name.startswith("intensity") for name in bare.columns)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_hold_the_table(ending: str, tmp_path: Path) -> None:
    case = CASES["300 objects"]()
    path = export([case], tmp_path / f"table.{ending}")
    found = pd.read_csv(path, keep_default_na=True) if ending == "csv" else pd.read_parquet(path)
    pd.testing.assert_frame_equal(found, to_dataframe([case]), check_dtype=False)


def test_no_objects_are_an_empty_table() -> None:
    table = to_dataframe([Annotated((), (3, 3))])
    assert len(table) == 0
    assert {"area", "bbox-3", "class_name"} <= set(table.columns)
