"""A Segment Anything model that answers in microseconds and misbehaves on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures, Progress, SegmentAnything
from samwidget.models.config import ModelConfig
from samwidget.predict.predictor import Predictor

RADII = (4.0, 8.0, 12.0)
SCORES = (0.7, 0.9, 0.8)


class FakeModel(SegmentAnything):
    """Foreground is a disk around each positive point, less one around each negative, and the box.

    The first click has candidates of three sizes, of which the middle one is said to be the best.
    The model frame has 64 pixels a side, the logits 32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.config = ModelConfig("fake", image_size=64, mask_size=32)
        self.weight = nn.Parameter(torch.zeros(1))
        self.encode_error: Exception | None = None
        self.decode_error: Exception | None = None
        self.decodes_before_error = 0
        self.decodes: list[dict[str, Any]] = []
        self.encodes = 0
        self.steps = 4
        self.on_step: Callable[[int], None] = lambda _: None
        self.may_encode = threading.Event()
        self.may_encode.set()
        self.is_encoding = threading.Event()
        self.may_decode = threading.Event()
        self.may_decode.set()
        self.is_decoding = threading.Event()

    def encode(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        self.encodes += 1
        for step in range(self.steps):
            if on_progress is not None:
                on_progress(step / self.steps)
            self.is_encoding.set()
            self.on_step(step)
            # Ask now and then, as a long encoding does between its blocks.
            while not self.may_encode.wait(0.001):
                if on_progress is not None:
                    on_progress(step / self.steps)
            if self.encode_error is not None:
                raise self.encode_error
        return ImageFeatures(pixels.mean(dim=(1, 2, 3), keepdim=True))

    def decode(
        self,
        features: ImageFeatures,
        *,
        point_coords: Tensor | None = None,
        point_labels: Tensor | None = None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
        multimask_output: bool = True,
    ) -> tuple[Tensor, Tensor]:
        self.is_decoding.set()
        assert self.may_decode.wait(10)
        if self.decode_error is not None and len(self.decodes) >= self.decodes_before_error:
            raise self.decode_error
        given = (point_coords, point_labels, boxes, mask_input)
        batch = max((len(x) for x in given if x is not None), default=1)
        radii = RADII if multimask_output else RADII[1:2]
        scores = SCORES if multimask_output else SCORES[1:2]
        answers = []
        for i in range(batch):
            coords, own, box, mask = (None if x is None else x[i : i + 1] for x in given)
            points = [] if coords is None else coords[0].tolist()
            labels = [] if own is None else own[0].tolist()
            self.decodes.append(
                {"points": points, "labels": labels, "boxes": box, "mask_input": mask,
                 "multimask": multimask_output}
            )  # fmt: skip
            answers.append(torch.stack([self._mask(points, labels, box, mask, r) for r in radii]))
        return torch.stack(answers), torch.tensor(scores).expand(batch, -1)

    def _mask(
        self,
        points: list[list[float]],
        labels: list[int],
        boxes: Tensor | None,
        mask_input: Tensor | None,
        radius: float,
    ) -> Tensor:
        size = self.config.mask_size
        centres = (torch.arange(size) + 0.5) * self.config.image_size / size
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        inside = torch.zeros(size, size, dtype=torch.bool)
        if mask_input is not None:
            inside |= mask_input[0, 0] > 0
        if boxes is not None:
            x1, y1, x2, y2 = boxes[0].tolist()
            inside |= (x > x1) & (x < x2) & (y > y1) & (y < y2)
        for (px, py), label in zip(points, labels, strict=True):
            disk = (x - px) ** 2 + (y - py) ** 2 < radius**2
            inside = inside | disk if label else inside & ~disk
        return torch.where(inside, 6.0, -6.0)


def fake_predictor(model: FakeModel | None = None) -> Predictor:
    return Predictor(model or FakeModel(), device="cpu")
