"""Batch statistics at the size that the model is used at, for weights trained on smaller frames.

    python -m training.recalibrate RUN/last.pt RUN/final.pt --cache RUN/cache

Shows training scenes of the model's own frame to the averaged weights and takes the mean and
variance that each normalisation sees. Nothing else changes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from samwidget.models.config import NANO
from samwidget.models.nano import NanoSam
from training.checkpoints import load, save
from training.rounds import normalise
from training.sampler import Samples


@torch.no_grad()
def recalibrate(model: NanoSam, cache: Path, size: int, images: int, seed: int) -> None:
    """Replace the running statistics of a model in eval mode; it stays in eval mode."""
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
        norm.train()
    batches = iter(DataLoader(Samples(cache, size, 1, seed), 8))
    for _ in range(max(1, images // 8)):
        batch = next(batches)
        model.encode(normalise(batch.image, batch.size_hw, model))
    model.eval()


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="decoded data of train.py")
    parser.add_argument("--size", type=int, default=NANO.image_size)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    state = load(args.checkpoint)
    model = NanoSam(NANO).eval()
    model.load_state_dict(state["ema"])
    recalibrate(model, args.cache, args.size, args.images, args.seed)
    save(args.target, ema=model.state_dict(), step=state["step"], size=state["size"])


if __name__ == "__main__":
    main()
