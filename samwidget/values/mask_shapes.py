"""The shapes in which doors take masks from code.

Which numbers they may hold is the rule of :mod:`samwidget.values.prompt_checks`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.values.arrays import squeezed, to_array
from samwidget.values.errors import quoted, text_of
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompt_checks import read_numbers


def as_masks(value: Any) -> list[Mask]:
    """Read whole masks, each of one object.

    Parameters
    ----------
    value
        A mask (H, W) of bool or of integers 0 and 1, N of them in an array or a sequence; or a
        :class:`Mask` or :class:`SegmentedObject`, or a sequence of such.

    Raises
    ------
    ValueError
        When it is none of these.
    """
    if isinstance(value, Mask | SegmentedObject):
        return [_shape_of(value)]
    is_array = hasattr(value, "__array__") or hasattr(value, "detach")
    if not is_array:
        return [_shape_of(one) for one in value]
    array = _read(value)
    if array.size == 0:
        return []
    array = squeezed(array, keep=2)
    return [Mask.from_array(one) for one in (array if array.ndim > 2 else [array])]


def _shape_of(one: object) -> Mask:
    if isinstance(one, SegmentedObject):
        return one.shape
    return one if isinstance(one, Mask) else Mask.from_array(_read(one))


def read_mask_prompts(masks: object) -> list[Mask] | NDArray[Any]:
    """Read masks that are prompts, of an image that is not known yet.

    Raises
    ------
    ValueError
        When they are neither an array nor :class:`Mask` values.
    """
    several = [masks] if isinstance(masks, Mask | SegmentedObject) else masks
    if isinstance(several, list | tuple) and all(
        isinstance(one, Mask | SegmentedObject) for one in several
    ):
        return [_shape_of(one) for one in several]
    return _read(masks)


def _read(masks: object) -> NDArray[Any]:
    try:
        array = to_array(masks)
    except Exception as error:
        several = "inhomogeneous" in str(error)
        why = "got several shapes" if several else f"got {quoted(masks)}: {text_of(error)}"
        raise ValueError(f"masks: expected arrays of one shape, {why}") from error
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def mask_logits(
    masks: list[Mask] | NDArray[Any] | None, transform: ResizeTransform, mask_size: int
) -> list[NDArray[np.float32]] | None:
    """Give each object's low-res logits, (1, M, M).

    Parameters
    ----------
    masks
        From :func:`read_mask_prompts`.
    transform, mask_size
        Of the image and of the model that they are for.

    Raises
    ------
    ValueError
        When they have the size of neither, or hold something else than the numbers of such.
    """
    if masks is None:
        return None
    if isinstance(masks, list):
        return [shape.as_mask_input(transform, mask_size) for shape in masks]
    array = masks
    if array.size == 0:
        return []
    is_image = array.dtype.kind in "biu"
    expected = transform.original_size_hw if is_image else (mask_size, mask_size)
    if array.ndim > 2 and array.shape[-2:] != expected and array.shape[-3:] == (*expected, 1):
        array = array[..., 0]
    array = squeezed(array, keep=2)
    if array.ndim not in (2, 3) or array.shape[-2:] != expected or array.dtype.kind not in "biuf":
        height, width = transform.original_size_hw
        compare = ""
        if array.dtype.kind == "f" and array.shape[-2:] == (height, width):
            compare = "; a mask of numbers is compared first, as in masks > 0.5"
        raise ValueError(
            f"masks: expected (N, {height}, {width}) bool, as large as the image, or "
            f"(N, {mask_size}, {mask_size}) float low-res logits, got {masks.shape} {masks.dtype}"
            f"{compare}"
        )
    array = array.reshape(-1, *expected)
    if is_image:
        return [Mask.from_array(mask).as_mask_input(transform, mask_size) for mask in array]
    return list(read_numbers("masks", array).astype(np.float32)[:, None])
