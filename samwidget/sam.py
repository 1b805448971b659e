"""The door that people know from ultralytics: ``SAM(...)``; Meta's are in ``meta.py``.

The two read a flat (N, 2) array of points in different ways, as they always did: one object for
:meth:`samwidget.SamPredictor.predict`, N objects for :meth:`SAM.predict`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict, Unpack

import torch
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from samwidget.models.base import SegmentAnything
from samwidget.predict.everything import Grid, segment_everything
from samwidget.predict.predictor import Predictor
from samwidget.predict.speed import embed_seconds, matrix_gflops
from samwidget.results import Results
from samwidget.values.geometry import ResizeTransform
from samwidget.values.images import load_image
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompt_shapes import split_prompts
from samwidget.weights.opening import load_model, locate


class EverythingSettings(TypedDict, total=False):
    """What :meth:`SAM.predict` passes on to :class:`samwidget.predict.everything.Grid`."""

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
        bboxes: ArrayLike | None = None,
        masks: ArrayLike | Mask | Sequence[Mask] | None = None,
        multimask_output: bool = False,
        *,
        progress: Callable[[float], None] | None = None,
        **everything: Unpack[EverythingSettings],
    ) -> list[Results]:
        """Segment objects in one image or in several; without any prompt everything in them.

        Points, boxes and masks go together object by object.

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
            (4,) or (N, 4), XYXY in pixels of the image.
        masks
            (H, W) or (N, H, W) bool, or float low-res logits of earlier predictions, (M, M) or
            (N, M, M); or the ``shape`` of an earlier result's object, or N of them.
        multimask_output
            Give three candidate masks for each object, one after the other, instead of one.
        progress
            Told the fraction that is done, 0 to 1, of segmenting everything; what it raises ends
            that and reaches the caller. Without it a progress bar is shown.
        **everything
            For segmenting everything: ``points_per_side`` (32; of the embedded model 16),
            ``pred_iou_thresh`` (0.88; 0.75), ``stability_score_thresh`` (0.95; 0.8),
            ``stability_score_offset`` (1), ``box_nms_thresh`` (0.7), ``points_per_batch`` (64),
            ``crop_n_layers`` (0), ``crop_nms_thresh`` (0.7), ``crop_overlap_ratio`` (512 / 1500),
            ``crop_n_points_downscale_factor`` (1), ``min_mask_region_area`` (0); see
            :class:`samwidget.predict.everything.Grid`.

        Returns
        -------
        list of Results
            One for each image. Of prompts no mask is left out because of a low score; everything
            comes with those of higher scores first, and with stability scores.

        Raises
        ------
        TypeError
            When there is no such setting, or it came together with a prompt.
        ValueError
            When a shape or a setting is none of these, or the numbers of objects differ.

        Examples
        --------
        >>> image = np.zeros((60, 80, 3), np.uint8)
        >>> image[20:40, 20:50] = 255
        >>> (results,) = SAM("nano").predict(image, points_per_side=2, progress=lambda done: None)
        >>> results.orig_shape
        (60, 80)
        """
        sources = source if isinstance(source, list | tuple) else [source]
        if points is None and labels is None and bboxes is None and masks is None:
            grid = Grid.for_model(self.model.config, **everything)
            with _told(progress, len(sources)) as told:
                return [self._everything(one, grid, told(i)) for i, one in enumerate(sources)]
        if everything:
            raise TypeError(
                f"{', '.join(everything)} is for segmenting everything, but there are prompts; "
                "leave out one or the other"
            )
        return [
            self._segment(one, points, labels, bboxes, masks, multimask_output) for one in sources
        ]

    __call__ = predict

    def _everything(
        self, source: object, grid: Grid, on_progress: Callable[[float], None]
    ) -> Results:
        image = load_image(source)
        found = segment_everything(self.predictor, image, grid, on_progress)
        objects = [one.as_object(number) for number, one in enumerate(found)]
        return Results(image, tuple(objects), _path_of(source))

    def _segment(
        self,
        source: object,
        points: ArrayLike | Sequence[ArrayLike] | None,
        labels: ArrayLike | Sequence[ArrayLike] | None,
        bboxes: ArrayLike | None,
        masks: ArrayLike | Mask | Sequence[Mask] | None,
        multimask_output: bool,
    ) -> Results:
        image = load_image(source)
        config = self.model.config
        transform = ResizeTransform.for_image(
            (image.shape[0], image.shape[1]), config.image_size, config.keeps_aspect
        )
        asked = split_prompts(
            points, labels, bboxes, masks, transform=transform, mask_size=config.mask_size
        )
        embedding = self.predictor.encode(image)
        objects: list[SegmentedObject] = []
        found = self.predictor.predict_batch(embedding, asked, multimask_output=multimask_output)
        for prompts, prediction in zip(asked, found, strict=True):
            for index in range(len(prediction.iou_predictions)):
                number = len(objects)
                objects.append(
                    SegmentedObject.from_prediction(
                        number, "", color_for(number), prompts, prediction, index
                    )
                )
        return Results(image, tuple(objects), _path_of(source))


@contextmanager
def _told(
    progress: Callable[[float], None] | None, parts: int
) -> Iterator[Callable[[int], Callable[[float], None]]]:
    """Give what each of several parts tells its fraction to: the caller's function or a bar."""

    def part_of(whole: Callable[[float], None]) -> Callable[[int], Callable[[float], None]]:
        return lambda number: lambda done: whole((number + done) / parts)

    if progress is not None:
        yield part_of(progress)
        return
    layout = "{l_bar}{bar}| {elapsed}<{remaining}"
    with tqdm(desc="segmenting everything", total=100, bar_format=layout) as bar:

        def show(done: float) -> None:
            bar.update(100 * done - bar.n)

        yield part_of(show)


def _path_of(source: object) -> str | None:
    return os.fspath(source) if isinstance(source, str | os.PathLike) else None
