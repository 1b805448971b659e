"""Image in, :class:`Embedding` out; prompts in, :class:`Prediction` out. Values, no state.

Encoding is slow and happens once per image, predicting is fast and happens at every click.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from samwidget.geometry import ResizeTransform
from samwidget.models.base import ImageFeatures, Progress, SegmentAnything
from samwidget.models.config import NANO, ModelConfig
from samwidget.threads import short_computation
from samwidget.upsample import full_mask


@dataclass(frozen=True, eq=False)
class Prompts:
    """What one object is asked for with. All points together mean one object.

    Whatever numpy can read as an array is accepted; the attributes are read-only arrays.

    Attributes
    ----------
    point_coords
        (N, 2) float32, (x, y) in pixels of the image frame.
    point_labels
        (N,) int64: 1 foreground, 0 background.
    box_xyxy
        (4,) float32 in pixels of the image frame, or None.
    mask_input
        (1, M, M) float32, the low-res logits of an earlier prediction, or None.

    Raises
    ------
    ValueError
        When a shape, a length, a label or a number is not as above.

    Examples
    --------
    >>> Prompts(point_coords=[[120, 80]], point_labels=[1]).is_empty
    False
    """

    point_coords: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((0, 2), dtype=np.float32)
    )
    point_labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    box_xyxy: NDArray[np.float32] | None = None
    mask_input: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        coords = _float_array("point_coords", self.point_coords)
        if coords.size == 0:
            coords = coords.reshape(0, 2)
        if coords.ndim != 2 or coords.shape[1] != 2:
            raise ValueError(
                f"point_coords must have the shape (N, 2), got {coords.shape}; "
                "a single point is [[x, y]]"
            )
        labels = np.array(self.point_labels)
        if labels.shape != coords.shape[:1]:
            raise ValueError(
                f"point_labels must hold one label for each point: there are {len(coords)} points "
                f"and the labels have the shape {labels.shape}"
            )
        if not np.isin(labels, (0, 1)).all():
            raise ValueError(
                f"point_labels must be 1 (foreground) or 0 (background), got {labels.tolist()}"
            )
        box = None
        if self.box_xyxy is not None:
            box = _float_array("box_xyxy", self.box_xyxy)
            if box.shape != (4,):
                raise ValueError(f"box_xyxy must have the shape (4,), got {box.shape}")
            if box[0] > box[2] or box[1] > box[3]:
                raise ValueError(
                    f"box_xyxy must be (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2, "
                    f"got {box.tolist()}"
                )
        mask = None
        if self.mask_input is not None:
            mask = _float_array("mask_input", self.mask_input)
            if mask.ndim != 3 or mask.shape[0] != 1 or mask.shape[1] != mask.shape[2]:
                raise ValueError(
                    f"mask_input must be low-res logits of the shape (1, M, M), got {mask.shape}"
                )
        object.__setattr__(self, "point_coords", _frozen(coords))
        object.__setattr__(self, "point_labels", _frozen(labels.astype(np.int64)))
        object.__setattr__(self, "box_xyxy", None if box is None else _frozen(box))
        object.__setattr__(self, "mask_input", None if mask is None else _frozen(mask))

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a point nor a box nor a mask."""
        return len(self.point_coords) == 0 and self.box_xyxy is None and self.mask_input is None


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


@dataclass(frozen=True, eq=False)
class Prediction:
    """The candidate masks of one object.

    Attributes
    ----------
    low_res_logits
        (K, M, M) float32 over the model frame, positive inside; K = 3 candidates or 1.
    iou_predictions
        (K,) float32, the model's estimate of each mask's IoU; not clamped.
    transform
        How the image lies in the model frame.
    """

    low_res_logits: NDArray[np.float32]
    iou_predictions: NDArray[np.float32]
    transform: ResizeTransform

    @property
    def best(self) -> int:
        """Index of the mask with the highest predicted IoU."""
        return int(self.iou_predictions.argmax())

    def mask(self, index: int) -> NDArray[np.bool_]:
        """Give one mask at the image's resolution, (H, W) bool."""
        return full_mask(self.low_res_logits[index], self.transform)

    def masks(self) -> NDArray[np.bool_]:
        """Give all masks at the image's resolution, (K, H, W) bool."""
        return np.stack([full_mask(logits, self.transform) for logits in self.low_res_logits])


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


def _float_array(name: str, value: object) -> NDArray[np.float32]:
    try:
        array = np.array(value, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers, got {value!r}") from error
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array.tolist()}")
    return array


def _frozen(array: NDArray[np.generic]) -> NDArray[np.generic]:
    array.setflags(write=False)
    return array
