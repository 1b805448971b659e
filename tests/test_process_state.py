"""What belongs to the whole process is the person's: the package changes none of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "samwidget"

SETTERS = {
    *("catch_warnings", "simplefilter", "filterwarnings", "showwarning"),
    *("seterr", "seterrcall", "set_printoptions", "setlocale", "umask", "chdir", "putenv"),
    *("set_default_dtype", "set_default_device", "set_grad_enabled", "set_flush_denormal"),
    *("set_float32_matmul_precision", "use_deterministic_algorithms", "manual_seed"),
    *("set_num_interop_threads", "setrecursionlimit", "setswitchinterval", "setdefaulttimeout"),
    *("register_open", "set_start_method"),
}
"""Functions that change something for every thread; numpy's errstate is a thread's own."""

SETTINGS = {"MAX_IMAGE_PIXELS", "LOAD_TRUNCATED_IMAGES", "environ", "filters", "excepthook"}
"""What must not be assigned to, nor any part of it."""


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.name)
def test_nothing_sets_what_other_threads_read(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in SETTERS:
                found.append(f"line {node.lineno}: {name}()")
            case ast.Assign(targets=targets):
                for part in (part for target in targets for part in ast.walk(target)):
                    if isinstance(part, ast.Attribute) and part.attr in SETTINGS:
                        found.append(f"line {node.lineno}: {part.attr}")
    assert not found
