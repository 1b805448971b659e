from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from samwidget.values import mask as mask_module
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts

FRAME = ResizeTransform.for_image((60, 90), 64)
PROMPTS = Prompts([[10, 20]], [1], box_xyxy=[1, 2, 50, 60])


def prediction() -> Prediction:
    logits = np.random.default_rng(0).normal(size=(3, 32, 32)).astype(np.float32)
    return Prediction(logits, np.array([0.5, 0.9, 1.1], np.float32), FRAME)


def test_an_object_is_a_candidate_with_its_prompts() -> None:
    answer = prediction()
    one = SegmentedObject.from_prediction(7, "cat", "#ff0000", PROMPTS, answer, 1)
    assert (one.id, one.label, one.color) == (7, "cat", "#ff0000")
    assert one.score == pytest.approx(0.9)
    assert one.stability_score is None
    np.testing.assert_array_equal(one.mask, answer.mask(1))
    assert one.area == answer.mask(1).sum()
    assert one.prompts is PROMPTS
    assert one.point_coords.tolist() == [[10, 20]]
    assert one.point_labels.tolist() == [1]
    assert one.box_prompt_xyxy == (1, 2, 50, 60)
    assert one.shape is answer.candidate(1)
    assert np.shares_memory(one.shape.as_mask_input(FRAME, 32), answer.low_res_logits) is False


def test_a_candidate_is_one_value_that_copies_no_logits() -> None:
    answer = prediction()
    assert answer.candidate(2) is answer.candidate(2)
    assert answer.candidate(2) is not answer.candidate(0)
    cells = answer.candidate(2)._cells
    assert cells is not None
    assert np.shares_memory(cells.values, answer.low_res_logits)


def test_renaming_copies_and_recomputes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = SegmentedObject.from_prediction(7, "cat", "#ff0000", PROMPTS, prediction(), 1)
    area, box = one.area, one.box_xyxy

    def refuse(*_: object) -> None:
        raise AssertionError("upsampled again")

    monkeypatch.setattr(mask_module, "mask_region", refuse)
    monkeypatch.setattr(mask_module, "full_mask", refuse)
    renamed = replace(one, label="dog", color="#00ff00")
    assert (renamed.label, renamed.color) == ("dog", "#00ff00")
    assert renamed.shape is one.shape
    assert renamed.prompts is one.prompts
    assert (renamed.area, renamed.box_xyxy) == (area, box)
    assert renamed.mask.sum() == area


def test_the_full_mask_is_not_kept() -> None:
    one = SegmentedObject(1, "", 0.5, Mask.from_array(np.eye(4, dtype=bool)), Prompts(), "#ff0000")
    first = one.mask
    first[:] = True
    assert one.mask is not first
    assert one.area == 4
    assert one.box_prompt_xyxy is None
