"""The door that people know from ultralytics: ``SAM(...)``; Meta's are in ``meta.py``.

The two read a flat (N, 2) array of points in different ways, as they always did: one object for
:meth:`samwidget.SamPredictor.predict`, N objects for :meth:`SAM.predict`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Literal, TypedDict, Unpack

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from samwidget.each import EndedByCaller, each_image, told_parts
from samwidget.models.base import SegmentAnything
from samwidget.predict.asking import answers
from samwidget.predict.edges import find_edges
from samwidget.predict.everything import segment_everything
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.predict.proposals import check_count, find_proposals
from samwidget.predict.speed import embed_seconds, matrix_gflops
from samwidget.predict.text import TextFinder
from samwidget.results import Results
from samwidget.values.detection_shapes import name_objects, split_detections
from samwidget.values.errors import quoted
from samwidget.values.geometry import ResizeTransform
from samwidget.values.images import load_image
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.phrases import DEFAULT_DETECTOR, read_phrases
from samwidget.values.prompt_checks import ONLY_BACKGROUND
from samwidget.values.prompt_shapes import AskedObjects, read_prompts
from samwidget.values.sources import as_files, origin_of
from samwidget.weights.opening import load_model, locate


class EverythingSettings(TypedDict, total=False):
    """What :meth:`SAM.predict` passes on to :class:`samwidget.predict.everything.Grid`."""

    preset: str | None
    points_per_side: int
    pred_iou_thresh: float
    stability_score_thresh: float
    stability_score_offset: float
    box_nms_thresh: float
    points_per_batch: int
    crop_n_layers: int
    crop_nms_thresh: float
    crop_overlap_ratio: float
    crop_n_points_downscale_factor: int
    min_mask_region_area: float


class SAM:
    """A Segment Anything model that takes images and prompts and gives :class:`Results`.

    Parameters
    ----------
    model
        A name such as ``"nano"``, ``"sam_b.pt"`` or ``"vit_b"``, or the path of a file or folder
        of weights; see :func:`samwidget.weights.opening.open_model`.
    device
        ``"auto"`` picks CUDA, then MPS, then CPU.
    precision
        ``"float32"``, ``"bfloat16"`` or ``"auto"``; see :class:`samwidget.Predictor`.
    clean_masks
        Take away small islands and holes of masks; None: where the model's record says so.
    progress
        Told the fraction of a download that is done, 0 to 1; else a progress bar is shown.

    Raises
    ------
    CheckpointError
        When there is no such model, or its weights cannot be fetched, read or used.

    Examples
    --------
    >>> model = SAM("sam_b.pt")  # doctest: +SKIP
    >>> results = model("image.jpg", points=[900, 370], labels=[1])  # doctest: +SKIP
    >>> results[0].masks.data.shape  # doctest: +SKIP
    (1, 1080, 1920)
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "nano",
        device: str | torch.device = "auto",
        precision: str = "auto",
        *,
        clean_masks: bool | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.checkpoint = locate(model, progress=progress)
        self.predictor = Predictor(
            load_model(self.checkpoint.path), device, precision, clean_masks=clean_masks
        )
        self._finder = TextFinder(self.predictor)

    @property
    def model(self) -> SegmentAnything:
        """The network."""
        return self.predictor.model

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.predictor.device

    def info(self, *, verbose: bool = True) -> dict[str, str | int]:
        """Tell what this model is.

        Parameters
        ----------
        verbose
            Print it as a short table, too.

        Returns
        -------
        dict
            ``model``, ``layers`` (modules with weights of their own), ``parameters``,
            ``size_bytes`` of the weights in memory, ``image_size`` (side of the model frame in
            pixels), ``device``, ``precision``, ``checkpoint`` (path) and ``licence`` of the
            weights; of models that can be opened by name also ``embed_ms``, an estimate for this
            device.
        """
        modules = [m for m in self.model.modules() if any(True for _ in m.parameters(False))]
        weights = list(self.model.parameters())
        record = self.checkpoint.record
        facts: dict[str, str | int] = {
            "model": self.predictor.model_id,
            "layers": len(modules),
            "parameters": sum(w.numel() for w in weights),
            "size_bytes": sum(w.numel() * w.element_size() for w in weights),
            "image_size": self.model.config.image_size,
            "device": str(self.device),
            "precision": self.predictor.precision,
            "checkpoint": str(self.checkpoint.path),
            "licence": "not known" if record is None else record.licence,
        }
        if record is not None:
            dtype = getattr(torch, self.predictor.precision)
            seconds = embed_seconds(record.encoder_gflop, matrix_gflops(self.device, dtype))
            facts["embed_ms"] = round(1000 * seconds)
        if verbose:
            rows = ((k, f"{v:,}" if isinstance(v, int) else v) for k, v in facts.items())
            print("\n".join(f"{key:<12}{value}" for key, value in rows))  # noqa: T201
        return facts

    def predict(
        self,
        source: object,
        points: ArrayLike | Sequence[ArrayLike] | None = None,
        labels: ArrayLike | Sequence[ArrayLike] | None = None,
        bboxes: object = None,
        masks: ArrayLike | Mask | Sequence[Mask] | None = None,
        multimask_output: bool = False,
        *,
        text: str | Sequence[str] | None = None,
        detector: object = DEFAULT_DETECTOR,
        text_threshold: float | None = None,
        on_error: Literal["raise", "skip"] = "raise",
        progress: Callable[[float], None] | None = None,
        **everything: Unpack[EverythingSettings],
    ) -> list[Results]:
        """Segment objects in one image or in several; without any prompt everything in them.

        Points, boxes and masks go together object by object. What they may be is the rule of
        :mod:`samwidget.values.prompt_checks`: what sticks out of the image is cut, what lies
        outside is refused; background points alone give an empty mask and a warning; where a
        detector has found nothing, boxes (0, 4), there are no objects. Text finds the objects by
        itself.

        Parameters
        ----------
        source
            Path, http(s) address, PIL image, array (**RGB**, not BGR) or whatever else
            :func:`samwidget.load_image` takes; or a list of such, all asked the same.
        points
            (2,) one object; (N, 2) **N objects** of one point each; (N, P, 2) N objects of P
            points each; or a list of N arrays (P, 2) with any P. (x, y) in pixels of the image.
        labels
            1 foreground, 0 background: one for each point, in the same nesting. None: all 1.
        bboxes
            (4,) or (N, 4), XYXY in pixels of the image. Or what a detector found, as it comes:
            ``supervision.Detections``, ultralytics' results, COCO annotations, a DataFrame, a dict
            of torchvision, earlier :class:`Results`, or a list of such, one for each image; see
            :func:`samwidget.values.detection_shapes.split_detections`. The objects then have the
            class's name for ``label`` and the detector's score for ``detection_score``.
        masks
            (H, W) or (N, H, W) bool, or float low-res logits of earlier predictions, (M, M) or
            (N, M, M); or the ``shape`` of an earlier result's object, or N of them.
        multimask_output
            Give three candidate masks for each object, one after the other, instead of one.
        text
            What to find, such as ``"a wheel"``; of several phrases each is a class, and the objects
            have theirs for ``label``. Needs ``samwidget[text]``.
        detector
            What finds it. ``"owlv2"``, ``"grounding-dino"`` or ``"grounding-dino-base"``, or the
            path of a folder of Hugging Face's with such a model (OWL-ViT, too), give boxes, which
            are segmented; ``"clip"``, or a folder with a CLIP, ranks the masks of everything. Or a
            function of the image (H, W, 3) uint8 RGB and the list of phrases, which gives anything
            that ``bboxes`` takes. Fetched once, checked and cached as models are.
        text_threshold
            From 0 to 1: the lowest score of the detector that is worth a mask; 0.1 of OWL, 0.25 of
            Grounding DINO and of CLIP (a cosine), 0 of a function.
        on_error
            ``"skip"`` goes on where an image cannot be read or segmented, or a prompt is not on it:
            a warning tells which, and its results have the ``error`` and no objects.
        progress
            Told the fraction that is done, 0 to 1, of segmenting everything or finding by text;
            what it raises ends that and reaches the caller. Without it a progress bar is shown.
        **everything
            For segmenting everything: ``points_per_side`` (32; of the embedded model 16),
            ``pred_iou_thresh`` (0.88; 0.75), ``stability_score_thresh`` (0.95; 0.8),
            ``stability_score_offset`` (1), ``box_nms_thresh`` (0.7), ``points_per_batch`` (64),
            ``crop_n_layers`` (0), ``crop_nms_thresh`` (0.7), ``crop_overlap_ratio`` (512 / 1500),
            ``crop_n_points_downscale_factor`` (1), ``min_mask_region_area`` (0); see
            :class:`samwidget.predict.everything.Grid`. For text ``box_nms_thresh`` (0.5): of boxes
            of a phrase, or of their masks, that have a higher IoU, the better stays; with CLIP all.

        Returns
        -------
        list of Results
            One for each image. Of prompts no mask is left out because of a low score; everything
            comes with those of higher scores first, and with stability scores. What was found by
            text comes with those first of which detector and model are surest, by the product of
            ``detection_score`` and ``score`` (at most 1).

        Raises
        ------
        TypeError
            When there is no such setting, or it or text came together with a prompt.
        ValueError
            When a shape or a setting is none of these, the numbers of objects differ, or something
            is not on the image.
        ImportError
            When text needs transformers, which is not there.
        CheckpointError
            When the model for text cannot be fetched, read or used.

        Examples
        --------
        >>> image = np.zeros((60, 80, 3), np.uint8)
        >>> image[20:40, 20:50] = 255
        >>> (results,) = SAM("nano").predict(image, points_per_side=2, progress=lambda done: None)
        >>> results.orig_shape
        (60, 80)
        """
        sources = as_files(source)
        skips = _skips(on_error)
        if text is not None:
            given = {"points": points, "labels": labels, "bboxes": bboxes, "masks": masks}
            mixed = [name for name, value in given.items() if value is not None]
            if mixed or multimask_output:
                raise TypeError(
                    "text finds the objects by itself; leave out "
                    + ", ".join(mixed or ["multimask_output"])
                )
            read_phrases(text)  # before an image is read

            def find(
                image: NDArray[np.uint8], told: Callable[[float], None]
            ) -> Sequence[SegmentedObject]:
                return self._finder.find(image, text, detector, text_threshold, everything, told)

            with told_parts(progress, len(sources), "finding by text") as told:
                return each_image(sources, skips, lambda i, image: find(image, told(i)))
        if text_threshold is not None or detector is not DEFAULT_DETECTOR:
            raise TypeError("detector and text_threshold are for text, but there is none")
        if points is None and labels is None and bboxes is None and masks is None:
            grid = Grid.for_model(self.model.config, **everything)
            with told_parts(progress, len(sources), "segmenting everything") as told:
                return each_image(
                    sources, skips, lambda i, image: self._everything(image, grid, told(i))
                )
        if everything:
            raise TypeError(
                f"{', '.join(everything)} is for segmenting everything, but there are prompts; "
                "leave out one or the other"
            )
        found = split_detections(bboxes, [origin_of(one) for one in sources])
        if found is None:
            asked = read_prompts(points, labels, bboxes, masks)
            return each_image(
                sources, skips, lambda _, x: self._segment(x, asked, multimask_output)
            )

        def of_boxes(number: int, image: NDArray[np.uint8]) -> Sequence[SegmentedObject]:
            boxes = found[number]
            if len(boxes) == 0 and points is None and masks is None:
                return []
            own = read_prompts(points, labels, boxes.boxes_xyxy, masks)
            return name_objects(self._segment(image, own, multimask_output), boxes)

        return each_image(sources, skips, of_boxes)

    __call__ = predict

    def everything(
        self,
        source: object,
        *,
        on_error: Literal["raise", "skip"] = "raise",
        progress: Callable[[float], None] | None = None,
        **settings: Unpack[EverythingSettings],
    ) -> list[Results]:
        """Segment everything in one image or in several.

        Parameters
        ----------
        source, on_error, progress
            As for :meth:`predict`.
        **settings
            ``preset``: ``"fast"`` (fewer clicks), ``"balanced"`` (what is done without any) or
            ``"fine"`` (also four crops of the image, lower thresholds, no specks), see
            :meth:`samwidget.predict.grid.Grid.for_model`. Whatever else :meth:`predict` lists is
            instead of the preset's.
        """
        sources = as_files(source)
        grid = Grid.for_model(self.model.config, **settings)
        with told_parts(progress, len(sources), "segmenting everything") as told:
            return each_image(
                sources,
                _skips(on_error),
                lambda i, image: self._everything(image, grid, told(i)),
            )

    def proposals(
        self,
        source: object,
        n: int = 1000,
        *,
        on_error: Literal["raise", "skip"] = "raise",
        progress: Callable[[float], None] | None = None,
    ) -> list[Results]:
        """Propose what may be objects in one image or in several, the likeliest first.

        Parameters
        ----------
        source, on_error, progress
            As for :meth:`predict`.
        n
            So many at most in each image; see :func:`samwidget.predict.proposals.find_proposals`.
        """
        check_count(n)
        sources = as_files(source)

        def propose(number: int, image: NDArray[np.uint8]) -> Sequence[SegmentedObject]:
            found = find_proposals(self.predictor, image, n, on_progress=told(number))
            return [one.as_object(i) for i, one in enumerate(found)]

        with told_parts(progress, len(sources), "proposing objects") as told:
            return each_image(sources, _skips(on_error), propose)

    def edges(
        self, source: object, *, progress: Callable[[float], None] | None = None
    ) -> NDArray[np.float32]:
        """Find the edges of whatever there is in an image.

        Parameters
        ----------
        source
            One image, as for :meth:`predict`.
        progress
            As for :meth:`predict`.

        Returns
        -------
        ndarray
            (H, W) float32, 0 to 1, thin lines; see :func:`samwidget.predict.edges.find_edges`.

        Raises
        ------
        TypeError
            When there are several images.
        """
        if isinstance(source, list | tuple):
            raise TypeError(
                f"edges takes one image, got a {type(source).__name__} of {len(source)}; "
                "call it for each"
            )
        image = load_image(source)
        with told_parts(progress, 1, "finding edges") as told:
            try:
                return find_edges(self.predictor, image, told(0))
            except EndedByCaller as ended:
                raise ended.reason from None

    def _everything(
        self, image: NDArray[np.uint8], grid: Grid, on_progress: Callable[[float], None]
    ) -> list[SegmentedObject]:
        found = segment_everything(self.predictor, image, grid, on_progress)
        return [one.as_object(number) for number, one in enumerate(found)]

    def _segment(
        self, image: NDArray[np.uint8], asked: AskedObjects, multimask_output: bool
    ) -> list[SegmentedObject]:
        if asked.is_empty:
            return []
        config = self.model.config
        transform = ResizeTransform.for_image(
            (image.shape[0], image.shape[1]), config.image_size, config.keeps_aspect
        )
        prompts = asked.on_image(transform, config.mask_size)
        unnamed = [str(i) for i, one in enumerate(prompts) if one.is_only_background]
        if unnamed:
            warnings.warn(f"objects {', '.join(unnamed)}: {ONLY_BACKGROUND}", stacklevel=5)
        embedding = self.predictor.encode(image)
        found = answers(self.predictor, embedding, prompts, multimask_output=multimask_output)
        objects: list[SegmentedObject] = []
        for own, prediction in zip(prompts, found, strict=True):
            for index in range(len(prediction.iou_predictions)):
                number = len(objects)
                objects.append(
                    SegmentedObject.from_prediction(
                        number, "", color_for(number), own, prediction, index
                    )
                )
        return objects


def _skips(on_error: str) -> bool:
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error: expected 'raise' or 'skip', got {quoted(on_error)}")
    return on_error == "skip"
