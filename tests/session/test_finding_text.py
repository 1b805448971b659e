from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from typing import Any

import numpy as np
import pytest
from bench import IMAGE, WAIT_S, Bench, give_up

from samwidget.editing.edits import AddPoint, SetLabel, Undo
from samwidget.editing.found import Found
from samwidget.editing.found_edits import FilterFound, TakeFound

LEFT, AGAIN, RIGHT = [4, 4, 20, 40], [4, 5, 20, 41], [40, 8, 60, 30]


def detector(image: Any, phrases: list[str]) -> Any:
    assert image.shape == IMAGE.shape
    return {
        "boxes": [LEFT, AGAIN, RIGHT, [30, 40, 50, 60]],
        "text_labels": [phrases[0], phrases[0], phrases[-1], phrases[-1]],
        "scores": [0.75, 0.5, 0.5, 0.2],
    }


def search(bench: Bench, *phrases: str, **options: Any) -> None:
    options = {"detector": detector, "text_threshold": 0.3, **options}
    bench.session.find_text(phrases or ("a cup", "a cat"), options).future.result(WAIT_S)


def found_of(bench: Bench) -> Found:
    found = bench.session.state.found
    assert found is not None
    return found


def shown(bench: Bench) -> list[tuple[str, float | None]]:
    return [(one.label, one.detection_score) for one in bench.session.state.found_left]


def test_what_is_found_is_shown_with_its_phrase_best_first(bench: Bench) -> None:
    bench.ready()
    search(bench)
    assert shown(bench) == [("a cup", 0.75), ("a cat", 0.5)]
    found = found_of(bench)
    assert (found.text, found.progress) == (("a cup", "a cat"), None)
    assert found.shown[0].prompts.box == tuple(LEFT)
    assert bench.session.state.past == ()
    assert bench.model.encodes == 1


def test_the_slider_goes_lower_than_what_was_asked_for(bench: Bench) -> None:
    bench.ready()
    search(bench)
    assert found_of(bench).least.detection_score_thresh == 0.15
    decodes = len(bench.model.decodes)
    bench.do(FilterFound(0.0, 0.0, 0.15))
    assert shown(bench) == [("a cup", 0.75), ("a cat", 0.5), ("a cat", 0.2)]
    bench.do(FilterFound(0.0, 0.0, 0.6))
    assert shown(bench) == [("a cup", 0.75)]
    with pytest.raises(ValueError, match=r"find_text\(\['a cup', 'a cat'\], text_threshold=0.1\)"):
        bench.do(FilterFound(0.0, 0.0, 0.1))
    assert len(bench.model.decodes) == decodes


def test_what_is_taken_is_called_like_its_phrase(bench: Bench) -> None:
    bench.ready()
    bench.do(SetLabel("other"))
    search(bench)
    bench.do(TakeFound(None))
    assert [one.label for one in bench.session.state.document.objects] == ["a cup", "a cat"]
    assert [one.detection_score for one in bench.session.state.document.objects] == [0.75, 0.5]
    assert shown(bench) == []
    bench.do(Undo())
    assert len(shown(bench)) == 2


def test_masks_are_shown_as_they_are_made_and_keep_their_ids(
    bench: Bench, at_each_step: None
) -> None:
    boxes = [[x, y, x + 8, y + 8] for y in range(0, 56, 9) for x in range(0, 56, 9)]
    bench.ready()
    before = len(bench.states)
    search(bench, "a dot", detector=lambda *_: boxes)
    told = [state.found for state in bench.states[before:] if state.found is not None]
    counts = [len(found.shown) for found in told if found.progress is not None]
    assert sorted(set(counts)) == [0, 16, 32, 48, 49]
    progress = [found.progress for found in told if found.progress is not None]
    assert progress[0] == 0
    assert progress == sorted(progress)
    last = {one.id for one in told[-1].shown}
    assert last <= {one.id for one in told[-2].shown}
    assert len(last) == 49


def test_clicks_go_on_while_the_detector_works(bench: Bench) -> None:
    bench.ready()
    is_asked, may_answer = threading.Event(), threading.Event()

    def slow(image: np.ndarray, phrases: list[str]) -> Any:
        is_asked.set()
        assert may_answer.wait(WAIT_S)
        return [LEFT]

    options = {"detector": slow, "text_threshold": 0.3}
    job = bench.session.find_text(("a cup",), options)
    assert is_asked.wait(WAIT_S)
    bench.do(AddPoint(20, 30))
    assert bench.draft.prediction is not None
    assert not job.future.done()
    may_answer.set()
    job.future.result(WAIT_S)
    assert len(shown(bench)) == 1


@pytest.mark.parametrize("how", ["stop", "drop", "image", "close"])
@pytest.mark.parametrize("searched", [False, True], ids=["the first", "after another"])
def test_it_is_given_up_at_once_and_leaves_what_there_was(
    bench: Bench, how: str, searched: bool
) -> None:
    bench.ready()
    if searched:
        search(bench, "a dog")
    before, slot = bench.session.state, bench.session.slot
    is_asked, may_answer = threading.Event(), threading.Event()

    def slow(image: np.ndarray, phrases: list[str]) -> Any:
        is_asked.set()
        assert may_answer.wait(WAIT_S)
        return [LEFT]

    job = bench.session.find_text(("a cup",), {"detector": slow, "text_threshold": 0.3})
    assert is_asked.wait(WAIT_S)
    give_up(bench, how)
    with pytest.raises(CancelledError):
        job.future.result(WAIT_S)
    may_answer.set()
    if how == "image":
        bench.session.settle(WAIT_S)
        assert bench.session.state.found is None
    else:
        assert slot.state.found is (None if how == "drop" else before.found)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"text_threshold": 2}, ValueError, "text_threshold"),
        ({"points_per_side": 4}, TypeError, "points_per_side"),
        ({"detector": 5}, TypeError, "detector: expected a name"),
        ({"detector": lambda *_: 1 / 0}, ZeroDivisionError, "division"),
    ],
    ids=["threshold", "option of another search", "no detector", "failing detector"],
)
def test_what_goes_wrong_is_told_and_what_was_found_before_is_back(
    bench: Bench, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    bench.ready()
    search(bench)
    before = found_of(bench)
    with pytest.raises(error, match=text):
        search(bench, "a dog", **{"text_threshold": None, **options})
    assert found_of(bench) is before
    assert bench.statuses[-1].phase == "ready"


def test_everything_takes_the_place_of_a_search_for_text(bench: Bench) -> None:
    bench.ready()
    search(bench)
    settings = {"points_per_side": 2, "pred_iou_thresh": 0.85, "stability_score_thresh": 0.5}
    bench.session.find_everything(settings).future.result(WAIT_S)
    assert shown(bench) == [("", None)] * 4
    assert found_of(bench).text == ()


def test_without_an_image_there_is_nothing_to_search(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no image yet"):
        bench.session.find_text(("a cup",), {})
