"""Masks of one image in a single array of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from samwidget.values.mask import Mask


def label_image(masks: Sequence[Mask], size_hw: tuple[int, int]) -> NDArray[np.int32]:
    """Write the number of the topmost mask into each pixel; needs no stack of full masks.

    Parameters
    ----------
    masks
        Of an image of this size; later ones lie on top.
    size_hw
        The image in pixels.

    Returns
    -------
    ndarray
        (H, W) int32: 0 where no mask is, ``i + 1`` where ``masks[i]`` is the topmost.

    Raises
    ------
    ValueError
        When a mask is of another size.

    Examples
    --------
    >>> masks = [Mask.from_array([[1, 1, 0]]), Mask.from_array([[0, 1, 0]])]
    >>> label_image(masks, (1, 3)).tolist()
    [[1, 2, 0]]
    """
    labels = np.zeros(size_hw, np.int32)
    for number, mask in enumerate(masks, start=1):
        if mask.size_hw != labels.shape:
            raise ValueError(
                f"masks[{number - 1}]: expected the size (H, W) {labels.shape}, got {mask.size_hw}"
            )
        x1, y1, x2, y2 = (int(side) for side in mask.box_xyxy)
        np.putmask(labels[y1:y2, x1:x2], mask.crop((x1, y1, x2, y2)), number)
    return labels
