"""The notebook about work that survives runs as it is, and keeps no outputs."""

from __future__ import annotations

import json
from pathlib import Path

from test_examples import EXAMPLES, executed

NAME = "work_that_survives.ipynb"


def test_work_survives_in_the_example(tmp_path: Path) -> None:
    outputs = executed(NAME, tmp_path)
    printed = "".join("".join(one.get("text", "")) for one in outputs)
    assert "after undo: ['cup']" in printed
    assert "after redo: ['cup', 'spoon']" in printed
    assert "equal: True" in printed
    assert "widget.commit('spoon')" in printed
    assert (tmp_path / "examples" / "coffee.samw").is_file()


def test_the_example_is_stored_without_outputs() -> None:
    cells = json.loads((EXAMPLES / NAME).read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
