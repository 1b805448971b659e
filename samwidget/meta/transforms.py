"""Images, points and boxes to the model frame, as segment-anything's ``utils.transforms`` does."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from samwidget.models.config import ModelConfig
from samwidget.predict.preprocess import resize
from samwidget.values.geometry import ResizeTransform


class ResizeLongestSide:
    """Images, points and boxes to the model frame, whose side is ``target_length``."""

    def __init__(self, target_length: int) -> None:
        self.target_length = target_length

    def apply_image(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Resize an image (H, W, 3) uint8 as the model's owner does; not padded."""
        transform = self._transform((image.shape[0], image.shape[1]))
        resized = resize(image, transform, ModelConfig("any", self.target_length))
        return resized[0].permute(1, 2, 0).contiguous().numpy()

    def apply_image_torch(self, image: Tensor) -> Tensor:
        """Resize images (B, 3, H, W) float; not quite what :meth:`apply_image` gives."""
        size = self._transform((image.shape[2], image.shape[3])).input_size_hw
        return F.interpolate(image, size, mode="bilinear", align_corners=False, antialias=True)

    def apply_coords(
        self, coords: NDArray[Any], original_size: tuple[int, ...]
    ) -> NDArray[np.float64]:
        """Map points (..., 2), (x, y), in pixels of an image of that (H, W)."""
        return np.asarray(coords, np.float64) * self._scale_xy(original_size)

    def apply_boxes(
        self, boxes: NDArray[Any], original_size: tuple[int, ...]
    ) -> NDArray[np.float64]:
        """Map boxes (B, 4), XYXY."""
        return self.apply_coords(np.reshape(boxes, (-1, 2, 2)), original_size).reshape(-1, 4)

    def apply_coords_torch(self, coords: Tensor, original_size: tuple[int, ...]) -> Tensor:
        """Map points (..., 2); float32."""
        scale = self._scale_xy(original_size)
        return coords.float() * torch.tensor(scale, dtype=torch.float32, device=coords.device)

    def apply_boxes_torch(self, boxes: Tensor, original_size: tuple[int, ...]) -> Tensor:
        """Map boxes (B, 4), XYXY; float32."""
        return self.apply_coords_torch(boxes.reshape(-1, 2, 2), original_size).reshape(-1, 4)

    @staticmethod
    def get_preprocess_shape(oldh: int, oldw: int, long_side_length: int) -> tuple[int, int]:
        """Give the height and width that an image is resized to."""
        return ResizeTransform.for_image((oldh, oldw), long_side_length).input_size_hw

    def _transform(self, size_hw: tuple[int, ...]) -> ResizeTransform:
        return ResizeTransform.for_image((size_hw[0], size_hw[1]), self.target_length)

    def _scale_xy(self, original_size: tuple[int, ...]) -> NDArray[np.float64]:
        height, width = original_size[:2]
        new_height, new_width = self._transform(original_size).input_size_hw
        return np.array([new_width / width, new_height / height])


class Stretch(ResizeLongestSide):
    """The same for models whose frame the image fills whatever its shape."""

    def _transform(self, size_hw: tuple[int, ...]) -> ResizeTransform:
        return ResizeTransform.for_image(
            (size_hw[0], size_hw[1]), self.target_length, keeps_aspect=False
        )
