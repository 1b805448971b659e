"""The same engine on a real Dask worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from samwidget.engine.local import LocalEngine
from samwidget.engine.remote import RemoteEngine, WorkerGoneError
from samwidget.jupyter.widget import SamWidget
from samwidget.session.engine import Engine
from samwidget.values.mask import Mask
from samwidget.values.prompts import Prompts

IMAGE = np.full((60, 80, 3), 30, np.uint8)
IMAGE[20:40, 20:50] = 255
WHOLE = (0, 0, 80, 60)
CLICK = Prompts([[30, 30]], [1])

pytestmark = pytest.mark.filterwarnings("default")
distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=0,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def engine(client: Any) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(client, "nano", "cpu")
    yield engine
    engine.close()


def test_it_is_an_engine(engine: RemoteEngine) -> None:
    same: Engine = engine
    assert same.name == "nano"


def test_it_answers_as_the_local_one(engine: RemoteEngine) -> None:
    told: list[tuple[str, float | None]] = []
    key = engine.embed(IMAGE, WHOLE, lambda *what: told.append(what))
    assert ("loading", None) in told
    assert ("embedding", None) in told
    local = LocalEngine.of("nano", "cpu")
    local_key = local.embed(IMAGE, WHOLE, lambda *_: None)
    for start, many in ((None, True), (Mask.from_array(IMAGE[..., 0] > 99), False)):
        one = engine.predict(key, CLICK, start, multimask_output=many)
        other = local.predict(local_key, CLICK, start, multimask_output=many)
        np.testing.assert_allclose(one.low_res_logits, other.low_res_logits, atol=1e-3)
        assert one.transform == other.transform


def test_everything_tells_what_it_finds(engine: RemoteEngine) -> None:
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    told: list[float] = []
    found: list[Any] = []

    def tell(some: Any, fraction: float) -> None:
        found.extend(some)
        told.append(fraction)

    options = {"points_per_side": 2, "pred_iou_thresh": 0.0, "stability_score_thresh": 0.0}
    engine.everything(key, options, tell)
    assert found
    assert told[-1] == 1
    assert engine.thresholds(options).pred_iou_thresh == 0


def test_text_is_found_on_the_worker(engine: RemoteEngine) -> None:
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    answer = {"boxes": [[20, 20, 50, 40]], "labels": ["box"], "scores": [0.9]}
    options = {"detector": lambda _image, _phrases: answer}
    told: list[str] = []
    found = engine.find(
        key, "a box", options, lambda some, _: told.extend(one.label for one in some)
    )
    assert [one.label for one in found] == told == ["box"]
    assert engine.text_threshold(options, lambda _: None) == 0
    assert engine.text_threshold({**options, "text_threshold": 0.5}, lambda _: None) == 0.5


def test_what_the_report_raises_ends_the_work(engine: RemoteEngine) -> None:
    class Stop(BaseException):
        pass

    def stop(*_: Any) -> None:
        raise Stop

    with pytest.raises(Stop):
        engine.embed(IMAGE, WHOLE, stop)
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    with pytest.raises(Stop):
        engine.everything(key, {"points_per_side": 16}, stop)
    assert engine.predict(key, CLICK, None, multimask_output=True).masks().shape == (3, 60, 80)


def test_an_error_on_the_worker_reaches_the_caller(engine: RemoteEngine) -> None:
    with pytest.raises(KeyError, match="nothing is embedded"):
        engine.predict("none", CLICK, None, multimask_output=True)
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)
    engine.forget(key)
    with pytest.raises(KeyError):
        engine.predict(key, CLICK, None, multimask_output=True)


def test_a_widget_asks_the_cluster(client: Any) -> None:
    widget = SamWidget(IMAGE, "nano", client=client)
    try:
        widget.add_point(30, 30)
        assert widget.masks.shape == (1, 60, 80)
        assert widget.masks[0, 30, 30]
    finally:
        widget.close()


def test_an_open_model_is_refused(client: Any) -> None:
    with pytest.raises(TypeError, match="give its name or its path there"):
        RemoteEngine(client, object())


def test_a_worker_that_is_gone_is_said(
    client: Any, engine: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in for the connection: Dask itself tries for half a minute."""
    key = engine.embed(IMAGE, WHOLE, lambda *_: None)

    def lost(*_: Any, **__: Any) -> None:
        raise OSError("Timed out trying to connect")

    with monkeypatch.context() as patched:
        patched.setattr(client, "run", lost)
        with pytest.raises(WorkerGoneError, match="set the image again"):
            engine.everything(key, {"points_per_side": 32}, lambda *_: None)
