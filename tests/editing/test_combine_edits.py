"""Several objects' masks together, and the option that a pixel belongs to one object only."""

from __future__ import annotations

import numpy as np
import pytest

from samwidget.editing.combine_edits import CombineObjects, SetExclusive, SplitObject
from samwidget.editing.document import State
from samwidget.editing.edits import (
    AddObjects,
    ClearPrompts,
    Commit,
    PaintStroke,
    ReopenObject,
    SelectObject,
    Undo,
)
from samwidget.values.mask import Mask

SIZE_HW = (40, 60)


def box_mask(*boxes: tuple[int, int, int, int]) -> Mask:
    array = np.zeros(SIZE_HW, bool)
    for x1, y1, x2, y2 in boxes:
        array[y1:y2, x1:x2] = True
    return Mask.from_array(array)


def three() -> State:
    masks = [box_mask((0, 0, 20, 10)), box_mask((10, 0, 30, 10)), box_mask((40, 20, 50, 30))]
    return AddObjects(masks, ["a", "b", "c"]).apply(State(size_hw=SIZE_HW))


def areas(state: State) -> dict[int, int]:
    return {one.id: one.area for one in state.document.objects}


@pytest.mark.parametrize(
    ("operation", "ids", "expected"),
    [
        ("union", [1, 2], {1: 300, 3: 100}),
        ("union", [3, 1, 2], {3: 400}),
        ("subtract", [1, 2], {1: 100, 2: 200, 3: 100}),
        ("subtract", [2, 1, 3], {1: 200, 2: 100, 3: 100}),
        ("intersect", [2, 1], {2: 100, 3: 100}),
        ("union", [1, 2, 1], {1: 300, 3: 100}),
    ],
)
def test_objects_are_combined(operation: str, ids: list[int], expected: dict[int, int]) -> None:
    state = SelectObject(3).apply(three())
    after = CombineObjects(operation, ids).apply(state)  # type: ignore[arg-type]
    assert areas(after) == expected
    made = next(one for one in after.document.objects if one.id == ids[0])
    before = next(one for one in state.document.objects if one.id == ids[0])
    assert (made.label, made.color, made.edited) == (before.label, before.color, True)
    assert after.document.selected == (3 if 3 in expected else None)
    assert Undo().apply(after).document is state.document


@pytest.mark.parametrize(
    ("operation", "ids", "says"),
    [
        ("union", [1], "of two objects or more, got 1"),
        ("union", [], "of two objects or more, got 0"),
        ("union", [1, 8], "no object with the id 8"),
        ("intersect", [1, 3], "nothing would be left of object 1"),
        ("xor", [1, 2], "one of union, subtract, intersect; got 'xor'"),
    ],
)
def test_what_cannot_be_combined_is_refused(operation: str, ids: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CombineObjects(operation, ids).apply(three())  # type: ignore[arg-type]


def test_an_object_is_split_into_its_parts_and_the_largest_stays() -> None:
    masks = [box_mask((0, 0, 4, 4), (10, 10, 30, 20), (50, 30, 52, 31)), box_mask((40, 0, 45, 5))]
    state = AddObjects(masks, ["cells", "other"]).apply(State(size_hw=SIZE_HW))
    after = SplitObject(1).apply(state).document
    assert [(one.id, one.label, one.area) for one in after.objects] == [
        (1, "cells", 200),
        (3, "cells", 16),
        (4, "cells", 2),
        (2, "other", 25),
    ]
    assert len({one.color for one in after.objects}) == 4
    assert after.next_id == 5


def test_one_part_is_no_step_and_too_many_are_refused() -> None:
    state = three()
    assert SplitObject(1).apply(state) is state
    dots = np.zeros((60, 200), bool)
    dots[::2, ::4] = True
    many = AddObjects([Mask.from_array(dots)], [None]).apply(State(size_hw=(60, 200)))
    with pytest.raises(ValueError, match="1500 parts, more than 500: drop its islands first"):
        SplitObject(1).apply(many)


def test_a_reopened_object_comes_back_between_its_neighbours() -> None:
    opened = ReopenObject(2).apply(three())
    state = CombineObjects("union", [3, 1]).apply(opened)
    assert [one.id for one in ClearPrompts().apply(state).document.objects] == [2, 3]
    split = AddObjects([box_mask((0, 0, 2, 2), (9, 9, 11, 11))], [None]).apply(three())
    opened = ReopenObject(4).apply(split)
    state = CombineObjects("union", [1, 2]).apply(opened)
    assert [one.id for one in ClearPrompts().apply(state).document.objects] == [1, 3, 4]


# ------------------------------------------------------------------------------------- exclusive


def test_objects_may_overlap_until_they_are_told_not_to() -> None:
    state = three()
    assert not state.exclusive
    told = SetExclusive(exclusive=True).apply(state)
    assert told.document is state.document, "what overlaps already stays so"
    assert told.past == state.past


def test_what_is_painted_takes_its_pixels_from_the_others() -> None:
    state = SetExclusive(exclusive=True).apply(three())
    after = PaintStroke([(30, 5), (45, 25)], 6, add=True, id=2).apply(state)
    one, two, other = (each.mask for each in after.document.objects)
    assert not (two & one).any()
    assert not (two & other).any()
    assert other.any()
    assert Undo().apply(after).document is state.document


def test_a_committed_draft_takes_its_pixels_and_what_has_none_left_goes() -> None:
    state = SetExclusive(exclusive=True).apply(SelectObject(3).apply(three()))
    drawn = PaintStroke([(45, 25)], 9, add=True, id=None).apply(state)
    assert areas(drawn) == {1: 200, 2: 200, 3: 100}, "a draft takes nothing yet"
    after = Commit().apply(drawn)
    assert [one.id for one in after.document.objects] == [1, 2, 4]
    assert after.document.selected == 4


def test_of_several_new_ones_the_upper_ones_take() -> None:
    state = SetExclusive(exclusive=True).apply(State(size_hw=SIZE_HW))
    masks = [box_mask((0, 0, 20, 10)), box_mask((10, 0, 30, 10))]
    assert areas(AddObjects(masks, [None, None]).apply(state)) == {1: 100, 2: 200}


def test_the_option_is_true_or_false() -> None:
    with pytest.raises(TypeError, match="True or False, got 'yes'"):
        SetExclusive("yes").apply(three())  # type: ignore[arg-type]
    on = SetExclusive(exclusive=True).apply(three())
    assert on.on_image((3, 3)).exclusive
