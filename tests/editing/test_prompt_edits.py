"""Strokes, thresholds, masks as prompts, and what of it stays with the object."""

from __future__ import annotations

import numpy as np
import pytest

from samwidget.editing.document import State
from samwidget.editing.edits import (
    AddObjects,
    AddPoint,
    ChooseMask,
    ClearPrompts,
    Commit,
    MovePoint,
    RemovePoint,
    ReopenObject,
    SetBox,
    Undo,
)
from samwidget.editing.prompt_edits import AddPoints, PromptMask, RefitMask, SetThreshold
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.prediction import Prediction

START = State(size_hw=(60, 80))
STROKE = AddPoints([(20, 30, 1), (25, 31, 1), (30, 30, 1)])


def predicted(state: State, candidates: int = 3) -> State:
    """Answer with hills of several widths around the middle of the image."""
    y, x = np.mgrid[:32, :32]
    distance = np.hypot(x - 16, y - 12)
    logits = np.stack([6 + 2 * index - distance for index in range(candidates)])
    scores = np.array([0.5, 0.9, 0.7][:candidates], np.float32)
    transform = ResizeTransform.for_image((60, 80), 64)
    prediction = Prediction(logits.astype(np.float32), scores, transform)
    return state.with_draft(state.document.draft.predicted(prediction))


CLICKED = predicted(AddPoint(40, 30).apply(START))
SQUARE = np.zeros((60, 80), bool)
SQUARE[20:40, 30:60] = True


# ------------------------------------------------------------------------------------- strokes


def test_a_stroke_is_one_step_and_means_one_thing() -> None:
    state = STROKE.apply(START)
    draft = state.document.draft
    assert draft.prompts.points == ((20, 30, 1), (25, 31, 1), (30, 30, 1))
    assert not draft.is_ambiguous
    assert draft.refines is None
    assert Undo().apply(state).document is START.document


def test_a_stroke_over_a_draft_refines_it() -> None:
    draft = STROKE.apply(CLICKED).document.draft
    assert draft.refines is CLICKED.document.draft
    assert len(draft.prompts.points) == 4


def test_a_stroke_with_a_point_outside_changes_nothing() -> None:
    with pytest.raises(ValueError, match="outside the image"):
        AddPoints([(20, 30, 1), (99, 30, 1)]).apply(CLICKED)


# ---------------------------------------------------------------------------------- thresholds


def test_a_threshold_moves_the_border_and_stays_with_what_follows() -> None:
    state = SetThreshold(2.5).apply(CLICKED)
    draft = state.document.draft
    logits = CLICKED.document.draft.prediction.low_res_logits[1]
    exact = Mask.from_logits(logits, CLICKED.document.draft.prediction.transform, 2.5)
    np.testing.assert_array_equal(draft.mask.full(), exact.full())
    assert draft.mask.area < CLICKED.document.draft.mask.area
    refined = AddPoint(45, 30).apply(state).document.draft
    assert refined.threshold == 2.5
    assert refined.is_pending
    for edit in (MovePoint(0, 41, 30), SetBox((10, 10, 60, 50)), ChooseMask(0), STROKE):
        assert edit.apply(state).document.draft.threshold == 2.5
    assert ClearPrompts().apply(state).document.draft.threshold == 0
    assert Undo().apply(state).document.draft is CLICKED.document.draft


def test_the_model_is_told_the_logits_whatever_the_threshold() -> None:
    moved = SetThreshold(2.5).apply(CLICKED).document.draft
    transform = moved.prediction.transform
    np.testing.assert_allclose(
        moved.mask.as_mask_input(transform, 32),
        CLICKED.document.draft.mask.as_mask_input(transform, 32),
        atol=1e-5,
    )


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), "high", None])
def test_a_threshold_is_a_finite_number(threshold: object) -> None:
    with pytest.raises(ValueError, match="threshold must be a number in logits"):
        SetThreshold(threshold).apply(CLICKED)  # type: ignore[arg-type]


def test_there_is_no_threshold_without_logits() -> None:
    with pytest.raises(ValueError, match="no mask whose border"):
        SetThreshold(1).apply(START)
    with pytest.raises(ValueError, match="drawn or given"):
        SetThreshold(1).apply(PromptMask(Mask.from_array(SQUARE), refit=False).apply(START))
    given = AddObjects([Mask.from_array(SQUARE)], ["a"]).apply(START)
    with pytest.raises(ValueError, match="drawn or given"):
        SetThreshold(1).apply(ReopenObject(1).apply(given))


def test_a_threshold_that_leaves_nothing_is_not_committed() -> None:
    state = SetThreshold(30).apply(CLICKED)
    assert state.draft_object() is None
    with pytest.raises(ValueError, match="the mask is empty"):
        Commit().apply(state)


# ------------------------------------------------------------------ what stays with the object


def committed() -> State:
    return Commit("a").apply(SetThreshold(1.5).apply(ChooseMask(2).apply(CLICKED)))


def test_choice_and_threshold_stay_with_the_object() -> None:
    (one,) = committed().document.objects
    assert (one.choice, one.threshold) == (2, 1.5)
    assert one.score == pytest.approx(0.7)


def test_what_nobody_chose_from_has_no_choice() -> None:
    (one,) = Commit().apply(predicted(STROKE.apply(START), 1)).document.objects
    assert one.choice is None


def test_a_reopened_object_has_its_candidates_again() -> None:
    before = committed()
    state = ReopenObject(1).apply(before)
    draft = state.document.draft
    assert draft.is_pending
    assert draft.is_ambiguous
    assert draft.mask is before.document.objects[0].shape
    answered = predicted(state)
    draft = answered.document.draft
    assert not draft.is_pending
    assert (draft.chosen, draft.threshold) == (2, 1.5)
    assert draft.mask is before.document.objects[0].shape, "nothing was done to it yet"
    assert answered.draft_object().shape is draft.mask
    other = ChooseMask(0).apply(answered)
    again = Commit().apply(other).document.objects[0]
    assert (again.id, again.label, again.choice, again.threshold) == (1, "a", 0, 1.5)
    assert again.area < before.document.objects[0].area
    (back,) = ClearPrompts().apply(other).document.objects
    assert back is before.document.objects[0]


def test_the_border_of_an_object_that_is_reopened_moves_within_what_is_kept() -> None:
    made = Commit("a").apply(predicted(STROKE.apply(START), 1))
    state = ReopenObject(1).apply(made)
    assert not state.document.draft.is_pending
    areas = {}
    for threshold in (-2, -0.5, 0, 0.5, 2):
        draft = SetThreshold(threshold).apply(state).document.draft
        assert not draft.is_pending
        areas[threshold] = draft.mask.area
    assert list(areas.values()) == sorted(areas.values(), reverse=True)
    assert areas[-2] > areas[0] == made.document.objects[0].area > areas[2]
    moved = Commit().apply(SetThreshold(2).apply(state)).document.objects[0]
    assert (moved.area, moved.threshold, moved.label) == (areas[2], 2, "a")
    assert moved.score == made.document.objects[0].score


def test_a_border_goes_no_further_than_the_logits_that_are_kept() -> None:
    made = Commit("a").apply(predicted(STROKE.apply(START), 1))
    mask = SetThreshold(-30).apply(ReopenObject(1).apply(made)).document.draft.mask
    x1, y1, x2, y2 = made.document.objects[0].box_xyxy
    left, top, right, bottom = mask.box_xyxy
    assert (left, top, right, bottom) != (0, 0, 80, 60)
    assert left <= x1
    assert top <= y1
    assert right >= x2
    assert bottom >= y2


# ------------------------------------------------------------------------- masks that are prompts


def test_a_mask_is_asked_with_its_box() -> None:
    draft = PromptMask(Mask.from_array(SQUARE)).apply(START).document.draft
    assert draft.is_pending
    assert not draft.is_ambiguous
    assert draft.prompts.box == (30, 20, 60, 40)
    np.testing.assert_array_equal(draft.refines.mask.full(), SQUARE)


def test_a_mask_counts_as_it_is_until_prompts_refine_it() -> None:
    state = PromptMask(Mask.from_array(SQUARE), refit=False).apply(START)
    draft = state.document.draft
    assert not draft.is_pending
    assert not draft.is_empty
    one = state.draft_object("a")
    np.testing.assert_array_equal(one.mask, SQUARE)
    assert (one.score, one.label, one.choice) == (1, "a", None)
    clicked = AddPoint(5, 5, 0).apply(state)
    assert clicked.document.draft.is_pending
    assert not clicked.document.draft.is_only_background
    assert clicked.document.draft.refines is draft
    moved = MovePoint(0, 6, 6).apply(clicked).document.draft
    np.testing.assert_array_equal(moved.refines.mask.full(), SQUARE)
    emptied = RemovePoint(0).apply(clicked).document.draft
    assert not emptied.is_pending
    np.testing.assert_array_equal(emptied.mask.full(), SQUARE)


def test_a_mask_may_take_the_place_of_a_reopened_one() -> None:
    state = PromptMask(Mask.from_array(SQUARE), refit=False).apply(
        ReopenObject(1).apply(committed())
    )
    (one,) = Commit().apply(state).document.objects
    assert (one.id, one.label) == (1, "a")
    np.testing.assert_array_equal(one.mask, SQUARE)


def test_refitting_asks_with_the_mask_there_is() -> None:
    draft = RefitMask().apply(CLICKED).document.draft
    assert draft.refines is CLICKED.document.draft
    assert draft.prompts.box == CLICKED.document.draft.mask.box_xyxy
    assert draft.prompts.points == ((40, 30, 1),)
    boxed = predicted(SetBox((10, 10, 60, 50)).apply(START), 1)
    assert RefitMask().apply(boxed).document.draft.prompts.box == (10, 10, 60, 50)


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (np.ones((60, 81), bool), "60 x 80.*got 60 x 81"),
        (np.zeros((60, 80), bool), "mask is empty"),
    ],
)
def test_masks_that_are_no_prompts_are_refused(mask: np.ndarray, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        PromptMask(Mask.from_array(mask)).apply(START)
    with pytest.raises(ValueError, match="no mask to refit"):
        RefitMask().apply(START)
