"""One image with its objects: what every format writes and reads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from samwidget.values.objects import SegmentedObject

UNNAMED_CLASS = "object"
"""What an object without a label is called where a format wants a class."""


@dataclass(frozen=True, eq=False)
class Annotated:
    """The objects of one image.

    Parameters
    ----------
    objects
        Bottom to top.
    size_hw
        The image in pixels.
    file_name
        How the image's file is called in what is written.
    image
        (H, W, C) of any dtype, for formats that show or measure it; None when it is not at hand.

    Raises
    ------
    ValueError
        When an object's mask is of another size.
    """

    objects: Sequence[SegmentedObject]
    size_hw: tuple[int, int]
    file_name: str = "image.png"
    image: NDArray[np.generic] | None = None

    def __post_init__(self) -> None:
        for number, one in enumerate(self.objects):
            if one.shape.size_hw != tuple(self.size_hw):
                raise ValueError(
                    f"objects[{number}]: the mask is of an image of {one.shape.size_hw} pixels "
                    f"(H, W), but {self.file_name} has {self.size_hw}"
                )

    @property
    def stem(self) -> str:
        """The file's name without folders and ending."""
        return PurePath(self.file_name).stem or "image"

    def pixels(self, wanted_for: str) -> NDArray[np.generic]:
        """Give the image, or raise a ValueError that says what it was wanted for."""
        if self.image is None:
            raise ValueError(f"{wanted_for} needs the image, but {self.file_name} came without it")
        return self.image


def class_of(one: SegmentedObject) -> str:
    """Give an object's class name, never empty."""
    return one.label or UNNAMED_CLASS


def finite(score: float | None) -> float | None:
    """Give a number that JSON knows, None for one that it does not."""
    return None if score is None or not math.isfinite(score) else float(score)


def class_names(images: Iterable[Annotated], known: Sequence[str] = ()) -> list[str]:
    """List the classes: the known ones first, then the others as they come.

    Raises
    ------
    ValueError
        When a known one comes twice.
    """
    names = dict.fromkeys(known)
    if len(names) != len(known):
        raise ValueError(f"classes must all differ, got {list(known)}")
    names |= dict.fromkeys(class_of(one) for image in images for one in image.objects)
    return list(names)
