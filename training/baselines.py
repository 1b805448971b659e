"""Segmenters without a network, to show what the network adds."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data import U8
from training.prompts import Mask
from training.segmenters import F32, Answer


class Baseline:
    """A segmenter that answers one prompt at a time and remembers nothing."""

    def show(self, image: U8) -> None:
        self.image = np.array(image)  # OpenCV wants it writable
        self.shape = image.shape[:2]

    def answer(self, points: NDArray[np.int64], positive: NDArray[np.bool_]) -> list[Mask]:
        """Masks for clicks, the most trusted one first."""
        raise NotImplementedError

    def box(self, box_xyxy: NDArray[np.int64]) -> Mask:
        """The filled box."""
        mask = np.zeros(self.shape, bool)
        x0, y0, x1, y1 = box_xyxy
        mask[y0 : y1 + 1, x0 : x1 + 1] = True
        return mask

    def clicks(
        self,
        coords: F32,
        labels: NDArray[np.int64],
        previous: list[Any] | None,  # noqa: ARG002
        several: bool,
    ) -> tuple[list[Answer], F32]:
        answers = []
        for xy, label in zip(coords, labels, strict=True):
            given = label >= 0
            masks = self.answer(xy[given].astype(np.int64), label[given] == 1)
            masks = masks if several else masks[:1]
            answers.append(Answer(masks, [None] * len(masks)))
        count = len(answers[0].masks)
        scores = np.linspace(0.5, 0.4, count, dtype=np.float32)
        return answers, np.tile(scores, (len(answers), 1))

    def boxes(self, boxes_xyxy: F32) -> list[Mask]:
        return [self.box(b.astype(np.int64)) for b in boxes_xyxy]


class FilledBox(Baseline):
    """The box itself; for clicks a disk of an eighth, a quarter, a sixteenth of the image."""

    def answer(self, points: NDArray[np.int64], positive: NDArray[np.bool_]) -> list[Mask]:
        y, x = np.mgrid[: self.shape[0], : self.shape[1]]
        nearest = np.stack([np.hypot(x - px, y - py) for px, py in points])
        ours = positive[nearest.argmin(axis=0)]
        reach = np.stack([d for d, p in zip(nearest, positive, strict=True) if p]).min(axis=0)
        return [ours & (reach <= max(self.shape) * share) for share in (1 / 8, 1 / 4, 1 / 16)]


class FloodFill(Baseline):
    """Pixels joined to a click by colours within a tolerance; 32 was best on validation."""

    tolerances = (32, 16, 48)

    def fill(self, point: NDArray[np.int64], tolerance: int) -> Mask:
        h, w = self.shape
        mask = np.zeros((h + 2, w + 2), np.uint8)
        flags = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
        seed = (int(point[0]), int(point[1]))
        spread = (tolerance,) * 3
        cv2.floodFill(self.image, mask, seed, (0, 0, 0), spread, spread, flags)
        return mask[1:-1, 1:-1] > 0

    def answer(self, points: NDArray[np.int64], positive: NDArray[np.bool_]) -> list[Mask]:
        found = []
        for tolerance in self.tolerances:
            mask = np.zeros(self.shape, bool)
            for point, sign in zip(points, positive, strict=True):
                area = self.fill(point, tolerance)
                mask = mask | area if sign else mask & ~area
            found.append(mask)
        return found


class GrabCut(Baseline):
    """OpenCV's GrabCut: a disk around each click is sure, a wider one probable."""

    rounds = 3

    def run(self, mask: U8, box: tuple[int, int, int, int] | None) -> Mask:
        background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
        mode = cv2.GC_INIT_WITH_MASK if box is None else cv2.GC_INIT_WITH_RECT
        cv2.setRNGSeed(0)
        cv2.grabCut(self.image, mask, box, background, foreground, self.rounds, mode)
        return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)

    def answer(self, points: NDArray[np.int64], positive: NDArray[np.bool_]) -> list[Mask]:
        mask = np.full(self.shape, cv2.GC_PR_BGD, np.uint8)
        side = max(self.shape)
        for point, sign in zip(points, positive, strict=True):
            if sign:
                cv2.circle(mask, tuple(map(int, point)), side // 8, cv2.GC_PR_FGD, -1)
        for point, sign in zip(points, positive, strict=True):
            sure = cv2.GC_FGD if sign else cv2.GC_BGD
            cv2.circle(mask, tuple(map(int, point)), max(2, side // 80), sure, -1)
        if not (mask == cv2.GC_PR_BGD).any():
            return [mask == cv2.GC_FGD]
        return [self.run(mask, None)]

    def box(self, box_xyxy: NDArray[np.int64]) -> Mask:
        x0, y0, x1, y1 = map(int, box_xyxy)
        if x1 - x0 < 3 or y1 - y0 < 3 or (x1 - x0 + 1, y1 - y0 + 1) == self.shape[::-1]:
            return super().box(box_xyxy)
        return self.run(np.zeros(self.shape, np.uint8), (x0, y0, x1 - x0 + 1, y1 - y0 + 1))


BASELINES: dict[str, type[Baseline]] = {
    "box": FilledBox, "floodfill": FloodFill, "grabcut": GrabCut,
}  # fmt: skip
