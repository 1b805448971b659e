"""What moves which weights: Muon inside the network, AdamW at its ends and in the trunk.

Muon is momentum whose every update is made orthogonal (Jordan et al., 2024). Matrices and
convolution kernels, as matrices of one row for each output channel, are moved by the nearest
orthogonal matrix to their momentum, so that rare directions move as far as common ones. The length
is scaled to what AdamW's updates have (Liu et al., 2025), so both share a learning rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients that bring singular values near 1 in few steps; near is enough."""

OUTER = ("stem.0.weight", "kinds.weight", "mask_tokens", "score.2.weight")
"""Weights that touch pixels, or are no matrices: AdamW moves them."""

TRUNK = "image_encoder.lite."
TRUNK_RATE = 0.12
"""Learning rate of the trunk, which was trained before, as a share of that of the rest."""

STEPS = 5
RMS = 0.2
"""Root mean square of an update before the learning rate: about that of AdamW's."""


def orthogonalised(matrix: Tensor) -> Tensor:
    """Bring all singular values of a matrix (M, N) near 1 by Newton and Schulz's iteration."""
    x = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.mT
    x = x / (x.norm() + 1e-7)
    a, b, c = QUINTIC
    for _ in range(STEPS):
        gram = x @ x.mT
        x = a * x + torch.addmm(gram, gram, gram, beta=b, alpha=c) @ x
    return (x.mT if tall else x).to(matrix.dtype)


class Muon(Optimizer):
    """For weights with two or more dimensions; the first is that of the outputs."""

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.05,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # noqa: ARG002
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                average = state["momentum"]
                average.lerp_(p.grad, 1 - group["momentum"])
                ahead = p.grad.lerp(average, group["momentum"])  # Nesterov
                update = orthogonalised(ahead.flatten(1))
                length = RMS * max(update.shape) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.view(p.shape), alpha=-group["lr"] * length)


class Optimisers:
    """Muon for the matrices and kernels inside the network, AdamW for all else.

    The trunk has AdamW, too, and a lower learning rate.
    """

    def __init__(self, model: nn.Module, lr: float) -> None:
        inner, weights, others = [], [], []
        trunk_weights, trunk_others = [], []
        for name, p in model.named_parameters():
            if name.startswith(TRUNK):
                (trunk_weights if p.ndim > 1 else trunk_others).append(p)
            elif p.ndim > 1 and not name.endswith(OUTER):
                inner.append(p)
            else:
                (weights if p.ndim > 1 else others).append(p)
        groups = [
            {"params": weights, "weight_decay": 0.05, "rate": 1.0},
            {"params": others, "weight_decay": 0.0, "rate": 1.0},
            {"params": trunk_weights, "weight_decay": 0.01, "rate": TRUNK_RATE},
            {"params": trunk_others, "weight_decay": 0.0, "rate": TRUNK_RATE},
        ]
        groups = [group for group in groups if group["params"]]
        self.all = [
            Muon(inner, lr),
            torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.98), fused=True),
        ]

    def set_lr(self, lr: float) -> None:
        for one in self.all:
            for group in one.param_groups:
                group["lr"] = lr * group.get("rate", 1.0)

    def zero_grad(self) -> None:
        for one in self.all:
            one.zero_grad(set_to_none=True)

    def step(self) -> None:
        for one in self.all:
            one.step()

    def state_dict(self) -> list[dict[str, Any]]:
        return [one.state_dict() for one in self.all]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        for one, state in zip(self.all, states, strict=True):
            one.load_state_dict(state)
