"""Build hook: the wheel and the sdist carry the front end, built from ``js/`` when it is stale.

In a checkout the bundle in ``samwidget/static/`` is built whenever it is missing or older than its
sources. An unpacked sdist carries the finished bundle, so that it needs no Node.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = ("widget.js", "widget.css", "report.js", "report.css")
EXAMPLES = ("quickstart.ipynb", "photos/astronaut.jpg")
"""What `samwidget demo` copies for a person; in a checkout it takes it from where it is."""
NO_NODE = (
    "samwidget: building from a source checkout needs Node.js 20 or newer with npm on the PATH; "
    "install it from your system's packages or https://nodejs.org, or install a released wheel "
    "with `pip install samwidget`, which needs no Node."
)


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Make sure ``samwidget/static`` holds the bundle that belongs to ``js/``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle if need be; called by hatchling before each target."""
        root = Path(self.root)
        if self.target_name == "wheel" and version != "editable":
            for name in EXAMPLES:
                build_data["force_include"][f"examples/{name}"] = f"samwidget/examples/{name}"
        if is_fresh(root):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(NO_NODE)
        if not has_esbuild(root):
            # `npm ci` removes all that is there: whoever has more than esbuild keeps more.
            omit = [] if (root / "node_modules").exists() else ["--omit=dev"]
            run([npm, "ci", *omit, "--no-audit", "--no-fund"], root)
        run([npm, "run", "build"], root)
        if not is_fresh(root):
            raise SystemExit("samwidget: `npm run build` ended well but left no fresh bundle.")


def run(command: list[str], root: Path) -> None:
    """Run one npm command; when it fails npm has said why, and one sentence sums it up."""
    if subprocess.run(command, cwd=root, stdout=sys.stderr, check=False).returncode != 0:  # noqa: S603
        raise SystemExit(f"samwidget: `npm {' '.join(command[1:])}` failed, see above.")


def has_esbuild(root: Path) -> bool:
    """Tell whether ``node_modules`` holds the esbuild that the lock file asks for."""
    installed = root / "node_modules" / "esbuild" / "package.json"
    if not installed.is_file():
        return False
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    wanted = lock["packages"]["node_modules/esbuild"]["version"]
    found = json.loads(installed.read_text(encoding="utf-8"))["version"]
    return bool(found == wanted)


def is_fresh(root: Path) -> bool:
    """Tell whether the bundle exists and is newer than everything it is made of."""
    bundle = [root / "samwidget" / "static" / name for name in BUNDLE]
    if not all(path.is_file() for path in bundle):
        return False
    if not (root / ".git").exists():
        return True  # an unpacked sdist: unpacking may have shuffled the times
    sources = [root / "package.json", root / "package-lock.json", *(root / "js").rglob("*")]
    newest = max(path.stat().st_mtime for path in sources if path.is_file())
    return min(path.stat().st_mtime for path in bundle) >= newest
