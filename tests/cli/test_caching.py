"""What is kept on this machine is told, and removed when that is asked for; nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from samwidget.cli import main
from samwidget.weights.cache import EMBEDDING_ENDING, EMBEDDINGS_SETTING
from samwidget.weights.detectors import DETECTOR_RECORDS, detector_folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two embeddings, weights of a network and of a detector, and files of somebody else's."""
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path))
    monkeypatch.delenv(EMBEDDINGS_SETTING, raising=False)
    for name, size in {
        f"embeddings/a{EMBEDDING_ENDING}": 3_000_000,
        f"embeddings/b{EMBEDDING_ENDING}": 1_500_000,
        "embeddings/notes.txt": 10,
        "checkpoints/mobile_sam.pt": 2_000_000,
        "checkpoints/my_own.pt": 10,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    folder = detector_folder(DETECTOR_RECORDS[0])
    folder.mkdir()
    (folder / DETECTOR_RECORDS[0].files[0].name).write_bytes(bytes(500_000))
    return tmp_path


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [[], ["--info"]])
def test_it_tells_what_is_kept_and_where(
    options: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(home)
    assert main(["cache", *options]) == 0
    weights, embeddings = capsys.readouterr().out.splitlines()
    assert weights.split()[:5] == ["weights", "2", "files", "2.5", "MB"]
    assert weights.endswith(f"in {home / 'checkpoints'}")
    assert embeddings.split()[:5] == ["embeddings", "2", "files", "4.5", "MB"]
    assert embeddings.endswith(f"in {home / 'embeddings'}")
    assert files(home) == before


def test_it_tells_programs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "kept": "embeddings",
        "files": 2,
        "size_bytes": 4_500_000,
        "folder": str(home / "embeddings"),
    }


def test_embeddings_go_and_weights_stay(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(home)
    assert main(["cache", "--clear"]) == 0
    (said,) = capsys.readouterr().out.splitlines()
    assert said.split()[:6] == ["removed", "embeddings", "2", "files", "4.5", "MB"]
    assert before - files(home) == {f"embeddings/{name}{EMBEDDING_ENDING}" for name in "ab"}
    assert main(["cache", "--clear"]) == 0, "nothing to do is no failure"


def test_weights_go_when_that_is_asked_for_and_what_is_not_ours_stays(home: Path) -> None:
    assert main(["cache", "--clear", "--weights"]) == 0
    assert files(home) == {"embeddings/notes.txt", "checkpoints/my_own.pt"}
    assert not detector_folder(DETECTOR_RECORDS[0]).exists()


def test_another_folder_or_none_is_respected(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(home)
    monkeypatch.setenv(EMBEDDINGS_SETTING, str(home / "nowhere"))
    assert main(["cache", "--clear"]) == 0
    assert str(home / "nowhere") in capsys.readouterr().out
    monkeypatch.setenv(EMBEDDINGS_SETTING, "off")
    assert main(["cache"]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("are not kept")
    assert main(["cache", "--clear"]) == 0
    assert files(home) == before


def test_what_cannot_be_removed_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert main(["cache", "--clear"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"samwidget: {home / 'embeddings'}")
    assert said.err.endswith("cannot be removed: Permission denied\n")


def test_weights_alone_are_no_wish(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "--weights"]) == 2
    assert "--weights goes with --clear" in capsys.readouterr().err


def test_it_needs_no_torch() -> None:
    code = "import sys; from samwidget.cli import main; main(['cache']); sys.exit('torch' in sys.modules)"  # noqa: E501
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
