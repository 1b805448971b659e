from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from samwidget.editing.document import State
from samwidget.editing.edits import AddObjects, Undo
from samwidget.editing.found_edits import AddFound
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

START = State(size_hw=(40, 60), label="set")


def found(x: int, label: str = "", **other: Any) -> SegmentedObject:
    array = np.zeros((40, 60), bool)
    array[10:20, x : x + 10] = True
    one = SegmentedObject(99, label, 0.8, Mask.from_array(array), Prompts([[1, 1]], [1]), "#123456")
    return replace(one, **other)


def test_found_objects_keep_what_was_said_of_them_and_lie_on_top() -> None:
    before = AddObjects([found(0).shape], ["first"]).apply(START)
    state = AddFound([found(5, "cup", detection_score=0.5), found(9, stability_score=0.9)]).apply(
        before
    )
    first, second, third = state.document.objects
    assert first is before.document.objects[0]
    assert (second.label, second.score, second.detection_score) == ("cup", 0.8, 0.5)
    assert (third.label, third.score, third.stability_score) == ("set", 0.8, 0.9)
    assert [one.id for one in state.document.objects] == [1, 2, 3]
    assert len({one.color for one in state.document.objects}) == 3
    np.testing.assert_array_equal(second.mask, found(5).mask)


def test_one_undo_takes_them_all_back() -> None:
    state = AddFound([found(5), found(9)]).apply(START)
    assert Undo().apply(state).document.objects == ()


def test_nothing_found_is_no_step() -> None:
    assert AddFound([]).apply(START) is START


def test_what_is_of_another_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"masks\[0\]: expected a mask as large as the image"):
        AddFound([found(5)]).apply(State(size_hw=(41, 60)))
