"""One way out: by ending, by name, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from annotated_cases import CASES, annotated

from samwidget.formats import export as home
from samwidget.formats.coco import from_coco
from samwidget.formats.export import FORMATS, export
from samwidget.results import Results


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.json", b'{"info"'),
        ("a.GeoJSON", b'{"type":"FeatureCollection"'),
        ("a.csv", b"image,label"),
        ("a.parquet", b"PAR1"),
        ("a.svg", b"<svg"),
        ("a.png", b"\x89PNG"),
        ("a.tif", b"II"),
    ],
)
def test_the_ending_says_the_format(name: str, beginning: bytes, tmp_path: Path) -> None:
    path = export([CASES["touching"]()], tmp_path / name)
    assert path.read_bytes().startswith(beginning)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_can_be_named(name: str, tmp_path: Path) -> None:
    ending = {"contact_sheet": ".png"}.get(name) or next(iter(FORMATS[name].endings), "")
    path = export([CASES["holed"]()], tmp_path / f"out{ending}", name)
    assert path.is_dir() == FORMATS[name].is_folder
    assert path.exists()


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if not one.takes_many])
def test_one_image_at_a_time(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds one image's objects, got 2"):
        export([CASES["full"]()] * 2, tmp_path / "out", name)


@pytest.mark.parametrize(
    ("path", "options", "error", "message"),
    [
        ("a.xyz", {}, ValueError, "ending of 'a.xyz' names no format"),
        ("a", {}, ValueError, "names no format"),
        ("a.json", {"format": "pascal"}, ValueError, "format must be one of coco"),
        ("no/a.json", {}, FileNotFoundError, "there is no folder"),
        ("a.json", {"colour": 1}, TypeError, "colour"),
    ],
)
def test_what_cannot_be_written_is_said(
    path: str, options: Any, error: Any, message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        export([CASES["full"]()], tmp_path / path, **options)
    assert names(tmp_path) == []


def test_a_failure_half_way_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export([CASES["full"]()], tmp_path / "a.json")
    before = path.read_bytes()

    def cut_off(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("json.dump", cut_off)
    with pytest.raises(OSError, match="No space left"):
        export([CASES["holed"]()], path)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_is_said_with_the_name_of_the_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("samwidget.values.whole_files.tempfile.mkstemp", full)
    with pytest.raises(OSError, match=r"could not be written as '.*out.*': No space lef") as caught:
        export([CASES["full"]()], tmp_path / f"out{(*FORMATS[name].endings, '')[0]}", name)
    assert caught.value.errno == 28
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert export([CASES["full"]()], "~/a.json") == tmp_path / "a.json"
    assert home.FORMATS


def test_results_export_under_their_files_name(tmp_path: Path) -> None:
    case = annotated([np.eye(5, dtype=bool)], ["cat"])
    results = Results(case.image, case.objects, "/some/where/photo.jpg")  # type: ignore[arg-type]
    data = json.loads(results.export(tmp_path / "a.json").read_text())
    assert data == results.to_coco()
    (found,) = from_coco(data)
    assert (found.file_name, found.objects[0].label) == ("photo.jpg", "cat")
    assert results.to_dataframe()["area"].tolist() == [5]
