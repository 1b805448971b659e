"""The shipped weights on the quickstart's photo: what the first click and box of a person give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from samwidget.predict.embeddings import Embedding
from samwidget.predict.predictor import Predictor
from samwidget.values.images import load_image
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import open_model

PHOTO = Path(__file__).resolve().parents[2] / "examples" / "photos" / "astronaut.jpg"

SUIT = [(300, 330), (120, 330), (80, 420), (340, 290)]
HEAD = [(225, 60), (225, 130), (190, 90), (270, 80)]
ELSEWHERE = [(430, 60), (420, 440), (320, 60), (150, 40), (480, 480), (60, 60)]


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(open_model("nano"), device="cpu")


@pytest.fixture(scope="module")
def embedding(predictor: Predictor) -> Embedding:
    return predictor.encode(load_image(PHOTO))


def inside(mask: NDArray[np.bool_], points: list[tuple[int, int]]) -> list[bool]:
    return [bool(mask[y, x]) for x, y in points]


def test_click_on_the_sleeve_gives_the_suit(predictor: Predictor, embedding: Embedding) -> None:
    prediction = predictor.predict(embedding, Prompts([(80, 420)], [1]))
    mask = prediction.mask(prediction.best)
    assert all(inside(mask, SUIT))
    assert not any(inside(mask, HEAD + ELSEWHERE))
    assert 0.15 < mask.mean() < 0.35


def test_two_clicks_of_the_quickstart_give_the_suit(
    predictor: Predictor, embedding: Embedding
) -> None:
    first = predictor.predict(embedding, Prompts([(300, 330)], [1]))
    memory = first.low_res_logits[[first.best]]
    prompts = Prompts([(300, 330), (80, 420)], [1, 1], mask_input=memory)
    mask = predictor.predict(embedding, prompts, multimask_output=False).mask(0)
    assert all(inside(mask, SUIT))
    assert not any(inside(mask, HEAD + ELSEWHERE))
    assert 0.2 < mask.mean() < 0.3


@pytest.mark.parametrize(
    "prompts",
    [
        pytest.param(Prompts(box_xyxy=(150, 10, 300, 180)), id="box"),
        pytest.param(Prompts([(225, 120), (200, 60)], [1, 1]), id="two clicks"),
    ],
)
def test_prompts_on_the_head_give_the_head(
    predictor: Predictor, embedding: Embedding, prompts: Prompts
) -> None:
    mask = predictor.predict(embedding, prompts, multimask_output=False).mask(0)
    assert all(inside(mask, HEAD))
    assert not any(inside(mask, SUIT + ELSEWHERE))
    assert 0.04 < mask.mean() < 0.12


def test_negative_click_takes_away_what_it_hits(predictor: Predictor, embedding: Embedding) -> None:
    first = predictor.predict(embedding, Prompts([(300, 330)], [1]))
    refined = predictor.predict(
        embedding,
        Prompts([(300, 330), (100, 400)], [1, 0], mask_input=first.low_res_logits[[first.best]]),
        multimask_output=False,
    ).mask(0)
    assert first.mask(first.best)[400, 100]
    assert not refined[400, 100]
    assert refined.sum() < first.mask(first.best).sum()
