"""Folders of Zarr, made here by the real package, in both versions of the format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samwidget.values.images import load_image
from samwidget.values.items import is_many, list_items
from samwidget.values.thumbnails import thumbnail
from samwidget.values.zarr_folders import opened_zarr

zarr = pytest.importorskip("zarr")

ROWS, COLUMNS = np.mgrid[:120, :90]
IMAGE = np.dstack([ROWS, COLUMNS, ROWS + COLUMNS]).astype(np.uint8)
SCALES = [{"datasets": [{"path": "0"}, {"path": "1"}]}]


@pytest.fixture(params=[2, 3], ids=["version 2", "version 3"])
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def store(path: Path, version: int, array: np.ndarray, name: str | None = None) -> Any:
    chunks = tuple(min(32, n) for n in array.shape)
    if name is None:
        made = zarr.create_array(
            path, shape=array.shape, chunks=chunks, dtype=array.dtype, zarr_format=version
        )
    else:
        group = zarr.open_group(path, mode="a", zarr_format=version)
        made = group.create_array(name, shape=array.shape, chunks=chunks, dtype=array.dtype)
    made[:] = array
    return made


def test_a_folder_with_an_array_is_one_image(tmp_path: Path, version: int) -> None:
    path = tmp_path / "slide.zarr"
    store(path, version, IMAGE)
    assert not is_many(path)
    assert [item.source for item in list_items(str(path))] == [path]
    for source in (path, str(path), path.as_uri()):
        np.testing.assert_array_equal(load_image(source), IMAGE)
    assert load_image(thumbnail(path)).shape == (120, 90, 3)


@pytest.mark.parametrize("ome", [True, False])
def test_of_scales_the_finest_is_taken(tmp_path: Path, version: int, ome: bool) -> None:
    path = tmp_path / "slide.ome.zarr"
    whole = IMAGE.transpose(2, 0, 1)[np.newaxis, :, np.newaxis]  # t, c, z, y, x
    store(path, version, whole, "0")
    store(path, version, whole[..., ::2, ::2], "1")
    group = zarr.open_group(path, mode="a")
    group.attrs.update({"ome": {"multiscales": SCALES}} if ome else {"multiscales": SCALES})
    np.testing.assert_array_equal(load_image(path), IMAGE)


def test_of_a_group_the_only_array_is_taken_and_of_several_none(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "group.zarr"
    store(path, version, IMAGE, "photo")
    np.testing.assert_array_equal(load_image(path), IMAGE)
    store(path, version, IMAGE, "other")
    with pytest.raises(ValueError, match=r"with the arrays \['other', 'photo'\]; give one array"):
        load_image(path)


def test_an_empty_group_is_told(tmp_path: Path, version: int) -> None:
    zarr.open_group(tmp_path / "empty.zarr", mode="w", zarr_format=version)
    with pytest.raises(ValueError, match=r"a group of Zarr with no array"):
        load_image(tmp_path / "empty.zarr")


def test_a_damaged_folder_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "slide.zarr"
    path.mkdir()
    (path / "zarr.json").write_text("{")
    with pytest.raises(ValueError, match=r"slide\.zarr could not be read as Zarr: "):
        load_image(path)


def test_without_the_package_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path / "slide.zarr", 3, IMAGE)
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ValueError, match=r"pip install 'samwidget\[zarr\]'"):
        load_image(tmp_path / "slide.zarr")


def test_nothing_else_is_touched(tmp_path: Path) -> None:
    for source in ("photo.jpg", "https://example.org/a.zarr", tmp_path, 12, None, IMAGE):
        assert opened_zarr(source) is source
