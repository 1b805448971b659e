"""Imports point one way: this test holds the table."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "samwidget"

# Who may import whom inside the package: a file may import a room only if it stands here. Files at
# the top are doors; below them every arrow points down.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": {
        "batch",
        "jupyter",
        "meta",
        "predict",
        "replaying",
        "results",
        "sam",
        "values",
        "weights",
    },
    "__main__": {"cli"},
    "cli": {"formats", "predict", "results", "sam", "values", "weights"},
    "each": {"results", "values"},
    "sam": {"each", "models", "predict", "results", "values", "weights"},
    "meta": {"formats", "models", "predict", "sam", "values", "weights"},
    "replaying": {"editing", "engine", "formats", "results", "session", "values"},
    "results": {"formats", "values"},
    "jupyter": {"editing", "engine", "formats", "results", "session", "values"},
    "engine": {"predict", "values"},
    "session": {"editing", "values"},
    "editing": {"values"},
    "formats": {"editing", "values"},
    "batch": {"formats", "predict", "sam", "values"},
    "predict": {"models", "values", "weights"},
    "weights": {"models", "values"},
    "models": {"values"},
    "values": set(),
}

WITHOUT_TORCH = (
    "samwidget",
    "samwidget.jupyter.protocol",
    "samwidget.weights.records",
    "samwidget.cli",
    "samwidget.cli.tasks",
    "samwidget.results",
    "samwidget.values.images",
)


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports_of(path: Path) -> set[str]:
    """The parts of the package that a file imports, anywhere in it, for types only included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
            if node.module == "samwidget":
                names = [f"samwidget.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            pieces = name.split(".")
            if pieces[0] == "samwidget" and len(pieces) > 1 and not pieces[1].startswith("__"):
                found.add(pieces[1])
    return found


SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_what_the_table_allows(path: Path) -> None:
    part = part_of(path)
    assert part in MAY_IMPORT, f"{part} is new: give it a row in the table"
    assert imports_of(path) - {part} <= MAY_IMPORT[part]


def test_table_has_no_cycle() -> None:
    done: set[str] = set()

    def visit(part: str, above: tuple[str, ...]) -> None:
        assert part not in above, " -> ".join((*above, part))
        if part in done:
            return
        for other in MAY_IMPORT.get(part, set()) - {part}:
            visit(other, (*above, part))
        done.add(part)

    for part in MAY_IMPORT:
        visit(part, ())


def test_torch_stays_inside_models_and_what_runs_them() -> None:
    """The parts that deal in arrays, pictures and messages must not need torch."""
    arrays_only = {"values", "editing", "session", "jupyter", "results"}
    for path in SOURCES:
        if part_of(path) in arrays_only:
            assert "import torch" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_imports_without_loading_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_the_widget_opens_an_engine_and_only_when_it_is_made() -> None:
    for path in SOURCES:
        if part_of(path) == "jupyter":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            at_once = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
            assert not any(name and name.startswith("samwidget.engine") for name in at_once), path
            if path.name != "widget.py":
                assert "engine" not in imports_of(path), path


def test_no_file_has_outgrown_one_subject() -> None:
    generated = PACKAGE.parent / "js" / "contract" / "protocol.ts"
    for path in {*SOURCES, *PACKAGE.parent.joinpath("js").rglob("*.ts")} - {generated}:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 450, f"{path.name} has {lines} lines: which two subjects are in it?"
