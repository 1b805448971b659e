"""What the log holds, and which of it led to what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import (
    AddObjects,
    AddPoint,
    ClearPrompts,
    DeleteObject,
    DropFound,
    Redo,
    SelectObject,
    SetClasses,
    SetLabel,
    SetTool,
    TakeFound,
    Undo,
)
from samwidget.editing.found import Candidates, Found
from samwidget.editing.log import AddMade, Log, effective, log_taken_back, logged
from samwidget.values.candidates import Candidate
from samwidget.values.filtering import Thresholds
from samwidget.values.mask import Mask

SIZE_HW = (40, 60)
MASK = Mask.from_array(np.ones(SIZE_HW, bool))
A, B, C = AddPoint(1, 1), AddPoint(2, 2), AddPoint(3, 3)
MADE = AddObjects([MASK], ["x"])


def after(edits: Sequence[Edit], state: State | None = None) -> State:
    state = State(SIZE_HW) if state is None else state
    for edit in edits:
        state = logged(edit, state)
    return state


def entries(state: State) -> list[Edit]:
    return [] if state.log is None else [one.edit for one in state.log.entries]


def found() -> Found:
    thresholds = Thresholds(0.5, 0.5, box_nms_thresh=0.7)
    one = Candidate(MASK, (0, 0, 60, 40), (0, 0, 60, 40), (3.0, 4.0), 0.9, 0.9)
    return Found(1, thresholds, thresholds, Candidates(SIZE_HW, ((5, one),)), None)


def test_what_changes_nothing_or_only_the_view_is_not_logged() -> None:
    assert after([SetTool("box"), Undo(), Redo(), ClearPrompts()]).log is None
    state = after([DropFound()], replace(State(SIZE_HW), found=found()))
    assert (state.log, state.found) == (None, None)


def test_what_raises_is_not_logged() -> None:
    state = after([A])
    with pytest.raises(ValueError, match="outside"):
        logged(AddPoint(-50, 0), state)
    assert entries(state) == [A]


def test_what_was_taken_of_a_search_is_logged_as_it_is() -> None:
    state = after([TakeFound([5])], replace(State(SIZE_HW), found=found()))
    (made,) = entries(state)
    assert isinstance(made, AddMade)
    assert state.log is not None
    assert state.log.begin.found is None
    again = made.apply(state.log.begin)
    assert again.document.objects == state.document.objects
    assert (again.document.next_id, again.document.taken) == (2, frozenset([5]))
    with pytest.raises(ValueError, match="is there already"):
        made.apply(again)


def test_the_log_of_a_new_image_is_its_own() -> None:
    assert after([A]).on_image((10, 10)).log is None


@pytest.mark.parametrize(
    ("edits", "left"),
    [
        ([A, B], [A, B]),
        ([A, B, Undo()], [A]),
        ([A, B, Undo(), Undo(), C], [C]),
        ([A, B, Undo(), Redo()], [A, B]),
        ([A, B, Undo(), C, Redo()], [A, C]),
        ([A, ClearPrompts(), B], [B]),
        ([A, ClearPrompts(), Undo(), B], [A, B]),
        ([MADE, A, ClearPrompts()], [MADE]),
        ([A, MADE, ClearPrompts()], [A, MADE, ClearPrompts()]),
        ([MADE, DeleteObject(1), MADE], [MADE, DeleteObject(1), MADE]),
        ([A, SetLabel("cup"), Undo(), B], [SetLabel("cup"), B]),
        ([MADE, SelectObject(1), A, Undo()], [MADE, SelectObject(1)]),
    ],
    ids=lambda edits: "-".join(type(one).__name__ for one in edits),
)
def test_which_edits_led_to_what_there_is(edits: list[Edit], left: list[Edit]) -> None:
    log = after(edits).log
    assert log is not None
    found = effective(log)
    assert found is not None
    assert [one.edit for one in found] == left


def test_a_log_that_goes_back_before_its_beginning_says_so() -> None:
    state = after([A, B])
    begun = replace(state, log=None)
    log = after([Undo()], begun).log
    assert log is not None
    assert effective(log) is None


def test_settings_stay_in_the_log_when_the_rest_is_taken_back() -> None:
    complete = after([A])
    now = after([B, SetLabel("cup"), SetClasses(["cup"]), C], complete)
    log = log_taken_back(complete, now)
    assert isinstance(log, Log)
    assert [one.edit for one in log.entries] == [A, SetLabel("cup"), SetClasses(["cup"])]
    assert log_taken_back(complete, complete) is complete.log
