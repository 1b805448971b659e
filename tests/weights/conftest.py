from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_weights import TINY

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build
from samwidget.weights import records
from samwidget.weights.records import Record


@pytest.fixture(scope="module")
def tiny() -> SegmentAnything:
    torch.manual_seed(0)
    model = build(TINY)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


@pytest.fixture
def tiny_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Record:
    """A model "tiny" that can be had by name, with no network to fetch it over."""
    record = Record("tiny", ("sam_tiny",), "tiny.pth", "MIT", "http://127.0.0.1:9/tiny.pth")
    monkeypatch.setattr(records, "_BY_NAME", {"tiny": record, "sam_tiny": record})
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.chdir(tmp_path)
    return record
