"""Image in, :class:`Embedding` out; prompts in, :class:`Prediction` out. Values, no state.

Encoding is slow and happens once per image, predicting is fast and happens at every click.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from samwidget.models.base import ImageFeatures, Progress, SegmentAnything
from samwidget.models.config import NanoConfig
from samwidget.models.modes import on_its_device, undisturbed
from samwidget.predict.embeddings import Embedding, Region, fingerprint, image_hash
from samwidget.predict.placement import network_on, pick_device, pick_precision, twin
from samwidget.predict.preprocess import normalise, resize
from samwidget.predict.threads import short_computation, spread
from samwidget.values.cleaning import clean_logits
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts

PROMPTS_PER_BATCH = 64
"""On an accelerator."""

MIN_SPREAD = 4
"""So many prompts and more are worth a thread on each core of a CPU; on one that is such a thread
already, so many are decoded together."""


class Predictor:
    """A model on a device, fed with numpy arrays.

    Parameters
    ----------
    model
        Put into eval mode. Where it is elsewhere, or is to be rounded, the predictor has a network
        of its own, and this one stays as it is: several predictors may be made of one network.
    device
        Anything ``torch.device`` takes, or ``"auto"``: CUDA if there is one, else MPS, else CPU.
    precision
        What matrices are multiplied in. ``"float32"``; ``"bfloat16"``, which is about twice as
        fast where the processor has it and changes outlines a little; ``"auto"``: bfloat16 for
        large models on CUDA GPUs that have it, else float32.
    clean_masks
        Whether small islands and holes of masks are taken away, see
        :mod:`samwidget.values.cleaning`; None: where the model's record says so.

    Raises
    ------
    ValueError
        When device or precision is none of these.

    Examples
    --------
    >>> from samwidget.models.config import NANO
    >>> from samwidget.models.build import build
    >>> predictor = Predictor(build(NANO), device="cpu")
    >>> embedding = predictor.encode(np.zeros((60, 80, 3), np.uint8))
    >>> prediction = predictor.predict(embedding, Prompts([[40, 30]], [1]))
    >>> prediction.mask(prediction.best).shape
    (60, 80)
    """

    def __init__(
        self,
        model: SegmentAnything,
        device: str | torch.device = "auto",
        precision: str = "auto",
        *,
        clean_masks: bool | None = None,
    ) -> None:
        self.clean_masks = model.config.cleans_masks if clean_masks is None else clean_masks
        self.device = pick_device(device)
        self.precision = pick_precision(precision, self.device, model.config)
        with undisturbed(self.device):
            self.model = network_on(model.eval(), self.device)
            if self.precision == "bfloat16":
                self.fingerprint = fingerprint(model)  # of what is rounded now
                self.model = twin(self.model)
                self.model.set_precision(torch.bfloat16)

    @cached_property
    def fingerprint(self) -> str:
        """Tells these weights from all others, see :func:`~samwidget.predict.embeddings`.

        It is the same on every device and in both precisions. Computed once: make a new predictor
        of a network whose weights were changed.
        """
        return fingerprint(self.model)

    @property
    def model_id(self) -> str:
        """Name of the model that embeddings belong to."""
        return self.model.config.name

    @property
    def encodes_at_once(self) -> bool:
        """Whether a person does not wait for an encoding, so that keeping it is not worth it."""
        return isinstance(self.model.config, NanoConfig)

    def encode(
        self,
        image: NDArray[np.uint8],
        on_progress: Progress | None = None,
        *,
        region: Region | None = None,
        known_hash: str | None = None,
    ) -> Embedding:
        """Encode an image, or a part of one.

        Parameters
        ----------
        image
            (H, W, 3) uint8 RGB.
        on_progress
            Told the fraction done, 0 to 1, between the encoder's steps; what it raises ends the
            encoding and reaches the caller.
        region
            The part; None is all of it. It is enlarged to the model frame on its own, and prompts
            and masks are in its pixels.
        known_hash
            The image's :func:`~samwidget.predict.embeddings.image_hash`, if it is known already.

        Raises
        ------
        TypeError
            When the image is no uint8 array.
        ValueError
            When its shape is not (H, W, 3) with at least one pixel, or the region reaches beyond.
        """
        region = Region.whole(_check_image(image)) if region is None else region
        part = region.cut(image)
        config = self.model.config
        transform = ResizeTransform.for_image(
            region.size_hw, config.image_size, config.keeps_aspect
        )
        features = self._encode(resize(part, transform, config), on_progress)
        known = image_hash(image) if known_hash is None else known_hash
        return Embedding(features, transform, self.model_id, self.fingerprint, known, region)

    def encode_resized(self, resized: Tensor, original_size_hw: tuple[int, int]) -> Embedding:
        """Encode an image that was resized to the model frame already.

        Parameters
        ----------
        resized
            (1, 3, h, w) with colours RGB of 0 to 255, not padded.
        original_size_hw
            Of the image that it was made of.

        Raises
        ------
        ValueError
            When the image of that size is not resized to h x w.
        """
        config = self.model.config
        transform = ResizeTransform.for_image(
            original_size_hw, config.image_size, config.keeps_aspect
        )
        expected = (1, 3, *transform.input_size_hw)
        if tuple(resized.shape) != expected:
            raise ValueError(
                f"an image of {original_size_hw[0]} x {original_size_hw[1]} is resized to "
                f"{expected} for the model '{self.model_id}', got {tuple(resized.shape)}"
            )
        features = self._encode(resized, None)
        known = image_hash(resized.detach().float().cpu().numpy().astype(np.uint8))
        region = Region.whole(original_size_hw)
        return Embedding(features, transform, self.model_id, self.fingerprint, known, region)

    @on_its_device
    def _encode(self, resized: Tensor, on_progress: Progress | None) -> ImageFeatures:
        """Encode colours (1, 3, h, w) of the model frame."""
        pixels = normalise(resized.detach().cpu(), self.model.config)
        pixels = pixels.to(self.device, self._dtype)
        rounded = self.precision == "bfloat16"
        # Within an autocast that a person has entered, what is cached would stay for good.
        with torch.autocast(self.device.type, torch.bfloat16, enabled=rounded, cache_enabled=False):
            features = self.model.encode(pixels, on_progress)
        return features._replace(
            image_embedding=features.image_embedding.to(self._dtype),
            high_res=tuple(x.to(self._dtype) for x in features.high_res),
        )

    def predict(
        self, embedding: Embedding, prompts: Prompts, *, multimask_output: bool = True
    ) -> Prediction:
        """Predict the masks of one object.

        Parameters
        ----------
        embedding
            From :meth:`encode` of a predictor with the same weights.
        prompts
            Of one object, in pixels of the embedding's region.
        multimask_output
            True: three candidates, for prompts that may mean several things. False: one mask.

        Raises
        ------
        ValueError
            When the embedding is of other weights, when a point or the box is not on the region
            (see :mod:`samwidget.values.prompt_checks`), when ``mask_input`` has not the model's
            size, or when the model cannot do without any prompt and there is none.
        """
        return self.predict_batch(embedding, [prompts], multimask_output=multimask_output)[0]

    def predict_batch(
        self,
        embedding: Embedding,
        prompts: Sequence[Prompts],
        *,
        multimask_output: bool = True,
        clean: bool = True,
    ) -> list[Prediction]:
        """Predict the masks of several objects of one image, in the order of their prompts.

        The same as one :meth:`predict` after the other, in less time: in batches on an accelerator,
        on all cores of a CPU. Of background points alone this is the model's own guess; the doors
        ask with :func:`samwidget.predict.asking.answers`. Whoever throws most masks away asks for
        them without ``clean`` and calls :meth:`cleaned` for the others.
        """
        transform = embedding.transform
        prompts = [one.on_image(transform.original_size_hw) for one in prompts]
        mask_size = self.model.config.mask_size
        alike: defaultdict[tuple[int, bool, bool], list[int]] = defaultdict(list)
        for index, one in enumerate(prompts):
            if one.mask_input is not None and one.mask_input.shape[1:] != (mask_size,) * 2:
                raise ValueError(
                    f"mask_input must have the shape (1, {mask_size}, {mask_size}) for the model "
                    f"'{self.model_id}', got {one.mask_input.shape}"
                )
            kind = len(one.point_coords), one.box_xyxy is not None, one.mask_input is not None
            alike[kind].append(index)
        predictions: dict[int, Prediction] = {}
        for (points, has_box, has_mask), indices in alike.items():
            some = [prompts[index] for index in indices]
            coords = labels = boxes = masks = None
            if points:
                coords = _stack([transform.apply_coords(one.point_coords) for one in some])
                labels = _stack([one.point_labels for one in some])
            if has_box:
                boxes = _stack([transform.apply_boxes(one.box_xyxy) for one in some])  # type: ignore[arg-type]
            if has_mask:
                masks = _stack([one.mask_input for one in some])  # type: ignore[misc]
            if points or has_box or has_mask:
                logits, scores = self.decode(
                    embedding,
                    point_coords=coords,
                    point_labels=labels,
                    boxes=boxes,
                    mask_input=masks,
                    multimask_output=multimask_output,
                    clean=clean,
                )
            else:  # nothing to tell one from another
                logits, scores = self.decode(
                    embedding, multimask_output=multimask_output, clean=clean
                )
                logits, scores = (x.expand(len(some), *x.shape[1:]) for x in (logits, scores))
            found = zip(indices, logits.cpu().numpy(), scores.cpu().numpy(), strict=True)
            predictions |= {i: Prediction(own, iou, transform) for i, own, iou in found}
        return [predictions[index] for index in range(len(prompts))]

    @on_its_device
    def decode(
        self,
        embedding: Embedding,
        *,
        point_coords: Tensor | None = None,
        point_labels: Tensor | None = None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
        multimask_output: bool = True,
        clean: bool = True,
    ) -> tuple[Tensor, Tensor]:
        """Predict low-res masks of B prompts that are tensors in the model frame already.

        Parameters and what is returned are those of
        :meth:`samwidget.models.base.SegmentAnything.decode`; prompts may be on any device, logits
        and scores are float32 on the predictor's. ``clean`` False leaves small islands and holes
        where :attr:`clean_masks` would take them away.

        Raises
        ------
        ValueError
            When the embedding is of other weights.
        """
        self._check_embedding(embedding)
        given = {
            "point_coords": None if point_coords is None else point_coords.float(),
            "point_labels": point_labels,
            "boxes": None if boxes is None else boxes.float(),
            "mask_input": None if mask_input is None else mask_input.to(self._dtype),
        }
        # Coordinates stay float32 whatever the model's dtype.
        prompts = {name: x.to(self.device) for name, x in given.items() if x is not None}
        batch = max((len(x) for x in prompts.values()), default=1)

        @torch.no_grad()  # which is a matter of the thread
        def some(rows: slice) -> tuple[Tensor, Tensor]:
            logits, scores = self.model.decode(
                self._readable(embedding.features),
                multimask_output=multimask_output,
                **{name: x[rows] for name, x in prompts.items()},
            )
            logits, scores = logits.float(), scores.float()
            if clean and self.clean_masks:
                logits = self._cleaned(logits, point_coords, point_labels, rows)
            return logits, scores

        if batch == 0:
            size, candidates = self.model.config.mask_size, 3 if multimask_output else 1
            shape = (0, candidates, size, size)
            empty = torch.zeros(shape, dtype=torch.float32, device=self.device)
            return empty, empty[..., 0, 0]
        on_cpu = self.device.type == "cpu"
        if on_cpu and batch >= MIN_SPREAD and torch.get_num_threads() > 1:
            with closing(spread(some, [slice(i, i + 1) for i in range(batch)])) as found:
                parts = list(found)
        else:
            step = MIN_SPREAD if on_cpu else PROMPTS_PER_BATCH
            with short_computation():
                parts = [some(slice(i, i + step)) for i in range(0, batch, step)]
        if len(parts) == 1:
            return parts[0]
        return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])

    def cleaned(
        self, logits: NDArray[np.float32], prompts: Prompts, transform: ResizeTransform
    ) -> NDArray[np.float32]:
        """Clean one mask (M, M) as :meth:`predict_batch` does, if :attr:`clean_masks` says so."""
        if not self.clean_masks:
            return logits
        clicks = transform.apply_coords(prompts.point_coords) / self._cell
        kind = prompts.point_labels
        return clean_logits(logits, clicks[kind == 1], clicks[kind == 0])

    def _cleaned(
        self, logits: Tensor, coords: Tensor | None, labels: Tensor | None, rows: slice
    ) -> Tensor:
        """Clean the (B, K, M, M) masks of some rows of prompts that are in the model frame."""
        masks = logits.cpu().numpy()
        clicks: NDArray[Any] = np.zeros((len(masks), 0, 2), np.float32)
        kinds = np.zeros((len(masks), 0), np.int64)
        if coords is not None and labels is not None:
            clicks = coords[rows].float().cpu().numpy() / self._cell
            kinds = labels[rows].cpu().numpy()
        cleaned = [
            [clean_logits(mask, xy[kind == 1], xy[kind == 0]) for mask in some]
            for some, xy, kind in zip(masks, clicks, kinds, strict=True)
        ]
        return torch.from_numpy(np.array(cleaned)).to(logits.device)

    def _readable(self, features: ImageFeatures) -> ImageFeatures:
        """Leave out what a predictor of another precision has prepared."""
        wanted = torch.bfloat16 if self.precision == "bfloat16" else self._dtype
        projected = features.projected
        if projected is None or projected.keys.dtype == wanted:
            return features
        return features._replace(projected=None)

    def _check_embedding(self, embedding: Embedding) -> None:
        if embedding.fingerprint == self.fingerprint:
            return
        if embedding.model_id == self.model_id:
            raise ValueError(
                f"the embedding was made by other weights of the model '{self.model_id}' "
                f"(fingerprint {embedding.fingerprint[:8]}...) than this predictor's "
                f"({self.fingerprint[:8]}...); encode the image with this predictor"
            )
        raise ValueError(
            f"the embedding was made by the model '{embedding.model_id}' and cannot be read by "
            f"'{self.model_id}'; encode the image with this predictor"
        )

    @property
    def _cell(self) -> float:
        """How many pixels of the model frame a low-res logit is wide."""
        return self.model.config.image_size / self.model.config.mask_size

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.model.parameters()).dtype


def _stack(arrays: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.stack(arrays))


def _check_image(image: NDArray[np.uint8]) -> tuple[int, int]:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        came = f"dtype {image.dtype}" if isinstance(image, np.ndarray) else type(image).__name__
        raise TypeError(f"image must be a numpy array of dtype uint8, got {came}")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(
            f"image must have the shape (H, W, 3), RGB, at least 1x1, got {image.shape}"
        )
    return image.shape[0], image.shape[1]
