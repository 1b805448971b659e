"""The wheel and the sdist carry all they need; a checkout without Node says so in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHECKOUT = [
    "samwidget",
    "js",
    "pyproject.toml",
    "hatch_build.py",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
]


def path_without_node() -> str:
    """Give a PATH on which neither node nor npm is found."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(
        folder
        for folder in folders
        if not any((Path(folder) / n).exists() for n in ("node", "npm"))
    )


def build(source: Path, out: Path, kind: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [*(sys.executable, "-m", "build"), "--no-isolation", f"--{kind}"]
    command += ["--outdir", str(out), str(source)]
    environment = {**os.environ, **env}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sdist")
    done = build(ROOT, out, "sdist")
    assert done.returncode == 0, done.stderr
    return only(out, "*.tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the unpacked sdist on a machine without Node."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    done = build(only(folder, "samwidget-*"), folder, "wheel", PATH=path_without_node())
    assert done.returncode == 0, done.stdout + done.stderr
    return only(folder, "*.whl")


def test_wheel_carries_bundle_and_weights_and_no_sources_of_the_front_end(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "samwidget/static/widget.js",
        "samwidget/static/widget.css",
        "samwidget/weights/nano.safetensors",
        "samwidget/weights/MODEL_CARD.md",
    } <= names
    assert not [n for n in names if n.startswith(("js/", "tests/", "training/")) or ".ts" in n]


def test_bundle_loads_nothing_from_elsewhere(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        script = archive.read("samwidget/static/widget.js").decode()
        style = archive.read("samwidget/static/widget.css").decode()
    allowed = "http://www.w3.org/"  # the names of SVG namespaces are no addresses
    for text in (script, style):
        rest = text.replace(allowed, "")
        assert "http://" not in rest
        assert "https://" not in rest
        assert "import(" not in rest
    assert "@import" not in style


def test_wheel_works_unpacked_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import numpy, samwidget;"
        f"assert samwidget.__file__.startswith({str(tmp_path)!r}), samwidget.__file__;"
        "w = samwidget.SamWidget(numpy.zeros((40, 60, 3), 'uint8'));"
        "w.add_box(10, 10, 30, 30); print(w.masks.shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout.strip() == "(1, 40, 60)", done.stderr


def copy_checkout(folder: Path) -> Path:
    for name in CHECKOUT:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("static", "__pycache__", "node_modules")
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy(source, folder / name)
    (folder / ".git").mkdir()
    return folder


def test_checkout_without_node_ends_in_one_clear_sentence(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    done = build(checkout, tmp_path / "out", "wheel", PATH=path_without_node())
    assert done.returncode != 0
    assert "needs Node.js 20 or newer with npm" in done.stdout + done.stderr
    assert not list(tmp_path.glob("out/*.whl"))


def test_stale_bundle_is_told_from_a_fresh_one(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from hatch_build import is_fresh
    finally:
        sys.path.remove(str(ROOT))
    checkout = copy_checkout(tmp_path / "checkout")
    assert not is_fresh(checkout)
    static = checkout / "samwidget" / "static"
    static.mkdir()
    for name in ("widget.js", "widget.css"):
        (static / name).write_text("built")
    assert is_fresh(checkout)
    old = (static / "widget.js").stat().st_mtime - 100
    os.utime(static / "widget.js", (old, old))
    assert not is_fresh(checkout)
    (checkout / ".git").rmdir()  # an unpacked sdist is as it was packed
    assert is_fresh(checkout)
