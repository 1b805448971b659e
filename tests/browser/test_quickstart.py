"""The README's first promise: the quickstart notebook, by hand in JupyterLab and without a hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hosts.lab import Lab
from PIL import Image
from playwright.sync_api import expect

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.mark.browser
def test_quickstart_shows_what_it_says(lab: Lab) -> None:
    lab.open("quickstart.ipynb")
    lab.run_all()
    view = lab.view().wait_ready()
    view.expect_objects(2)
    assert lab.value("widget.labels") == ["suit", "head"]
    # A click on the mission patch, which is no object yet.
    view.click(170, 392)
    view.expect_draft()
    assert lab.value("widget.masks.shape") == [3, 512, 512]
    expect(lab.page.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)


def test_quickstart_runs_without_a_hand(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    notebook = tmp_path / "examples" / "quickstart.ipynb"
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(notebook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    saved = tmp_path / "examples" / "segmented.png"
    with Image.open(saved) as picture:
        assert picture.size == (512, 512)
    cells = json.loads(notebook.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    shown = [output["data"] for output in outputs if "application/vnd.jupyter.widget-view+json"
             in output.get("data", {})]  # fmt: skip
    assert shown, "the widget was not displayed"
    assert "image/png" in shown[0]
    printed = "".join("".join(output.get("text", "")) for output in outputs)
    assert "suit:" in printed
    assert "head:" in printed
