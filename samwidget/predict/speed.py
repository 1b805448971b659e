"""How long an image will take to embed here: an estimate, from a short measurement."""

from __future__ import annotations

import statistics
import time
from functools import cache

import torch

from samwidget.models.modes import undisturbed

EFFICIENCY = 0.6
"""Share of the rate of large matrix products that encoders reach as a whole, about; from
``benchmarks/run.py`` on two CPU cores."""

_SIDE, _TIMES = 1024, 5


@cache
def matrix_gflops(device: torch.device, dtype: torch.dtype = torch.float32) -> float:
    """Measure the rate of matrix products on a device, once; takes a fraction of a second."""
    with undisturbed(device):
        a = torch.full((_SIDE, _SIDE), 0.5, device=device, dtype=dtype)
        out = torch.empty_like(a)
        seconds = []
        for _ in range(_TIMES + 1):
            start = time.perf_counter()
            torch.mm(a, a, out=out)
            out[0, 0].item()  # waits for an accelerator
            seconds.append(time.perf_counter() - start)
    return 2 * _SIDE**3 / statistics.median(seconds[1:]) / 1e9


def embed_seconds(encoder_gflop: float, gflops: float) -> float:
    """Estimate the time for an image of any size, which is resized to the model's frame anyway."""
    return encoder_gflop / (EFFICIENCY * gflops)
