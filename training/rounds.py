"""The loss of a batch: every image asked several times, through rounds of correction clicks."""

from __future__ import annotations

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from samwidget.models.base import ImageFeatures
from samwidget.models.nano import NanoSam
from training.losses import decode_cost
from training.prompts import correction
from training.sampler import Sample

CLICK_SHARE = 0.6
"""Share of an image's prompts that start with a click; the others start with a box."""


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
