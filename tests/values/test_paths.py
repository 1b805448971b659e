from __future__ import annotations

from pathlib import Path

import pytest

from samwidget.values.paths import expanded, why_impossible


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


class Named:
    def __init__(self, path: str | bytes) -> None:
        self._path = path

    def __fspath__(self) -> str | bytes:
        return self._path


@pytest.mark.parametrize(
    "path",
    ["~/cat.jpg", Path("~/cat.jpg"), Named("~/cat.jpg"), Named(b"~/cat.jpg"), b"~/cat.jpg"],
    ids=["text", "Path", "PathLike", "PathLike of bytes", "bytes"],
)
def test_a_tilde_is_the_home_folder(home: Path, path: str) -> None:
    assert expanded(path) == home / "cat.jpg"


def test_a_tilde_that_is_nobodys_stays() -> None:
    assert expanded("~nobody.of.this.name/cat.jpg") == Path("~nobody.of.this.name/cat.jpg")
    assert expanded("a/~/cat.jpg") == Path("a/~/cat.jpg")


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        ("", ValueError, "expected the path of a file, got an empty text"),
        (" \n", ValueError, "got an empty text"),
        ("a" * 4_000_000, ValueError, r"'aaa.*4,000,000 characters\), which is too long"),
        ("photos/" * 2000 + "cat.jpg", ValueError, "which is too long for a path"),
        ("a" * 300 + ".png", ValueError, "which is too long for a path"),
        ("a\0b", ValueError, r"'a\\x00b', which holds a character that no path can have"),
        (5, TypeError, "expected the path of a file, got 5"),
        (None, TypeError, "got None"),
        (["a"] * 10**6, TypeError, r"got \['a', 'a'"),
    ],
)
def test_what_is_no_path_is_told_in_short(path: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        expanded(path, "the path of a file")
    assert len(str(caught.value)) < 250


def test_a_path_that_is_not_there_is_possible(tmp_path: Path) -> None:
    assert why_impossible("nowhere/cat.jpg") is None
    (tmp_path / "file").touch()
    assert why_impossible(str(tmp_path / "file" / "cat.jpg")) is None
