"""Where to click in an image of which nothing is known, and which answers to keep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.models.config import ModelConfig, NanoConfig
from samwidget.values.errors import quoted

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "fast": {"points_per_side": 16},
    "balanced": {},
    "fine": {
        "pred_iou_thresh": 0.86,
        "stability_score_thresh": 0.92,
        "crop_n_layers": 1,
        "crop_n_points_downscale_factor": 2,
        "min_mask_region_area": 100,
    },
}
"""Settings by the preset's name. "balanced" are segment-anything's defaults, "fine" is what its
example notebook calls for more masks; "fast" has a quarter of the clicks."""

_NANO: Mapping[str, Mapping[str, Any]] = {
    "fast": {"points_per_side": 12},
    "balanced": {"points_per_side": 16},
    "fine": {
        "points_per_side": 32,
        "crop_n_layers": 1,
        "crop_n_points_downscale_factor": 2,
        "min_mask_region_area": 100,
    },
}
_NANO_THRESHOLDS = {"pred_iou_thresh": 0.75, "stability_score_thresh": 0.8}

_MOST = {
    "points_per_side": 1000,
    "points_per_batch": 100_000,
    "crop_n_layers": 6,
    "crop_n_points_downscale_factor": 1000,
}
"""What a slip of the keyboard must not go beyond; a search with more would take days."""


@dataclass(frozen=True)
class Grid:
    """Where to click and what to keep.

    Attributes
    ----------
    points_per_side
        The grid has as many rows and columns of clicks, at most 1000.
    pred_iou_thresh
        Keep masks whose predicted IoU is above this; 0 or less keeps all.
    stability_score_thresh
        Keep masks whose stability score is at least this.
    stability_score_offset
        The stability score is the IoU of the masks that thresholds so far above and below zero
        make of the logits.
    box_nms_thresh
        Of two masks whose boxes have a higher IoU than this, keep the better.
    points_per_batch
        Clicks that are decoded together on an accelerator; a CPU takes a few at a time on each
        core.
    crop_n_layers
        Search also so many layers of crops, at most 6, where layer n has 2**n x 2**n; each is
        enlarged and encoded on its own, so that small things are found.
    crop_nms_thresh
        As ``box_nms_thresh``, of masks from different crops; the smaller crop's is kept.
    crop_overlap_ratio
        Crops of the first layer overlap by this share of the image's shorter side.
    crop_n_points_downscale_factor
        Layer n has the points per side divided by the n-th power of this.
    min_mask_region_area
        Fill holes and drop islands with fewer pixels.
    point_grids
        Instead of ``points_per_side``: for each layer (N, 2), (x, y) as shares of the image.

    Raises
    ------
    TypeError
        When a setting is no number.
    ValueError
        When a number is out of its range.

    Examples
    --------
    >>> Grid(points_per_side=2).points_xy((100, 200)).tolist()
    [[50.0, 25.0], [150.0, 25.0], [50.0, 75.0], [150.0, 75.0]]
    """

    points_per_side: int = 32
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7
    points_per_batch: int = 64
    crop_n_layers: int = 0
    crop_nms_thresh: float = 0.7
    crop_overlap_ratio: float = 512 / 1500
    crop_n_points_downscale_factor: int = 1
    min_mask_region_area: float = 0
    point_grids: Sequence[NDArray[np.floating[Any]]] | None = None

    def __post_init__(self) -> None:
        for name in ("points_per_side", "points_per_batch", "crop_n_points_downscale_factor"):
            _check_whole(name, getattr(self, name), 1)
        _check_whole("crop_n_layers", self.crop_n_layers, 0)
        for name in ("pred_iou_thresh", "stability_score_thresh"):
            _check_number(name, getattr(self, name))
        for name in ("stability_score_offset", "min_mask_region_area"):
            _check_number(name, getattr(self, name))
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        for name in ("box_nms_thresh", "crop_nms_thresh", "crop_overlap_ratio"):
            _check_number(name, getattr(self, name))
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(self, name)}")
        if self.point_grids is not None:
            _check_grids(self.point_grids, self.crop_n_layers + 1)

    @classmethod
    def for_model(cls, config: ModelConfig, preset: str | None = None, **settings: Any) -> Grid:
        """Give what suits a model, with these settings instead of its own.

        Parameters
        ----------
        config
            Of the model. The embedded one says of fewer masks that it is sure, and sees images
            smaller: it has thresholds of 0.75 for ``pred_iou_thresh`` and 0.8 for
            ``stability_score_thresh``, and other grids.
        preset
            ``"fast"``: 16 x 16 clicks (the embedded model: 12 x 12). ``"balanced"``, also when
            None: segment-anything's defaults, 32 x 32 clicks (16 x 16). ``"fine"``: 32 x 32 clicks,
            four crops with 16 x 16 clicks each, lower thresholds, without regions below 100 pixels.
        **settings
            Attributes of this class.

        Raises
        ------
        TypeError
            When there is no such setting, or it is no number.
        ValueError
            When there is no such preset, or a number is out of its range.
        """
        chosen = "balanced" if preset is None else preset
        if not isinstance(chosen, str) or chosen not in PRESETS:
            known = ", ".join(map(repr, PRESETS))
            raise ValueError(f"preset: expected one of {known}, got {quoted(chosen)}")
        is_nano = isinstance(config, NanoConfig)
        own = {**_NANO[chosen], **_NANO_THRESHOLDS} if is_nano else PRESETS[chosen]
        return cls(**{**own, **settings})

    def points_xy(self, size_hw: tuple[int, int], layer: int = 0) -> NDArray[np.float32]:
        """Give the clicks on an image or a crop, (N, 2) float32, (x, y) in pixels, row by row."""
        if self.point_grids is not None:
            shares = np.asarray(self.point_grids[layer], np.float64)
        else:
            per_side = max(
                1, int(self.points_per_side / self.crop_n_points_downscale_factor**layer)
            )
            offset = 1 / (2 * per_side)
            steps = np.linspace(offset, 1 - offset, per_side)
            shares = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        return (shares * size_hw[::-1]).astype(np.float32)


def _check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value}")


def _check_whole(name: str, value: object, least: int) -> None:
    """Raise unless a setting is a whole number in its range."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {quoted(value)}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    if value > _MOST[name]:
        raise ValueError(f"{name} must be at most {_MOST[name]}, got {value}")


def _check_grids(grids: Sequence[NDArray[Any]], layers: int) -> None:
    expected = f"point_grids: expected an array (N, 2) for each of {layers} layers, "
    arrays = [np.asarray(one) for one in grids]
    shapes = [one.shape for one in arrays]
    if len(shapes) < layers or any(len(s) != 2 or s[0] == 0 or s[1] != 2 for s in shapes):
        raise ValueError(f"{expected}got the shapes {quoted(shapes)}")
    for one in arrays:
        if one.dtype.kind not in "fiu" or not ((one >= 0) & (one <= 1)).all():
            raise ValueError(f"{expected}x and y as shares of the image from 0 to 1")
