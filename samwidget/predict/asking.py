"""How every door asks a predictor: prompts that name no object get an empty mask, not a guess."""

from __future__ import annotations

from collections.abc import Sequence

from samwidget.predict.embeddings import Embedding
from samwidget.predict.predictor import Predictor
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts


def answers(
    predictor: Predictor,
    embedding: Embedding,
    prompts: Sequence[Prompts],
    *,
    multimask_output: bool = True,
) -> list[Prediction]:
    """Predict the masks of several objects, as :meth:`Predictor.predict_batch` does.

    Where there are background points alone the masks are empty and their scores 0: whoever asks
    tells the person :data:`samwidget.values.prompt_checks.ONLY_BACKGROUND`.
    """
    asked = [one for one in prompts if not one.is_only_background]
    found = iter(predictor.predict_batch(embedding, asked, multimask_output=multimask_output))
    if len(asked) == len(prompts):
        return list(found)
    for one in prompts:
        one.on_image(embedding.transform.original_size_hw)
    mask_size, candidates = predictor.model.config.mask_size, 3 if multimask_output else 1
    return [
        Prediction.of_nothing(embedding.transform, mask_size, candidates)
        if one.is_only_background
        else next(found)
        for one in prompts
    ]
