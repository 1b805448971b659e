"""How a draft asks the model: the clicks protocol of Segment Anything's authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from samwidget.editing.document import Draft, with_prediction
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.predict.predictor import Embedding, Predictor


def predict_draft(predictor: Predictor, embedding: Embedding, draft: Draft) -> Draft:
    """Give a draft its prediction.

    A first click alone gets three candidates, everything else one mask. A draft that refines
    another starts from the other's chosen logits; where nobody has asked for those yet, they are
    asked for first, so that what comes out depends on the prompts and their order alone.
    """
    chain = [draft]
    while chain[-1].refines is not None and chain[-1].refines.is_pending:
        chain.append(chain[-1].refines)
    known = chain[-1].refines
    for link in reversed(chain):
        logits = None if known is None else known.logits
        prompts = Prompts(
            point_coords=np.array([point[:2] for point in link.points], np.float32),
            point_labels=np.array([point.label for point in link.points], np.int64),
            box_xyxy=None if link.box_xyxy is None else np.array(link.box_xyxy, np.float32),
            mask_input=None if logits is None else logits[np.newaxis],
        )
        prediction = predictor.predict(embedding, prompts, multimask_output=link.is_ambiguous)
        known = with_prediction(link, prediction)
    assert known is not None
    return known
