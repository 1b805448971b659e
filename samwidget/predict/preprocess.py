"""An image to what an encoder reads: resized as its owner resizes, normalised, padded.

The published models are given their owners' own preprocessing, to the bit: segment-anything (and
MobileSAM and HQ-SAM after it) resizes with Pillow, SAM 2 as transformers with torch. Another
resize, even a better one, moves low-res logits by some 5e-4.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from samwidget.models.config import ModelConfig
from samwidget.values.geometry import ResizeTransform
from samwidget.values.resizing import resized_exactly


def preprocess(image: NDArray[np.uint8], transform: ResizeTransform, config: ModelConfig) -> Tensor:
    """Resize, normalise, then pad with zeros at the right and at the bottom.

    Parameters
    ----------
    image
        (H, W, 3) uint8 RGB.
    transform
        Of this image and ``config.image_size``.
    config
        Tells the size, the kind of resize, mean and standard deviation.

    Returns
    -------
    pixels
        (1, 3, S, S) float32 on the CPU.
    """
    return normalise(resize(image, transform, config), config)


def resize(image: NDArray[np.uint8], transform: ResizeTransform, config: ModelConfig) -> Tensor:
    """Resize an image (H, W, 3) to the model frame: (1, 3, h, w) uint8, not padded.

    Both kinds are bilinear and antialiased; torch's is several times faster, and rounds one colour
    value in some hundred differently, by 1 of 255.
    """
    height, width = transform.input_size_hw
    if config.resized_by == "pillow" and (height, width) != image.shape[:2]:
        image = np.array(resized_exactly(image, (width, height), Image.Resampling.BILINEAR))
    # torch wants memory that it may write to, in order; the rest is a view, channels last.
    channels = torch.from_numpy(np.require(image, requirements=["C", "W"])).permute(2, 0, 1)[None]
    if (height, width) != channels.shape[2:]:
        channels = F.interpolate(
            channels, (height, width), mode="bilinear", align_corners=False, antialias=True
        )
    return channels


def normalise(resized: Tensor, config: ModelConfig) -> Tensor:
    """Normalise (B, 3, h, w) colours of 0 to 255 and pad them to (B, 3, S, S) float32."""
    batch, _, height, width = resized.shape
    size = config.image_size
    mean, std = (
        torch.tensor(values, dtype=torch.float32, device=resized.device)[:, None, None]
        for values in (config.pixel_mean, config.pixel_std)
    )
    pixels = torch.zeros(batch, 3, size, size, dtype=torch.float32, device=resized.device)
    content = pixels[:, :, :height, :width]
    torch.sub(resized, mean, out=content)
    content.div_(std)
    return pixels
