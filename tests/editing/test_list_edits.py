"""The list of objects and the classes; what one edit makes of a state is in the golden edits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from samwidget.editing.class_edits import AddClass
from samwidget.editing.document import Document, State
from samwidget.editing.edits import (
    AddObjects,
    ClearPrompts,
    Commit,
    Redo,
    ReopenObject,
    SetClasses,
    SetLabel,
    Undo,
)
from samwidget.editing.list_edits import (
    DeleteObjects,
    HideObjects,
    LockObjects,
    RecolorObjects,
    RelabelObjects,
    ReorderObjects,
    SelectObjects,
)
from samwidget.values.mask import Mask
from samwidget.values.palette import COLORS


def square(x: int) -> Mask:
    mask = np.zeros((60, 80), bool)
    mask[10:20, x : x + 10] = True
    return Mask.from_array(mask)


THREE = AddObjects([square(0), square(20), square(40)], ["cup", "", "mug"]).apply(
    State(size_hw=(60, 80))
)


def ids(state: State) -> list[int]:
    return [one.id for one in state.document.objects]


def colors(state: State) -> list[str]:
    return [one.color for one in state.document.objects]


@pytest.mark.parametrize(
    "edit",
    [
        DeleteObjects([1, 3]),
        RelabelObjects([1, 3], "plate"),
        RecolorObjects([1, 3], "#123456"),
        HideObjects([1, 3], True),
        LockObjects([1, 3], True),
        ReorderObjects([1, 3], 0),
    ],
    ids=lambda edit: type(edit).__name__,
)
def test_what_is_done_to_several_is_one_step(edit) -> None:
    after = edit.apply(THREE)
    assert after.document.objects != THREE.document.objects
    assert Undo().apply(after).document is THREE.document
    assert Redo().apply(Undo().apply(after)).document is after.document


def test_objects_that_do_not_change_stay_the_same_values() -> None:
    hidden = HideObjects([1, 2], True).apply(THREE)
    again = HideObjects([1, 2, 3], True).apply(hidden)
    assert again.document.objects[0] is hidden.document.objects[0]
    assert again.document.objects[2] is not hidden.document.objects[2]


def test_a_selection_that_was_of_several_ends_when_an_edit_selects_one() -> None:
    selected = SelectObjects([1, 2]).apply(THREE)
    assert selected.document.selection == (1, 2)
    opened = ReopenObject(2).apply(selected)
    assert opened.document.selection == ()
    back = Commit().apply(opened)
    assert back.document.selection == (2,)
    assert Undo().apply(Undo().apply(back)).document.selection == (1, 2)


@pytest.mark.parametrize(
    ("selected", "selection", "is_then"),
    [
        (None, (1, 2), ()),
        (2, (), (2,)),
        (2, (2, 1), (2,)),
        (2, (1, 2), (1, 2)),
        (2, (1, 7, 2), (1, 2)),
    ],
)
def test_selected_is_the_last_of_the_selection(
    selected: int | None, selection: tuple[int, ...], is_then: tuple[int, ...]
) -> None:
    objects = THREE.document.objects
    document = Document(objects, selected=selected, selection=selection)
    assert document.selection == is_then


def test_a_reopened_object_goes_back_to_its_place_when_those_below_are_deleted() -> None:
    opened = ReopenObject(3).apply(THREE)
    assert ids(ClearPrompts().apply(DeleteObjects([1]).apply(opened))) == [2, 3]
    assert ids(ClearPrompts().apply(DeleteObjects([1, 2]).apply(opened))) == [3]


def test_a_class_gives_its_colour_to_what_is_called_so_from_then_on() -> None:
    state = SetClasses(["cup", "bowl"], ["#ff8000", "#0080ff"]).apply(THREE)
    assert colors(state) == ["#ff8000", COLORS[1], COLORS[2]]
    assert SetLabel("bowl").apply(state).draft_color == "#0080ff"
    assert SetLabel("plate").apply(state).draft_color == COLORS[3]
    more = AddObjects([square(60)], ["bowl"]).apply(state)
    assert colors(more)[3] == "#0080ff"
    assert colors(RelabelObjects([2], "cup").apply(more))[1] == "#ff8000"


def test_a_class_that_changes_its_colour_takes_its_objects_along_also_in_the_history() -> None:
    state = HideObjects([1], True).apply(SetClasses(["cup"], ["#ff8000"]).apply(THREE))
    state = RecolorObjects([2], "#123456").apply(state)
    assert SetClasses(["cup"], ["#ff8000"]).apply(state).document is state.document
    green = AddClass("cup", "#00ff00").apply(state)
    assert colors(green) == ["#00ff00", "#123456", COLORS[2]]
    assert colors(Undo().apply(Undo().apply(green))) == ["#00ff00", COLORS[1], COLORS[2]]


def test_a_refined_object_takes_the_colour_of_its_class() -> None:
    opened = ReopenObject(1).apply(THREE)
    green = AddClass("cup", "#00ff00").apply(opened)
    assert green.draft_color == "#00ff00"
    assert colors(Commit().apply(green))[0] == "#00ff00"
    assert colors(Commit("bowl").apply(AddClass("bowl", "#0000ff").apply(green)))[0] == "#0000ff"


def test_classes_and_their_colours_go_on_to_another_image() -> None:
    state = SetClasses(["cup"], ["#ff8000"]).apply(THREE).on_image((10, 10))
    assert (state.classes, dict(state.class_colors)) == (("cup",), {"cup": "#ff8000"})


def test_more_classes_than_colours_begin_anew() -> None:
    names = [f"class {index}" for index in range(len(COLORS))]
    state = SetClasses(names, [""] * len(names)).apply(THREE)
    assert list(state.class_colors.values()) == list(COLORS)
    assert AddClass("more").apply(state).class_colors["more"] in COLORS


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda: LockObjects([9], True).apply(THREE), "no object with the id 9"),
        (lambda: DeleteObjects([2]).apply(LockObjects([2], True).apply(THREE)), "2 is locked"),
        (lambda: ReopenObject(2).apply(LockObjects([2], True).apply(THREE)), "2 is locked"),
        (lambda: ReorderObjects([1], -1).apply(THREE), "0 to 2, got -1"),
        (lambda: RecolorObjects([1], "orange").apply(THREE), "expected '#rrggbb'"),
        (lambda: AddClass("bowl", "orange").apply(THREE), "expected '#rrggbb'"),
        (lambda: SetClasses(["a"], ["#ff8000"] * 2).apply(THREE), "2 colours for 1 classes"),
    ],
)
def test_what_cannot_be_done_is_said(edit: Callable[[], State], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        edit()
