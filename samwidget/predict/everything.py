"""Everything in an image: a grid of clicks, the doubtful and the double masks left out.

The rules and their numbers are those of segment-anything's automatic mask generator. It draws all
candidates at the image's size, then judges them; here only those that the model is sure of are
drawn, one at a time and no further than they reach, and none is kept in that form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.models.config import ModelConfig, NanoConfig
from samwidget.predict.candidates import crop_regions, is_cut_off
from samwidget.predict.embeddings import Embedding, Region, image_hash
from samwidget.predict.predictor import Predictor
from samwidget.predict.threads import spread
from samwidget.values.filtering import without_doubles
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts
from samwidget.values.upsample import mask_region

ENCODING_SHARE = 0.1
"""Of the whole work, as it is told to those who wait."""

Progress = Callable[[float], None]
OnFound = Callable[["list[FoundMask]"], None]


@dataclass(frozen=True)
class Grid:
    """Where to click and what to keep.

    Attributes
    ----------
    points_per_side
        The grid has as many rows and columns of clicks.
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
        Clicks that are decoded together on an accelerator; a CPU takes one at a time on each core.
    crop_n_layers
        Search also so many layers of crops, where layer n has 2**n x 2**n; each is enlarged and
        encoded on its own, so that small things are found.
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
    ValueError
        When a number is out of its range.
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
        whole = ("points_per_side", "points_per_batch", "crop_n_points_downscale_factor")
        for name in whole:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("stability_score_offset", "crop_n_layers", "min_mask_region_area"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        for name in ("box_nms_thresh", "crop_nms_thresh", "crop_overlap_ratio"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(self, name)}")
        if self.point_grids is not None:
            shapes = [np.shape(one) for one in self.point_grids]
            if len(shapes) <= self.crop_n_layers or any(len(s) != 2 or s[1] != 2 for s in shapes):
                raise ValueError(
                    "point_grids: expected an array (N, 2) for each of "
                    f"{self.crop_n_layers + 1} layers, got the shapes {shapes}"
                )

    @classmethod
    def for_model(cls, config: ModelConfig, **settings: Any) -> Grid:
        """Give what suits a model, with these settings instead of its own.

        segment-anything's numbers for all but the embedded model. That one says of fewer masks that
        it is sure, and sees images smaller: 0.75 instead of 0.88 for ``pred_iou_thresh``, 0.8
        instead of 0.95 for ``stability_score_thresh``, 16 instead of 32 points per side.

        Raises
        ------
        TypeError
            When there is no such setting.
        """
        if isinstance(config, NanoConfig):
            own = {"points_per_side": 16, "pred_iou_thresh": 0.75, "stability_score_thresh": 0.8}
            settings = own | settings
        return cls(**settings)

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


@dataclass(frozen=True, eq=False)
class FoundMask:
    """A mask that nobody asked for in particular.

    Attributes
    ----------
    shape
        The mask, in the form that is kept for good.
    score
        The model's own estimate of the mask's IoU; may exceed 1.
    stability_score
        From 0 to 1, see :class:`Grid`.
    point_xy
        The click that it answers, in pixels of the image.
    region
        The part of the image in which it was found.
    """

    shape: Mask
    score: float
    stability_score: float
    point_xy: tuple[float, float]
    region: Region

    def as_object(self, number: int) -> SegmentedObject:
        """Give it as the object with this number, counted from 0."""
        return SegmentedObject(
            id=number,
            label="",
            score=self.score,
            shape=self.shape,
            prompts=Prompts(np.array([self.point_xy]), np.ones(1, np.int64)),
            color=color_for(number),
            stability_score=self.stability_score,
        )


def segment_everything(
    predictor: Predictor,
    image: NDArray[np.uint8],
    grid: Grid | None = None,
    on_progress: Progress | None = None,
) -> list[FoundMask]:
    """Encode an image and segment whatever there is in it.

    Parameters
    ----------
    predictor
        A model.
    image
        (H, W, 3) uint8 RGB.
    grid
        Where to click and what to keep; None is ``Grid.for_model(predictor.model.config)``.
    on_progress
        Told the fraction done, 0 to 1; what it raises ends the search and reaches the caller.

    Returns
    -------
    list of FoundMask
        Those with higher scores first; with crops, those of smaller crops first; with
        ``min_mask_region_area``, those first that were clean.

    Examples
    --------
    >>> from samwidget.models.build import build
    >>> from samwidget.models.config import NANO
    >>> predictor = Predictor(build(NANO), "cpu")
    >>> image = np.zeros((60, 80, 3), np.uint8)
    >>> segment_everything(predictor, image, Grid(points_per_side=1, pred_iou_thresh=1000))
    []
    """
    grid = Grid.for_model(predictor.model.config) if grid is None else grid
    size_hw = image.shape[0], image.shape[1]
    crops = crop_regions(size_hw, grid.crop_n_layers, grid.crop_overlap_ratio)
    known_hash = image_hash(image)
    found: list[FoundMask] = []
    for number, (region, layer) in enumerate(crops):

        def told(start: float, share: float, number: int = number) -> Progress | None:
            if on_progress is None:
                return None
            return lambda done: on_progress((number + start + share * done) / len(crops))

        embedding = predictor.encode(
            image, told(0, ENCODING_SHARE), region=region, known_hash=known_hash
        )
        searching = told(ENCODING_SHARE, 1 - ENCODING_SHARE)
        some = _candidates(predictor, embedding, grid, layer, searching)
        placed = (_placed(one, region, size_hw) for one in some)
        found += _distinct(
            [one for one in placed if not is_cut_off(one.shape.box_xyxy, region, size_hw)],
            None,
            grid.box_nms_thresh,
        )
    if len(crops) > 1:
        areas = [one.region.size_hw[0] * one.region.size_hw[1] for one in found]
        found = _distinct(found, [1 / area for area in areas], grid.crop_nms_thresh)
    if grid.min_mask_region_area > 0:
        found = _cleaned(found, grid)
    return found


def find_everything(
    predictor: Predictor,
    embedding: Embedding,
    grid: Grid | None = None,
    on_progress: Progress | None = None,
    on_found: OnFound | None = None,
) -> list[FoundMask]:
    """Segment whatever there is in an image, or in a part of one, that is encoded already.

    Parameters
    ----------
    predictor, embedding
        A model, and what it encoded.
    grid
        Where to click and what to keep, but for crops and small regions; None is
        ``Grid.for_model(predictor.model.config)``.
    on_progress
        Told the fraction of the clicks done, 0 to 1; what it raises ends the search and reaches
        the caller.
    on_found
        Told what each few clicks have found, before doubles are taken away.

    Returns
    -------
    list of FoundMask
        Those with higher scores first, in pixels of the embedding's region.

    Raises
    ------
    ValueError
        When the embedding is of other weights.
    """
    grid = Grid.for_model(predictor.model.config) if grid is None else grid
    found = _candidates(predictor, embedding, grid, 0, on_progress, on_found)
    return _distinct(found, None, grid.box_nms_thresh)


def _candidates(
    predictor: Predictor,
    embedding: Embedding,
    grid: Grid,
    layer: int,
    on_progress: Progress | None,
    on_found: OnFound | None = None,
) -> list[FoundMask]:
    """Click on a layer's points; give what is worth keeping, doubles included."""
    points = grid.points_xy(embedding.region.size_hw, layer)
    per_batch = 1 if predictor.device.type == "cpu" else grid.points_per_batch
    batches = [points[i : i + per_batch] for i in range(0, len(points), per_batch)]

    def search(some: NDArray[np.float32]) -> list[FoundMask]:
        predictions = predictor.predict_batch(embedding, [_click(xy) for xy in some])
        return [
            one
            for point, prediction in zip(some, predictions, strict=True)
            for one in _worth_keeping(prediction, point, grid)
        ]

    found: list[FoundMask] = []
    on_cpu = predictor.device.type == "cpu"
    with closing(spread(search, batches) if on_cpu else (search(b) for b in batches)) as finds:
        for number, some in enumerate(finds, start=1):
            found += some
            if on_found is not None and some:
                on_found(some)
            if on_progress is not None:
                on_progress(number / len(batches))
    return found


def _click(point_xy: NDArray[np.float32]) -> Prompts:
    return Prompts(point_xy[None], np.ones(1, np.int64))


def _worth_keeping(
    prediction: Prediction, point: NDArray[np.float32], grid: Grid
) -> Iterator[FoundMask]:
    """Pick the masks that the model is sure of and that stay about the same at other thresholds."""
    transform = prediction.transform
    offset = grid.stability_score_offset
    for logits, score in zip(prediction.low_res_logits, prediction.iou_predictions, strict=True):
        if score <= grid.pred_iou_thresh and grid.pred_iou_thresh > 0:
            continue
        inner, outer = (
            int(np.count_nonzero(mask_region(logits, transform, at)[0])) for at in (offset, -offset)
        )
        stability = inner / max(1, outer)
        if stability < grid.stability_score_thresh:
            continue
        shape = Mask.from_logits(logits, transform)
        if not shape.is_empty:
            x, y = (float(value) for value in point)
            whole = Region.whole(shape.size_hw)
            yield FoundMask(shape, float(score), stability, (x, y), whole)


def _placed(one: FoundMask, region: Region, size_hw: tuple[int, int]) -> FoundMask:
    """Turn from pixels of a region to pixels of its image."""
    left, top, _, _ = region.xyxy
    x, y = one.point_xy
    return replace(
        one,
        shape=one.shape.placed(left, top, size_hw),
        point_xy=(x + left, y + top),
        region=region,
    )


def _distinct(
    found: list[FoundMask], scores: list[float] | None, iou_threshold: float
) -> list[FoundMask]:
    """Of masks with about the same box keep the one with the best score, by default its own."""
    scores = [one.score for one in found] if scores is None else scores
    boxes = np.array([one.shape.box_xyxy for one in found], np.float64).reshape(-1, 4)
    kept = (found[i] for i in without_doubles(boxes, np.array(scores), iou_threshold))
    return [replace(one, shape=one.shape.compact()) for one in kept]


def _cleaned(found: list[FoundMask], grid: Grid) -> list[FoundMask]:
    """Take away small regions; what becomes a double of another by that goes, too."""
    clean: list[FoundMask] = []
    scores: list[float] = []
    for one in found:
        shape, had_any = one.shape.without_small_regions(grid.min_mask_region_area)
        clean.append(replace(one, shape=shape))
        scores.append(float(not had_any))
    return _distinct(clean, scores, max(grid.box_nms_thresh, grid.crop_nms_thresh))
