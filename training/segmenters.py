"""What the evaluation asks of a segmenter, and the embedded model behind that interface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from samwidget.models.base import ImageFeatures
from samwidget.models.config import NanoConfig
from samwidget.models.nano import NanoSam
from samwidget.predict.preprocess import preprocess
from samwidget.values.geometry import ResizeTransform
from samwidget.values.upsample import full_mask
from samwidget.weights.conversion import convert
from training.checkpoints import load_weights
from training.data import U8
from training.prompts import Mask

F32 = NDArray[np.float32]
ROWS_AT_ONCE = 8


@dataclass
class Answer:
    """The masks for one prompt, and for each what the segmenter wants to be given back."""

    masks: list[Mask]
    memory: list[Any]


class Segmenter(Protocol):
    """Shown one image at a time, then asked about it. Coordinates are pixels of the image."""

    def show(self, image: U8) -> None:
        """Take the image that the next prompts are about."""

    def clicks(
        self, coords: F32, labels: NDArray[np.int64], previous: list[Any] | None, several: bool
    ) -> tuple[list[Answer], F32]:
        """Answer R prompts of N clicks: (R, N, 2) xy, (R, N) labels, -1 pads.

        ``previous`` is the memory of each prompt's last answer. ``several`` asks for three masks,
        else one. Also returns the (R, K) scores the segmenter gives its masks.
        """

    def boxes(self, boxes_xyxy: F32) -> list[Mask]:
        """One mask for each of (R, 4) boxes."""


class NanoSegmenter:
    """The embedded model, or a checkpoint of its training."""

    def __init__(self, model: NanoSam, size: int) -> None:
        self.model, self.size = model.eval().to(memory_format=torch.channels_last), size
        self.features: ImageFeatures | None = None

    @classmethod
    def load(cls, weights: Path | None, size: int | None, threads: int) -> NanoSegmenter:
        """From a ``.safetensors``, a checkpoint, or (None) the weights in the package."""
        torch.set_num_threads(threads)
        path = weights or Path(str(files("samwidget") / "weights" / "nano.safetensors"))
        config, state = convert(load_weights(path))
        if not isinstance(config, NanoConfig):
            raise ValueError(f"{path} holds {config.name}, not the embedded model")
        model = NanoSam(config)
        model.load_state_dict(state)
        return cls(model, size or config.image_size)

    @torch.inference_mode()
    def show(self, image: U8) -> None:
        self.transform = ResizeTransform.for_image(image.shape[:2], self.size)
        self.scale = self.size / max(image.shape[:2])
        config = replace(self.model.config, image_size=self.size, mask_size=self.size // 2)
        self.features = self.model.encode(preprocess(image, self.transform, config))

    @torch.inference_mode()
    def clicks(
        self, coords: F32, labels: NDArray[np.int64], previous: list[Any] | None, several: bool
    ) -> tuple[list[Answer], F32]:
        answers: list[Answer] = []
        scores = []
        for start in range(0, len(coords), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            logits, score = self.model.decode(
                self._features(),
                point_coords=torch.from_numpy(coords[rows]) * self.scale,
                point_labels=torch.from_numpy(labels[rows]),
                mask_input=None if previous is None else torch.stack(previous[rows]),
                multimask_output=several,
            )
            masks = self._masks(logits)
            answers += [Answer(m, list(row[:, None])) for m, row in zip(masks, logits, strict=True)]
            scores.append(score.numpy())
        return answers, np.concatenate(scores)

    @torch.inference_mode()
    def boxes(self, boxes_xyxy: F32) -> list[Mask]:
        found: list[Mask] = []
        for start in range(0, len(boxes_xyxy), ROWS_AT_ONCE):
            boxes = torch.from_numpy(boxes_xyxy[start : start + ROWS_AT_ONCE]) * self.scale
            logits, _ = self.model.decode(self._features(), boxes=boxes, multimask_output=False)
            found += [masks[0] for masks in self._masks(logits)]
        return found

    def _features(self) -> ImageFeatures:
        if self.features is None:
            raise ValueError("show an image first")
        return self.features

    def _masks(self, logits: Tensor) -> list[list[Mask]]:
        """(R, K, M, M) logits to R lists of K masks at the image's resolution."""
        return [[full_mask(one, self.transform) for one in row] for row in logits.numpy()]
