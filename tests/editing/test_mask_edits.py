"""Painting, polygons and reshaping: on drafts, on objects, and what a model refines later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from samwidget.editing.document import State
from samwidget.editing.edits import (
    AddObjects,
    AddPoint,
    ClearPrompts,
    Commit,
    MovePoint,
    PaintPolygon,
    PaintStroke,
    Redo,
    RemovePoint,
    ReopenObject,
    ReshapeMask,
    SetBox,
    SetOutline,
    Undo,
)
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.prediction import Prediction

SIZE_HW = (60, 80)
START = State(size_hw=SIZE_HW)
SQUARE = [(10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0)]


def box_mask(x1: int, y1: int, x2: int, y2: int) -> Mask:
    array = np.zeros(SIZE_HW, bool)
    array[y1:y2, x1:x2] = True
    return Mask.from_array(array)


def predicted(state: State) -> State:
    """Let a model say that the object is a square in the middle, with 0.75."""
    logits = np.full((1, 64, 64), -5, np.float32)
    logits[0, 10:30, 20:40] = 5
    transform = ResizeTransform.for_image(SIZE_HW, 64)
    prediction = Prediction(logits, np.array([0.75], np.float32), transform)
    return state.with_draft(state.document.draft.predicted(prediction))


def draft_mask(state: State) -> np.ndarray:
    mask = state.document.draft.mask
    assert mask is not None
    return mask.full()


WITH_OBJECTS = AddObjects([box_mask(5, 5, 20, 20), box_mask(40, 5, 60, 30)], ["a", "b"]).apply(
    START
)


# ------------------------------------------------------------------------------------ the draft


def test_a_stroke_begins_a_draft_that_no_model_is_asked_for() -> None:
    state = PaintStroke([(20, 20), (40, 20)], 4, add=True, id=None).apply(START)
    draft = state.document.draft
    assert not draft.is_pending
    assert not draft.is_empty
    assert draft.mask is not None
    assert draft.mask.box_xyxy == (16, 16, 44, 24)
    made = Commit("bar").apply(state).document.objects[0]
    assert (made.label, made.score, made.edited, made.shape.box_xyxy) == (
        "bar", 1.0, True, (16, 16, 44, 24),
    )  # fmt: skip
    assert made.prompts.is_empty


def test_a_stroke_on_a_models_mask_keeps_prompts_and_score() -> None:
    before = predicted(AddPoint(30, 20).apply(START))
    state = PaintStroke([(70, 50)], 5, add=True, id=None).apply(before)
    expected = draft_mask(before).copy()
    y, x = np.mgrid[:60, :80] + 0.5
    expected |= np.hypot(x - 70, y - 50) <= 5
    np.testing.assert_array_equal(draft_mask(state), expected)
    made = Commit().apply(state).document.objects[0]
    assert made.score == 0.75
    assert made.prompts.points == ((30, 20, 1),)
    assert made.edited


def test_what_erases_everything_leaves_a_draft_that_cannot_be_committed() -> None:
    state = PaintStroke([(20, 20)], 4, add=True, id=None).apply(START)
    state = PaintStroke([(20, 20)], 9, add=False, id=None).apply(state)
    assert state.draft_object() is None
    with pytest.raises(ValueError, match="mask is empty"):
        Commit().apply(state)


def test_a_click_refines_what_was_painted() -> None:
    painted = PaintStroke([(20, 20)], 4, add=True, id=None).apply(START)
    state = AddPoint(40, 30).apply(painted)
    draft = state.document.draft
    assert draft.is_pending
    assert not draft.is_ambiguous
    assert draft.refines is painted.document.draft
    assert Commit().apply(predicted(state)).document.objects[0].edited


@pytest.mark.parametrize(
    "edit", [MovePoint(0, 50, 40), SetBox((5, 5, 40, 40)), AddPoint(50, 40)], ids=lambda e: e.kind
)
def test_other_prompts_start_from_what_was_painted_not_anew(edit: object) -> None:
    painted = PaintStroke([(20, 20)], 4, add=True, id=None).apply(
        predicted(AddPoint(30, 20).apply(START))
    )
    refined = predicted(AddPoint(10, 10, 0).apply(painted))
    for state in (painted, refined):
        draft = edit.apply(state).document.draft  # type: ignore[attr-defined]
        assert draft.is_pending
        assert draft.painting is not None
        assert draft.painting.mask is painted.document.draft.mask


def test_without_its_last_prompt_the_painting_is_left() -> None:
    painted = PaintStroke([(20, 20)], 4, add=True, id=None).apply(START)
    state = RemovePoint(0).apply(predicted(AddPoint(40, 30).apply(painted)))
    assert state.document.draft.painted is painted.document.draft.painted
    assert not state.document.draft.is_pending


def test_a_reopened_painted_object_is_refined_from_its_mask() -> None:
    state = PaintStroke([(20, 20)], 4, add=True, id=None).apply(
        predicted(AddPoint(30, 20).apply(START))
    )
    committed = Commit().apply(state)
    reopened = ReopenObject(1).apply(committed)
    moved = MovePoint(0, 31, 21).apply(reopened).document.draft
    assert moved.refines is not None
    assert moved.refines.mask is committed.document.objects[0].shape
    again = PaintStroke([(60, 20)], 4, add=True, id=None).apply(reopened)
    assert Commit().apply(again).document.objects[0].id == 1
    assert ClearPrompts().apply(again).document.objects == committed.document.objects


def test_undo_and_redo_go_through_strokes() -> None:
    first = PaintStroke([(20, 20)], 4, add=True, id=None).apply(START)
    second = PaintStroke([(40, 20)], 4, add=True, id=None).apply(first)
    assert Undo().apply(second).document is first.document
    assert Undo().apply(Undo().apply(second)).document is START.document
    assert Redo().apply(Undo().apply(second)).document is second.document


def test_a_stroke_that_changes_nothing_is_no_step() -> None:
    state = PaintStroke([(20, 20), (40, 20)], 4, add=True, id=None).apply(START)
    assert PaintStroke([(30, 20)], 3, add=True, id=None).apply(state) is state
    assert PaintStroke([(30, 50)], 3, add=False, id=None).apply(state) is state
    assert PaintStroke([(-50, -50)], 3, add=True, id=None).apply(START) is START


# ------------------------------------------------------------------------------------ an object


def test_a_stroke_on_an_object_changes_that_alone() -> None:
    state = PaintStroke([(20, 12)], 4, add=False, id=1).apply(WITH_OBJECTS)
    one, other = state.document.objects
    assert (one.id, one.label, one.edited, one.rings) == (1, "a", True, None)
    assert one.area < 225
    assert other is WITH_OBJECTS.document.objects[1]
    assert state.document.draft.is_empty


def test_the_reopened_object_is_the_draft() -> None:
    reopened = ReopenObject(2).apply(WITH_OBJECTS)
    state = PaintStroke([(60, 20)], 6, add=True, id=2).apply(reopened)
    assert state.document.draft.painted is not None
    assert state.document.draft.reopened is not None


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (PaintStroke([(12, 12)], 60, add=False, id=1), "nothing would be left of object 1"),
        (
            PaintStroke([(12, 12)], 3, add=True, id=9),
            "no object with the id 9; ids there are: 1, 2",
        ),
        (PaintStroke([(12, 12)], -3, add=True, id=1), "radius is a number of pixels above 0"),
        (PaintStroke([], 3, add=True, id=1), "a stroke"),
        (PaintPolygon([(1, 2), (3, 4)], add=True, id=1), "a polygon has at least 3 points"),
        (SetOutline([], id=1), "1 to 1000 rings"),
        (SetOutline([SQUARE, [(1, 2)]], id=1), r"rings\[1\] has at least 3 points"),
        (SetOutline([[(-9, -9), (-5, -9), (-5, -5)]], id=1), "covers no pixel"),
        (ReshapeMask("shrink", 40, id=1), "nothing would be left of the mask: shrink"),
        (ReshapeMask("grow", 0, id=1), "number of pixels"),
        (ReshapeMask("fill_holes", 2, id=1), "max_share"),
        (ReshapeMask("melt", 2, id=1), "one of fill_holes, drop_islands, grow"),  # type: ignore[arg-type]
        (ReshapeMask("grow", 2, id=None), "there is no mask to change"),
        (PaintPolygon(SQUARE, add=False, id=None), "there is no mask to take from"),
    ],
)
def test_what_makes_no_sense_is_refused(edit: PaintStroke, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        edit.apply(WITH_OBJECTS)


def test_without_an_image_there_is_nothing_to_paint_on() -> None:
    with pytest.raises(ValueError, match="no image yet"):
        PaintStroke([(1, 1)], 2, add=True, id=None).apply(State())


# ------------------------------------------------------------------------------------- polygons


def test_a_polygon_keeps_its_corners_until_its_pixels_change() -> None:
    state = PaintPolygon(SQUARE, add=True, id=None).apply(START)
    np.testing.assert_array_equal(draft_mask(state), box_mask(10, 10, 30, 30).full())
    assert state.document.draft.rings == (tuple(SQUARE),)
    committed = Commit().apply(state)
    assert committed.document.objects[0].rings == (tuple(SQUARE),)
    assert ReopenObject(1).apply(committed).document.draft.rings == (tuple(SQUARE),)
    painted = PaintStroke([(30, 30)], 4, add=True, id=1).apply(committed)
    assert painted.document.objects[0].rings is None


def test_an_outline_takes_the_masks_place_with_its_holes() -> None:
    hole = [(15.0, 15.0), (25.0, 15.0), (25.0, 25.0), (15.0, 25.0)]
    state = SetOutline([SQUARE, hole], id=2).apply(WITH_OBJECTS)
    changed = state.document.objects[1]
    assert changed.area == 300
    assert changed.rings == (tuple(SQUARE), tuple(hole))


def test_the_outlines_of_a_mask_are_that_mask() -> None:
    state = PaintStroke([(20, 20), (50, 40)], 7.5, add=True, id=None).apply(START)
    mask = state.document.draft.mask
    assert mask is not None
    rings = [ring.tolist() for polygon in mask.polygons() for ring in polygon]
    again = SetOutline(rings, id=None).apply(START)
    np.testing.assert_array_equal(draft_mask(again), mask.full())


# ------------------------------------------------------------------------------------ reshaping


def test_holes_are_filled_and_islands_dropped_but_where_a_point_is() -> None:
    array = box_mask(10, 10, 40, 40).full()
    array[20:22, 20:22] = False
    array[50:52, 70:72] = True
    array[50:52, 60:62] = True
    state = AddObjects([Mask.from_array(array)], [None]).apply(START)
    filled = ReshapeMask("fill_holes", 1.0, id=1).apply(state).document.objects[0]
    assert filled.area == 900 + 8
    alone = ReshapeMask("drop_islands", 1.0, id=1).apply(state).document.objects[0]
    assert alone.area == 896
    one = state.document.objects[0]
    pointed = replace(one, prompts=one.prompts.with_point(71, 51))
    state = replace(state, document=replace(state.document, objects=(pointed,)))
    assert ReshapeMask("drop_islands", 1.0, id=1).apply(state).document.objects[0].area == 900


def test_reshaping_the_draft_paints_it() -> None:
    before = predicted(AddPoint(30, 20).apply(START))
    state = ReshapeMask("grow", 3, id=None).apply(before)
    assert state.document.draft.painted is not None
    assert draft_mask(state).sum() > draft_mask(before).sum()
    assert draft_mask(state)[draft_mask(before)].all()


def test_what_there_is_nothing_to_do_about_is_no_step() -> None:
    assert ReshapeMask("fill_holes", 1.0, id=1).apply(WITH_OBJECTS) is WITH_OBJECTS
    assert ReshapeMask("drop_islands", 1.0, id=1).apply(WITH_OBJECTS) is WITH_OBJECTS
