"""Muon and AdamW: who moves what, and how."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from samwidget.models.config import NANO
from samwidget.models.nano import NanoSam
from training.optimisers import OUTER, RMS, TRUNK, TRUNK_RATE, Muon, Optimisers, orthogonalised


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((8, 32), id="wide"),
        pytest.param((32, 8), id="tall"),
    ],
)
def test_singular_values_come_near_one(shape: tuple[int, int]) -> None:
    skewed = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    skewed[:, 0] *= 20
    before = torch.linalg.svdvals(skewed)
    after = torch.linalg.svdvals(orthogonalised(skewed))
    assert before[0] / before[-1] > 10
    assert after.min() > 0.5
    assert after.max() < 1.3


def test_an_update_has_the_length_of_adamws() -> None:
    weight = nn.Parameter(torch.zeros(16, 8, 3, 3))
    weight.grad = 1e-4 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(0))
    Muon([weight], lr=1.0, weight_decay=0.0).step()
    rms = weight.detach().square().mean().sqrt().item()
    assert rms == pytest.approx(RMS, rel=0.3)
    assert (weight.detach() * weight.grad).sum() < 0


def test_muon_goes_down_of_a_skewed_bowl() -> None:
    generator = torch.Generator().manual_seed(0)
    slopes = torch.logspace(0, -2, 8)
    goal = torch.randn(8, 8, generator=generator)
    weight = nn.Parameter(torch.zeros(8, 8))
    muon = Muon([weight], lr=0.1, weight_decay=0.0)
    losses = []
    for step in range(200):
        muon.param_groups[0]["lr"] = 0.1 * (1 - step / 200)
        muon.zero_grad()
        loss = (slopes * (weight - goal).square()).sum()
        loss.backward()
        muon.step()
        losses.append(loss.item())
    assert losses[-1] < 0.02 * losses[0]


def test_every_weight_has_one_optimiser_and_the_ends_and_the_trunk_have_adamw() -> None:
    model = NanoSam(NANO)
    names = {id(p): name for name, p in model.named_parameters()}
    muon, adamw = (
        [names[id(p)] for group in one.param_groups for p in group["params"]]
        for one in Optimisers(model, 1e-3).all
    )
    assert sorted(muon + adamw) == sorted(names.values())
    assert all(any(name.endswith(end) for name in adamw) for end in OUTER if "stem" not in end)
    assert not any(name.endswith((*OUTER, "bias")) or name.startswith(TRUNK) for name in muon)
    assert len(muon) > 50


def test_the_trunk_moves_at_its_own_rate() -> None:
    model = NanoSam(NANO)
    optimisers = Optimisers(model, 1e-3)
    optimisers.set_lr(0.5)
    trunk = {id(p) for name, p in model.named_parameters() if name.startswith(TRUNK)}
    assert len(trunk) == 144
    for one in optimisers.all:
        for group in one.param_groups:
            rate = TRUNK_RATE if id(group["params"][0]) in trunk else 1.0
            assert group["lr"] == pytest.approx(0.5 * rate)
            assert all((id(p) in trunk) == (rate == TRUNK_RATE) for p in group["params"])


def test_state_survives_a_checkpoint() -> None:
    def model() -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2))

    def step(one: nn.Module, optimisers: Optimisers, seed: int) -> None:
        image = torch.randn(2, 3, 3, 3, generator=torch.Generator().manual_seed(seed))
        optimisers.zero_grad()
        one(image).square().sum().backward()
        optimisers.step()

    straight = model()
    optimisers = Optimisers(straight, 1e-2)
    step(straight, optimisers, 1)
    resumed = model()
    resumed.load_state_dict(straight.state_dict())
    fresh = Optimisers(resumed, 1e-2)
    fresh.load_state_dict(deepcopy(optimisers.state_dict()))
    step(straight, optimisers, 2)
    step(resumed, fresh, 2)
    for one, other in zip(straight.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)
