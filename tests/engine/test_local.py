from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeModel, fake_predictor

from samwidget.engine.local import LocalEngine
from samwidget.predict.store import shared_store
from samwidget.session.engine import Engine
from samwidget.values.candidates import Candidate
from samwidget.values.mask import Mask
from samwidget.values.prompts import Prompts

IMAGE = np.zeros((64, 64, 3), np.uint8)
WHOLE = (0, 0, 64, 64)
CLICK = Prompts([[20, 30]], [1])


def make(model: FakeModel | None = None) -> LocalEngine:
    return LocalEngine("fake", lambda _: fake_predictor(model))


def test_it_is_an_engine() -> None:
    engine: Engine = make()  # mypy compares it with the protocol, this the names
    assert all(hasattr(engine, name) for name in vars(Engine) if not name.startswith("_"))


def test_it_tells_what_it_does_and_loads_once() -> None:
    told: list[tuple[str, float | None]] = []
    engine = make()
    keys = {engine.embed(IMAGE, WHOLE, lambda *told_now: told.append(told_now)) for _ in range(2)}
    assert len(keys) == 2
    assert [phase for phase, fraction in told if fraction is None] == ["loading"] + [
        "embedding"
    ] * 2


def test_a_start_is_the_mask_prompt() -> None:
    model = FakeModel()
    engine = make(model)
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    square = np.zeros((64, 64), bool)
    square[40:60, 40:60] = True
    engine.predict(key, CLICK, None, multimask_output=True)
    engine.predict(key, CLICK, Mask.from_array(square), multimask_output=False)
    assert model.decodes[0]["mask_input"] is None
    assert (model.decodes[1]["mask_input"][0, 0, 20:30, 20:30] > 0).all()
    assert int((model.decodes[1]["mask_input"] > 0).sum()) == 100


def test_what_is_forgotten_cannot_be_asked() -> None:
    engine = make()
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    engine.forget(key)
    engine.forget(key)
    with pytest.raises(KeyError, match="nothing is embedded under 'fake/"):
        engine.predict(key, CLICK, None, multimask_output=True)


OPTIONS = {"points_per_side": 4, "pred_iou_thresh": 0.6, "stability_score_thresh": 0.5}


def test_everything_comes_in_parts_doubles_included() -> None:
    engine = make()
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    found: list[Candidate] = []
    fractions: list[float] = []

    def on_found(some: Sequence[Candidate], fraction: float) -> None:
        found.extend(some)
        fractions.append(fraction)

    engine.everything(key, OPTIONS, on_found)
    assert len(found) == 4 * 4 * 3
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert len(fractions) >= 4
    assert {round(one.score, 3) for one in found} == {0.7, 0.8, 0.9}
    assert all(one.stability_score > 0.5 for one in found)
    for one in found:
        assert one.shape.box_xyxy == one.box_xyxy
        assert one.region_xyxy == WHOLE


def test_thresholds_are_those_asked_for_and_else_the_models_own() -> None:
    engine = make()
    with pytest.raises(RuntimeError, match="no image has been embedded"):
        engine.thresholds({})
    engine.embed(IMAGE, WHOLE, lambda *_: None)
    assert engine.thresholds({})[:3] == (0.88, 0.95, 0.7)
    assert engine.thresholds({**OPTIONS, "box_nms_thresh": 0.5})[:3] == (0.6, 0.5, 0.5)
    crops = engine.thresholds({"preset": "fine", "crop_nms_thresh": 0.6})
    assert (crops.has_crops, crops.crop_nms_thresh) == (True, 0.6)
    assert crops.min_mask_region_area > 0


def test_everything_ends_when_told_to() -> None:
    class Enough(BaseException):
        pass

    def on_found(some: object, fraction: float) -> None:
        raise Enough

    engine = make()
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    with pytest.raises(Enough):
        engine.everything(key, {"points_per_side": 4}, on_found)


def test_embeddings_are_kept_for_models_that_take_their_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMWIDGET_EMBEDDINGS", str(tmp_path))
    shared_store.cache_clear()
    try:
        model = FakeModel()
        for _ in range(2):
            engine = LocalEngine.of(model, "cpu")
            key = engine.embed(IMAGE, WHOLE, lambda *_: None)
            assert engine.predict(key, CLICK, None, multimask_output=True).masks().any()
        assert model.encodes == 1
        assert len(list(tmp_path.iterdir())) == 1
        LocalEngine.of("nano", "cpu").embed(IMAGE, WHOLE, lambda *_: None)
        assert len(list(tmp_path.iterdir())) == 1
    finally:
        shared_store.cache_clear()


def test_text_is_found_on_what_is_embedded_already() -> None:
    model = FakeModel()
    engine = make(model)
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    asked: list[tuple[np.ndarray, list[str]]] = []

    def detector(image: np.ndarray, phrases: list[str]) -> object:
        asked.append((image, phrases))
        return {"boxes": [[10, 10, 30, 40]], "labels": ["cup"], "scores": [0.5]}

    told: list[tuple[int, float]] = []
    for threshold, count in ((0.4, 1), (0.6, 0)):
        options = {"detector": detector, "text_threshold": threshold}
        found = engine.find(
            key, "a cup", options, lambda some, done: told.append((len(some), done))
        )
        assert len(found) == count
        assert engine.text_threshold(options, lambda _: None) == threshold
    assert engine.text_threshold({"detector": detector}, lambda _: None) == 0
    assert model.encodes == 1
    assert asked[0] == (IMAGE, ["a cup"])
    assert sum(count for count, _ in told) == 1
    assert max(done for _, done in told) == pytest.approx(1)
    with pytest.raises(KeyError, match="nothing is embedded"):
        engine.find("other", "a cup", {"detector": detector}, lambda *_: None)
