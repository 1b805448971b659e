"""The example notebooks run as they are, without a hand and without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SHOWN = "application/vnd.jupyter.widget-view+json"

PRINTED = {
    "instances_from_boxes.ipynb": ["cup: ", "spoon: ", "coffee: ", "box 0.97"],
    "paint_masks.ipynb": ["polygon: ", "edited by hand: True", "parts: "],
    "text_to_masks.ipynb": ["an orange suit: ", "detector 0."],
}


def executed(name: str, folder: Path) -> list[dict[str, Any]]:
    """Run a notebook; give the outputs of all cells."""
    shutil.copytree(EXAMPLES, folder / "examples")
    notebook = folder / "examples" / name
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(notebook)]
    nowhere = {**os.environ, "https_proxy": "http://127.0.0.1:9", "SAMWIDGET_CACHE": str(folder)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env=nowhere
    )
    assert done.returncode == 0, done.stderr[-3000:]
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_shows_and_prints_what_it_says(name: str, tmp_path: Path) -> None:
    outputs = executed(name, tmp_path)
    printed = "".join("".join(output.get("text", "")) for output in outputs)
    for words in PRINTED[name]:
        assert words in printed
    assert "unicorn" not in printed
    shown = [output["data"] for output in outputs if "data" in output]
    assert sum("image/png" in data for data in shown) == 2  # the results and the widget
    assert sum(SHOWN in data for data in shown) >= 1


@pytest.mark.parametrize("name", PRINTED)
def test_examples_are_stored_without_outputs(name: str) -> None:
    cells = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
