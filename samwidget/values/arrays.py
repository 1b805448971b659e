"""Arrays: whatever people have that is one, and those that nobody may write into."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def frozen(array: NDArray[T]) -> NDArray[T]:
    """Forbid to write into an array that nobody else holds; give the same array."""
    array.setflags(write=False)
    return array


def is_array(value: object) -> bool:
    """Tell whether something behaves like an array, of whatever library.

    Examples
    --------
    >>> is_array(np.zeros(3)), is_array(memoryview(b"file")), is_array([1, 2])
    (True, False, False)
    """
    if isinstance(value, memoryview):
        return value.ndim > 1
    ways = ("__array__", "__array_interface__", "__cuda_array_interface__", "__dlpack__")
    return any(hasattr(value, way) for way in ways) or (
        hasattr(value, "detach") and hasattr(value, "cpu")
    )


def to_array(value: Any) -> NDArray[Any]:
    """Give as a numpy array what a person has for one; it may share the memory.

    Parameters
    ----------
    value
        An array of numpy or of another library, a tensor on any device, of any dtype and with a
        gradient, a number, or lists of such to any depth.

    Raises
    ------
    Exception
        Whatever the library says that cannot give it: a ValueError for lists of unequal lengths
        and for masked values, a NotImplementedError for tensors without data.

    Examples
    --------
    >>> to_array([[1, 2.5], np.array([3, 4])]).tolist()
    [[1.0, 2.5], [3.0, 4.0]]
    """
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise ValueError("some of its values are masked: fill them or leave them out")
        return np.asarray(value.data)
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        return tensor_to_array(value)
    if hasattr(value, "__cuda_array_interface__") and hasattr(value, "get"):  # CuPy
        return np.asarray(value.get())
    if isinstance(value, list | tuple):
        return np.array([_item(one) for one in value])
    if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        return np.asarray(np.from_dlpack(value))
    return np.asarray(value)


def tensor_to_array(tensor: Any) -> NDArray[Any]:
    """Bring a torch tensor, or what behaves like one, to the CPU as an array without gradient.

    One that is sparse or quantised is written out.
    """
    for step in ("detach", "cpu", "resolve_conj", "resolve_neg"):
        if hasattr(tensor, step):
            tensor = getattr(tensor, step)()
    if getattr(tensor, "is_quantized", False) is True:
        tensor = tensor.dequantize()
    if "strided" not in str(getattr(tensor, "layout", "strided")):
        tensor = tensor.to_dense()
    if not hasattr(tensor, "numpy"):
        return np.asarray(tensor)
    try:
        return np.asarray(tensor.numpy())
    except TypeError:  # bfloat16 and other dtypes that numpy has not
        return np.asarray(tensor.float().numpy())


def as_rows(array: NDArray[T], width: int) -> NDArray[T]:
    """Give an array (N, width) of rows whose shape has axes of length 1 more, or one axis alone.

    (N, 1, width) becomes (N, width), and (width,) and (width, 1) become (1, width); any other shape
    stays what it is.

    Examples
    --------
    >>> as_rows(np.zeros((3, 1, 2)), 2).shape, as_rows(np.zeros((4, 1)), 4).shape
    ((3, 2), (1, 4))
    >>> as_rows(np.zeros((3, 5, 2)), 2).shape
    (3, 5, 2)
    """
    sides = tuple(side for side in array.shape if side != 1)
    ends = array.shape[-1:] == (width,) or (width != 1 and sides == (width,))
    if array.ndim == 2 and array.shape[1] == width:
        return array
    return array.reshape(-1, width) if ends and len(sides) <= 2 else array


def squeezed(array: NDArray[T], keep: int) -> NDArray[T]:
    """Leave out the axes of length 1 before an array's last ``keep`` ones.

    Examples
    --------
    >>> squeezed(np.zeros((1, 3, 1, 1, 4)), keep=2).shape
    (3, 1, 4)
    """
    first = max(array.ndim - keep, 0)
    axes = tuple(axis for axis in range(first) if array.shape[axis] == 1)
    return array.squeeze(axes) if axes else array


def _item(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bytes | None) else to_array(value)
