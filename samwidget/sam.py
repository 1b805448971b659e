"""The doors people know: Meta's ``SamPredictor`` and the ``SAM(...)`` of ultralytics.

The two read a flat (N, 2) array of points in different ways, as they always did: one object for
:meth:`SamPredictor.predict`, N objects for :meth:`SAM.predict`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from samwidget.models.base import SegmentAnything
from samwidget.predict.predictor import Embedding, Predictor
from samwidget.predict.speed import embed_seconds, matrix_gflops
from samwidget.results import Results
from samwidget.values.geometry import ResizeTransform
from samwidget.values.images import load_image
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompt_shapes import split_prompts
from samwidget.values.prompts import Prompts
from samwidget.values.upsample import full_logits
from samwidget.weights.opening import load_model, locate


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
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.checkpoint = locate(model, progress=progress)
        self.predictor = Predictor(load_model(self.checkpoint.path), device, precision)

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
    ) -> list[Results]:
        """Segment objects in one image or in several.

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

        Returns
        -------
        list of Results
            One for each image. No mask is left out because of a low score.

        Raises
        ------
        ValueError
            When a shape is none of these, the numbers of objects differ, or there is no prompt.
        """
        sources = source if isinstance(source, list | tuple) else [source]
        return [
            self._segment(one, points, labels, bboxes, masks, multimask_output) for one in sources
        ]

    __call__ = predict

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
        for prompts in asked:
            prediction = self.predictor.predict(
                embedding, prompts, multimask_output=multimask_output
            )
            for index in range(len(prediction.iou_predictions)):
                number = len(objects)
                objects.append(
                    SegmentedObject.from_prediction(
                        number, "", color_for(number), prompts, prediction, index
                    )
                )
        path = os.fspath(source) if isinstance(source, str | os.PathLike) else None
        return Results(image, tuple(objects), path)


class SamPredictor:
    """Segment objects in one image after the other, with the interface of segment-anything.

    Parameters
    ----------
    model
        A :class:`SAM`, a :class:`samwidget.Predictor`, a network, or what :class:`SAM`
        takes to open one.
    device
        For a network and for what is opened. None leaves a network where it is, and otherwise means
        ``"auto"``.

    Examples
    --------
    >>> predictor = SamPredictor("vit_b")  # doctest: +SKIP
    >>> predictor.set_image(image)  # doctest: +SKIP
    >>> masks, scores, logits = predictor.predict(  # doctest: +SKIP
    ...     point_coords=[[500, 375]], point_labels=[1]
    ... )
    """

    def __init__(
        self,
        model: SAM | Predictor | SegmentAnything | str | os.PathLike[str] = "nano",
        device: str | torch.device | None = None,
    ) -> None:
        self._embedding: Embedding | None = None
        if isinstance(model, SegmentAnything):
            where = next(model.parameters()).device if device is None else device
            self.predictor = Predictor(model, where)
        elif isinstance(model, str | os.PathLike):
            self.predictor = SAM(model, "auto" if device is None else device).predictor
        elif isinstance(model, SAM | Predictor):
            self.predictor = model.predictor if isinstance(model, SAM) else model
        else:
            raise TypeError(
                "model: expected a SAM, a Predictor, a model, a name or a path, got "
                f"{type(model).__name__}"
            )

    @property
    def model(self) -> SegmentAnything:
        """The network."""
        return self.predictor.model

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.predictor.device

    def set_image(self, image: object, image_format: str = "RGB") -> None:
        """Encode an image; what is predicted from now on is about it.

        Parameters
        ----------
        image
            (H, W, 3) uint8 array, or whatever else :func:`samwidget.load_image` takes.
        image_format
            Order of the colours in an array: ``"RGB"`` or ``"BGR"``.
        """
        if image_format not in ("RGB", "BGR"):
            raise ValueError(f"image_format: expected 'RGB' or 'BGR', got {image_format!r}")
        if image_format == "BGR":
            if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3:
                raise ValueError("image_format='BGR' is for arrays of the shape (H, W, 3)")
            image = image[..., ::-1]
        self._embedding = None
        self._embedding = self.predictor.encode(load_image(image))

    def reset_image(self) -> None:
        """Forget the image."""
        self._embedding = None

    def get_image_embedding(self) -> torch.Tensor:
        """Give the encoded image, (1, C, S, S) float32 on the device."""
        return self._encoded().features.image_embedding

    def predict(
        self,
        point_coords: ArrayLike | None = None,
        point_labels: ArrayLike | None = None,
        box: ArrayLike | None = None,
        mask_input: ArrayLike | None = None,
        multimask_output: bool = True,
        return_logits: bool = False,
    ) -> tuple[NDArray[np.bool_] | NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Predict masks of **one** object.

        Parameters
        ----------
        point_coords
            (N, 2), (x, y) in pixels of the image; all N points are about one object.
        point_labels
            (N,), 1 foreground, 0 background.
        box
            (4,) or (1, 4), XYXY in pixels of the image.
        mask_input
            (1, M, M) low-res logits, usually of an earlier prediction.
        multimask_output
            Three candidate masks, for prompts that may mean several things; else one.
        return_logits
            Give the masks as float32 before they are thresholded at 0.

        Returns
        -------
        masks
            (C, H, W) bool, C = 3 or 1, or float32.
        scores
            (C,) float32, the model's own estimate of each mask's IoU.
        low_res_logits
            (C, M, M) float32, to be given as ``mask_input`` of a later call.

        Raises
        ------
        RuntimeError
            When no image was set.
        ValueError
            When a prompt has another shape than these.
        """
        embedding = self._encoded()
        if point_coords is not None and point_labels is None:
            raise ValueError(
                "point_labels must be given with point_coords: 1 for foreground, 0 else"
            )
        prediction = self.predictor.predict(
            embedding,
            Prompts(
                np.zeros((0, 2), np.float32) if point_coords is None else np.asarray(point_coords),
                np.zeros(0, np.int64) if point_labels is None else np.asarray(point_labels),
                None if box is None else _one_box(box),
                None if mask_input is None else np.asarray(mask_input),
            ),
            multimask_output=multimask_output,
        )
        logits = prediction.low_res_logits
        masks: NDArray[np.bool_] | NDArray[np.float32]
        if return_logits:
            masks = np.stack([full_logits(one, embedding.transform) for one in logits])
        else:
            masks = prediction.masks()
        return masks, prediction.iou_predictions, logits

    def _encoded(self) -> Embedding:
        if self._embedding is None:
            raise RuntimeError("An image must be set with .set_image(...) before mask prediction.")
        return self._embedding


def _one_box(box: ArrayLike) -> NDArray[Any]:
    """Take a box (4,) or, as Meta's example notebook writes it, (1, 4)."""
    array = np.asarray(box)
    if array.shape not in ((4,), (1, 4)):
        raise ValueError(
            f"box: expected (x1, y1, x2, y2), got the shape {array.shape}; predict one object "
            "after the other, or use SAM.predict(bboxes=...) for several"
        )
    return array.reshape(4)
