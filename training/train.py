"""Train the embedded model: data folder in, checkpoint out.

    python -m training.train --data DATA --out RUN

Stops at any time and goes on from ``RUN/last.pt``. The learning rate stays constant and falls
linearly to zero over the last part of the steps, so a run can be lengthened while it is going.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import multiprocessing, nn
from torch.utils.data import DataLoader

from samwidget.models.config import NANO
from samwidget.models.nano import NanoSam
from training.checkpoints import load, load_weights, save
from training.data import build_cache
from training.optimisers import Optimisers
from training.rounds import batch_loss
from training.sampler import Samples
from training.trunk import load_trunk, published_weights

log = logging.getLogger("training")


def share_done(step: int, elapsed_s: float, args: argparse.Namespace) -> float:
    """0 to 1: how much of the run is over, by its steps or, if it has one, by its time limit."""
    share = step / args.steps
    if args.minutes is not None:
        share = max(share, elapsed_s / (60 * args.minutes))
    return min(1.0, share)


def learning_rate(step: int, share: float, args: argparse.Namespace) -> float:
    """Warm-up, plateau, and a linear fall over the last ``--decay`` of the run."""
    left = (1 - share) / max(1e-6, args.decay)
    return args.lr * min(1.0, (step + 1) / args.warmup, left)


@torch.no_grad()
def average(ema: nn.Module, model: nn.Module, step: int, passed: int) -> None:
    """Move the averaged weights towards the current ones, ``passed`` steps after the last time.

    The average reaches back over a tenth of the steps so far, at most over 1,000.
    """
    rate = min(1.0, passed * max(1e-3, 10 / (step + 10)))
    for old, new in zip(ema.parameters(), model.parameters(), strict=True):
        old.lerp_(new, rate)
    for old, new in zip(ema.buffers(), model.buffers(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, rate)
        else:
            old.copy_(new)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="the folder with manifest.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, log, decoded data")
    parser.add_argument("--cache", type=Path, help="decoded data (default: OUT/cache)")
    parser.add_argument("--init", type=Path, help="start from these weights (.pt, .safetensors)")
    parser.add_argument(
        "--trunk",
        choices=("imagenet", "random"),
        default="imagenet",
        help="what a new run's trunk begins from, unless --init is given",
    )
    parser.add_argument("--steps", type=int, default=6000, help="0: only decode the data")
    parser.add_argument("--minutes", type=float, help="end this run after so long, steps or not")
    parser.add_argument("--size", type=int, default=192, help="side of the training frame")
    parser.add_argument("--batch", type=int, default=8, help="images a step")
    parser.add_argument("--prompts", type=int, default=5, help="prompts an image")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--decay", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="data processes of each process")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of each process")
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        help="workers that update one shared model without waiting for each other (Hogwild); with "
        "more than one, a busy CPU is used better but runs do not repeat bit for bit",
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "bfloat16"),
        default="bfloat16" if torch.cuda.is_available() else "float32",
        help="bfloat16 halves the encoder's time on CPUs with AMX",
    )
    parser.add_argument("--save-every", type=int, default=100, help="steps")
    parser.add_argument("--save-minutes", type=float, default=5, help="or so long, if it is sooner")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args(argv)


def worker(rank: int, args: argparse.Namespace, model: NanoSam, ema: NanoSam, steps: Any) -> None:
    """Update the shared model until ``args.steps`` updates were made by all workers together."""
    if rank == 0:
        start_log(args)
    torch.set_num_threads(args.threads)
    device = torch.device(args.device)
    optimizer = Optimisers(model, args.lr)
    last = args.out / "last.pt"
    if last.is_file():
        state = load(last, device)
        optimizer.load_state_dict(state["optimizer"])
    first = steps.value
    log.info("from step %d: %s", first, {k: str(v) for k, v in vars(args).items()})
    bfloat16 = args.precision == "bfloat16"
    rng = np.random.default_rng([args.seed, first, rank])
    samples = Samples(args.cache, args.size, args.prompts, args.seed + 7919 * first + rank)
    loader = DataLoader(
        samples, args.batch, num_workers=args.workers, prefetch_factor=4 if args.workers else None
    )
    sums: dict[str, float] = {}
    began = started = time.monotonic()
    counted, saved, averaged = 0, first, first
    model.train()
    for batch in loader:
        step = steps.value
        share = share_done(step, time.monotonic() - began, args)
        if share >= 1:
            break
        optimizer.set_lr(learning_rate(step, share, args))
        with torch.autocast("cuda", torch.bfloat16, enabled=bfloat16 and device.type == "cuda"):
            loss, logged = batch_loss(model, batch, rng, device, bfloat16)
        value = loss.item()
        if not math.isfinite(value):
            raise RuntimeError(f"the loss is {value} at step {step}; lower --lr and run again")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with steps.get_lock():
            steps.value += 1
            step = steps.value
        if rank != 0:
            continue
        average(ema, model, step, step - averaged)
        averaged, counted = step, counted + 1
        for key, number in {"loss": value, **logged}.items():
            sums[key] = sums.get(key, 0.0) + number
        share = share_done(step, time.monotonic() - began, args)
        late = time.monotonic() - started >= 60 * args.save_minutes
        if step - saved >= args.save_every or late or share >= 1:
            means = {key: round(total / counted, 4) for key, total in sums.items()}
            rate = round((time.monotonic() - started) / (step - saved), 3)
            log.info("step %d, %.0f %%, %.2f s/step %s", step, 100 * share, rate, means)
            with (args.out / "history.jsonl").open("a") as history:
                history.write(json.dumps({"step": step, "seconds": rate, **means}) + "\n")
            save(
                last,
                model=model.state_dict(),
                ema=ema.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step,
                size=args.size,
            )
            sums, counted, saved, started = {}, 0, step, time.monotonic()


def start_log(args: argparse.Namespace) -> None:
    """Log to the terminal and to ``OUT/train.log``."""
    handlers = [logging.FileHandler(args.out / "train.log"), logging.StreamHandler()]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", handlers=handlers)


def main(argv: list[str] | None = None) -> None:
    args = parse(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    args.cache = args.cache or args.out / "cache"
    build_cache(args.data, args.cache)
    if args.steps == 0:
        return
    torch.manual_seed(args.seed)
    model = NanoSam(NANO)
    step, last = 0, args.out / "last.pt"
    if not last.is_file() and args.init is None and args.trunk == "imagenet":
        load_trunk(model.image_encoder.lite, published_weights())
    model = model.to(device=args.device, memory_format=torch.channels_last)
    ema = deepcopy(model).eval()
    if last.is_file():
        state = load(last, args.device)
        model.load_state_dict(state["model"])
        ema.load_state_dict(state["ema"])
        step = state["step"]
    elif args.init is not None:
        weights = load_weights(args.init)
        model.load_state_dict(weights)
        ema.load_state_dict(weights)
    context = multiprocessing.get_context("spawn")
    steps = context.Value("q", step)
    model.share_memory()
    others = [
        context.Process(target=worker, args=(rank, args, model, ema, steps), daemon=False)
        for rank in range(1, args.processes)
    ]
    for process in others:
        process.start()
    try:
        worker(0, args, model, ema, steps)
    finally:
        steps.value = max(steps.value, args.steps)
        for process in others:
            process.join()


if __name__ == "__main__":
    main()
