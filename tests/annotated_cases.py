"""Images with objects of every awkward kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts


def annotated(
    masks: list[NDArray[np.bool_]], labels: list[str] | None = None, name: str = "photo.jpg"
) -> Annotated:
    labels = [f"class {i % 3}" for i in range(len(masks))] if labels is None else labels
    objects = tuple(
        SegmentedObject(
            id=i,
            label=label,
            score=0.5 + i / 1000,
            shape=Mask.from_array(mask),
            prompts=Prompts([[1.5, 0.5]], [1]),
            color=color_for(i),
            stability_score=0.25 if i % 2 else None,
        )
        for i, (mask, label) in enumerate(zip(masks, labels, strict=True))
    )
    size_hw = masks[0].shape
    rows, columns = np.indices(size_hw)
    image = np.stack([rows % 256, columns % 256, (rows + columns) % 256], 2).astype(np.uint8)
    return Annotated(objects, (size_hw[0], size_hw[1]), name, image)


_S = slice


def _blobs(size_hw: tuple[int, int], count: int, seed: int) -> list[NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(size_hw)
    masks = []
    for _ in range(count):
        y, x = rng.uniform(0, size_hw[0]), rng.uniform(0, size_hw[1])
        radius = rng.uniform(0.02, 0.3) * min(size_hw)
        waves = 1 + 0.3 * np.sin(rng.integers(2, 7) * np.arctan2(rows - y, columns - x))
        masks.append(np.hypot(rows - y, columns - x) < radius * waves)
    return masks


def _holed() -> NDArray[np.bool_]:
    mask = np.zeros((60, 80), bool)
    mask[5:50, 10:70] = True
    mask[10:20, 20:30] = mask[25:45, 20:60] = False
    mask[30:40, 30:50] = True  # an island in a hole
    mask[33:36, 35:45] = False
    return mask


def _at(rows: slice, columns: slice) -> NDArray[np.bool_]:
    mask = np.zeros((40, 50), bool)
    mask[rows, columns] = True
    return mask


CASES: dict[str, Callable[[], Annotated]] = {
    "random": lambda: annotated([np.random.default_rng(0).random((30, 40)) < 0.5]),
    "empty": lambda: annotated([np.zeros((20, 30), bool), _blobs((20, 30), 1, 1)[0]]),
    "one pixel": lambda: annotated([_at(slice(7, 8), slice(9, 10))]),
    "last pixel": lambda: annotated([_at(slice(39, 40), slice(49, 50))]),
    "full": lambda: annotated([np.ones((13, 17), bool)]),
    "1 x 1": lambda: annotated([np.ones((1, 1), bool)]),
    "holed": lambda: annotated([_holed()]),
    "corners touch": lambda: annotated([np.kron(np.eye(5), np.ones((4, 4))).astype(bool)]),
    "touching": lambda: annotated([_at(_S(0, 20), _S(0, 9)), _at(_S(0, 20), _S(9, 30))]),
    "overlapping": lambda: annotated([_at(_S(0, 30), _S(0, 30)), _at(_S(9, 40), _S(9, 50))]),
    "300 objects": lambda: annotated(_blobs((90, 120), 300, 2)),
    "12 MP": lambda: annotated(_blobs((3000, 4000), 2, 3)),
}  # fmt: skip

SMALL = [name for name in CASES if name != "12 MP"]


def assert_same_masks(found: Annotated, given: Annotated, *, empty: bool = True) -> None:
    """Every pixel of every mask; ``empty``: also masks without pixels were kept."""
    kept = [one for one in given.objects if empty or one.area]
    assert len(found.objects) == len(kept)
    for one, other in zip(found.objects, kept, strict=True):
        np.testing.assert_array_equal(one.mask, other.mask)
