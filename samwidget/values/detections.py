"""What a detector found: boxes with class names and scores, as one value.

The forms in which it is handed over are in ``detection_shapes.py``, ``detection_dicts.py`` and
``detection_tables.py``. None imports the library that made it: what came is told by the names that
it uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.values.arrays import frozen
from samwidget.values.errors import quoted

_MISSING = object()


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes of one image, each with what the detector said of it.

    Attributes
    ----------
    boxes_xyxy
        (N, 4) float32 in pixels of the image frame, read-only. Whether they lie in the image is
        not checked here: that is one rule for all boxes, wherever they come from.
    class_names
        One for each box; the class's number where it has no name, empty where it has neither.
    scores
        One for each box, as the detector gives them; None where it gives none.

    Raises
    ------
    ValueError
        When the numbers differ.

    Examples
    --------
    >>> found = Detections(np.array([[10, 20, 30, 40]]), ("cat",), (0.9,))
    >>> len(found), found.boxes_xyxy.dtype
    (1, dtype('float32'))
    """

    boxes_xyxy: NDArray[np.floating[Any]]
    class_names: tuple[str, ...]
    scores: tuple[float | None, ...]

    def __post_init__(self) -> None:
        boxes = as_numbers(self.boxes_xyxy, "boxes")
        boxes = boxes.reshape(0, 4) if boxes.size == 0 else boxes
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(f"bboxes: expected boxes (N, 4), got an array {boxes.shape}")
        for name, values in (("class names", self.class_names), ("scores", self.scores)):
            if len(values) != len(boxes):
                raise ValueError(f"bboxes: there are {len(boxes)} boxes and {len(values)} {name}")
        object.__setattr__(self, "boxes_xyxy", frozen(boxes.astype(np.float32)))

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    @classmethod
    def of(
        cls,
        boxes_xyxy: object,
        classes: object = None,
        scores: object = None,
        names: object = None,
    ) -> Detections:
        """Join columns: boxes, class names or numbers, scores; ``names`` has names of numbers."""
        boxes = as_numbers(boxes_xyxy, "boxes")
        boxes = boxes.reshape(0, 4) if boxes.size == 0 else np.atleast_2d(boxes)
        count = len(boxes)
        named = (
            [""] * count if classes is None else [class_name(c, names) for c in as_list(classes)]
        )
        given = [None] * count if scores is None else [score(s) for s in as_list(scores)]
        return cls(boxes, tuple(named), tuple(given))


def as_numbers(values: Any, what: str) -> NDArray[np.float64]:
    """Take an array, a tensor on whatever device or a list for an array of numbers."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) == "torch.bfloat16" else values
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"bboxes: the {what} must be numbers, got {quoted(values)}") from None


def class_name(value: Any, names: Any = None) -> str:
    """Turn a class into its name, by way of ``names`` if it is a number that is named there."""
    if value is None or value != value:  # NaN, as tables have it where there is nothing
        return ""
    if isinstance(value, str):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"bboxes: a class must be a name or a number, got {quoted(value)}"
        ) from None
    key = int(number) if number.is_integer() else number
    if names is not None:
        known = names.get(key, _MISSING) if isinstance(names, Mapping) else _item(names, key)
        if known is not _MISSING:
            return str(known)
    return str(key)


def _item(names: Sequence[Any], key: float) -> Any:
    return names[int(key)] if 0 <= key < len(names) else _MISSING


def score(value: Any) -> float | None:
    """Turn a score into a number; None where there is none."""
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"bboxes: a score must be a number, got {quoted(value)}") from None
    return None if number != number else number


def as_list(values: Any) -> list[Any]:
    """Take a column, an array, a tensor, a list or a single value for a list."""
    values = values.detach().cpu() if hasattr(values, "detach") else values
    for method in ("tolist", "to_list"):
        if hasattr(values, method):
            values = getattr(values, method)()
            break
    return list(values) if isinstance(values, list | tuple) else [values]
