"""The embedded model keeps the promises of SegmentAnything, for every kind of prompt."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from torch import Tensor

from samwidget.models.base import ImageFeatures
from samwidget.models.config import NANO
from samwidget.models.nano import NanoSam

SIDE, MASK = 96, 48
SMALL = replace(NANO, image_size=SIDE, mask_size=MASK)
WEIGHTS = Path(str(files("samwidget") / "weights" / "nano.safetensors"))


@pytest.fixture(scope="module")
def model() -> NanoSam:
    torch.manual_seed(0)
    return NanoSam(SMALL).eval()


@pytest.fixture(scope="module")
def features(model: NanoSam) -> ImageFeatures:
    torch.manual_seed(1)
    with torch.inference_mode():
        return model.encode(torch.randn(2, 3, SIDE, SIDE))


def of_image(features: ImageFeatures, index: int) -> ImageFeatures:
    one = slice(index, index + 1)
    return ImageFeatures(features.image_embedding[one], tuple(x[one] for x in features.high_res))


POINTS = torch.tensor([[[20.0, 30.0], [60.0, 11.0]], [[5.0, 80.0], [70.0, 71.0]]])
LABELS = torch.tensor([[1, 0], [1, 1]])
BOXES = torch.tensor([[10.0, 12.0, 60.0, 70.0], [0.0, 0.0, 95.0, 40.0]])
MASKS = torch.linspace(-9, 9, 2 * MASK * MASK).view(2, 1, MASK, MASK)

PROMPTS = {
    "one point": {"point_coords": POINTS[:, :1], "point_labels": LABELS[:, :1]},
    "points of both signs": {"point_coords": POINTS, "point_labels": LABELS},
    "background only": {"point_coords": POINTS, "point_labels": LABELS * 0},
    "box": {"boxes": BOXES},
    "box and points": {"point_coords": POINTS, "point_labels": LABELS, "boxes": BOXES},
    "mask": {"mask_input": MASKS},
    "everything": {
        "point_coords": POINTS,
        "point_labels": LABELS,
        "boxes": BOXES,
        "mask_input": MASKS,
    },
    "padding only": {"point_coords": POINTS, "point_labels": LABELS * 0 - 1},
}


@pytest.mark.parametrize("several", [True, False], ids=["three masks", "single mask"])
@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS.keys())
@torch.inference_mode()
def test_every_prompt_gives_finite_masks_and_scores(
    model: NanoSam, features: ImageFeatures, prompts: dict[str, Tensor], several: bool
) -> None:
    logits, scores = model.decode(features, **prompts, multimask_output=several)
    count = 3 if several else 1
    assert logits.shape == (2, count, MASK, MASK)
    assert scores.shape == (2, count)
    assert logits.isfinite().all()
    assert (scores >= 0).all()
    assert (scores <= 1).all()


@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS.keys())
@torch.inference_mode()
def test_one_image_serves_many_prompts(
    model: NanoSam, features: ImageFeatures, prompts: dict[str, Tensor]
) -> None:
    """Features of one image and two prompts give what each prompt gives alone."""
    logits, scores = model.decode(of_image(features, 0), **prompts)
    for i in range(2):
        alone = {name: value[i : i + 1] for name, value in prompts.items()}
        logits_i, scores_i = model.decode(of_image(features, 0), **alone)
        torch.testing.assert_close(logits[i : i + 1], logits_i, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(scores[i : i + 1], scores_i, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_a_batch_of_images_gives_what_each_gives_alone(
    model: NanoSam, features: ImageFeatures
) -> None:
    prompts = PROMPTS["everything"]
    logits, _ = model.decode(features, **prompts)
    for i in range(2):
        alone = {name: value[i : i + 1] for name, value in prompts.items()}
        logits_i, _ = model.decode(of_image(features, i), **alone)
        torch.testing.assert_close(logits[i : i + 1], logits_i, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_padding_points_say_nothing(model: NanoSam, features: ImageFeatures) -> None:
    plain = model.decode(features, point_coords=POINTS, point_labels=LABELS)
    padded = model.decode(
        features,
        point_coords=torch.cat([POINTS, torch.full((2, 3, 2), 7.0)], dim=1),
        point_labels=torch.cat([LABELS, torch.full((2, 3), -1)], dim=1),
    )
    torch.testing.assert_close(plain, padded, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_each_prompt_changes_the_answer(model: NanoSam, features: ImageFeatures) -> None:
    answers = [model.decode(features, **prompts)[0] for prompts in PROMPTS.values()]
    for i, one in enumerate(answers):
        for other in answers[:i]:
            assert (one - other).abs().max() > 1e-4


def test_progress_grows_to_one_and_may_cancel(model: NanoSam) -> None:
    told: list[float] = []
    pixels = torch.zeros(1, 3, SIDE, SIDE)
    with torch.inference_mode():
        model.encode(pixels, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0

    def cancel(fraction: float) -> None:
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.encode(pixels, cancel)


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(0)
    model = NanoSam(SMALL)
    logits, scores = model.decode_all(
        model.encode(torch.randn(2, 3, SIDE, SIDE)), **PROMPTS["everything"]
    )
    (logits.square().mean() + scores.sum()).backward()
    without = [n for n, p in model.named_parameters() if p.grad is None]
    assert without == []


@pytest.mark.parametrize(
    ("prompts", "message"),
    [({}, "all of them are None"), ({"point_coords": POINTS}, "go together")],
    ids=["nothing", "points without labels"],
)
def test_bad_prompts_are_refused(
    model: NanoSam, features: ImageFeatures, prompts: dict[str, Tensor], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        model.decode(features, **prompts)


@pytest.mark.parametrize(("image_size", "mask_size"), [(100, 50), (96, 96)])
def test_impossible_sizes_are_refused(image_size: int, mask_size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        NanoSam(replace(NANO, image_size=image_size, mask_size=mask_size))


def test_the_shipped_weights_fit_and_are_small() -> None:
    from safetensors.torch import load_file

    state = load_file(WEIGHTS)
    NanoSam(NANO).load_state_dict(state, strict=True)
    assert WEIGHTS.stat().st_size <= 16_000_000
    assert all(value.isfinite().all() for value in state.values())
