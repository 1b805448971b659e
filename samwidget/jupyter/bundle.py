"""The two files of the front end: read again when they have changed, so a new widget shows it."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[1] / "static"
LOOK_EVERY_S = 0.5

_FILES = {"_esm": "widget.js", "_css": "widget.css"}

_followers: weakref.WeakSet[Any] = weakref.WeakSet()
_lock = threading.Lock()
_watcher: threading.Thread | None = None


def front_end() -> dict[str, str]:
    """Give what anywidget wants to be told: ``_esm``, the script, and ``_css``, the style.

    Raises
    ------
    RuntimeError
        When the bundle is missing, as in a checkout where it was never built.
    """
    return {trait: _read(STATIC / name) for trait, name in _FILES.items()}


def follow(widget: Any) -> None:
    """Let an open widget change along with the bundle when ``ANYWIDGET_HMR=1`` is set.

    For work on the front end: ``npm run build -- --watch`` writes the bundle at each save, and
    anywidget renders open views anew when ``_esm`` or ``_css`` change. Holds the widget weakly, in
    which anywidget's own watching of files differs.
    """
    global _watcher
    if os.environ.get("ANYWIDGET_HMR") != "1":
        return
    with _lock:
        _followers.add(widget)
        if _watcher is None:
            _watcher = threading.Thread(target=_watch, name="samwidget bundle", daemon=True)
            _watcher.start()


def _watch() -> None:
    """Look at the files as long as there is a widget to be told."""
    global _watcher
    while True:
        time.sleep(LOOK_EVERY_S)
        with _lock:
            if not _followers:
                _watcher = None
                return
        with suppress(RuntimeError):  # the bundle is just being written
            _tell_all(front_end())


def _tell_all(files: dict[str, str]) -> None:
    for widget in list(_followers):
        for trait, text in files.items():
            if getattr(widget, trait) != text:
                setattr(widget, trait, text)


def _read(path: Path) -> str:
    try:
        stat = path.stat()
        return _text(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise RuntimeError(
            f"the widget's front end is missing ({path}): in a checkout run `npm ci` and "
            "`npm run build`, else install samwidget again"
        ) from error


@lru_cache(maxsize=len(_FILES))
def _text(path: Path, mtime_ns: int, size: int) -> str:  # noqa: ARG001
    """Read a file once for each state of it, which time and size tell apart."""
    return path.read_text(encoding="utf-8")
