from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from samwidget.editing import document as s
from samwidget.editing.document import Draft, Point, State
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prediction import Prediction

IMAGE = np.zeros((60, 80, 3), np.uint8)
START = State(image=IMAGE)


def predicted(state: State, *, empty: bool = False) -> State:
    logits = np.full((3, 32, 32), -5, np.float32)
    if not empty:
        for index in range(3):
            logits[index, 4 : 10 + 2 * index, 4:10] = 5
    prediction = Prediction(
        logits, np.array([0.5, 0.9, 0.7], np.float32), ResizeTransform.for_image((60, 80), 64)
    )
    return s.with_draft(state, s.with_prediction(state.document.draft, prediction))


CLICKED = predicted(s.add_point(START, 20, 30))
COMMITTED = s.commit(CLICKED, "cat")
TWO = s.commit(predicted(s.add_point(COMMITTED, 40, 30)), "dog")


def points(state: State) -> list[tuple]:
    return [tuple(point) for point in state.document.draft.points]


# ------------------------------------------------------------------------------- prompts


def test_points_keep_their_order() -> None:
    state = s.add_point(s.add_point(s.add_point(START, 1, 2), 3, 4, 0), 5, 6, 1)
    assert points(state) == [(1, 2, 1), (3, 4, 0), (5, 6, 1)]
    assert points(s.move_point(state, 1, 7, 8)) == [(1, 2, 1), (7, 8, 0), (5, 6, 1)]
    assert points(s.remove_point(state, 0)) == [(3, 4, 0), (5, 6, 1)]


def test_a_hair_outside_counts_as_the_border() -> None:
    assert points(s.add_point(START, 80.3, -0.2)) == [(80, 0, 1)]


def test_box_corners_come_in_any_order_and_end_at_the_image() -> None:
    assert s.set_box(START, (30, 40, 10, 20)).document.draft.box_xyxy == (10, 20, 30, 40)
    assert s.set_box(START, (-5, 20, 99, 100)).document.draft.box_xyxy == (0, 20, 80, 60)


def test_box_can_be_taken_away() -> None:
    both = s.add_point(s.set_box(START, (1, 2, 3, 4)), 5, 6)
    assert s.set_box(both, None).document.draft.box_xyxy is None
    assert points(s.set_box(both, None)) == [(5, 6, 1)]
    assert s.set_box(START, None) is START


def test_first_click_alone_is_ambiguous() -> None:
    def ambiguous(state: State) -> bool:
        return state.document.draft.is_ambiguous

    first = s.add_point(START, 1, 2)
    assert ambiguous(first)
    assert not ambiguous(s.add_point(first, 3, 4))
    assert not ambiguous(s.set_box(START, (1, 2, 3, 4)))
    assert not ambiguous(s.set_box(first, (1, 2, 3, 4)))
    assert not ambiguous(s.add_point(s.set_box(START, (1, 2, 3, 4)), 5, 6))
    assert ambiguous(s.remove_point(s.add_point(first, 3, 4), 0))


@pytest.mark.parametrize(
    ("edit", "refines"),
    [
        (lambda state: s.add_point(state, 1, 2), True),
        (lambda state: s.move_point(state, 0, 1, 2), False),
        (lambda state: s.set_box(state, (1, 2, 3, 4)), False),
    ],
)
def test_only_an_added_point_refines(edit: Callable[[State], State], refines: bool) -> None:
    draft = edit(CLICKED).document.draft
    assert draft.is_pending
    assert draft.refines is (CLICKED.document.draft if refines else None)


def test_first_prompt_refines_nothing() -> None:
    assert s.add_point(START, 1, 2).document.draft.refines is None


def test_predicted_draft_lets_go_of_what_it_refined() -> None:
    assert predicted(s.add_point(CLICKED, 1, 2)).document.draft.refines is None


def test_best_candidate_is_chosen_until_another_is() -> None:
    assert CLICKED.document.draft.chosen == 1
    other = s.choose_mask(CLICKED, 2)
    assert other.document.draft.chosen == 2
    np.testing.assert_array_equal(
        other.document.draft.logits, CLICKED.document.draft.prediction.low_res_logits[2]
    )
    assert s.choose_mask(CLICKED, 1) is CLICKED
    assert s.undo(other).document.draft.chosen == 1
    assert s.add_point(other, 1, 2).document.draft.refines.chosen == 2


def test_clear_prompts_keeps_the_objects() -> None:
    state = s.clear_prompts(s.add_point(COMMITTED, 1, 2))
    assert state.document.draft.is_empty
    assert state.document.objects == COMMITTED.document.objects
    assert s.clear_prompts(state) is state


# ------------------------------------------------------------------------------- objects


def test_commit_makes_the_draft_an_object() -> None:
    (made,) = COMMITTED.document.objects
    assert (made.id, made.label, made.color) == (1, "cat", CLICKED.draft_color)
    assert made.score == pytest.approx(0.9)
    assert made.point_coords.tolist() == [[20, 30]]
    assert made.point_labels.tolist() == [1]
    assert made.box_prompt_xyxy is None
    assert made.area > 0
    assert COMMITTED.document.draft.is_empty
    assert COMMITTED.document.selected == 1
    assert COMMITTED.draft_color != CLICKED.draft_color


def test_a_committed_mask_is_the_drafts_in_the_form_that_is_kept() -> None:
    drafted = s.draft_object(CLICKED)
    assert drafted is not None
    (one,) = s.commit(CLICKED).document.objects
    assert one.shape.compact() is one.shape
    np.testing.assert_array_equal(one.mask, drafted.mask)


def test_commit_takes_the_label_that_is_set() -> None:
    (made,) = s.commit(s.set_label(CLICKED, "bird")).document.objects
    assert made.label == "bird"


def test_box_object_has_its_box() -> None:
    (made,) = s.commit(predicted(s.set_box(START, (1, 2, 3, 4)))).document.objects
    assert made.box_prompt_xyxy == (1, 2, 3, 4)
    assert made.point_coords.shape == (0, 2)


def test_delete_keeps_the_others_and_their_ids() -> None:
    state = s.delete_object(TWO, 1)
    assert [one.id for one in state.document.objects] == [2]
    assert state.document.selected == 2
    assert s.delete_object(TWO, 2).document.selected is None
    again = s.commit(predicted(s.add_point(state, 1, 2)))
    assert [one.id for one in again.document.objects] == [2, 3]


def test_relabel() -> None:
    state = s.relabel_object(TWO, 1, "lynx")
    assert [one.label for one in state.document.objects] == ["lynx", "dog"]
    assert s.relabel_object(TWO, 1, "cat") is TWO


def test_selection() -> None:
    state = s.select_object(TWO, 1)
    assert state.document.selected == 1
    assert s.select_object(state, None).document.selected is None
    assert s.add_point(state, 1, 2).document.selected is None, "a new object is begun"


def test_clear_all() -> None:
    state = s.clear_all(s.add_point(TWO, 1, 2))
    assert state.document.objects == ()
    assert state.document.draft.is_empty
    assert state.document.selected is None
    assert [one.label for one in s.undo(state).document.objects] == ["cat", "dog"]
    assert s.clear_all(START) is START


def test_draft_object_needs_a_mask() -> None:
    assert s.draft_object(START) is None
    assert s.draft_object(s.add_point(START, 1, 2)) is None
    assert s.draft_object(predicted(s.add_point(START, 1, 2), empty=True)) is None
    assert s.draft_object(CLICKED).id == 1


# ------------------------------------------------------------------------------- history

EDITS: dict[str, Callable[[State], State]] = {
    "add_point": lambda state: s.add_point(state, 1, 2),
    "move_point": lambda state: s.move_point(state, 0, 1, 2),
    "remove_point": lambda state: s.remove_point(state, 0),
    "set_box": lambda state: s.set_box(state, (1, 2, 3, 4)),
    "choose_mask": lambda state: s.choose_mask(state, 0),
    "clear_prompts": s.clear_prompts,
    "clear_all": s.clear_all,
    "commit": s.commit,
    "delete_object": lambda state: s.delete_object(state, 1),
    "relabel_object": lambda state: s.relabel_object(state, 1, "lynx"),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_is_undone_and_redone(name: str) -> None:
    before = predicted(s.add_point(COMMITTED, 20, 30))
    after = EDITS[name](before)
    assert s.undo(after).document is before.document
    assert s.redo(s.undo(after)).document is after.document


def test_undo_and_redo_at_the_ends_do_nothing() -> None:
    assert s.undo(START) is START
    assert s.redo(CLICKED) is CLICKED


def test_a_new_edit_ends_redo() -> None:
    assert s.add_point(s.undo(CLICKED), 1, 2).future == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda state: s.set_label(state, "x"),
        lambda state: s.set_tool(state, "box"),
        lambda state: s.select_object(state, 1),
    ],
)
def test_label_tool_and_selection_are_not_in_the_history(
    change: Callable[[State], State],
) -> None:
    state = change(s.undo(TWO))
    assert len(state.past) == len(s.undo(TWO).past)
    assert s.redo(state).document is TWO.document


def test_undo_keeps_label_and_tool() -> None:
    state = s.undo(s.set_tool(s.set_label(TWO, "x"), "box"))
    assert (state.label, state.tool) == ("x", "box")


def test_history_is_bounded() -> None:
    state = START
    for _ in range(s.HISTORY_LIMIT + 5):
        state = s.add_point(state, 1, 2)
    for _ in range(s.HISTORY_LIMIT + 5):
        state = s.undo(state)
    assert len(state.document.draft.points) == 5
    assert len(state.future) == s.HISTORY_LIMIT


def test_new_image_forgets_all_but_label_and_tool() -> None:
    state = s.new_image(s.set_tool(s.set_label(TWO, "x"), "box"), IMAGE[:5])
    assert state.document.objects == ()
    assert state.past == ()
    assert (state.label, state.tool) == ("x", "box")


# -------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda: s.add_point(START, -40, 20), r"\(-40, 20\) is outside.*80 x 60"),
        (lambda: s.add_point(START, 20, 60.6), "outside"),
        (lambda: s.add_point(START, float("nan"), 20), "x must be a number.*nan"),
        (lambda: s.add_point(START, 1, "left"), "y must be a number.*'left'"),
        (lambda: s.add_point(START, 1, 2, 3), "label is 1.*or 0.*got 3"),
        (lambda: s.add_point(State(), 1, 2), "no image yet"),
        (lambda: s.set_box(State(), (1, 2, 3, 4)), "no image yet"),
        (lambda: s.set_box(START, (1, 2, 1, 9)), "covers nothing"),
        (lambda: s.set_box(START, (90, 2, 100, 9)), "covers nothing"),
        (lambda: s.move_point(CLICKED, 1, 2, 3), "no point 1: the draft has 1"),
        (lambda: s.move_point(CLICKED, -1, 2, 3), "no point -1"),
        (lambda: s.move_point(CLICKED, 0, 2, 300), "outside"),
        (lambda: s.remove_point(START, 0), "no point 0: the draft has 0"),
        (lambda: s.choose_mask(CLICKED, 3), "no candidate mask 3"),
        (lambda: s.choose_mask(START, 0), "no mask to choose"),
        (lambda: s.commit(START), "nothing to commit"),
        (lambda: s.commit(predicted(s.add_point(START, 1, 2), empty=True)), "mask is empty"),
        (lambda: s.delete_object(TWO, 7), "no object with the id 7; ids there are: 1, 2"),
        (lambda: s.select_object(START, 1), "ids there are: none"),
        (lambda: s.relabel_object(TWO, 9, "x"), "no object with the id 9"),
    ],
)
def test_what_cannot_be_done_is_said(edit: Callable[[], State], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        edit()


def test_labels_are_text() -> None:
    for edit in (
        lambda: s.commit(CLICKED, 5),
        lambda: s.set_label(START, None),
        lambda: s.relabel_object(TWO, 1, b"cat"),
    ):
        with pytest.raises(TypeError, match="a label is text"):
            edit()


def test_draft_is_a_value() -> None:
    draft = Draft((Point(1, 2, 1),))
    with pytest.raises(AttributeError):
        draft.points = ()  # type: ignore[misc]
