"""The part of the contract that masks and clicks are made of; the whole is in ``protocol.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from samwidget.values.levels import CLAMP

ISO_LEVEL = 127.5
"""A level field's border value: greater is inside the mask."""

LEVEL_CLAMP = CLAMP
"""Logits that lie so far above a field's border are 255, so far below it 0; between, linear."""

ExtentXYWH = tuple[float, float, float, float]


@dataclass(frozen=True)
class LevelField:
    """One mask as a small grey image whose iso-line at ``ISO_LEVEL`` is the mask's border.

    ``data`` holds ``stride`` bytes a row; the first ``width`` of each of the first ``height`` rows
    count. Cell (i, j) is a sample at the centre of the i-th of ``width`` by j-th of ``height``
    equal cells that fill ``extent_xywh``, which may reach beyond the image.
    """

    width: int
    height: int
    stride: int
    extent_xywh: ExtentXYWH
    data: bytes


@dataclass(frozen=True)
class PointPrompt:
    """A click: ``label`` 1 is foreground, 0 background."""

    x: float
    y: float
    label: Literal[0, 1]
