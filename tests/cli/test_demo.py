from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_stand_in import names_in

from samwidget.cli import demo as module
from samwidget.cli import main

Captured = pytest.CaptureFixture[str]


class Lab:
    """Stands for the process of JupyterLab, on which Ctrl-C is pressed once."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        self.command, self.cwd = command, cwd
        self.waits = 0

    def wait(self) -> int:
        self.waits += 1
        if self.waits == 1:
            raise KeyboardInterrupt
        return 0


@pytest.fixture
def labs(monkeypatch: pytest.MonkeyPatch) -> list[Lab]:
    made: list[Lab] = []

    def popen(command: list[str], cwd: Path) -> Lab:
        made.append(Lab(command, cwd))
        return made[-1]

    monkeypatch.setattr(module.subprocess, "Popen", popen)
    return made


def without_jupyterlab(name: str, *rest: Any) -> object:
    return None if name == "jupyterlab" else object()


def test_it_opens_a_copy_of_the_quickstart(place: Path, labs: list[Lab], capsys: Captured) -> None:
    assert main(["demo"]) == 0
    (lab,) = labs
    assert lab.command[:4] == [sys.executable, "-m", "jupyterlab", "quickstart.ipynb"]
    assert lab.cwd.resolve() == place / "samwidget-demo"
    assert lab.waits == 2  # Ctrl-C is JupyterLab's to answer
    notebook = Path(capsys.readouterr().out.strip())
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) for cell in cells)
    assert 'SamWidget("photos/astronaut.jpg")' in code
    assert names_in("samwidget-demo") == ["photos", "quickstart.ipynb"]
    assert names_in("samwidget-demo/photos") == ["astronaut.jpg"]


def test_what_is_there_stays(place: Path, labs: list[Lab]) -> None:
    assert main(["demo", "~/mine", "--no-open"]) == 0
    assert labs == []
    notebook = place / "mine" / "quickstart.ipynb"
    notebook.write_text("my own work")
    assert main(["demo", "mine", "--no-open"]) == 0
    assert notebook.read_text() == "my own work"


def test_without_jupyterlab_it_says_what_to_install(
    place: Path, labs: list[Lab], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", without_jupyterlab)
    assert main(["demo"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("samwidget: JupyterLab is not installed here; pip install")
    assert '"samwidget[demo]"' in line
    assert names_in(".") == []
    assert main(["demo", "--no-open"]) == 0
    assert labs == []


def test_a_place_that_cannot_be_written_to(place: Path, labs: list[Lab], capsys: Captured) -> None:
    Path("file").write_text("")
    assert main(["demo", "file"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("samwidget: the notebook cannot be put into 'file': ")
    assert labs == []
