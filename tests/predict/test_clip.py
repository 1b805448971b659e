from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from samwidget.predict import clip
from samwidget.predict.clip import ClipRanker
from samwidget.predict.opening_text import open_parts
from samwidget.values.mask import Mask

CPU = torch.device("cpu")
IMAGE = np.random.default_rng(0).integers(0, 256, (90, 140, 3), dtype=np.uint8)


def box_mask(x1: int, y1: int, x2: int, y2: int) -> Mask:
    array = np.zeros(IMAGE.shape[:2], bool)
    array[y1:y2, x1:x2] = True
    return Mask.from_array(array)


MASKS = [box_mask(10, 20, 40, 60), box_mask(80, 5, 140, 45), box_mask(0, 0, 140, 90)]


@pytest.fixture(scope="module")
def ranker(text_models: SimpleNamespace) -> ClipRanker:
    return ClipRanker(open_parts(text_models.clip, CPU))


def test_likeness_is_the_cosine_that_clip_itself_gives(
    ranker: ClipRanker, text_models: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[NDArray[np.uint8]] = []
    views = ranker._views

    def remember(image: Any, mask: Any) -> Any:
        pair = views(image, mask)
        looked_at.extend(pair)
        return pair

    monkeypatch.setattr(ranker, "_views", remember)
    phrases = ["a wheel", "xyz"]
    found = ranker.likeness(IMAGE, MASKS, phrases)
    assert found.shape == (3, 2)
    assert found.dtype == np.float32
    model = transformers.CLIPModel.from_pretrained(text_models.clip)
    processor = transformers.CLIPProcessor(
        transformers.CLIPImageProcessorPil.from_pretrained(text_models.clip),
        transformers.AutoTokenizer.from_pretrained(text_models.clip),
    )
    prompts = [f"a photo of {phrase}" for phrase in phrases]
    inputs = processor(text=prompts, images=looked_at, return_tensors="pt", padding=True)
    with torch.inference_mode():
        output = model(**inputs)
    images = output.image_embeds.reshape(3, 2, -1).mean(dim=1)
    expected = torch.nn.functional.normalize(images, dim=-1) @ output.text_embeds.T
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)
    assert np.ptp(found) > 0.05


def test_a_square_around_the_mask_is_looked_at_and_then_the_mask_alone(ranker: ClipRanker) -> None:
    whole, alone = ranker._views(IMAGE, MASKS[0])
    mean = (np.array(transformers.CLIPImageProcessorPil().image_mean) * 255).round()
    assert whole.shape == alone.shape == (48, 48, 3)  # 1.2 times 40
    left, top = 1, 16  # the middle is (25, 40)
    assert (whole == IMAGE[top : top + 48, left : left + 48]).all()
    inside = MASKS[0].full()[top : top + 48, left : left + 48]
    assert (alone[inside] == whole[inside]).all()
    assert (alone[~inside] == mean).all()


def test_beyond_the_image_there_is_nothing(ranker: ClipRanker) -> None:
    whole, _ = ranker._views(IMAGE, MASKS[1])  # x from 74 to 146, y from -11 to 61
    mean = (np.array(transformers.CLIPImageProcessorPil().image_mean) * 255).round()
    assert whole.shape == (72, 72, 3)
    assert (whole[:11] == mean).all()
    assert (whole[:, 66:] == mean).all()
    assert (whole[11:, :66] == IMAGE[:61, 74:]).all()


def test_a_mask_of_one_pixel_and_one_of_a_large_photo_are_looked_at(ranker: ClipRanker) -> None:
    one = np.zeros((2000, 1500), bool)
    one[1999, 1499] = True
    photo = np.zeros((2000, 1500, 3), np.uint8)
    masks = [Mask.from_array(one), Mask.from_array(~one)]
    shapes = [[view.shape for view in ranker._views(photo, mask)] for mask in masks]
    assert shapes == [[(1, 1, 3)] * 2, [(512, 512, 3)] * 2]
    assert np.isfinite(ranker.likeness(photo, masks, ["a"])).all()


def test_batches_change_nothing_and_progress_is_told(
    ranker: ClipRanker, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = ranker.likeness(IMAGE, MASKS, ["a", "b"])
    monkeypatch.setattr(clip, "CROPS_PER_BATCH", 2)
    told: list[float] = []
    np.testing.assert_allclose(
        ranker.likeness(IMAGE, MASKS, ["a", "b"], told.append), at_once, atol=1e-5
    )
    assert told == [pytest.approx(2 / 3), 1]


def test_no_mask_is_like_nothing(ranker: ClipRanker) -> None:
    assert ranker.likeness(IMAGE, [], ["a", "b"]).shape == (0, 2)


def test_a_phrase_that_clip_cannot_read_is_refused(ranker: ClipRanker) -> None:
    with pytest.raises(
        ValueError, match=r"text: 'a{77}' is too long for this model, which reads 77"
    ):
        ranker.likeness(IMAGE, MASKS, ["b", "a" * 77])
