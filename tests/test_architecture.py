"""Imports point one way: this test holds the table."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "samwidget"

# Who may import whom inside the package. A module may import a part only if it stands here.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": {"checkpoints", "facade", "predictor", "results", "widget"},
    "__main__": {"cli"},
    "cli": {"download", "predictor", "records", "speed"},
    "speed": set(),
    "widget": {
        "protocol", "wire", "synced", "connection", "session", "state", "opening", "results",
        "images", "overlay",
    },
    "overlay": set(),
    "protocol": {"wire"},
    "wire": set(),
    "connection": {"protocol", "synced", "session", "state"},
    "synced": {"protocol", "state", "results", "masks", "images"},
    "opening": {"checkpoints", "predictor"},
    "session": {"predictor", "inbox", "refining", "state"},
    "refining": {"predictor", "state"},
    "inbox": {"state"},
    "state": {"predictor", "results", "palette", "masks", "geometry"},
    "facade": {
        "checkpoints", "prompt_shapes", "predictor", "results", "images", "models", "palette",
        "geometry", "speed", "upsample",
    },
    "automatic": {"predictor", "geometry", "threads", "upsample"},
    "prompt_shapes": {"predictor", "geometry"},
    "results": {"masks", "geometry", "upsample", "drawing", "palette"},
    "drawing": {"palette"},
    "palette": set(),
    "predictor": {"models", "geometry", "threads", "upsample"},
    "checkpoints": {"conversion", "download", "models", "records"},
    "download": {"records"},
    "conversion": {"conversion", "models", "records"},
    "records": set(),
    "threads": set(),
    "upsample": {"geometry"},
    "masks": {"geometry"},
    "geometry": set(),
    "images": set(),
    "models": {"models"},
}  # fmt: skip

WITHOUT_TORCH = (
    "samwidget",
    "samwidget.protocol",
    "samwidget.records",
    "samwidget.cli",
    "samwidget.results",
    "samwidget.images",
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
    arrays_only = {"geometry", "masks", "upsample", "images", "results", "drawing", "palette",
                   "protocol", "wire", "state", "synced", "session", "inbox", "refining", "opening",
                   "widget", "connection", "overlay", "download"}  # fmt: skip
    for path in SOURCES:
        if part_of(path) in arrays_only:
            assert "import torch" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_imports_without_loading_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_file_has_outgrown_one_subject() -> None:
    for path in [*SOURCES, *PACKAGE.parent.joinpath("js").rglob("*.ts")]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 450, f"{path.name} has {lines} lines: which two subjects are in it?"
