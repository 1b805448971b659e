"""The wheel and the sdist carry all they need; a checkout without Node says so in one sentence."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from samwidget.cli.demo import NEEDED

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
        "samwidget/py.typed",
        "samwidget/static/widget.js",
        "samwidget/static/widget.css",
        "samwidget/static/report.js",
        "samwidget/static/report.css",
        "samwidget/weights/nano.safetensors",
        "samwidget/weights/MODEL_CARD.md",
        *(f"samwidget/examples/{name}" for name in NEEDED),
    } <= names
    assert not [n for n in names if n.startswith(("js/", "tests/", "training/")) or ".ts" in n]


def test_sdist_is_the_checkout(sdist: Path) -> None:
    """So its tests find what they are about: training, benchmarks, photos, the Makefile."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    with tarfile.open(sdist) as archive:
        packed = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert tracked <= packed
    assert not {name for name in packed if name.startswith((".venv", "node_modules", "dist"))}


def test_tests_of_the_sdist_find_all_that_they_import(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = only(tmp_path, "samwidget-*")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest"),
            "--collect-only",
            "-q",
            "tests/training",
            "tests/parity",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/training/test_recipe.py::" in done.stdout


def test_the_version_stands_in_one_file(wheel: Path, sdist: Path) -> None:
    import samwidget

    assert wheel.name.startswith(f"samwidget-{samwidget.__version__}-")
    assert sdist.name == f"samwidget-{samwidget.__version__}.tar.gz"
    assert "version" not in json.loads((ROOT / "package.json").read_text())
    assert "version" not in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


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


def needed_by(requirements: list[str]) -> set[str]:
    """The names of all distributions that these requirements bring, extras left out."""
    found: set[str] = set()
    open_ends = [(text, "") for text in requirements]
    while open_ends:
        text, extra = open_ends.pop()
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        wanted = requirement.extras - {""}
        if name not in found or wanted:
            found.add(name)
            brings = metadata.requires(name) or []
            open_ends += [(one, extra) for one in brings for extra in {"", *wanted}]
    return found


@pytest.fixture
def bare(wheel: Path, tmp_path: Path) -> Path:
    """A folder with the wheel and what it says that it needs, and nothing else."""
    folder = tmp_path / "bare"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
        (told,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        requirements = message_from_bytes(archive.read(told)).get_all("Requires-Dist") or []
    for name in needed_by(requirements):
        installed = metadata.distribution(name)
        site = Path(str(installed.locate_file("")))
        for top in {file.parts[0] for file in installed.files or []} - {".."}:
            if not (folder / top).exists() and (site / top).exists():
                (folder / top).symlink_to(site / top)
    return folder


def run_bare(bare: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code that sees nothing but the standard library and a folder."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(bare)!r})\n{code}"],
        cwd=bare,
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_works_with_nothing_but_what_it_asks_for(bare: Path) -> None:
    done = run_bare(
        bare,
        "import importlib, pkgutil, numpy, samwidget\n"
        f"assert samwidget.__file__.startswith({str(bare)!r}), samwidget.__file__\n"
        "for module in pkgutil.walk_packages(samwidget.__path__, 'samwidget.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "w = samwidget.SamWidget(numpy.zeros((40, 60, 3), 'uint8'))\n"
        "w.add_box(10, 10, 30, 30)\n"
        "print(w.masks.shape)\n"
        "w.close()\n",
    )
    assert done.stdout.strip() == "(1, 40, 60)", done.stderr


def test_the_command_works_with_nothing_but_what_it_asks_for(bare: Path) -> None:
    done = run_bare(
        bare,
        "from samwidget.cli import main\n"
        "assert main(['demo', 'mine', '--no-open']) == 0\n"
        "sys.exit(main(['predict', 'mine/photos', '--point', '300,330', '-o', 'out.json']))\n",
    )
    assert done.returncode == 0, done.stderr
    assert (bare / "mine" / "quickstart.ipynb").is_file()
    assert (bare / "out.json").is_file()


def test_the_bare_environment_is_bare(bare: Path) -> None:
    assert "No module named 'pytest'" in run_bare(bare, "import numpy, pytest").stderr


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


def build_hook() -> Any:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_a_developer_has_installed_is_not_installed_again(tmp_path: Path) -> None:
    """A newer lock file alone made the build remove all tools of the front end but esbuild."""
    has_esbuild = build_hook().has_esbuild
    shutil.copy(ROOT / "package-lock.json", tmp_path)
    assert not has_esbuild(tmp_path)
    installed = tmp_path / "node_modules" / "esbuild" / "package.json"
    installed.parent.mkdir(parents=True)
    lock = json.loads((ROOT / "package-lock.json").read_text())
    wanted = lock["packages"]["node_modules/esbuild"]["version"]
    installed.write_text(json.dumps({"version": wanted}))
    os.utime(installed, (0, 0))
    assert has_esbuild(tmp_path)
    installed.write_text(json.dumps({"version": "0.0.1"}))
    assert not has_esbuild(tmp_path)


def test_stale_bundle_is_told_from_a_fresh_one(tmp_path: Path) -> None:
    is_fresh = build_hook().is_fresh
    checkout = copy_checkout(tmp_path / "checkout")
    assert not is_fresh(checkout)
    static = checkout / "samwidget" / "static"
    static.mkdir()
    for name in ("widget.js", "widget.css", "report.js", "report.css"):
        (static / name).write_text("built")
    assert is_fresh(checkout)
    old = (static / "widget.js").stat().st_mtime - 100
    os.utime(static / "widget.js", (old, old))
    assert not is_fresh(checkout)
    (checkout / ".git").rmdir()  # an unpacked sdist is as it was packed
    assert is_fresh(checkout)
