"""An encoded image, and what it must be told apart by: the weights, the image, the part of it."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from samwidget.models.base import ImageFeatures, SegmentAnything
from samwidget.models.modes import version_of
from samwidget.values.geometry import ResizeTransform
from samwidget.values.identity import image_hash as image_hash


@dataclass(frozen=True)
class Region:
    """An upright rectangle of whole pixels of an image; the far corner is outside of it.

    Raises
    ------
    ValueError
        When it holds no pixel or begins outside of any image.

    Examples
    --------
    >>> Region(10, 20, 110, 70).size_hw
    (50, 100)
    """

    x1: int
    y1: int
    x2: int
    y2: int

    def __post_init__(self) -> None:
        if not (0 <= self.x1 < self.x2 and 0 <= self.y1 < self.y2):
            raise ValueError(
                f"a region is (x1, y1, x2, y2) with 0 <= x1 < x2 and 0 <= y1 < y2, got {self.xyxy}"
            )

    @classmethod
    def whole(cls, size_hw: tuple[int, int]) -> Region:
        """Give all of an image."""
        return cls(0, 0, size_hw[1], size_hw[0])

    @property
    def xyxy(self) -> tuple[int, int, int, int]:
        """The corners."""
        return self.x1, self.y1, self.x2, self.y2

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.y2 - self.y1, self.x2 - self.x1

    def cut(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give this part of an image (H, W, 3), as a view.

        Raises
        ------
        ValueError
            When it reaches beyond the image.
        """
        height, width = image.shape[:2]
        if self.x2 > width or self.y2 > height:
            raise ValueError(f"the region {self.xyxy} is not within {width} x {height} pixels")
        return image[self.y1 : self.y2, self.x1 : self.x2]


@dataclass(frozen=True, eq=False)
class Embedding:
    """An encoded image, or a part of one.

    Attributes
    ----------
    features
        What the encoder made of it, on the predictor's device, batch size 1.
    transform
        How the region lies in the model frame.
    model_id
        How the model is called.
    fingerprint
        Of the weights, see :func:`fingerprint`; no other weights can read the features.
    image_hash
        Of the whole image, see :func:`image_hash`.
    region
        What it covers of the image. Prompts and masks are in pixels of the region.
    """

    features: ImageFeatures
    transform: ResizeTransform
    model_id: str
    fingerprint: str
    image_hash: str
    region: Region


_State = tuple[object, ...]
_known: weakref.WeakKeyDictionary[SegmentAnything, tuple[_State, str]] = weakref.WeakKeyDictionary()


def fingerprint(model: SegmentAnything) -> str:
    """Hash a model's configuration and weights: hexadecimal XXH3 of 128 bits.

    It is of the contents, so that it is equal for the same weights from another file, and differs
    for two checkpoints of one architecture. It takes as long as reading the weights from memory,
    and is known from then on until they change.
    """
    tensors = sorted(model.state_dict().items())
    state = (model.config, *((t.data_ptr(), version_of(t)) for _, t in tensors))
    known = _known.get(model)
    if known is not None and known[0] == state:
        return known[1]

    total = xxhash.xxh3_128(repr(model.config).encode())
    for name, tensor in tensors:
        values = tensor.detach().cpu()
        if values.is_floating_point():
            values = values.float()
        total.update(f"{name} {tuple(values.shape)} {values.dtype}".encode())
        total.update(np.ascontiguousarray(values.numpy()).data)
    _known[model] = state, total.hexdigest()
    return _known[model][1]
