from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from typing import Any

import pytest
from bench import IMAGE, WAIT_S, Bench, give_up

from samwidget.editing.edits import AddPoint
from samwidget.editing.found import Found
from samwidget.editing.found_edits import FilterFound, TakeFound

GRID = {"points_per_side": 4, "pred_iou_thresh": 0.85, "stability_score_thresh": 0.5}


def found_of(bench: Bench) -> Found:
    found = bench.session.state.found
    assert found is not None
    return found


def shown(bench: Bench) -> list[int]:
    return [one.id for one in bench.session.state.found_left]


def search(bench: Bench, **settings: Any) -> None:
    bench.session.find_everything({**GRID, **settings}).future.result(WAIT_S)


def test_what_is_found_comes_bit_by_bit_and_then_all(bench: Bench, at_each_step: None) -> None:
    bench.ready()
    before = len(bench.states)
    search(bench)
    told = [state.found for state in bench.states[before:]]
    progress = [found.progress for found in told if found is not None]
    assert progress[0] == 0
    assert progress[-1] is None
    assert progress[:-1] == sorted(progress[:-1])
    counts = [len(found.candidates.numbered) for found in told if found is not None]
    assert counts == sorted(counts)
    assert len(set(counts)) > 4
    assert len(shown(bench)) == 16
    assert bench.session.state.past == ()


def test_what_only_just_fails_is_kept_for_the_sliders(bench: Bench) -> None:
    bench.ready()
    search(bench)
    assert {round(one.score, 3) for one in found_of(bench).shown} == {0.9}
    assert found_of(bench).least.pred_iou_thresh == 0.7
    decodes = len(bench.model.decodes)
    bench.do(FilterFound(0.75, 0.5))
    assert {round(one.score, 3) for one in found_of(bench).shown} == {0.8, 0.9}
    assert len(bench.model.decodes) == decodes, "the model was asked again"


def test_clicks_filters_and_takings_go_on_meanwhile(bench: Bench, at_each_step: None) -> None:
    bench.ready()
    edits: list[Any] = []

    def meanwhile(state: Any) -> None:
        found = state.found
        if found is None or found.progress is None or len(edits) == 3:
            return
        if found.shown and not edits:
            edits.append(bench.session.edit(AddPoint(20, 30)))
            edits.append(bench.session.edit(TakeFound([found.shown[0].id])))
            edits.append(bench.session.edit(FilterFound(0.75, 0.5)))
        elif edits and found.progress > 0.6:
            bench.on_state = lambda _: None
            assert all(edit.done() for edit in edits), "they wait for the search"

    bench.on_state = meanwhile
    search(bench)
    for edit in edits:
        edit.result(WAIT_S)
    assert bench.draft.prediction is not None
    assert len(bench.session.state.document.objects) == 1
    assert found_of(bench).thresholds.pred_iou_thresh == 0.75
    assert len(shown(bench)) == 31


@pytest.mark.parametrize(
    ("how", "error"),
    [("stop", CancelledError), ("drop", CancelledError), ("image", CancelledError),
     ("close", CancelledError), ("fail", RuntimeError)],
)  # fmt: skip
@pytest.mark.parametrize("searched", [False, True], ids=["the first", "after another"])
def test_a_search_that_does_not_end_leaves_what_there_was(
    bench: Bench, how: str, error: type, searched: bool, at_each_step: None
) -> None:
    bench.ready()
    if searched:
        search(bench, points_per_side=2)
    slot, before = bench.session.slot, bench.session.state
    if how == "fail":  # set now: other threads decode ahead of what is told
        bench.model.decode_error = RuntimeError("out of memory")
        bench.model.decodes_before_error = len(bench.model.decodes) + 8
    bench.on_state = lambda state: (
        give_up(bench, how) if state.found is not None and state.found.progress else None
    )
    job = bench.session.find_everything(GRID)
    with pytest.raises(error):
        job.future.result(WAIT_S)
    bench.on_state = lambda _: None
    if how == "image":
        bench.session.settle(WAIT_S)
        assert bench.session.state.found is None
    else:
        assert slot.state.found is (None if how == "drop" else before.found)
        assert slot.state.document is before.document
    bench.model.decode_error = None


def test_another_search_takes_the_place_of_one_under_way(bench: Bench) -> None:
    bench.ready()
    bench.model.is_decoding.clear()
    bench.model.may_decode.clear()
    first = bench.session.find_everything(GRID)
    assert bench.model.is_decoding.wait(WAIT_S)
    second = bench.session.find_everything({**GRID, "points_per_side": 2})
    bench.model.may_decode.set()
    with pytest.raises(CancelledError):
        first.future.result(WAIT_S)
    second.future.result(WAIT_S)
    assert len(shown(bench)) == 4
    search(bench, points_per_side=2)
    assert len(shown(bench)) == 4
    assert found_of(bench).search == 3


def test_ids_are_given_once(bench: Bench) -> None:
    bench.ready()
    search(bench)
    before = {an_id for an_id, _ in found_of(bench).candidates.numbered}
    search(bench)
    assert before.isdisjoint(an_id for an_id, _ in found_of(bench).candidates.numbered)


def test_what_was_found_stays_when_a_click_fails(bench: Bench) -> None:
    bench.ready()
    search(bench)
    bench.model.decode_error = RuntimeError("out of memory")
    with pytest.raises(RuntimeError, match="out of memory"):
        bench.do(AddPoint(20, 30))
    bench.model.decode_error = None
    assert len(shown(bench)) == 16


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"points_per_side": 0}, ValueError, "points_per_side must be at least 1"),
        ({"box_nms_thresh": 2}, ValueError, "box_nms_thresh must be from 0 to 1"),
        ({"points": 4}, TypeError, "points"),
        ({"crop_n_layers": -1}, ValueError, "crop_n_layers"),
        ({"min_mask_region_area": float("nan")}, ValueError, "min_mask_region_area"),
        ({"preset": "finest"}, ValueError, "preset"),
    ],
    ids=str,
)
def test_bad_settings_are_refused_by_name(
    bench: Bench, settings: dict[str, Any], error: type[Exception], text: str
) -> None:
    bench.ready()
    with pytest.raises(error, match=text):
        bench.session.find_everything(settings).future.result(WAIT_S)
    assert bench.session.state.found is None
    assert bench.statuses[-1].phase == "ready"


def test_without_an_image_there_is_nothing_to_search(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no image yet"):
        bench.session.find_everything({})
    bench.session.stop_finding()


def test_it_waits_for_the_embedding(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    job = bench.session.find_everything(GRID)
    assert bench.model.is_encoding.wait(WAIT_S)
    assert not job.future.done()
    bench.model.may_encode.set()
    job.future.result(WAIT_S)
    assert len(shown(bench)) == 16


def test_a_search_stopped_before_it_began_is_no_error(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    job = bench.session.find_everything(GRID)
    bench.session.stop_finding()
    with pytest.raises(CancelledError):
        job.future.result(WAIT_S)
    bench.model.may_encode.set()
    bench.session.wait(WAIT_S)
    done = threading.Event()
    bench.session.edit(AddPoint(20, 30)).add_done_callback(lambda _: done.set())
    assert done.wait(WAIT_S)
    assert {status.phase for status in bench.statuses} <= {"loading", "embedding", "ready"}
