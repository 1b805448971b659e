"""The fast way of the embedded model's decoder gives the plain one's numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from samwidget.models.config import NANO
from samwidget.models.cpu import nano_decoder
from samwidget.models.nano import NanoSam
from samwidget.models.nano_prompts import joined

SIDE, MASK = 96, 48


@pytest.fixture(scope="module")
def model() -> NanoSam:
    """All weights have a say; fresh ones leave out a block here and there."""
    torch.manual_seed(0)
    model = NanoSam(replace(NANO, image_size=SIDE, mask_size=MASK)).eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights += 0.05 * torch.randn_like(weights)
    return model


def points(count: int, *signs: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(count)
    coords = torch.rand(count, len(signs), 2, generator=generator) * SIDE
    return {"point_coords": coords, "point_labels": torch.tensor([signs] * count)}


BOXES = {"boxes": torch.tensor([[10.0, 12.0, 60.0, 70.0], [0.0, 0.0, 95.0, 40.0]])}
MASKS = {"mask_input": torch.linspace(-9, 9, 2 * MASK * MASK).view(2, 1, MASK, MASK)}

PROMPTS = {
    "a click": points(1, 1),
    "five clicks": points(5, 1),
    "clicks of both signs": points(2, 1, 0, 1),
    "background only": points(2, 0),
    "with padding": points(2, 1, -1),
    "padding only": points(2, -1),
    "boxes": BOXES,
    "masks": MASKS,
    "all kinds": {**points(2, 1, 0), **BOXES, **MASKS},
    "too many clicks": points(2, *[1, 0] * 10),
}


@pytest.mark.parametrize("several", [True, False], ids=["three masks", "single mask"])
@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS.keys())
def test_numbers_are_those_of_the_plain_way(
    model: NanoSam, prompts: dict[str, Tensor], several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def run(*given: object) -> object:
        asked.append(given)
        return original(*given)  # type: ignore[arg-type]

    original = nano_decoder.run
    monkeypatch.setattr(nano_decoder, "run", run)
    pixels = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        fast = model.decode(model.encode(pixels), **prompts, multimask_output=several)
    clicks = prompts["point_coords"].shape[1] if "point_coords" in prompts else 0
    assert len(asked) == (clicks < nano_decoder.MAX_TOKENS)
    del asked[:]
    plain = model.decode(model.encode(pixels), **prompts, multimask_output=several)
    assert asked == []
    for found, expected in zip(fast, plain, strict=True):
        assert expected.abs().max() > 0.1
        torch.testing.assert_close(found, expected.detach(), rtol=1e-4, atol=1e-4)


def test_maps_of_zeros_are_left_out() -> None:
    one, other = torch.ones(2, 3, 4, 4), torch.full((2, 1, 4, 4), 2.0)
    known, channels = joined([one, 5, other, 2])
    assert channels == [0, 1, 2, 8]
    assert torch.equal(known, torch.cat([one, other], dim=1))
    assert joined([one, other])[1] is None
