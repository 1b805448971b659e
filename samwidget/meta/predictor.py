"""Segment-anything's ``SamPredictor``."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from samwidget.meta.transforms import ResizeLongestSide, Stretch
from samwidget.models.base import SegmentAnything
from samwidget.models.prompt_tensors import as_tensors, without_guesses
from samwidget.predict import store
from samwidget.predict.asking import answers
from samwidget.predict.embeddings import Embedding
from samwidget.predict.predictor import MIN_SPREAD, Predictor
from samwidget.predict.threads import spread
from samwidget.sam import SAM
from samwidget.values.errors import quoted
from samwidget.values.geometry import ResizeTransform
from samwidget.values.images import load_image
from samwidget.values.paths import expanded
from samwidget.values.prompt_batches import read_batch
from samwidget.values.prompt_checks import ONLY_BACKGROUND, Bounds
from samwidget.values.prompt_shapes import one_object
from samwidget.values.upsample import full_logits, full_mask

_Answer = tuple[NDArray[np.bool_] | NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
Model = SAM | Predictor | SegmentAnything | str | os.PathLike[str]


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

    def __init__(self, model: Model = "nano", device: str | torch.device | None = None) -> None:
        self._embedding: Embedding | None = None
        self.predictor = _as_predictor(model, device)
        config = self.predictor.model.config
        kind = ResizeLongestSide if config.keeps_aspect else Stretch
        self.transform = kind(config.image_size)

    @property
    def model(self) -> SegmentAnything:
        """The network."""
        return self.predictor.model

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.predictor.device

    @property
    def is_image_set(self) -> bool:
        """Whether there is an image to predict masks on."""
        return self._embedding is not None

    @property
    def features(self) -> Tensor | None:
        """The encoded image, (1, C, S, S) float32 on the device; None without an image."""
        return None if self._embedding is None else self._embedding.features.image_embedding

    @property
    def original_size(self) -> tuple[int, int]:
        """Height and width of the image in pixels."""
        return self._encoded().transform.original_size_hw

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the resized image in the model frame, without padding."""
        return self._encoded().transform.input_size_hw

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
            raise ValueError(f"image_format: expected 'RGB' or 'BGR', got {quoted(image_format)}")
        if image_format == "BGR":
            if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3:
                raise ValueError("image_format='BGR' is for arrays of the shape (H, W, 3)")
            image = image[..., ::-1]
        self._embedding = None
        self._embedding = self.predictor.encode(load_image(image))

    def set_torch_image(
        self, transformed_image: Tensor, original_image_size: tuple[int, ...]
    ) -> None:
        """Encode an image that was resized to the model frame already.

        Parameters
        ----------
        transformed_image
            (1, 3, h, w) with colours RGB of 0 to 255, as :attr:`transform` resizes; not padded.
        original_image_size
            (H, W) of the image before.

        Raises
        ------
        ValueError
            When an image of that size is resized to another one.
        """
        self._embedding = None
        height, width = (int(side) for side in original_image_size)
        self._embedding = self.predictor.encode_resized(transformed_image, (height, width))

    def reset_image(self) -> None:
        """Forget the image."""
        self._embedding = None

    def get_image_embedding(self) -> Tensor:
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
    ) -> _Answer:
        """Predict masks of **one** object.

        What prompts may be is the rule of :mod:`samwidget.values.prompt_checks`. Background points
        alone give empty masks and a warning; prompts that are all empty, C = 0 masks.

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
            When a prompt has another shape than these or is not on the image.
        """
        embedding = self._encoded()
        transform = embedding.transform
        prompts = one_object(
            point_coords, point_labels, box, mask_input, transform.original_size_hw
        )
        if prompts is None:
            return self._nothing(transform, return_logits)
        if prompts.is_only_background:
            warnings.warn(ONLY_BACKGROUND, stacklevel=2)
        (prediction,) = answers(
            self.predictor, embedding, [prompts], multimask_output=multimask_output
        )
        logits = prediction.low_res_logits
        masks: NDArray[np.bool_] | NDArray[np.float32]
        if return_logits:
            masks = np.stack([full_logits(one, transform) for one in logits])
        else:
            masks = prediction.masks()
        return masks, prediction.iou_predictions, logits

    def predict_torch(
        self,
        point_coords: Tensor | None,
        point_labels: Tensor | None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
        multimask_output: bool = True,
        return_logits: bool = False,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict masks of B objects, whose prompts :attr:`transform` took to the model frame.

        The rule of :mod:`samwidget.values.prompt_checks` holds here, too. The masks of objects with
        background points alone are empty, and a warning tells which they are.

        Parameters
        ----------
        point_coords
            (B, N, 2), (x, y) in the model frame.
        point_labels
            (B, N), 1 foreground, 0 background, -1 for a point that only fills the row.
        boxes
            (B, 4), XYXY in the model frame.
        mask_input
            (B, 1, M, M) low-res logits.
        multimask_output
            Three candidate masks of each object; else one.
        return_logits
            Give the masks as float32 before they are thresholded at 0.

        Returns
        -------
        masks
            (B, C, H, W) bool, C = 3 or 1, or float32.
        scores
            (B, C) float32.
        low_res_logits
            (B, C, M, M) float32.

        Raises
        ------
        RuntimeError
            When no image was set.
        ValueError
            When a prompt has another shape than these or is not on the image, or the numbers of
            objects differ.
        """
        embedding = self._encoded()
        batch = read_batch(
            point_coords,
            point_labels,
            boxes,
            mask_input,
            bounds=Bounds.of_model_frame(self.input_size, self.original_size),
            mask_size=self.model.config.mask_size,
        )
        logits, scores = self.predictor.decode(
            embedding, **as_tensors(batch), multimask_output=multimask_output, clean=True
        )
        if batch.names_nothing.any():
            logits, scores = without_guesses(batch, logits, scores)
        masks = _enlarged(logits, embedding.transform, not return_logits)
        return masks, scores, logits

    def save_embedding(self, path: str | os.PathLike[str]) -> Path:
        """Write the embedding of the image that is set into a safetensors file, as float16.

        Raises
        ------
        RuntimeError
            When no image was set.
        OSError
            When the file cannot be written.
        """
        target = expanded(path)
        store.write(self._encoded(), target)
        return target

    def load_embedding(self, path: str | os.PathLike[str]) -> None:
        """Set the image whose embedding was saved, without the image and without encoding it.

        Raises
        ------
        OSError
            When there is no such file.
        ValueError
            When it is no embedding, or one of other weights.
        """
        data = expanded(path).read_bytes()
        self._embedding = store.from_bytes(data, self.predictor)

    def _nothing(self, transform: ResizeTransform, as_logits: bool) -> _Answer:
        dtype = np.float32 if as_logits else np.bool_
        masks: NDArray[Any] = np.zeros((0, *transform.original_size_hw), dtype)
        size = self.model.config.mask_size
        return masks, np.zeros(0, np.float32), np.zeros((0, size, size), np.float32)

    def _encoded(self) -> Embedding:
        if self._embedding is None:
            raise RuntimeError("An image must be set with .set_image(...) before mask prediction.")
        return self._embedding


def _as_predictor(model: Model, device: str | torch.device | None) -> Predictor:
    if isinstance(model, SegmentAnything):
        where = next(model.parameters()).device if device is None else device
        return Predictor(model, where)
    if isinstance(model, str | os.PathLike):
        return SAM(model, "auto" if device is None else device).predictor
    if isinstance(model, SAM | Predictor):
        return model.predictor if isinstance(model, SAM) else model
    raise TypeError(
        f"model: expected a SAM, a Predictor, a model, a name or a path, got {type(model).__name__}"
    )


def _enlarged(logits: Tensor, transform: ResizeTransform, thresholded: bool) -> Tensor:
    """Bring low-res logits (B, C, M, M) to the image's size, (B, C, H, W) bool or float32."""
    if logits.device.type != "cpu":
        height, width = transform.input_size_hw
        x = logits
        if transform.keeps_aspect:
            side = transform.image_size
            x = F.interpolate(x, (side, side), mode="bilinear", align_corners=False)
            x = x[..., :height, :width]
        x = F.interpolate(x, transform.original_size_hw, mode="bilinear", align_corners=False)
        return x > 0 if thresholded else x
    flat = logits.flatten(0, 1).numpy()
    dtype = np.bool_ if thresholded else np.float32
    masks: NDArray[Any] = np.empty((len(flat), *transform.original_size_hw), dtype)
    enlarge: Callable[..., NDArray[Any]] = full_mask if thresholded else full_logits

    def one(index: int) -> None:
        masks[index] = enlarge(flat[index], transform)

    if len(flat) < MIN_SPREAD:
        for index in range(len(flat)):
            one(index)
    else:
        with closing(spread(one, range(len(flat)))) as done:
            list(done)
    return torch.from_numpy(masks).view(*logits.shape[:2], *masks.shape[1:])
