"""The search for everything by code, and by messages from a page beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fakes import FakeModel, fake_predictor

from samwidget.jupyter.found_by_code import ids_of
from samwidget.jupyter.widget import SamWidget
from samwidget.predict.everything import segment_everything
from samwidget.predict.grid import Grid

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
GRID = {"points_per_side": 4, "pred_iou_thresh": 0.85, "stability_score_thresh": 0.5}
WAIT_S = 10


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def widget(model: FakeModel) -> Iterator[SamWidget]:
    widget = SamWidget(IMAGE, fake_predictor(model))
    yield widget
    model.may_decode.set()
    widget.close()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"box_nms_thresh": 0.1},
        {"pred_iou_thresh": -1, "stability_score_thresh": 0},
        {"crop_n_layers": 1},
        {"crop_n_layers": 2, "crop_n_points_downscale_factor": 2, "crop_nms_thresh": 0.2},
        {"min_mask_region_area": 30},
        {"crop_n_layers": 1, "min_mask_region_area": 60, "box_nms_thresh": 0.4},
    ],
    ids=str,
)
def test_found_is_what_a_prediction_without_prompts_finds(
    widget: SamWidget, more: dict[str, Any]
) -> None:
    settings = {**GRID, **more}
    widget.find_everything(**settings)
    expected = segment_everything(fake_predictor(), IMAGE, Grid(**settings))
    assert len(widget.found) == len(expected) > 3
    for one, other in zip(widget.found, expected, strict=True):
        assert (one.score, one.stability_score) == (other.score, other.stability_score)
        np.testing.assert_array_equal(one.mask, other.shape.full())
        np.testing.assert_array_equal(one.point_coords[0], other.point_xy)


def test_found_is_none_of_the_masks_until_it_is_taken(widget: SamWidget) -> None:
    widget.find_everything(**GRID)
    assert len(widget.masks) == 0
    first, second, *_ = widget.found
    widget.take_found([second.id])
    np.testing.assert_array_equal(widget.masks[0], second.mask)
    assert first in widget.found
    assert second not in widget.found
    widget.take_found()
    assert (len(widget.objects), widget.found) == (16, ())
    widget.undo()
    assert (len(widget.objects), len(widget.found)) == (1, 15)


def test_observers_are_told_of_what_is_taken(widget: SamWidget) -> None:
    told: list[int] = []
    widget.observe(lambda change: told.append(len(change.new)), "objects")
    widget.find_everything(**GRID)
    assert told == []
    widget.take_found()
    assert told == [16]


def test_without_settings_it_asks_for_the_models_own(widget: SamWidget, model: FakeModel) -> None:
    widget.find_everything()
    assert len(model.decodes) == 32 * 32


@pytest.mark.parametrize(
    ("ids", "expected"),
    [([3, 4], [3, 4]), (3, [3]), (np.array([3, 4]), [3, 4]), ((n for n in (3, 4)), [3, 4])],
    ids=["list", "one", "array", "generator"],
)
def test_ids_are_what_people_have(ids: Any, expected: list[int]) -> None:
    assert ids_of(ids) == expected


def test_the_masks_themselves_name_what_is_to_be_taken(widget: SamWidget) -> None:
    widget.find_everything(**GRID)
    some = widget.found[2:5]
    assert ids_of(some) == [one.id for one in some]
    assert ids_of(some[0]) == [some[0].id]


@pytest.mark.parametrize("ids", [[1.5], ["1"], [None], [[1]]], ids=str)
def test_what_is_no_id_is_refused(widget: SamWidget, ids: Any) -> None:
    widget.find_everything(**GRID)
    with pytest.raises(TypeError, match="named by its id"):
        widget.take_found(ids)


def test_without_a_search_there_is_nothing_to_take(widget: SamWidget) -> None:
    assert widget.found == ()
    for call in (widget.take_found, widget.filter_found):
        with pytest.raises(ValueError, match=r"call find_everything\(\) or find_text\(\) first"):
            call()
    widget.drop_found()
    widget.stop_finding()


def test_thresholds_are_set_one_by_one(widget: SamWidget) -> None:
    widget.find_everything(**GRID)
    widget.filter_found(pred_iou_thresh=0.75)
    assert len(widget.found) == 32
    widget.filter_found(stability_score_thresh=1.0)
    assert len(widget.found) < 32
    widget.filter_found(0.85, 0.5)
    assert len(widget.found) == 16
    with pytest.raises(ValueError, match=r"find_everything\(pred_iou_thresh=0.2\)"):
        widget.filter_found(0.2)
    assert len(widget.found) == 16
    widget.drop_found()
    assert widget.found == ()


def test_it_can_be_stopped_from_another_thread(widget: SamWidget, model: FakeModel) -> None:
    widget.wait(WAIT_S)
    model.may_decode.clear()
    model.is_decoding.clear()

    def stop() -> None:
        assert model.is_decoding.wait(WAIT_S)
        widget.stop_finding()
        model.may_decode.set()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(RuntimeError, match="given up"):
        widget.find_everything(**GRID)
    thread.join(WAIT_S)
    assert widget.found == ()


def test_interrupting_the_cell_stops_it(
    widget: SamWidget, model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget.wait(WAIT_S)
    jobs: list[Any] = []

    def interrupted(future: Any, timeout: float | None = None) -> None:
        jobs.append(future)
        raise KeyboardInterrupt

    model.may_decode.clear()
    monkeypatch.setattr(widget._session, "result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        widget.find_everything(**GRID)
    model.may_decode.set()
    monkeypatch.undo()
    with pytest.raises(BaseException):  # noqa: B017, PT011 - cancelled, before or while it ran
        jobs[0].result(WAIT_S)
    assert widget.found == ()
    widget.find_everything(**GRID)


def test_another_image_ends_it_and_has_nothing_found(widget: SamWidget, model: FakeModel) -> None:
    widget.find_everything(**GRID)
    widget.image = IMAGE[:, ::-1]
    assert widget.found == ()
    with pytest.raises(ValueError, match="call find_everything"):
        widget.take_found()


def test_what_was_found_can_be_read_from_a_closed_widget(widget: SamWidget) -> None:
    widget.find_everything(**GRID)
    widget.close()
    assert len(widget.found) == 16
    with pytest.raises(RuntimeError, match="closed"):
        widget.find_everything()


def test_settings_are_checked_by_name(widget: SamWidget) -> None:
    widget.find_everything(**GRID)
    with pytest.raises(ValueError, match="box_nms_thresh must be from 0 to 1"):
        widget.find_everything(box_nms_thresh=2)
    assert len(widget.found) == 16
