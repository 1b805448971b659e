from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from samwidget.cli import main
from samwidget.weights.records import RECORDS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path))
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return folder


def test_models_are_listed_with_what_is_cached(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cache / "mobile_sam.pt").write_bytes(b"weights")
    assert main(["models"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "parameters", "file", "licence", "weights"]
    assert len(lines) == len(RECORDS)
    found = {line.split()[0]: line for line in lines}
    assert found["nano"].endswith("Apache-2.0  in the package")
    assert "9.8 M       41 MB     Apache-2.0  cached" in found["mobile_sam"]
    assert "93.7 M      375 MB " in found["vit_b"]
    assert found["vit_b"].endswith("to be fetched")


def test_models_for_programs(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (cache / "mobile_sam.pt").write_bytes(b"weights")
    assert main(["models", "--json", "--speed"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["mobile_sam"]["path"] == str(cache / "mobile_sam.pt")
    assert rows["vit_b"]["path"] is None
    assert "sam_b" in rows["vit_b"]["also"]
    assert rows["nano"]["embed_seconds"] < rows["vit_b"]["embed_seconds"]


def test_speed_is_shown_as_an_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--speed"]) == 0
    assert all(" about " in line for line in capsys.readouterr().out.splitlines()[1:])


def test_what_cannot_be_fetched_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "nano", "sam3.pt"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "nano: in the package\n"
    assert "samwidget: 'sam3.pt' is SAM 3, whose weights" in shown.err


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "samwidget", "models"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "vit_b" in done.stdout
