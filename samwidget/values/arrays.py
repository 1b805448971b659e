"""Arrays that nobody may write into."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def frozen(array: NDArray[T]) -> NDArray[T]:
    """Forbid to write into an array that nobody else holds; give the same array."""
    array.setflags(write=False)
    return array
