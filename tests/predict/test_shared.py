from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from fakes import FakeModel

from samwidget.models.build import build
from samwidget.models.config import VitConfig
from samwidget.predict.predictor import Predictor
from samwidget.predict.shared import opener
from samwidget.sam import SAM
from samwidget.weights import opening
from samwidget.weights.opening import Checkpoint

SMALL = VitConfig("small", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)


def quiet(_: float) -> None:
    pass


def save(path: Path, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    path.parent.mkdir(exist_ok=True)
    torch.save(build(SMALL).state_dict(), path)
    return path


def opened(*model: Any) -> Predictor:
    return opener(*model)[1](quiet)


def test_names_that_lead_to_one_file_share_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "weights.pth")
    locate = opening.locate
    names = ("vit_b", "sam_b.pt")
    monkeypatch.setattr(
        opening,
        "locate",
        lambda n, progress: Checkpoint(path, None) if n in names else locate(n, progress=progress),
    )
    link = tmp_path / "link.pth"
    link.symlink_to(path)
    monkeypatch.chdir(tmp_path)
    first = opened("vit_b")
    for other in ("sam_b.pt", path, str(path), "weights.pth", link):
        assert opened(other) is first, other


def test_auto_is_what_it_turns_out_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    path = save(tmp_path / "weights.pth")
    first = opened(path)
    assert opened(path, "cpu") is first
    assert opened(path, "cpu", "float32") is first
    rounded = opened(path, "cpu", "bfloat16")
    assert rounded is not first
    assert (first.precision, rounded.precision) == ("float32", "bfloat16")
    assert opened(path, "auto", "bfloat16") is rounded
    assert opened(path) is first


def test_a_folder_that_is_called_like_a_model_is_not_that_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    save(tmp_path / "nano" / "pytorch_model.bin")
    monkeypatch.chdir(tmp_path)
    by_name, by_path = opened("nano", "cpu"), opened(Path("nano"), "cpu")
    assert by_name.model_id == "nano"
    assert by_path.model.config.embed_dim == 32  # type: ignore[attr-defined]
    assert opened("nano", "cpu") is by_name


def test_a_file_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    path = save(tmp_path / "weights.pth")
    first = opened(path)
    save(tmp_path / "better.pth", seed=1).replace(path)
    second = opened(path)
    assert second is not first
    assert second.fingerprint != first.fingerprint


def test_nobody_holds_what_nobody_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[object] = []
    load = opening.load_model
    monkeypatch.setattr(opening, "load_model", lambda path: loads.append(path) or load(path))
    path = save(tmp_path / "weights.pth")
    first = opened(path)
    opened(path)
    assert len(loads) == 1
    del first
    gc.collect()
    opened(path)
    assert len(loads) == 2


def test_two_at_once_load_it_once_and_who_waits_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on, asked = threading.Event(), threading.Event(), threading.Event()
    load = opening.load_model

    def slowly(path: Any) -> Any:
        loading.set()
        assert go_on.wait(10)
        return load(path)

    monkeypatch.setattr(opening, "load_model", slowly)
    path = save(tmp_path / "weights.pth")
    found: list[Predictor] = []
    first = threading.Thread(target=lambda: found.append(opened(path)))
    first.start()
    assert loading.wait(10)
    second = threading.Thread(
        target=lambda: found.append(opener(path)[1](lambda done: asked.set()))
    )
    second.start()
    assert asked.wait(10)
    go_on.set()
    first.join(10)
    second.join(10)
    assert len(found) == 2
    assert found[0] is found[1]


def test_what_is_open_already_is_taken_as_it_is() -> None:
    model = FakeModel()
    predictor = Predictor(model, "cpu")
    assert opened(predictor) is predictor
    label, open_predictor = opener(model, "cpu")
    assert label == "fake"
    assert open_predictor(quiet).model is model


def test_what_is_none_of_these_is_refused() -> None:
    with pytest.raises(TypeError, match="got int"):
        opener(3)


def test_a_sam_gives_its_predictor(tmp_path: Path) -> None:
    sam = SAM(save(tmp_path / "weights.pth"), "cpu")
    assert opened(sam) is sam.predictor
