"""What the model is asked for each kind of prompts: the table in ``docs/prompts.md``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from bench import Bench, ambiguous, fed_back

from samwidget.editing.edit import Edit
from samwidget.editing.edits import (
    AddPoint,
    ChooseMask,
    Commit,
    MovePoint,
    RemovePoint,
    ReopenObject,
    SetBox,
    Undo,
)
from samwidget.editing.prompt_edits import AddPoints, PromptMask, RefitMask, SetThreshold
from samwidget.values.mask import Mask

SQUARE = np.zeros((64, 64), bool)
SQUARE[16:32, 20:44] = True
GIVEN = Mask.from_array(SQUARE)
STROKE = AddPoints([(30, 30, 1), (34, 32, 1)])
CLICK, BOX = AddPoint(32, 32), SetBox((10, 10, 50, 50))


@pytest.mark.parametrize(
    ("edits", "asked", "told_a_mask"),
    [
        ([CLICK], [True], [False]),
        ([BOX], [False], [False]),
        ([STROKE], [False], [False]),
        ([AddPoints([(30, 30, 1)])], [True], [False]),
        ([CLICK, AddPoint(40, 40)], [True, False], [False, True]),
        ([CLICK, STROKE], [True, False], [False, True]),
        ([BOX, CLICK], [False, False], [False, True]),
        ([CLICK, BOX], [True, False], [False, False]),
        ([CLICK, MovePoint(0, 20, 20)], [True, True], [False, False]),
        ([STROKE, RemovePoint(0)], [False, True], [False, False]),
        ([CLICK, SetThreshold(2)], [True], [False]),
        ([CLICK, ChooseMask(0)], [True], [False]),
        ([CLICK, RefitMask()], [True, False], [False, True]),
        ([PromptMask(GIVEN)], [False], [True]),
        ([PromptMask(GIVEN, refit=False)], [], []),
        ([PromptMask(GIVEN, refit=False), CLICK], [False], [True]),
        ([PromptMask(GIVEN, refit=False), CLICK, MovePoint(0, 9, 9)], [False] * 2, [True] * 2),
    ],
)
def test_what_is_asked(
    bench: Bench, edits: Sequence[Edit], asked: list[bool], told_a_mask: list[bool]
) -> None:
    bench.ready()
    for edit in edits:
        bench.do(edit)
    assert ambiguous(bench.model) == asked
    assert fed_back(bench.model) == told_a_mask


def test_a_given_mask_is_what_the_model_is_told(bench: Bench) -> None:
    bench.ready()
    bench.do(PromptMask(GIVEN))
    (decode,) = bench.model.decodes
    told = decode["mask_input"][0, 0].numpy() > 0
    np.testing.assert_array_equal(np.kron(told, np.ones((2, 2), bool)), SQUARE)
    assert decode["boxes"][0].tolist() == [20, 16, 44, 32]
    assert decode["points"] == []


def test_an_object_that_is_reopened_has_its_candidates_again(bench: Bench) -> None:
    bench.ready()
    for edit in (CLICK, ChooseMask(2), SetThreshold(1), Commit("a"), ReopenObject(1)):
        bench.do(edit)
    assert ambiguous(bench.model) == [True, True]
    draft = bench.draft
    assert draft.prediction is not None
    assert len(draft.prediction.iou_predictions) == 3
    assert (draft.chosen, draft.threshold) == (2, 1)
    assert draft.mask is draft.reopened.object.shape
    bench.do(ChooseMask(0))
    bench.do(Commit())
    (one,) = bench.session.state.document.objects
    assert (one.label, one.choice, one.threshold) == ("a", 0, 1)


def test_a_stroke_a_threshold_and_refitting_are_one_step_each(bench: Bench) -> None:
    bench.ready()
    for edit in (STROKE, SetThreshold(1), RefitMask()):
        bench.do(edit)
    assert (len(bench.points), bench.draft.threshold) == (2, 1)
    bench.do(Undo())
    assert bench.draft.prompts.box is None
    assert bench.draft.threshold == 1
    bench.do(Undo())
    assert bench.draft.threshold == 0
    assert bench.draft.mask is not None
    bench.do(Undo())
    assert bench.draft.is_empty
