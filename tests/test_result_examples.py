"""The example notebooks about what comes out and goes in run from top to bottom, offline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from test_examples import EXAMPLES, executed

NAMES = (
    "label_a_folder.ipynb",
    "refine_a_detector.ipynb",
    "microscopy_to_a_table.ipynb",
    "satellite_to_geojson.ipynb",
    "cutouts_for_a_slide.ipynb",
    "everything.ipynb",
)
STATES = "application/vnd.jupyter.widget-state+json"


def run(name: str, folder: Path) -> tuple[str, Path]:
    """Run a notebook; give what it printed and the folder it ran in."""
    outputs = executed(name, folder)
    return "".join("".join(one.get("text", "")) for one in outputs), folder / "examples"


def saved_states(notebook: Path) -> list[dict[str, Any]]:
    """Read what the notebook keeps of its widgets."""
    metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
    models = metadata["widgets"][STATES]["state"].values()
    return [one["state"]["_state"] for one in models if "_state" in one["state"]]


def test_label_a_folder(tmp_path: Path) -> None:
    printed, folder = run("label_a_folder.ipynb", tmp_path)
    assert "3 done, 0 skipped, 0 failed" in printed
    before, after = map(
        int, re.findall(r"([0-9]+)", printed.split("cup: ")[-1].replace(",", ""))[:2]
    )
    assert after != before
    data = json.loads((folder / "labels.json").read_text())
    assert {one["name"] for one in data["categories"]} == {"cup", "spoon", "cat", "rocket"}
    assert {one["file_name"] for one in data["images"]} == {
        "coffee.jpg", "chelsea.jpg", "rocket.jpg",
    }  # fmt: skip
    assert any(one["area"] == after for one in data["annotations"])
    assert len(list((folder / "labels_yolo" / "labels").iterdir())) == 3
    assert "again: [1, 2, 1] submitted: (0, 1, 2)" in printed


def test_refine_a_detector(tmp_path: Path) -> None:
    printed, folder = run("refine_a_detector.ipynb", tmp_path)
    assert "box 0.97" in printed
    assert "True ['cup', 'spoon', 'coffee']" in printed
    assert "<svg" in (folder / "refined.html").read_text(encoding="utf-8")


def test_microscopy_to_a_table(tmp_path: Path) -> None:
    printed, folder = run("microscopy_to_a_table.ipynb", tmp_path)
    assert "were stretched from black to white" in printed
    assert "12 nuclei of 12" in printed
    assert "12 labels" in printed
    table = (folder / "nuclei.csv").read_text().splitlines()
    assert "area_unit" in table[0]
    assert len(table) == 13


def test_satellite_to_geojson_keeps_in_the_notebook_what_later_cells_made(tmp_path: Path) -> None:
    printed, folder = run("satellite_to_geojson.ipynb", tmp_path)
    hectares = dict(re.findall(r"([a-z]+): ([0-9.]+) ha", printed))
    for name, true in {"wheat": 176, "maize": 266, "lake": 135}.items():
        assert float(hectares[name]) == pytest.approx(true, rel=0.05)
    assert "[1.0, 1.0, 1.0]" in printed
    assert json.loads((folder / "fields.geojson").read_text())["crs"]
    saved = [
        [one["label"] for one in state["objects"]]
        for state in saved_states(folder / "satellite_to_geojson.ipynb")
    ]
    assert ["wheat", "maize", "lake"] in saved


def test_cutouts_for_a_slide(tmp_path: Path) -> None:
    printed, folder = run("cutouts_for_a_slide.ipynb", tmp_path)
    assert printed.split() == ["image_001_cup.png", "image_002_spoon.png"]
    with Image.open(folder / "cutouts" / "image_001_cup.png") as picture:
        assert picture.mode == "RGBA"
        assert picture.getchannel("A").getextrema() == (0, 255)
    with Image.open(folder / "cup_blur.png") as picture:
        assert picture.width == picture.height


def test_everything(tmp_path: Path) -> None:
    printed, folder = run("everything.ipynb", tmp_path)
    assert int(printed.split()[0]) >= 3
    assert len(re.findall("^[0-9]+: .* stability ", printed, re.MULTILINE)) == 3
    (state,) = saved_states(folder / "everything.ipynb")
    assert len(state["objects"]) == 3
    assert "What there is in this photo" in (folder / "astronaut.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_stored_without_outputs(name: str) -> None:
    cells = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
