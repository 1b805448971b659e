"""COCO's JSON of instances with run lengths, without pycocotools; values only, no files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.cli.inputs import Picture
from samwidget.results import Results
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject

NO_LABEL = "object"
"""The category of objects that nobody has named."""

_BITS = 5
_MOST_CHARACTERS = 7  # of 5 bits each, for a number of 32 bits


def column_runs(mask: Mask) -> NDArray[np.int64]:
    """Count column by column, what is outside first: (R,) lengths that add up to all pixels.

    Examples
    --------
    >>> column_runs(Mask.from_array([[0, 1, 1], [0, 1, 0]])).tolist()
    [2, 3, 1]
    """
    height, width = mask.size_hw
    x1, y1, x2, y2 = (int(side) for side in mask.box_xyxy)
    columns = np.zeros((x2 - x1, height), np.bool_)
    columns[:, y1:y2] = mask.crop((x1, y1, x2, y2)).T
    flat = columns.ravel()
    edges = np.flatnonzero(np.diff(flat, prepend=False, append=False)) + x1 * height
    total = height * width
    runs = np.diff(edges, prepend=0, append=total)
    return runs[:-1] if len(edges) and edges[-1] == total else runs


def to_rle(mask: Mask) -> dict[str, Any]:
    """Encode a mask as ``{"size": [H, W], "counts": "..."}``, as pycocotools does.

    Examples
    --------
    >>> to_rle(Mask.from_array([[0, 1, 1], [0, 1, 0]]))
    {'size': [2, 3], 'counts': '231'}
    """
    return {"size": list(mask.size_hw), "counts": _as_text(column_runs(mask))}


def _as_text(runs: NDArray[np.int64]) -> str:
    """Write run lengths as maskApi.c's rleToString does.

    From the fourth on each is told as the difference to the one before the last; each number goes
    into characters of 5 bits, lowest first, of which the sixth bit says that another follows.
    """
    rest = runs.copy()
    rest[3:] -= runs[1:-2]
    characters = np.zeros((len(runs), _MOST_CHARACTERS), np.uint8)
    goes_on = np.ones(len(runs), np.bool_)
    for place in range(_MOST_CHARACTERS):
        low = rest & 0x1F
        rest >>= _BITS
        is_negative = (low & 0x10) != 0  # its highest bit is the sign of a number that ends here
        more = np.where(is_negative, rest != -1, rest != 0)
        characters[goes_on, place] = (low | (more << _BITS))[goes_on] + 48
        goes_on &= more
    return characters[characters > 0].tobytes().decode("ascii")


class CocoDocument:
    """A COCO file in the making: add the results of one image after the other."""

    def __init__(self) -> None:
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._categories: dict[str, int] = {}

    def add(self, picture: Picture, results: Results) -> None:
        """Describe an image and its objects; nothing of them is kept but that."""
        height, width = results.orig_shape
        image_id = len(self._images) + 1
        self._images.append(
            {"id": image_id, "file_name": picture.file_name, "width": width, "height": height}
        )
        for one in results:
            self._annotations.append(self._annotation(one, image_id))

    def _annotation(self, one: SegmentedObject, image_id: int) -> dict[str, Any]:
        x1, y1, x2, y2 = one.box_xyxy
        category = self._categories.setdefault(one.label or NO_LABEL, len(self._categories) + 1)
        return {
            "id": len(self._annotations) + 1,
            "image_id": image_id,
            "category_id": category,
            "segmentation": to_rle(one.shape),
            "area": one.area,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "iscrowd": 0,
            "score": one.score if np.isfinite(one.score) else None,
        }

    def value(self) -> dict[str, Any]:
        """Give the whole, ready for JSON."""
        return {
            "info": {"description": "made with samwidget"},
            "licenses": [],
            "images": self._images,
            "categories": [{"id": n, "name": name} for name, n in self._categories.items()],
            "annotations": self._annotations,
        }
