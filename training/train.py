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
from numpy.random import Generator
from safetensors.torch import load_file
from torch import Tensor, multiprocessing, nn
from torch.utils.data import DataLoader

from samwidget.models.base import ImageFeatures
from samwidget.models.nano import NanoSam
from training.data import build_cache
from training.losses import decode_cost
from training.muon import Muon
from training.prompts import correction
from training.sampler import Sample, Samples

log = logging.getLogger("training")

CLICK_SHARE = 0.6
"""Share of an image's prompts that start with a click; the others start with a box."""

OUTER = ("stem.0.weight", "kinds.weight", "mask_tokens", "score.2.weight")
"""Weights that touch pixels, or are no matrices: AdamW moves them."""


def normalise(images: Tensor, size_hw: Tensor, model: NanoSam) -> Tensor:
    """(B, 3, S, S) uint8 to the encoder's input, zero outside each image's extent."""
    mean = images.new_tensor(model.config.pixel_mean, dtype=torch.float32)[:, None, None]
    std = images.new_tensor(model.config.pixel_std, dtype=torch.float32)[:, None, None]
    pixels = (images.float() - mean) / std
    index = torch.arange(images.shape[-1], device=images.device)
    shown = (index[None, :, None] < size_hw[:, :1, None]) & (
        index[None, None] < size_hw[:, 1:, None]
    )
    return (pixels * shown[:, None]).to(memory_format=torch.channels_last)


class Round:
    """Prompts of one kind on a batch of images, through rounds of correction clicks.

    ``target`` and ``known`` are (B, 1, M, M) float; B = images x prompts of this kind.
    """

    def __init__(
        self,
        features: ImageFeatures,
        target: Tensor,
        known: Tensor,
        points: Tensor | None,
        boxes: Tensor | None,
        rng: Generator,
    ) -> None:
        self.features, self.target, self.known, self.rng = features, target, known, rng
        self.boxes = boxes
        b = target.shape[0]
        if points is None:
            self.coords = target.new_zeros(b, 0, 2)
            self.labels = torch.zeros(b, 0, dtype=torch.long, device=target.device)
        else:
            self.coords = points[:, None]
            self.labels = torch.ones(b, 1, dtype=torch.long, device=target.device)
        self.mask: Tensor | None = None

    def decode(self, model: NanoSam, forget_mask: bool = False) -> tuple[Tensor, Tensor]:
        """(B, 4, M, M) logits and (B, 4) scores for the prompts so far."""
        some = self.coords.shape[1] > 0
        logits, scores = model.decode_all(
            self.features,
            point_coords=self.coords if some else None,
            point_labels=self.labels if some else None,
            boxes=self.boxes,
            mask_input=None if forget_mask else self.mask,
        )
        return logits.float(), scores.float()

    def click(self, logits: Tensor, scores: Tensor, ambiguous: bool) -> None:
        """Keep the mask a user would see, and click where it is most wrong."""
        if ambiguous:
            best = scores[:, 1:].argmax(dim=1) + 1
        else:
            best = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
        shown = logits.detach()[torch.arange(len(logits), device=logits.device), best]
        self.mask = shown[:, None].clamp(-20, 20)
        predicted = (shown > 0).cpu().numpy()
        target = (self.target[:, 0] > 0.5).cpu().numpy()
        known = (self.known[:, 0] > 0.5).cpu().numpy()
        coords, labels = np.zeros((len(shown), 1, 2), np.float32), np.full((len(shown), 1), -1)
        for i in range(len(shown)):
            found = correction(predicted[i], target[i], known[i], self.rng)
            if found is not None:
                x, y, label = found
                coords[i, 0] = x * 2 + 0.5, y * 2 + 0.5  # the targets have half the frame's side
                labels[i, 0] = label
        device = self.coords.device
        self.coords = torch.cat([self.coords, torch.from_numpy(coords).to(device)], dim=1)
        self.labels = torch.cat([self.labels, torch.from_numpy(labels).to(device)], dim=1)


def repeat(features: ImageFeatures, times: int) -> ImageFeatures:
    """Each image's features ``times`` times in a row."""

    def spread(x: Tensor) -> Tensor:
        return x.repeat_interleave(times, 0)

    return ImageFeatures(spread(features.image_embedding), tuple(map(spread, features.high_res)))


def batch_loss(
    model: NanoSam, batch: Sample, rng: Generator, device: torch.device, bfloat16: bool = False
) -> tuple[Tensor, dict[str, float]]:
    """Loss of one batch of images with all their prompts, and what to log."""
    batch = Sample(*(x.to(device, non_blocking=True) for x in batch))
    # On a CPU only convolutions gain from bfloat16, and nearly all of them are in the encoder.
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        features = model.encode(normalise(batch.image, batch.size_hw, model))
    features = ImageFeatures(
        features.image_embedding.float(), tuple(x.float() for x in features.high_res)
    )
    prompts = batch.targets.shape[1]
    clicks = max(1, min(prompts - 1, round(prompts * CLICK_SHARE)))
    loss = torch.zeros((), device=device)
    logged: dict[str, float] = {}
    for kind, chosen in (("click", slice(0, clicks)), ("box", slice(clicks, prompts))):
        n = chosen.stop - chosen.start
        target = batch.targets[:, chosen].flatten(0, 1)[:, None].float() / 255
        known = batch.known.repeat_interleave(n, 0)[:, None].float()
        run = Round(
            repeat(features, n),
            target,
            known,
            batch.points[:, chosen].flatten(0, 1) if kind == "click" else None,
            batch.boxes[:, chosen].flatten(0, 1) if kind == "box" else None,
            rng,
        )
        share = n / prompts
        logits, scores = run.decode(model)
        cost, iou = decode_cost(logits, scores, target, known)
        loss = loss + share * cost
        best = scores[:, 1:].argmax(dim=1, keepdim=True) + 1
        logged[f"{kind}_top"] = iou.gather(1, best).mean().item()
        logged[f"{kind}_oracle"] = iou[:, 1:].max(dim=1).values.mean().item()
        logged[f"{kind}_single"] = iou[:, 0].mean().item()
        logged[f"{kind}_score_error"] = (scores - iou).abs().mean().item()
        run.click(logits, scores, ambiguous=kind == "click")
        with torch.no_grad():
            for _ in range(int(rng.choice(4, p=(0.5, 0.25, 0.15, 0.1)))):
                run.click(*run.decode(model), ambiguous=False)
        if kind == "box" and rng.random() < 0.3:
            run.boxes = None
        logits, scores = run.decode(model, forget_mask=rng.random() < 0.2)
        cost, iou = decode_cost(logits, scores, target, known)
        loss = loss + share * cost
        logged[f"{kind}_refined"] = iou[:, 0].mean().item()
    return loss, logged


class Optimisers:
    """Muon for the matrices and kernels inside the network, AdamW for all else."""

    def __init__(self, model: nn.Module, lr: float) -> None:
        inner, weights, others = [], [], []
        for name, p in model.named_parameters():
            if p.ndim > 1 and not name.endswith(OUTER):
                inner.append(p)
            else:
                (weights if p.ndim > 1 else others).append(p)
        groups = [
            {"params": weights, "weight_decay": 0.05},
            {"params": others, "weight_decay": 0.0},
        ]
        self.all = [
            Muon(inner, lr),
            torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.98), fused=True),
        ]

    def set_lr(self, lr: float) -> None:
        for one in self.all:
            for group in one.param_groups:
                group["lr"] = lr

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


def save(path: Path, **state: object) -> None:
    """Write a checkpoint so that a reader never sees half of it."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def load_weights(path: Path) -> dict[str, Tensor]:
    """Float32 weights of a ``.safetensors``, or the averaged ones of a checkpoint."""
    if not path.is_file():
        raise ValueError(f"no weights at {path}")
    if path.suffix == ".safetensors":
        state = load_file(path)
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)["ema"]
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="the folder with manifest.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, log, decoded data")
    parser.add_argument("--cache", type=Path, help="decoded data (default: OUT/cache)")
    parser.add_argument("--init", type=Path, help="start from these weights (.pt, .safetensors)")
    parser.add_argument("--steps", type=int, default=6000)
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
        help="bfloat16 halves the encoder's time on CPUs with AMX or AVX-512 bf16",
    )
    parser.add_argument("--save-every", type=int, default=100)
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
        state = torch.load(last, map_location=device, weights_only=True)
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
        if step - saved >= args.save_every or share >= 1:
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
    torch.manual_seed(args.seed)
    model = NanoSam().to(device=args.device, memory_format=torch.channels_last)
    ema = deepcopy(model).eval()
    step, last = 0, args.out / "last.pt"
    if last.is_file():
        state = torch.load(last, map_location=args.device, weights_only=True)
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
