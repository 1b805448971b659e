"""What is found and what is shown of it; the edits are in the golden cases, too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from samwidget.editing import found as found_module
from samwidget.editing.document import State
from samwidget.editing.edits import AddObjects, Commit, ReopenObject, Undo
from samwidget.editing.found import Candidates, Found
from samwidget.editing.found_edits import FilterFound, TakeFound
from samwidget.values.candidates import Candidate
from samwidget.values.filtering import Thresholds
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject

SIZE_HW = (60, 90)
LEAST = Thresholds(0.5, 0.5, 0.7)


def one(an_id: int, x: int, score: float, stability: float = 1.0) -> tuple[int, Candidate]:
    pixels = np.zeros(SIZE_HW, bool)
    pixels[10:20, x : x + 10] = True
    shape, box = Mask.from_array(pixels), (x, 10, x + 10, 20)
    return an_id, Candidate(shape, (0, 0, 90, 60), box, (x + 5, 15), score, stability)


THREE = (one(1, 0, 0.6), one(2, 30, 0.9, 0.6), one(3, 60, 0.7))


def found_of(*found: tuple[int, Candidate], search: int = 1) -> Found:
    return Found(search, LEAST, LEAST, Candidates(SIZE_HW, found), None)


def state(*found: tuple[int, Candidate]) -> State:
    return State(SIZE_HW, label="cup", found=found_of(*found))


def ids(some: tuple[SegmentedObject, ...]) -> list[int]:
    return [each.id for each in some]


def test_what_is_taken_has_its_mask_its_scores_and_its_click() -> None:
    (made,) = TakeFound([2]).apply(state(*THREE)).document.objects
    assert (made.id, made.label, made.score, made.stability_score) == (1, "cup", 0.9, 0.6)
    assert made.shape is THREE[1][1].shape
    assert made.prompts.points == ((35, 15, 1),)


def test_what_is_filtered_out_can_be_taken_by_its_id() -> None:
    filtered = FilterFound(0.8, 0.5).apply(state(*THREE))
    assert ids(filtered.found_left) == [2]
    after = TakeFound([3]).apply(filtered)
    assert after.document.objects[0].score == 0.7


def test_undo_gives_all_that_was_taken_back_in_one_step() -> None:
    before = state(*THREE)
    after = TakeFound(None).apply(before)
    assert ids(after.found_left) == []
    assert len(after.document.objects) == 3
    back = Undo().apply(after)
    assert back.document.objects == ()
    assert ids(back.found_left) == [2, 3, 1]
    assert back.past == ()


def test_what_was_taken_is_not_found_again_when_it_is_refined() -> None:
    taken = TakeFound([2]).apply(state(*THREE))
    reopened = ReopenObject(1).apply(taken)
    assert ids(reopened.found_left) == [3, 1]
    assert ids(Commit().apply(reopened).found_left) == [3, 1]


def test_another_search_has_ids_of_its_own_and_undo_goes_on_before_it() -> None:
    taken = TakeFound([2]).apply(state(*THREE))
    again = replace(taken, found=found_of(one(4, 30, 0.9), search=2))
    assert ids(again.found_left) == [4]
    assert ids(Undo().apply(again).found_left) == [4]


def test_thresholds_decide_at_once_and_only_among_what_was_found() -> None:
    now = state(*THREE)
    for thresholds, shown in [((0.5, 0.5), [2, 3, 1]), ((0.65, 0.5), [2, 3]), ((0.5, 0.8), [3, 1])]:
        now = FilterFound(*thresholds).apply(now)
        assert ids(now.found_left) == shown
    assert now.past == ()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.5", None])
def test_a_threshold_that_is_no_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(ValueError, match="stability_score_thresh must be a finite number"):
        FilterFound(0.6, value).apply(state(*THREE))


def test_of_too_many_candidates_the_best_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found_module, "MOST_CANDIDATES", 2)
    found = found_of().plus(THREE[:1], 0.3)
    assert ids(found.shown) == [1]
    found = found.plus(THREE[1:], None)
    assert [an_id for an_id, _ in found.candidates.numbered] == [2, 3]
    assert ids(found.shown) == [2, 3]
    assert found.get(1) is None


def test_a_new_image_has_nothing_found() -> None:
    assert state(*THREE).on_image(SIZE_HW).found is None


def test_objects_made_otherwise_do_not_hide_what_was_found() -> None:
    drawn = AddObjects([THREE[1][1].shape], [None]).apply(state(*THREE))
    assert ids(drawn.found_left) == [2, 3, 1]


def test_a_mask_is_drawn_once_and_only_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[float] = []
    really = Candidate.drawn
    monkeypatch.setattr(
        Candidate, "drawn", lambda one, *a: (drawn.append(one.score), really(one, *a))[1]
    )
    found = found_of().plus(THREE[:2], 0.3).filtered(0.8, 0.5)
    assert ids(found.shown) == [2]
    assert drawn == [0.9]
    found = found.plus(THREE[2:], None).filtered(0.5, 0.5)
    assert ids(found.shown) == [2, 3, 1]
    assert drawn == [0.9, 0.7, 0.6]
