"""The quickstart notebook, in a folder of the person's own, opened in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from samwidget.cli.files import expanded, replacing
from samwidget.cli.request import ALL_DONE, SOME_FAILED
from samwidget.cli.talk import complain, say
from samwidget.values.errors import quoted

NOTEBOOK = "quickstart.ipynb"
NEEDED = (NOTEBOOK, "photos/astronaut.jpg")
"""What is copied; the wheel carries these of the checkout's ``examples/``."""

_PACKAGE = Path(__file__).resolve().parent.parent
_HOMES = (_PACKAGE / "examples", _PACKAGE.parent / "examples")


def demo(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="[FOLDER]", help="Where the notebook is put; one that is there already stays."
        ),
    ] = Path("samwidget-demo"),
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Only put it there, for another editor.")
    ] = False,
) -> int:
    """Open the quickstart notebook in JupyterLab."""
    target = expanded(str(folder))
    if not no_open and importlib.util.find_spec("jupyterlab") is None:
        complain(
            'JupyterLab is not installed here; pip install "samwidget[demo]", or give --no-open '
            "and open the notebook in another editor"
        )
        return SOME_FAILED
    try:
        notebook = put_notebook(target)
    except OSError as error:
        complain(
            f"the notebook cannot be put into {quoted(str(target))}: {error.strerror or error}"
        )
        return SOME_FAILED
    say(str(notebook))
    return ALL_DONE if no_open else _open(notebook)


def put_notebook(folder: Path) -> Path:
    """Copy the notebook and its photo into a folder; what is there stays as it is.

    Raises
    ------
    OSError
        When they cannot be written, or are missing from the installation.
    """
    home = next((one for one in _HOMES if (one / NOTEBOOK).is_file()), None)
    if home is None:
        raise FileNotFoundError(None, "it is missing from this installation, install it again")
    for name in NEEDED:
        target = folder / name
        if not target.exists():
            with (home / name).open("rb") as source, replacing(target) as file:
                shutil.copyfileobj(source, file)
    return folder / NOTEBOOK


def _open(notebook: Path) -> int:
    command = [sys.executable, "-m", "jupyterlab", notebook.name]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    lab = subprocess.Popen(command, cwd=notebook.parent)  # noqa: S603
    while True:
        with suppress(KeyboardInterrupt):  # Ctrl-C is JupyterLab's: it asks, and ends or goes on
            return ALL_DONE if lab.wait() == 0 else SOME_FAILED
