"""Image frame to model frame and back: the only resize rule of the package.

The *image frame* is the original image: x to the right, y down, in pixels, origin at the outer
corner of the first pixel, so that pixel (0, 0) covers 0 to 1 on both axes. The *model frame* is
the square an encoder sees: the image resized so that its long side fills ``image_size``, in the
top left corner, padded at the right or at the bottom; or, for models that do not keep the aspect,
stretched to the whole square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class ResizeTransform:
    """How one image lies in the model frame. Build it with :meth:`for_image`.

    Attributes
    ----------
    original_size_hw
        The image in pixels.
    input_size_hw
        The resized image in pixels of the model frame, without padding.
    image_size
        Side of the square model frame.
    keeps_aspect
        False where the image is stretched to the whole frame.

    Examples
    --------
    >>> transform = ResizeTransform.for_image((1000, 1500), 1024)
    >>> transform.input_size_hw
    (683, 1024)
    >>> transform.apply_coords([[750, 500]]).tolist()
    [[512.0, 341.5]]
    """

    original_size_hw: tuple[int, int]
    input_size_hw: tuple[int, int]
    image_size: int
    keeps_aspect: bool = True

    @classmethod
    def for_image(
        cls, size_hw: tuple[int, int], image_size: int, keeps_aspect: bool = True
    ) -> ResizeTransform:
        """Resize the long side to ``image_size``, the other in proportion, at least 1 pixel.

        Without ``keeps_aspect`` resize both sides to it. Rounds as segment-anything's
        ``ResizeLongestSide.get_preprocess_shape`` does.

        Raises
        ------
        ValueError
            When a side is smaller than 1 pixel.
        """
        height, width = (int(side) for side in size_hw)
        if height < 1 or width < 1:
            raise ValueError(f"size_hw must be at least 1x1 pixel, got {height}x{width}")
        if not keeps_aspect:
            return cls((height, width), (image_size, image_size), image_size, keeps_aspect=False)
        scale = image_size * 1.0 / max(height, width)
        input_size_hw = max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))
        return cls((height, width), input_size_hw, image_size)

    def apply_coords(self, coords_xy: ArrayLike) -> NDArray[np.float32]:
        """Map points (..., 2), (x, y), from the image frame to the model frame."""
        coords = np.asarray(coords_xy, dtype=np.float64)
        if coords.ndim == 0 or coords.shape[-1] != 2:
            raise ValueError(f"coords_xy must have the shape (..., 2), got {coords.shape}")
        height, width = self.original_size_hw
        input_height, input_width = self.input_size_hw
        scale_xy = np.array([input_width / width, input_height / height])
        mapped: NDArray[np.float32] = (coords * scale_xy).astype(np.float32)
        return mapped

    def apply_boxes(self, boxes_xyxy: ArrayLike) -> NDArray[np.float32]:
        """Map boxes (..., 4), XYXY, from the image frame to the model frame."""
        boxes = np.asarray(boxes_xyxy, dtype=np.float64)
        if boxes.ndim == 0 or boxes.shape[-1] != 4:
            raise ValueError(f"boxes_xyxy must have the shape (..., 4), got {boxes.shape}")
        return self.apply_coords(boxes.reshape(*boxes.shape[:-1], 2, 2)).reshape(boxes.shape)

    def extent_xywh(self, mask_size: int) -> tuple[int, int, tuple[float, float, float, float]]:
        """Tell which part of low-res logits holds the image, and where it lies.

        Parameters
        ----------
        mask_size
            Side M of the square logits, which cover the whole model frame.

        Returns
        -------
        cells_w, cells_h
            ``logits[:cells_h, :cells_w]`` holds the image; the last cells may be part padding.
        extent_xywh
            The rectangle that those cells cover, in the image frame. It starts at (0, 0) and may
            reach beyond the image by less than a cell.
        """
        height, width = self.original_size_hw
        exact_w, exact_h = self.content_cells(mask_size)
        cells_w, cells_h = math.ceil(exact_w), math.ceil(exact_h)
        return cells_w, cells_h, (0.0, 0.0, cells_w * width / exact_w, cells_h * height / exact_h)

    def content_cells(self, mask_size: int) -> tuple[float, float]:
        """Tell how many columns and rows of the M x M low-res logits the image fills.

        Whatever goes from image to logits or back follows from these: the image's left and upper
        edge are those of the logits, and its right and lower edge lie here, often within a cell.

        Examples
        --------
        >>> ResizeTransform.for_image((1000, 1500), 1024).content_cells(256)
        (256.0, 170.75)
        """
        input_height, input_width = self.input_size_hw
        return input_width * mask_size / self.image_size, input_height * mask_size / self.image_size
