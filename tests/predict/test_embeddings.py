from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from fakes import FakeModel

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build
from samwidget.models.config import VitConfig
from samwidget.predict.embeddings import Region, fingerprint, image_hash
from samwidget.predict.predictor import Predictor
from samwidget.values.prompts import Prompts

SMALL = VitConfig("small", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)
IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
CLICK = Prompts([[20, 10]], [1])


def small(seed: int = 0) -> SegmentAnything:
    torch.manual_seed(seed)
    return build(SMALL).eval()


def test_equal_weights_have_one_fingerprint_others_another() -> None:
    one = small()
    known = fingerprint(one)
    assert len(bytes.fromhex(known)) == 16
    assert fingerprint(copy.deepcopy(one)) == known
    assert fingerprint(small(1)) != known


def last_weight(model: SegmentAnything) -> torch.Tensor:
    return list(model.parameters())[-1]


CHANGES: dict[str, Callable[[SegmentAnything], object]] = {
    "one number of many, in place": lambda m: last_weight(m)[-1:].add_(1e-3),
    "loaded anew": lambda m: m.load_state_dict(small(1).state_dict()),
    "other tensors": lambda m: m.load_state_dict(small(1).state_dict(), assign=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@torch.no_grad()
def test_a_fingerprint_follows_the_weights(change: Callable[[SegmentAnything], object]) -> None:
    model = small()
    before = fingerprint(model)
    assert fingerprint(model) == before
    change(model)
    assert fingerprint(model) != before


def test_a_fingerprint_is_of_the_weights_before_they_are_rounded() -> None:
    exact, rounded = Predictor(small(), "cpu"), Predictor(small(), "cpu", "bfloat16")
    assert exact.fingerprint == rounded.fingerprint


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_both_precisions_read_each_others_embeddings(precision: str) -> None:
    other = "bfloat16" if precision == "float32" else "float32"
    reader = Predictor(small(), "cpu", precision)
    own = reader.predict(reader.encode(IMAGE), CLICK).low_res_logits
    theirs = reader.predict(Predictor(small(), "cpu", other).encode(IMAGE), CLICK).low_res_logits
    assert np.abs(own - theirs).max() < 0.1 * np.abs(own).max()


def test_another_checkpoint_of_the_same_architecture_is_refused() -> None:
    embedding = Predictor(small(), "cpu").encode(IMAGE)
    other = Predictor(small(1), "cpu")
    expected = r"made by other weights of the model 'small' \(fingerprint \w{8}\.\.\.\)"
    for ask in (
        lambda: other.predict(embedding, CLICK),
        lambda: other.predict_batch(embedding, [CLICK] * 9),
        lambda: other.decode(embedding),
    ):
        with pytest.raises(ValueError, match=expected):
            ask()


def test_an_embedding_names_its_image() -> None:
    predictor = Predictor(FakeModel(), "cpu")
    known = predictor.encode(IMAGE).image_hash
    assert known == image_hash(IMAGE) == image_hash(np.asfortranarray(IMAGE))
    assert predictor.encode(IMAGE[::-1]).image_hash != known
    assert image_hash(IMAGE.reshape(60, 40, 3)) != known
    assert predictor.encode(IMAGE, known_hash="told").image_hash == "told"


def test_a_region_is_encoded_as_if_it_were_the_image() -> None:
    predictor = Predictor(small(), "cpu")
    region = Region(10, 5, 50, 35)
    part = predictor.encode(IMAGE, region=region)
    alone = predictor.encode(IMAGE[5:35, 10:50].copy())
    assert part.region == region
    assert part.transform == alone.transform
    assert part.image_hash == image_hash(IMAGE) != alone.image_hash
    assert torch.equal(part.features.image_embedding, alone.features.image_embedding)
    np.testing.assert_array_equal(
        predictor.predict(part, CLICK).masks(), predictor.predict(alone, CLICK).masks()
    )


def test_without_a_region_it_is_all_of_the_image() -> None:
    assert Predictor(FakeModel(), "cpu").encode(IMAGE).region == Region(0, 0, 60, 40)


@pytest.mark.parametrize("corners", [(0, 0, 0, 5), (4, 0, 3, 5), (-1, 0, 3, 5), (0, 5, 3, 5)])
def test_a_region_holds_pixels(corners: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="0 <= x1 < x2 and 0 <= y1 < y2"):
        Region(*corners)


def test_a_region_beyond_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(0, 0, 61, 40\) is not within 60 x 40 pixels"):
        Predictor(FakeModel(), "cpu").encode(IMAGE, region=Region(0, 0, 61, 40))
