from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from samwidget.jupyter import bundle
from samwidget.jupyter.bundle import follow, front_end

WAIT_S = 30


@pytest.fixture(autouse=True)
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    monkeypatch.setattr(bundle, "LOOK_EVERY_S", 0.01)
    write(tmp_path, "script 1", "style 1", 1)
    return tmp_path


def write(static: Path, script: str, style: str, time_s: int) -> None:
    for name, text in (("widget.js", script), ("widget.css", style)):
        (static / name).write_text(text)
        os.utime(static / name, (time_s, time_s))


class Shown:
    """As much of a widget as is followed."""

    def __init__(self) -> None:
        self._esm, self._css = "script 1", "style 1"


def wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def test_a_new_widget_gets_the_bundle_as_it_is_now(static: Path) -> None:
    assert front_end() == {"_esm": "script 1", "_css": "style 1"}
    write(static, "script 2", "style 2", 2)  # of the same sizes
    assert front_end() == {"_esm": "script 2", "_css": "style 2"}


def test_an_unchanged_bundle_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = front_end()
    monkeypatch.setattr(Path, "read_text", None)
    assert front_end() == kept


def test_a_missing_bundle_is_named(static: Path) -> None:
    (static / "widget.css").unlink()
    with pytest.raises(RuntimeError, match=r"missing \(.*widget\.css\): in a checkout run"):
        front_end()


def test_an_open_widget_follows_the_bundle_when_it_is_asked_to(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    one, other = Shown(), Shown()
    follow(one)
    follow(other)
    assert len([t for t in threading.enumerate() if t.name == "samwidget bundle"]) == 1
    (static / "widget.js").unlink()  # in the midst of a build
    write(static, "script 2", "style 2", 2)
    assert wait_until(lambda: one._esm == other._esm == "script 2")
    assert wait_until(lambda: one._css == other._css == "style 2")


def test_following_keeps_nothing_alive(static: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    shown = [Shown()]
    follow(shown[0])
    write(static, "script 2", "style 2", 2)
    assert wait_until(lambda: shown[0]._esm == "script 2")
    gone = weakref.ref(shown.pop())

    def is_gone() -> bool:
        gc.collect()
        return gone() is None

    assert wait_until(is_gone)
    assert wait_until(
        lambda: not [t for t in threading.enumerate() if t.name == "samwidget bundle"]
    )


def test_nobody_is_followed_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYWIDGET_HMR", raising=False)
    follow(Shown())
    assert not [t for t in threading.enumerate() if t.name == "samwidget bundle"]
