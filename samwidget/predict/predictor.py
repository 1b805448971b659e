"""Image in, :class:`Embedding` out; prompts in, :class:`Prediction` out. Values, no state.

Encoding is slow and happens once per image, predicting is fast and happens at every click.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from samwidget.models.base import ImageFeatures, Progress, SegmentAnything
from samwidget.models.config import NANO, ModelConfig
from samwidget.predict.threads import short_computation
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts


@dataclass(frozen=True, eq=False)
class Embedding:
    """An encoded image.

    Attributes
    ----------
    features
        What the encoder made of it, on the predictor's device, batch size 1.
    transform
        How the image lies in the model frame.
    model_id
        The predictor's; another model cannot read the features.
    """

    features: ImageFeatures
    transform: ResizeTransform
    model_id: str


class Predictor:
    """A model on a device, fed with numpy arrays.

    Parameters
    ----------
    model
        Put into eval mode and moved to the device.
    device
        Anything ``torch.device`` takes, or ``"auto"``: CUDA if there is one, else MPS, else CPU.
    precision
        What matrices are multiplied in. ``"float32"``; ``"bfloat16"``, which is about twice as
        fast where the processor has it and changes outlines a little; ``"auto"``: bfloat16 for
        large models on CUDA GPUs that have it, else float32.

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
    ) -> None:
        self.device = pick_device(device)
        self.precision = pick_precision(precision, self.device, model.config)
        self.model = model.eval().to(self.device)
        if self.precision == "bfloat16":
            self.model.set_precision(torch.bfloat16)

    @property
    def model_id(self) -> str:
        """Name of the model that embeddings belong to."""
        return self.model.config.name

    @torch.no_grad()
    def encode(self, image: NDArray[np.uint8], on_progress: Progress | None = None) -> Embedding:
        """Encode an image.

        Parameters
        ----------
        image
            (H, W, 3) uint8 RGB.
        on_progress
            Told the fraction done, 0 to 1, between the encoder's steps; what it raises ends the
            encoding and reaches the caller.

        Raises
        ------
        TypeError
            When the image is no uint8 array.
        ValueError
            When its shape is not (H, W, 3) with at least one pixel.
        """
        config = self.model.config
        transform = ResizeTransform.for_image(
            _check_image(image), config.image_size, config.keeps_aspect
        )
        pixels = preprocess(image, transform, config).to(self.device, self._dtype)
        rounded = self.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=rounded):
            features = self.model.encode(pixels, on_progress)
        features = features._replace(
            image_embedding=features.image_embedding.to(self._dtype),
            high_res=tuple(x.to(self._dtype) for x in features.high_res),
        )
        return Embedding(features, transform, self.model_id)

    @torch.no_grad()
    def predict(
        self, embedding: Embedding, prompts: Prompts, *, multimask_output: bool = True
    ) -> Prediction:
        """Predict the masks of one object.

        Parameters
        ----------
        embedding
            From :meth:`encode` of a predictor with the same model.
        prompts
            Of one object.
        multimask_output
            True: three candidates, for prompts that may mean several things. False: one mask.

        Raises
        ------
        ValueError
            When the embedding is another model's, when ``mask_input`` has not the model's size, or
            when the model cannot do without any prompt and there is none.
        """
        self._check_embedding(embedding)
        mask_size = self.model.config.mask_size
        if prompts.mask_input is not None and prompts.mask_input.shape[1:] != (mask_size,) * 2:
            raise ValueError(
                f"mask_input must have the shape (1, {mask_size}, {mask_size}) for the model "
                f"{self.model_id!r}, got {prompts.mask_input.shape}"
            )
        transform = embedding.transform
        coords = labels = boxes = mask = None
        if len(prompts.point_coords):
            coords = self._tensor(transform.apply_coords(prompts.point_coords))
            labels = torch.tensor(prompts.point_labels, device=self.device)[None]
        if prompts.box_xyxy is not None:
            boxes = self._tensor(transform.apply_boxes(prompts.box_xyxy))
        if prompts.mask_input is not None:
            mask = self._tensor(prompts.mask_input).to(self._dtype)
        with short_computation():
            logits, iou = self.model.decode(
                embedding.features,
                point_coords=coords,
                point_labels=labels,
                boxes=boxes,
                mask_input=mask,
                multimask_output=multimask_output,
            )
        return Prediction(logits[0].float().cpu().numpy(), iou[0].float().cpu().numpy(), transform)

    @torch.no_grad()
    def predict_each(
        self, embedding: Embedding, points_xy: NDArray[np.float32]
    ) -> list[Prediction]:
        """Predict the three candidates of N objects, each of which is asked for with one click.

        On an accelerator this is faster than one :meth:`predict` after the other.

        Parameters
        ----------
        embedding
            From :meth:`encode` of a predictor with the same model.
        points_xy
            (N, 2), (x, y) in pixels of the image frame, all foreground.

        Raises
        ------
        ValueError
            When the embedding is another model's or the points have not this shape.
        """
        self._check_embedding(embedding)
        points = Prompts(points_xy, np.ones(len(points_xy), np.int64)).point_coords
        coords = torch.tensor(embedding.transform.apply_coords(points), device=self.device)
        labels = torch.ones(len(points), 1, dtype=torch.int64, device=self.device)
        with short_computation():
            logits, iou = self.model.decode(
                embedding.features, point_coords=coords[:, None], point_labels=labels
            )
        found = logits.float().cpu().numpy(), iou.float().cpu().numpy()
        return [Prediction(*each, embedding.transform) for each in zip(*found, strict=True)]

    def _check_embedding(self, embedding: Embedding) -> None:
        if embedding.model_id != self.model_id:
            raise ValueError(
                f"the embedding was made by the model {embedding.model_id!r} and cannot be read by "
                f"{self.model_id!r}; encode the image with this predictor"
            )

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.model.parameters()).dtype

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        """Put a batch of one on the device; coordinates stay float32 whatever the model's dtype."""
        return torch.tensor(array, dtype=torch.float32, device=self.device)[None]


def preprocess(image: NDArray[np.uint8], transform: ResizeTransform, config: ModelConfig) -> Tensor:
    """Resize, normalise, then pad with zeros at the right and at the bottom.

    Parameters
    ----------
    image
        (H, W, 3) uint8 RGB.
    transform
        Of this image and ``config.image_size``.
    config
        Tells the size, mean and standard deviation.

    Returns
    -------
    pixels
        (1, 3, S, S) float32 on the CPU. segment-anything resizes with Pillow, which is several
        times slower and rounds one colour value in some hundred differently, by 1 of 255.
    """
    height, width = transform.input_size_hw
    # torch wants memory that it may write to, in order; the rest is a view, channels last.
    channels = torch.from_numpy(np.require(image, requirements=["C", "W"])).permute(2, 0, 1)[None]
    if (height, width) != image.shape[:2]:
        channels = F.interpolate(
            channels, (height, width), mode="bilinear", align_corners=False, antialias=True
        )
    size = config.image_size
    pixels = torch.zeros(1, 3, size, size)
    content = pixels[:, :, :height, :width]
    torch.sub(channels, torch.tensor(config.pixel_mean)[:, None, None], out=content)
    content.div_(torch.tensor(config.pixel_std)[:, None, None])
    return pixels


def pick_device(device: str | torch.device = "auto") -> torch.device:
    """Turn ``"auto"`` into CUDA, MPS or CPU, the first that is there; else check the name.

    Raises
    ------
    ValueError
        When the name is none of torch's or the device is not there.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        picked = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f"device must be 'auto', 'cpu', 'cuda', 'cuda:N' or 'mps', got {device!r}"
        ) from error
    if picked.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device {device!r} asked for, but torch finds no CUDA GPU; use 'auto'")
    if picked.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError(f"device {device!r} asked for, but torch finds no MPS; use 'auto'")
    return picked


def pick_precision(
    precision: str, device: torch.device, config: ModelConfig
) -> Literal["float32", "bfloat16"]:
    """Turn ``"auto"`` into what suits a model on a device; else check the name.

    Raises
    ------
    ValueError
        When it is none of ``"auto"``, ``"float32"``, ``"bfloat16"``.
    """
    if precision == "float32":
        return "float32"
    if precision == "bfloat16":
        return "bfloat16"
    if precision != "auto":
        raise ValueError(f"precision must be 'auto', 'float32' or 'bfloat16', got {precision!r}")
    pays = device.type == "cuda" and torch.cuda.is_bf16_supported() and config is not NANO
    return "bfloat16" if pays else "float32"


def _check_image(image: NDArray[np.uint8]) -> tuple[int, int]:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        came = f"dtype {image.dtype}" if isinstance(image, np.ndarray) else type(image).__name__
        raise TypeError(f"image must be a numpy array of dtype uint8, got {came}")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(
            f"image must have the shape (H, W, 3), RGB, at least 1x1, got {image.shape}"
        )
    return image.shape[0], image.shape[1]
