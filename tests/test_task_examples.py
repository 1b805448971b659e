"""The example notebooks run from top to bottom; for edges, prompts and proposals."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    return shutil.copytree(EXAMPLES, tmp_path / "examples")


def executed(notebook: Path) -> list[dict[str, Any]]:
    """Run a notebook; give all outputs."""
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(notebook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    cells = json.loads(notebook.read_text())["cells"]
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_edges(examples: Path) -> None:
    outputs = executed(examples / "edges.ipynb")
    assert any("image/png" in one.get("data", {}) for one in outputs)
    with Image.open(examples / "edges.png") as picture:
        edges = np.asarray(picture) == 0
    assert edges.shape == (400, 600)
    assert 0.001 < edges.mean() < 0.2
    rim = edges[60:260, 150:450]  # of the cup
    assert rim.mean() > edges.mean()


def test_proposals(examples: Path) -> None:
    outputs = executed(examples / "proposals.ipynb")
    printed = "".join("".join(one["text"]) for one in outputs if one.get("name") == "stdout")
    assert printed.count("stability") >= 2
    with Image.open(examples / "proposals.png") as picture:
        assert picture.size == (512, 512)


def test_prompts(examples: Path) -> None:
    outputs = executed(examples / "prompts.ipynb")
    printed = "".join("".join(one["text"]) for one in outputs if one.get("name") == "stdout")
    assert "candidate 0, threshold 0.5" in printed
    assert 3000 < int(printed.split("spoon: ")[1].split(" px")[0].replace(",", "")) < 30000
    assert 0.7 < float(printed.split("ellipse: ")[1].split()[0]) < 1
    assert any("widget-view+json" in kind for one in outputs for kind in one.get("data", {}))


@pytest.mark.parametrize("name", ["edges.ipynb", "prompts.ipynb", "proposals.ipynb"])
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    cells = json.loads((EXAMPLES / name).read_text())["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
