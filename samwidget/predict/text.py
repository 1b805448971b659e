"""Text to masks: a detector gives boxes and the model masks, or CLIP ranks everything's masks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.predict.aside import aside, at_once
from samwidget.predict.clip import ClipRanker
from samwidget.predict.detectors import Called, GroundingDino, Owl, TextDetector
from samwidget.predict.embeddings import Embedding
from samwidget.predict.everything import segment_everything
from samwidget.predict.grid import Grid
from samwidget.predict.opening_text import need_transformers, open_parts
from samwidget.predict.predictor import Predictor
from samwidget.values.detections import Detections
from samwidget.values.nms import box_nms
from samwidget.values.objects import SegmentedObject, combined_score
from samwidget.values.palette import color_for
from samwidget.values.phrases import DEFAULT_DETECTOR, check_share, read_phrases
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts
from samwidget.weights.detectors import locate_detector

BOX_NMS_THRESH = 0.5
"""Of two boxes of a phrase that overlap more than this, one goes."""

BOXES_AT_ONCE = 16
"""So many boxes are segmented before those who wait are told."""

_OPENING, _DETECTING, _EVERYTHING = 0.1, 0.8, 0.5  # shares of the work, as it is told

Progress = Callable[[float], None]
OnFound = Callable[[Sequence[SegmentedObject]], None]

_KINDS: dict[str, type[GroundingDino | ClipRanker]] = {
    "grounding-dino": GroundingDino,
    "clip": ClipRanker,
}


class TextFinder:
    """Finds what phrases name and segments it; keeps the model for text that was asked last.

    Parameters
    ----------
    predictor
        Makes the masks; the model for text runs on its device.
    is_watched
        Open and run what finds on a thread of its own, and meanwhile tell ``on_progress`` several
        times a second how far it is, so that whoever is told can do other things or end it.
    """

    def __init__(self, predictor: Predictor, *, is_watched: bool = False) -> None:
        self._predictor = predictor
        self._run = aside if is_watched else at_once
        self._opened: tuple[Path, TextDetector | ClipRanker] | None = None

    def find(
        self,
        image: NDArray[np.uint8],
        text: str | Sequence[str],
        detector: object = DEFAULT_DETECTOR,
        threshold: float | None = None,
        settings: Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
        *,
        embedding: Embedding | None = None,
        on_found: OnFound | None = None,
    ) -> list[SegmentedObject]:
        """Find and segment.

        Parameters
        ----------
        image
            (H, W, 3) uint8 RGB.
        text, detector, threshold, settings
            See :meth:`samwidget.SAM.predict`.
        on_progress
            Told the fraction done, 0 to 1; what it raises ends the work and reaches the caller.
        embedding
            Of the whole image, if it was encoded already.
        on_found
            Told the objects that are made of boxes as they are made, doubles included.

        Returns
        -------
        list of SegmentedObject
            Those with higher :func:`combined_score` first.
        """
        phrases = read_phrases(text)
        settings = settings or {}
        if threshold is not None:
            check_share("text_threshold", threshold)
        nms = check_share("box_nms_thresh", settings.get("box_nms_thresh", BOX_NMS_THRESH))
        told = on_progress or (lambda _: None)
        asked = self._open(detector, lambda done: told(_OPENING * done))
        least = asked.threshold if threshold is None else threshold

        def rest(done: float) -> None:
            told(_OPENING + (1 - _OPENING) * done)

        if isinstance(asked, ClipRanker):
            grid = Grid.for_model(self._predictor.model.config, **settings)
            return _ranked(self._predictor, image, phrases, asked, least, grid, rest)
        others = [name for name in settings if name != "box_nms_thresh"]
        if others:
            raise TypeError(
                f"{', '.join(others)} is for segmenting everything, which among the ways to find "
                "by text only 'clip' does"
            )
        rest(0)
        found = self._run(lambda: asked.find(image, phrases, least), lambda: rest(0))
        rest(_DETECTING)

        def masks(done: float) -> None:
            rest(_DETECTING + (1 - _DETECTING) * done)

        return segment_detections(
            self._predictor, image, found, nms, embedding, masks, on_found=on_found
        )

    def threshold(self, detector: object, threshold: float | None, on_progress: Progress) -> float:
        """Tell the lowest score that :meth:`find` gives; opens the detector where it is needed."""
        if threshold is not None:
            return check_share("text_threshold", threshold)
        return self._open(detector, on_progress).threshold

    def _open(self, detector: object, on_progress: Progress) -> TextDetector | ClipRanker:
        if isinstance(detector, TextDetector | ClipRanker):
            return detector
        if not isinstance(detector, str | os.PathLike):
            if callable(detector):
                return Called(detector)
            raise TypeError(
                "detector: expected a name such as 'owlv2', 'grounding-dino' or 'clip', the path "
                "of a folder, or a function of an image and phrases that gives boxes; got "
                f"{type(detector).__name__}"
            )
        need_transformers()  # before anything is fetched
        folder = locate_detector(detector, progress=on_progress)
        if self._opened is None or self._opened[0] != folder:
            self._opened = None  # two need not be held at once
            parts = self._run(
                lambda: open_parts(folder, self._predictor.device), lambda: on_progress(1)
            )
            self._opened = folder, _KINDS.get(parts.kind, Owl)(parts)
        return self._opened[1]


def segment_detections(
    predictor: Predictor,
    image: NDArray[np.uint8],
    found: Detections,
    nms_threshold: float = BOX_NMS_THRESH,
    embedding: Embedding | None = None,
    on_progress: Progress = lambda _: None,
    *,
    on_found: OnFound | None = None,
) -> list[SegmentedObject]:
    """Segment what a detector found; of what it found twice, once.

    Boxes are cut to the image. Of boxes of the same class that overlap the better one stays, and
    of their masks' boxes again, where :func:`combined_score` says which is better.
    """
    height, width = image.shape[:2]
    boxes = found.boxes_xyxy.clip(0, [width, height, width, height])
    (usable,) = np.nonzero((boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1))  # no NaN, either
    scores = np.array([1.0 if found.scores[i] is None else found.scores[i] for i in usable])
    names = [found.class_names[i] for i in usable]
    best = _best_of_each(boxes[usable], scores, names, nms_threshold)
    kept = usable[best].tolist()
    if not kept:
        return []
    prompts = [Prompts(box_xyxy=boxes[i]) for i in kept]
    embedding = predictor.encode(image) if embedding is None else embedding
    objects: list[SegmentedObject] = []
    for start in range(0, len(kept), BOXES_AT_ONCE):
        some = slice(start, start + BOXES_AT_ONCE)
        answers = predictor.predict_batch(embedding, prompts[some], multimask_output=False)
        made = [
            _segmented(found, i, asked, answer)
            for i, asked, answer in zip(kept[some], prompts[some], answers, strict=True)
        ]
        made = [one for one in made if not one.shape.is_empty]
        objects += made
        if on_found is not None:
            on_found(made)
        on_progress(min(1.0, (start + BOXES_AT_ONCE) / len(kept)))
    return _distinct(objects, nms_threshold)


def _segmented(
    found: Detections, index: int, prompts: Prompts, answer: Prediction
) -> SegmentedObject:
    """Make an object of a detection and of what the model says of its box."""
    label, score = found.class_names[index], float(answer.iou_predictions[0])
    shape = answer.candidate(0).cropped()
    said = found.scores[index]
    return SegmentedObject(0, label, score, shape, prompts, "", detection_score=said)


def _ranked(
    predictor: Predictor,
    image: NDArray[np.uint8],
    phrases: Sequence[str],
    ranker: ClipRanker,
    threshold: float,
    grid: Grid,
    on_progress: Progress,
) -> list[SegmentedObject]:
    """Segment everything, keep what is like one of the phrases."""
    found = segment_everything(predictor, image, grid, lambda done: on_progress(_EVERYTHING * done))
    likeness = ranker.likeness(
        image,
        [one.shape for one in found],
        phrases,
        lambda done: on_progress(_EVERYTHING + (1 - _EVERYTHING) * done),
    )
    objects = [
        replace(one.as_object(0), label=phrases[row.argmax()], detection_score=float(row.max()))
        for one, row in zip(found, likeness, strict=True)
        if row.max() >= threshold
    ]
    return _distinct(objects, grid.box_nms_thresh)


def _distinct(objects: Sequence[SegmentedObject], nms_threshold: float) -> list[SegmentedObject]:
    """Of about the same masks of a class keep the best; number what stays, best first."""
    boxes = np.array([one.box_xyxy for one in objects]).reshape(-1, 4)
    scores = np.array([combined_score(one) for one in objects])
    kept = _best_of_each(boxes, scores, [one.label for one in objects], nms_threshold)
    return [
        replace(objects[i], id=number, color=color_for(number)) for number, i in enumerate(kept)
    ]


def _best_of_each(
    boxes: NDArray[np.floating[Any]],
    scores: NDArray[np.float64],
    classes: Sequence[str],
    iou_threshold: float,
) -> list[int]:
    """Suppress boxes that overlap a better one of their class; the others' indices, best first."""
    kept: list[int] = []
    for name in dict.fromkeys(classes):
        own = np.array([i for i, other in enumerate(classes) if other == name])
        kept += own[box_nms(boxes[own], scores[own], iou_threshold)].tolist()
    return sorted(kept, key=lambda i: -scores[i])
