from __future__ import annotations

import sys

import numpy as np

from samwidget.editing.document import Draft
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts


def test_a_draft_may_have_more_clicks_than_python_has_frames() -> None:
    transform = ResizeTransform.for_image((60, 90), 64)
    logits, scores = np.ones((1, 8, 8), np.float32), np.ones(1, np.float32)
    prediction = Prediction(logits, scores, transform)
    prompts = Prompts([[20, 15]], [1])
    draft = Draft(prompts, prediction=prediction)
    for _ in range(sys.getrecursionlimit() + 100):
        draft = Draft(prompts, draft, prediction)
    forgetful = draft.forgetful()
    assert draft.painting is None
    count, one = 0, forgetful
    while one is not None:
        assert one.prediction is None
        assert one.choice == 0
        count, one = count + 1, one.refines
    assert count == sys.getrecursionlimit() + 101
    assert forgetful.forgetful() is forgetful
