"""What a prompt may be: the one rule of every door that takes prompts from code.

It holds for :class:`samwidget.SamWidget`, :class:`samwidget.SAM`, :class:`samwidget.SamPredictor`
(in ``predict_torch`` and in the model's own call by the model frame), for
:class:`samwidget.Predictor` and :class:`samwidget.Prompts`.

- **Numbers** come as lists, arrays or tensors of any dtype, on any device, with or without a
  gradient. Text, masked values and numbers that are not finite are refused.
- **Points** (x, y) lie on the image. Half a pixel beyond counts as the border, more is refused.
- **Boxes** are (x1, y1, x2, y2) with x1 < x2 and y1 < y2. What sticks out of the image is cut off.
  A box of which nothing is left is refused, and so are one without area and one whose corners come
  in another order, with a hint where (x, y, width, height) would fit.
- **Labels** are 1 (foreground) or 0 (background), one for each point. Where several objects are
  rows of one tensor, -1 stands for a point that only fills the row.
- **Background points alone** name no object: the mask is empty, and a sentence says so.
- **Nothing** asked gives nothing: no boxes, no objects.
- **Axes of length 1** are dropped where nothing else can be meant.

What a hand does in the browser is no mistake of anybody's: there the corners of a box are sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured
from numpy.typing import NDArray

from samwidget.values.arrays import to_array
from samwidget.values.errors import quoted, text_of

HAIR_PX = 0.5
"""So far beyond the image a point still counts as one on its border."""

NOTHING_ASKED = (
    "no point, box or mask says what the object is, so that the mask is empty: points of label -1 "
    "only fill a row"
)

ONLY_BACKGROUND = (
    "only background points do not say what the object is, so that the mask is empty: add a point "
    "on the object or a box around it"
)


@dataclass(frozen=True)
class Bounds:
    """Where prompts have to lie: from (0, 0) to (width, height).

    Attributes
    ----------
    hair
        So far beyond a point still counts as one on the border.
    name
        What it is, for sentences.
    hint
        Ends the sentences about what lies outside.
    """

    width: float
    height: float
    hair: float = HAIR_PX
    name: str = "the image"
    hint: str = ""

    @classmethod
    def of_image(cls, size_hw: Sequence[int]) -> Bounds:
        """Give those of an image (H, W) for prompts in its pixels."""
        height, width = size_hw
        return cls(float(width), float(height))

    @classmethod
    def of_model_frame(
        cls, input_size_hw: Sequence[int], original_size_hw: Sequence[int]
    ) -> Bounds:
        """Give those of an image for prompts in the model frame, to which it was resized."""
        height, width = input_size_hw
        scale = max(height / max(original_size_hw[0], 1), width / max(original_size_hw[1], 1))
        return cls(
            float(width),
            float(height),
            hair=max(1.0, scale) * HAIR_PX,
            name="the image in the model frame",
            hint="; SamPredictor.transform takes points and boxes from the image to that frame",
        )

    @property
    def text(self) -> str:
        """What it is and how large, width first."""
        return f"{self.name}, which is {self.width:g} x {self.height:g} pixels"


def read_numbers(
    name: str, value: object, expected: str = "an array of numbers", *, finite: bool = True
) -> NDArray[np.float64]:
    """Read numbers of any shape, see the module; a new array.

    Raises
    ------
    ValueError
        When there is something else, with ``name``, what was ``expected``, what came, and why it
        cannot be read.
    """
    try:
        array = to_array(value)
        if array.dtype.kind == "O" and any(isinstance(one, str | bytes) for one in array.flat):
            raise TypeError("text is no number")
        if array.dtype.kind == "O" and any(one is None for one in array.flat):
            raise TypeError("None is no number")
        if array.dtype.names:  # a table's rows
            array = structured_to_unstructured(array)
        if array.dtype.kind in "OV":  # Python's own numbers, or a dtype of an extension of numpy
            array = array.astype(np.float64)
    except Exception as error:
        raise ValueError(
            f"{name}: expected {expected}, got {quoted(value)}: {text_of(error)}"
        ) from error
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected {expected}, got {quoted(value)} of dtype {array.dtype}")
    with np.errstate(all="ignore"):
        array = array.astype(np.float64)
    return check_finite(name, array) if finite else array


def check_finite(name: str, array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the same array, or raise a ValueError that tells which number is not finite."""
    finite = np.isfinite(array)
    if not finite.all():
        index = tuple(np.argwhere(~finite)[0].tolist())[:-1]
        place = f" at {list(index)}" if index else ""
        raise ValueError(f"{name} must be finite, got {_list(array[index])}{place}")
    return array


def read_number(name: str, value: object, unit: str = "pixels") -> float:
    """Read one finite number, also from an array or a tensor that holds one."""
    try:
        array = read_numbers(name, value)
        if array.size != 1:
            raise ValueError(f"there are {array.size} numbers")
    except ValueError as error:
        cause = error.__cause__
        why = "" if cause is None else f": {text_of(cause)}"
        raise ValueError(f"{name} must be a number in {unit}, got {quoted(value)}{why}") from error
    return float(array.reshape(()))


def read_labels(name: str, value: object, *, may_fill: bool = False) -> NDArray[np.int64]:
    """Read labels of points, of any shape.

    Parameters
    ----------
    may_fill
        Whether -1 is one, too.

    Raises
    ------
    ValueError
        When one is none of these.
    """
    known = (1, 0, -1) if may_fill else (1, 0)
    try:
        array = to_array(value)
        if array.dtype.kind in "OV" and not any(isinstance(one, str | bytes) for one in array.flat):
            array = array.astype(np.float64)
    except Exception as error:
        raise ValueError(
            f"{name}: expected labels, got {quoted(value)}: {text_of(error)}"
        ) from error
    if array.dtype.kind not in "biuf" and array.size:
        wrong = array
    else:
        wrong = array[~np.isin(array, known)]
    if wrong.size:
        filling = ", or -1 for a point that only fills the row" if may_fill else ""
        came = _list(wrong if array.ndim else array)
        raise ValueError(f"{name} must be 1 (foreground) or 0 (background){filling}, got {came}")
    return array.astype(np.int64)


def points_within(name: str, points: NDArray[Any], bounds: Bounds) -> NDArray[np.float32]:
    """Give points (N, 2), those a hair outside moved to the border.

    Raises
    ------
    ValueError
        When one is outside.
    """
    size = np.array([bounds.width, bounds.height])
    outside = ((points < -bounds.hair) | (points > size + bounds.hair)).any(axis=-1)
    if outside.any():
        index = int(outside.argmax())
        place = f"[{index}]" if len(points) > 1 else ""
        x, y = points[index].tolist()
        swapped = ""
        if 0 <= y <= bounds.width and 0 <= x <= bounds.height:
            swapped = "; points are (x, y), and this one would fit as (y, x)"
        raise ValueError(
            f"{name}{place} ({x:g}, {y:g}) is outside {bounds.text}{swapped}{bounds.hint}"
        )
    inside: NDArray[np.float32] = np.clip(points, 0, size).astype(np.float32)
    return inside


def check_corners(name: str, boxes: NDArray[Any], bounds: Bounds | None = None) -> None:
    """Raise a ValueError unless boxes (N, 4) are (x1, y1, x2, y2) and have an area."""
    wrong = ~(boxes[:, :2] < boxes[:, 2:]).all(axis=-1)
    if not wrong.any():
        return
    index = int(wrong.argmax())
    x1, y1, x2, y2 = box = boxes[index].tolist()
    placed = f"{_placed(name, index, boxes)}"
    fault = f"{placed} must be (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2, got {_box(box)}"
    if x1 <= x2 and y1 <= y2:
        fault = f"{placed} {_box(box)} has no area"
    if bounds is None:
        raise ValueError(fault)
    nothing = ", it covers nothing" if x1 <= x2 and y1 <= y2 else ", for a box"
    as_xywh = ""
    fits = x1 >= 0 and y1 >= 0 and x1 + x2 <= bounds.width and y1 + y2 <= bounds.height
    if fits and x2 > 0 and y2 > 0:
        as_xywh = (
            ". As (x, y, width, height) it would fit: give (x, y, x + width, y + height), here "
            + _box((x1, y1, x1 + x2, y1 + y2))
        )
    raise ValueError(f"{fault}{nothing} of {bounds.text}{as_xywh}")


def boxes_within(name: str, boxes: NDArray[Any], bounds: Bounds) -> NDArray[np.float32]:
    """Give boxes (N, 4) without what sticks out.

    Raises
    ------
    ValueError
        When one is none, see :func:`check_corners`, or nothing of it is left.
    """
    check_corners(name, boxes, bounds)
    size = np.array([bounds.width, bounds.height] * 2)
    cut: NDArray[np.float32] = np.clip(boxes, 0, size).astype(np.float32)
    gone = ~(cut[:, :2] < cut[:, 2:]).all(axis=-1)
    if gone.any():
        index = int(gone.argmax())
        raise ValueError(
            f"{_placed(name, index, boxes)} {_box(boxes[index].tolist())} covers nothing of "
            f"{bounds.text}{bounds.hint}"
        )
    return cut


def _placed(name: str, index: int, boxes: NDArray[Any]) -> str:
    return f"{name}[{index}]" if len(boxes) > 1 else name


def _box(box: Sequence[float]) -> str:
    return "(" + ", ".join(f"{one:g}" for one in box) + ")"


def _list(array: NDArray[Any]) -> str:
    """Show a few numbers as Python's own."""
    return quoted(array.tolist())
