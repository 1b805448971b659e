from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from samwidget.editing.document import Draft, State
from samwidget.editing.edits import (
    AddObjects,
    AddPoint,
    ChooseMask,
    ClearAll,
    ClearPrompts,
    Commit,
    DeleteObject,
    MovePoint,
    Redo,
    RelabelObject,
    RemovePoint,
    ReopenObject,
    SelectObject,
    SetBox,
    SetClasses,
    SetLabel,
    SetTool,
    Undo,
)
from samwidget.editing.history import HISTORY_LIMIT, KEPT_PREDICTIONS
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.prediction import Prediction

START = State(size_hw=(60, 80))


def predicted(state: State, *, empty: bool = False) -> State:
    logits = np.full((3, 32, 32), -5, np.float32)
    if not empty:
        for index in range(3):
            logits[index, 4 : 10 + 2 * index, 4:10] = 5
    prediction = Prediction(
        logits, np.array([0.5, 0.9, 0.7], np.float32), ResizeTransform.for_image((60, 80), 64)
    )
    return state.with_draft(state.document.draft.predicted(prediction))


CLICKED = predicted(AddPoint(20, 30).apply(START))
COMMITTED = Commit("cat").apply(CLICKED)
TWO = Commit("dog").apply(predicted(AddPoint(40, 30).apply(COMMITTED)))


def points(state: State) -> list[tuple]:
    return list(state.document.draft.prompts.points)


# ------------------------------------------------------------------------------- prompts


def test_points_keep_their_order() -> None:
    state = AddPoint(5, 6, 1).apply(AddPoint(3, 4, 0).apply(AddPoint(1, 2).apply(START)))
    assert points(state) == [(1, 2, 1), (3, 4, 0), (5, 6, 1)]
    assert points(MovePoint(1, 7, 8).apply(state)) == [(1, 2, 1), (7, 8, 0), (5, 6, 1)]
    assert points(RemovePoint(0).apply(state)) == [(3, 4, 0), (5, 6, 1)]


def test_a_hair_outside_counts_as_the_border() -> None:
    assert points(AddPoint(80.3, -0.2).apply(START)) == [(80, 0, 1)]


def test_box_corners_come_in_any_order_and_end_at_the_image() -> None:
    assert SetBox((30, 40, 10, 20)).apply(START).document.draft.prompts.box_xyxy.tolist() == [
        10,
        20,
        30,
        40,
    ]
    assert SetBox((-5, 20, 99, 100)).apply(START).document.draft.prompts.box_xyxy.tolist() == [
        0,
        20,
        80,
        60,
    ]


def test_box_can_be_taken_away() -> None:
    both = AddPoint(5, 6).apply(SetBox((1, 2, 3, 4)).apply(START))
    assert SetBox(None).apply(both).document.draft.prompts.box_xyxy is None
    assert points(SetBox(None).apply(both)) == [(5, 6, 1)]
    assert SetBox(None).apply(START) is START


def test_first_click_alone_is_ambiguous() -> None:
    def ambiguous(state: State) -> bool:
        return state.document.draft.is_ambiguous

    first = AddPoint(1, 2).apply(START)
    assert ambiguous(first)
    assert not ambiguous(AddPoint(3, 4).apply(first))
    assert not ambiguous(SetBox((1, 2, 3, 4)).apply(START))
    assert not ambiguous(SetBox((1, 2, 3, 4)).apply(first))
    assert not ambiguous(AddPoint(5, 6).apply(SetBox((1, 2, 3, 4)).apply(START)))
    assert ambiguous(RemovePoint(0).apply(AddPoint(3, 4).apply(first)))


@pytest.mark.parametrize(
    ("edit", "refines"),
    [
        (lambda state: AddPoint(1, 2).apply(state), True),
        (lambda state: MovePoint(0, 1, 2).apply(state), False),
        (lambda state: SetBox((1, 2, 3, 4)).apply(state), False),
    ],
)
def test_only_an_added_point_refines(edit: Callable[[State], State], refines: bool) -> None:
    draft = edit(CLICKED).document.draft
    assert draft.is_pending
    assert draft.refines is (CLICKED.document.draft if refines else None)


def test_first_prompt_refines_nothing() -> None:
    assert AddPoint(1, 2).apply(START).document.draft.refines is None


def test_predicted_draft_keeps_of_what_it_refined_only_what_was_done() -> None:
    refined = predicted(AddPoint(1, 2).apply(ChooseMask(2).apply(CLICKED))).document.draft.refines
    assert refined.prediction is None
    assert (refined.chosen, refined.prompts) == (2, CLICKED.document.draft.prompts)


def test_best_candidate_is_chosen_until_another_is() -> None:
    assert CLICKED.document.draft.chosen == 1
    other = ChooseMask(2).apply(CLICKED)
    assert other.document.draft.chosen == 2
    assert other.document.draft.mask.area == CLICKED.document.draft.prediction.candidate(2).area
    assert ChooseMask(1).apply(CLICKED) is CLICKED
    assert Undo().apply(other).document.draft.chosen == 1
    assert AddPoint(1, 2).apply(other).document.draft.refines.chosen == 2


def test_clear_prompts_keeps_the_objects() -> None:
    state = ClearPrompts().apply(AddPoint(1, 2).apply(COMMITTED))
    assert state.document.draft.is_empty
    assert state.document.objects == COMMITTED.document.objects
    assert ClearPrompts().apply(state) is state


# ------------------------------------------------------------------------------- objects


def test_commit_makes_the_draft_an_object() -> None:
    (made,) = COMMITTED.document.objects
    assert (made.id, made.label, made.color) == (1, "cat", CLICKED.draft_color)
    assert made.score == pytest.approx(0.9)
    assert 0 < made.stability_score < 1
    assert made.point_coords.tolist() == [[20, 30]]
    assert made.point_labels.tolist() == [1]
    assert made.box_prompt_xyxy is None
    assert made.area > 0
    assert COMMITTED.document.draft.is_empty
    assert COMMITTED.document.selected == 1
    assert COMMITTED.draft_color != CLICKED.draft_color


def test_commit_takes_the_label_that_is_set() -> None:
    (made,) = Commit().apply(SetLabel("bird").apply(CLICKED)).document.objects
    assert made.label == "bird"


def test_box_object_has_its_box() -> None:
    (made,) = Commit().apply(predicted(SetBox((1, 2, 3, 4)).apply(START))).document.objects
    assert made.box_prompt_xyxy == (1, 2, 3, 4)
    assert made.point_coords.shape == (0, 2)


def test_delete_keeps_the_others_and_their_ids() -> None:
    state = DeleteObject(1).apply(TWO)
    assert [one.id for one in state.document.objects] == [2]
    assert state.document.selected == 2
    assert DeleteObject(2).apply(TWO).document.selected is None
    again = Commit().apply(predicted(AddPoint(1, 2).apply(state)))
    assert [one.id for one in again.document.objects] == [2, 3]


def test_relabel() -> None:
    state = RelabelObject(1, "lynx").apply(TWO)
    assert [one.label for one in state.document.objects] == ["lynx", "dog"]
    assert RelabelObject(1, "cat").apply(TWO) is TWO


def test_selection() -> None:
    state = SelectObject(1).apply(TWO)
    assert state.document.selected == 1
    assert SelectObject(None).apply(state).document.selected is None
    assert AddPoint(1, 2).apply(state).document.selected is None, "a new object is begun"


def test_clear_all() -> None:
    state = ClearAll().apply(AddPoint(1, 2).apply(TWO))
    assert state.document.objects == ()
    assert state.document.draft.is_empty
    assert state.document.selected is None
    assert [one.label for one in Undo().apply(state).document.objects] == ["cat", "dog"]
    assert ClearAll().apply(START) is START


def test_draft_object_needs_a_mask() -> None:
    assert START.draft_object() is None
    assert AddPoint(1, 2).apply(START).draft_object() is None
    assert predicted(AddPoint(1, 2).apply(START), empty=True).draft_object() is None
    assert CLICKED.draft_object().id == 1


# ------------------------------------------------------------------------------- history

EDITS: dict[str, Callable[[State], State]] = {
    "add_point": lambda state: AddPoint(1, 2).apply(state),
    "move_point": lambda state: MovePoint(0, 1, 2).apply(state),
    "remove_point": lambda state: RemovePoint(0).apply(state),
    "set_box": lambda state: SetBox((1, 2, 3, 4)).apply(state),
    "choose_mask": lambda state: ChooseMask(0).apply(state),
    "clear_prompts": ClearPrompts().apply,
    "clear_all": ClearAll().apply,
    "commit": Commit().apply,
    "delete_object": lambda state: DeleteObject(1).apply(state),
    "relabel_object": lambda state: RelabelObject(1, "lynx").apply(state),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_is_undone_and_redone(name: str) -> None:
    before = predicted(AddPoint(20, 30).apply(COMMITTED))
    after = EDITS[name](before)
    assert Undo().apply(after).document is before.document
    assert Redo().apply(Undo().apply(after)).document is after.document


def test_undo_and_redo_at_the_ends_do_nothing() -> None:
    assert Undo().apply(START) is START
    assert Redo().apply(CLICKED) is CLICKED


def test_a_new_edit_ends_redo() -> None:
    assert AddPoint(1, 2).apply(Undo().apply(CLICKED)).future == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda state: SetLabel("x").apply(state),
        lambda state: SetTool("box").apply(state),
        lambda state: SelectObject(1).apply(state),
    ],
)
def test_label_tool_and_selection_are_not_in_the_history(
    change: Callable[[State], State],
) -> None:
    state = change(Undo().apply(TWO))
    assert len(state.past) == len(Undo().apply(TWO).past)
    assert Redo().apply(state).document is TWO.document


def test_undo_keeps_label_and_tool() -> None:
    state = Undo().apply(SetTool("box").apply(SetLabel("x").apply(TWO)))
    assert (state.label, state.tool) == ("x", "box")


def test_history_is_bounded() -> None:
    state = START
    for _ in range(HISTORY_LIMIT + 5):
        state = AddPoint(1, 2).apply(state)
    for _ in range(HISTORY_LIMIT + 5):
        state = Undo().apply(state)
    assert len(points(state)) == 5
    assert len(state.future) == HISTORY_LIMIT


def test_new_image_forgets_all_but_label_and_tool() -> None:
    state = SetTool("box").apply(SetLabel("x").apply(TWO)).on_image((5, 80))
    assert state.document.objects == ()
    assert state.past == ()
    assert (state.label, state.tool) == ("x", "box")


# -------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda: AddPoint(-40, 20).apply(START), r"\(-40, 20\) is outside.*80 x 60"),
        (lambda: AddPoint(20, 60.6).apply(START), "outside"),
        (lambda: AddPoint(float("nan"), 20).apply(START), "x must be a number.*nan"),
        (lambda: AddPoint(1, "left").apply(START), "y must be a number.*'left'"),
        (lambda: AddPoint(1, 2, 3).apply(START), "label must be 1.*or 0.*got 3"),
        (lambda: AddPoint(1, 2).apply(State()), "no image yet"),
        (lambda: SetBox((1, 2, 3, 4)).apply(State()), "no image yet"),
        (lambda: SetBox((1, 2, 1, 9)).apply(START), "covers nothing"),
        (lambda: SetBox((90, 2, 100, 9)).apply(START), "covers nothing"),
        (lambda: MovePoint(1, 2, 3).apply(CLICKED), "no point 1: there are 1"),
        (lambda: MovePoint(-1, 2, 3).apply(CLICKED), "no point -1"),
        (lambda: MovePoint(0, 2, 300).apply(CLICKED), "outside"),
        (lambda: RemovePoint(0).apply(START), "no point 0: there are 0"),
        (lambda: ChooseMask(3).apply(CLICKED), "no candidate mask 3"),
        (lambda: ChooseMask(0).apply(START), "no mask to choose"),
        (lambda: Commit().apply(START), "nothing to commit"),
        (
            lambda: Commit().apply(predicted(AddPoint(1, 2).apply(START), empty=True)),
            "mask is empty",
        ),
        (lambda: DeleteObject(7).apply(TWO), "no object with the id 7; ids there are: 1, 2"),
        (lambda: SelectObject(1).apply(START), "ids there are: none"),
        (lambda: RelabelObject(9, "x").apply(TWO), "no object with the id 9"),
    ],
)
def test_what_cannot_be_done_is_said(edit: Callable[[], State], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        edit()


def test_labels_are_text() -> None:
    for edit in (
        lambda: Commit(5).apply(CLICKED),
        lambda: SetLabel(None).apply(START),
        lambda: RelabelObject(1, b"cat").apply(TWO),
    ):
        with pytest.raises(TypeError, match="a label is text"):
            edit()


def test_draft_is_a_value() -> None:
    draft = Draft()
    with pytest.raises(AttributeError):
        draft.choice = 1  # type: ignore[misc]


# ------------------------------------------------------------------ objects that masks become


def square(x1: int, y1: int, x2: int, y2: int) -> Mask:
    array = np.zeros((60, 80), bool)
    array[y1:y2, x1:x2] = True
    return Mask.from_array(array)


def test_masks_become_objects_with_ids_colors_and_labels() -> None:
    edit = AddObjects([square(1, 1, 9, 9), square(20, 20, 30, 30)], ["a", None])
    state = edit.apply(SetLabel("set").apply(COMMITTED))
    assert [(one.id, one.label) for one in state.document.objects] == [
        (1, "cat"),
        (2, "a"),
        (3, "set"),
    ]
    assert len({one.color for one in state.document.objects}) == 3
    assert state.document.next_id == 4
    assert Undo().apply(state).document is COMMITTED.document


@pytest.mark.parametrize(
    ("masks", "says"),
    [
        ([Mask.from_array(np.ones((60, 81), bool))], r"masks\[0\].*60 x 80.*got 60 x 81"),
        ([square(1, 1, 9, 9), square(1, 1, 1, 1)], r"masks\[1\] is empty"),
    ],
)
def test_masks_that_are_no_objects_are_refused(masks: list[Mask], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        AddObjects(masks, [None] * len(masks)).apply(START)


def test_reopened_object_is_the_draft_and_goes_back_to_its_place() -> None:
    opened = ReopenObject(1).apply(TWO)
    draft = opened.document.draft
    assert draft.is_pending, "the candidates that it was chosen from are asked for again"
    assert draft.mask is TWO.document.objects[0].shape
    assert points(opened) == [(20, 30, 1)]
    assert [one.id for one in opened.document.objects] == [2]
    assert opened.draft_object().label == "cat"
    for back in (ClearPrompts().apply(opened), Commit().apply(opened)):
        assert [(one.id, one.label) for one in back.document.objects] == [(1, "cat"), (2, "dog")]
        assert back.document.next_id == TWO.document.next_id
    refined = predicted(AddPoint(5, 5).apply(opened))
    assert refined.document.draft.reopened is draft.reopened
    renamed = Commit("lynx").apply(refined)
    assert [(one.id, one.label) for one in renamed.document.objects] == [(1, "lynx"), (2, "dog")]
    assert renamed.document.objects[0].color == TWO.document.objects[0].color
    assert len(renamed.document.objects[0].point_coords) == 2


def test_reopening_another_object_puts_the_first_back() -> None:
    state = ReopenObject(2).apply(ReopenObject(1).apply(TWO))
    assert [one.id for one in state.document.objects] == [1]
    assert state.document.draft.reopened.object.id == 2


def test_an_object_below_a_reopened_one_may_go() -> None:
    state = ClearPrompts().apply(DeleteObject(1).apply(ReopenObject(2).apply(TWO)))
    assert [one.id for one in state.document.objects] == [2]


def test_prompts_of_an_object_that_came_as_a_mask_always_start_from_it() -> None:
    state = ReopenObject(1).apply(AddObjects([square(1, 1, 9, 9)], ["a"]).apply(START))
    base = state.document.draft
    for edit in (AddPoint(5, 5), SetBox((1, 1, 20, 20))):
        assert edit.apply(state).document.draft.refines.mask is base.mask
    clicked = AddPoint(5, 5).apply(state)
    assert MovePoint(0, 6, 6).apply(clicked).document.draft.refines.mask is base.mask
    emptied = RemovePoint(0).apply(clicked).document.draft
    assert not emptied.is_pending
    assert emptied.mask is base.mask


def test_committing_keeps_the_mask_in_the_form_that_is_kept() -> None:
    (one,) = COMMITTED.document.objects
    assert one.shape.compact() is one.shape
    np.testing.assert_array_equal(one.mask, CLICKED.document.draft.mask.full())


def test_classes_and_label_can_be_set_without_an_image() -> None:
    state = SetClasses(["a", "b"]).apply(SetLabel("b").apply(State()))
    assert (state.classes, state.label) == (("a", "b"), "b")
    with pytest.raises(TypeError, match="a list of texts"):
        SetClasses("ab").apply(state)
    with pytest.raises(TypeError, match="a label is text"):
        SetClasses([1]).apply(state)


def test_only_the_newest_steps_keep_their_predictions() -> None:
    state = START
    for x in range(3 * KEPT_PREDICTIONS):
        state = predicted(AddPoint(x, 2).apply(state))

    def kept(documents: tuple) -> int:
        return sum(one.draft.prediction is not None for one in documents)

    assert kept(state.past) == KEPT_PREDICTIONS
    for _ in range(2 * KEPT_PREDICTIONS):
        state = Undo().apply(state)
    assert kept(state.past) + kept(state.future) <= 2 * KEPT_PREDICTIONS


def test_a_label_that_is_not_unicode_can_be_written_all_the_same() -> None:
    (made,) = Commit("caf\udce9").apply(CLICKED).document.objects
    assert made.label == "caf\ufffd"
