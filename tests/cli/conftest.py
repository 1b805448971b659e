"""A stand-in for the model, a place to work in, and pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_stand_in import SIZE_HW, StandIn
from PIL import Image

from samwidget.cli import running


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    model = StandIn()

    def opened(*how: object) -> StandIn:
        model.opened_with = how
        return model

    monkeypatch.setattr(running, "open_model", opened)
    return model


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def photo(place: Path) -> Callable[[str], Path]:
    """Make a picture under this name."""

    def make(name: str) -> Path:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((*SIZE_HW, 3), (60, 120, 180), np.uint8)
        Image.fromarray(pixels).save(path)
        return path

    return make
