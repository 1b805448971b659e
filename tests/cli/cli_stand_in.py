"""A model that finds what it is told to."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_masks

from samwidget.results import Results
from samwidget.values.images import load_image
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

SIZE_HW = (30, 40)


def names_in(folder: str | Path) -> list[str]:
    """What lies in a folder, hidden files included."""
    return sorted(path.name for path in Path(folder).iterdir())


def full_mask(rle: dict[str, Any]) -> NDArray[np.uint8]:
    """Read run lengths as pycocotools does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of numpy 2, for their own code
        mask: NDArray[np.uint8] = coco_masks.decode(rle)
    return mask


class StandIn:
    """Finds the same two overlapping blocks in every image, whatever it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.opened_with: tuple[object, ...] = ()
        self.on_ask: Callable[[str], None] = lambda source: None
        self.count = 2

    def predict(self, source: object, **options: Any) -> list[Results]:
        return [self._answer("predict", source, options)]

    def everything(self, source: object, **options: Any) -> list[Results]:
        return [self._answer("everything", source, options)]

    def proposals(self, source: object, **options: Any) -> list[Results]:
        return [self._answer("proposals", source, options)]

    def edges(self, source: object, **options: Any) -> NDArray[np.float32]:
        image = self._answer("edges", source, options).orig_img
        return np.linspace(0, 1, image[..., 0].size, dtype=np.float32).reshape(image.shape[:2])

    def info(self, *, verbose: bool) -> dict[str, Any]:
        assert not verbose
        return {"model": "stand-in", "parameters": 1234567}

    def _answer(self, method: str, source: object, options: dict[str, Any]) -> Results:
        options["progress"](0.5)
        image = load_image(source)
        options = {name: value for name, value in options.items() if name != "progress"}
        self.calls.append((method, Path(str(source)).name, options))
        self.on_ask(str(source))
        masks = [np.zeros(image.shape[:2], bool) for _ in range(self.count)]
        for number, mask in enumerate(masks):
            mask[number % 20 : number % 20 + 10, 5:15] = True
        objects = [
            SegmentedObject(i, "cup" if i else "", 0.9 - i / 1e4, Mask.from_array(mask), Prompts(),
                            "#ff0000")
            for i, mask in enumerate(masks)
        ]  # fmt: skip
        return Results(image, objects, str(source))
