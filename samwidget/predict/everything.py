"""Everything in an image: a grid of clicks, the doubtful and the double masks left out.

The rules and their numbers are those of segment-anything's automatic mask generator. It draws all
candidates at the image's size, then judges them; here they are judged first, by what they would
measure at that size, and only those that stay are drawn, one at a time and no further than they
reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from samwidget.predict.candidates import crop_regions, is_cut_off
from samwidget.predict.embeddings import Embedding, Region, image_hash
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import MIN_SPREAD, Predictor
from samwidget.predict.threads import spread
from samwidget.values.filtering import without_doubles
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts
from samwidget.values.upsample import measured

ENCODING_SHARE = 0.1
"""Of the whole work, as it is told to those who wait."""

Progress = Callable[[float], None]
OnFound = Callable[["list[Candidate]"], None]


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


@dataclass(frozen=True, eq=False)
class Candidate:
    """A mask that may be kept, and its tight box, which is known before the mask is drawn."""

    found: FoundMask
    box_xyxy: PixelBox

    def shifted(self, region: Region) -> Candidate:
        """Turn from pixels of a region to pixels of its image, all but the mask."""
        left, top, _, _ = region.xyxy
        x1, y1, x2, y2 = self.box_xyxy
        x, y = self.found.point_xy
        found = replace(self.found, point_xy=(x + left, y + top), region=region)
        return Candidate(found, (x1 + left, y1 + top, x2 + left, y2 + top))

    def placed(self, size_hw: tuple[int, int]) -> Candidate:
        """Turn the mask, too, from pixels of its region to pixels of the image."""
        left, top, _, _ = self.found.region.xyxy
        found = replace(self.found, shape=self.found.shape.placed(left, top, size_hw))
        return replace(self, found=found)


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
    found: list[Candidate] = []
    for some in in_crops(predictor, image, grid, on_progress):
        kept = distinct(some, [one.found.score for one in some], grid.box_nms_thresh)
        found += [one.placed(size_hw) for one in kept]
    if grid.crop_n_layers > 0:
        areas = [one.found.region.size_hw[0] * one.found.region.size_hw[1] for one in found]
        found = distinct(found, [1 / area for area in areas], grid.crop_nms_thresh)
    if grid.min_mask_region_area > 0:
        found = _cleaned(found, grid)
    return [one.found for one in found]


def in_crops(
    predictor: Predictor,
    image: NDArray[np.uint8],
    grid: Grid,
    on_progress: Progress | None = None,
    on_found: OnFound | None = None,
    whole: Embedding | None = None,
) -> Iterator[list[Candidate]]:
    """Search an image and its crops, one after the other.

    Gives what is worth keeping in each, doubles included, the masks in pixels of their regions and
    all else in pixels of the image; ``on_found`` is told of it bit by bit. ``whole`` is the image's
    embedding if there is one already.
    """
    size_hw = image.shape[0], image.shape[1]
    crops = crop_regions(size_hw, grid.crop_n_layers, grid.crop_overlap_ratio)
    known_hash = image_hash(image) if whole is None else whole.image_hash
    for number, (region, layer) in enumerate(crops):
        own = part_of(on_progress, number / len(crops), 1 / len(crops))

        def uncut(some: list[Candidate], region: Region = region) -> list[Candidate]:
            shifted = [one.shifted(region) for one in some]
            return [one for one in shifted if not is_cut_off(one.box_xyxy, region, size_hw)]

        def tell(some: list[Candidate], uncut: Callable[..., list[Candidate]] = uncut) -> None:
            if on_found is not None:
                on_found(uncut(some))

        embedding, encoding_share = whole, 0.0
        if embedding is None or layer > 0:
            encoding_share = ENCODING_SHARE
            embedding = predictor.encode(
                image, part_of(own, 0, encoding_share), region=region, known_hash=known_hash
            )
        searching = part_of(own, encoding_share, 1 - encoding_share)
        yield uncut(candidates(predictor, embedding, grid, layer, searching, tell))


def find_everything(
    predictor: Predictor,
    embedding: Embedding,
    grid: Grid | None = None,
    on_progress: Progress | None = None,
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
    some = candidates(predictor, embedding, grid, 0, on_progress)
    kept = distinct(some, [one.found.score for one in some], grid.box_nms_thresh)
    return [one.found for one in kept]


def part_of(on_progress: Progress | None, start: float, share: float) -> Progress | None:
    """Give what tells the fraction of a part as one of the whole, where anybody is told."""
    if on_progress is None:
        return None
    return lambda done: on_progress(start + share * done)


def candidates(
    predictor: Predictor,
    embedding: Embedding,
    grid: Grid,
    layer: int = 0,
    on_progress: Progress | None = None,
    on_found: OnFound | None = None,
) -> list[Candidate]:
    """Click on a layer's points; give what is worth keeping, doubles included, none drawn."""
    points = grid.points_xy(embedding.region.size_hw, layer)
    on_cpu = predictor.device.type == "cpu"
    per_batch = MIN_SPREAD if on_cpu else grid.points_per_batch
    batches = [points[i : i + per_batch] for i in range(0, len(points), per_batch)]

    def search(some: NDArray[np.float32]) -> list[Candidate]:
        clicks = [_click(xy) for xy in some]
        predictions = predictor.predict_batch(embedding, clicks, clean=False)
        return [
            one
            for click, prediction in zip(clicks, predictions, strict=True)
            for one in _worth_keeping(predictor, prediction, click, grid)
        ]

    found: list[Candidate] = []
    with closing(spread(search, batches) if on_cpu else (search(b) for b in batches)) as finds:
        for number, some in enumerate(finds, start=1):
            found += some
            if on_found is not None and some:
                on_found(some)
            if on_progress is not None:
                on_progress(min(1.0, number * per_batch / len(points)))
    return found


def _click(point_xy: NDArray[np.float32]) -> Prompts:
    return Prompts(point_xy[None], np.ones(1, np.int64))


def _worth_keeping(
    predictor: Predictor, prediction: Prediction, click: Prompts, grid: Grid
) -> Iterator[Candidate]:
    """Pick the masks that the model is sure of and that stay about the same at other thresholds.

    Only what passes the first test is cleaned, where the model's masks are.
    """
    transform = prediction.transform
    whole = Region.whole(transform.original_size_hw)
    thresholds = (0.0, grid.stability_score_offset, -grid.stability_score_offset)
    for logits, score in zip(prediction.low_res_logits, prediction.iou_predictions, strict=True):
        if score <= grid.pred_iou_thresh and grid.pred_iou_thresh > 0:
            continue
        logits = predictor.cleaned(logits, click, transform)
        (area, inner, outer), box_xyxy = measured(logits, transform, thresholds)
        stability = inner / max(1, outer)
        if stability < grid.stability_score_thresh or not area:
            continue
        x, y = (float(value) for value in click.point_coords[0])
        shape = Mask.from_logits(logits, transform).cropped()
        yield Candidate(FoundMask(shape, float(score), stability, (x, y), whole), box_xyxy)


def distinct(
    some: list[Candidate], scores: list[float], iou_threshold: float, most: int | None = None
) -> list[Candidate]:
    """Of masks with about the same box keep the one with the best score; draw what is kept.

    With ``most`` only so many are, those with the best scores.
    """
    boxes = np.array([one.box_xyxy for one in some], np.float64).reshape(-1, 4)
    kept = [some[i] for i in without_doubles(boxes, np.array(scores), iou_threshold)[:most]]
    return [replace(one, found=replace(one.found, shape=one.found.shape.compact())) for one in kept]


def _cleaned(found: list[Candidate], grid: Grid) -> list[Candidate]:
    """Take away small regions; what becomes a double of another by that goes, too."""
    clean: list[Candidate] = []
    scores: list[float] = []
    for one in found:
        shape, had_any = one.found.shape.without_small_regions(grid.min_mask_region_area)
        x1, y1, x2, y2 = (int(side) for side in shape.box_xyxy)
        clean.append(Candidate(replace(one.found, shape=shape), (x1, y1, x2, y2)))
        scores.append(float(not had_any))
    return distinct(clean, scores, max(grid.box_nms_thresh, grid.crop_nms_thresh))
