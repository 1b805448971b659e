"""COCO's run lengths: column by column, background first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.values.errors import quoted
from samwidget.values.mask import Mask


def column_runs(mask: Mask) -> list[int]:
    """Give the lengths of the runs, the first of them outside; they add up to all pixels."""
    height, width = mask.size_hw
    x1, y1, x2, y2 = (int(side) for side in mask.box_xyxy)
    if mask.is_empty:
        return [height * width]
    columns = mask.crop((x1, y1, x2, y2)).T
    # Between two columns of the box lies what is outside of it: a gap that ends each run there.
    changes = np.diff(np.pad(columns, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts = np.argwhere(changes == 1) @ (height, 1) + x1 * height + y1
    stops = np.argwhere(changes == -1) @ (height, 1) + x1 * height + y1
    apart = starts[1:] != stops[:-1]  # else a run goes on in the next column
    starts, stops = starts[np.r_[True, apart]], stops[np.r_[apart, True]]
    edges = np.stack([starts, stops], axis=1).ravel()
    runs = np.diff(edges, prepend=0).tolist()
    rest = height * width - int(edges[-1])
    return [*runs, rest] if rest else runs


def mask_of_runs(counts: NDArray[np.integer], size_hw: tuple[int, int]) -> Mask:
    """Turn run lengths back into a mask.

    Raises
    ------
    ValueError
        When they do not add up to the image's pixels.
    """
    height, width = size_hw
    total = int(counts.sum(dtype=np.int64))
    if total != height * width or (counts < 0).any():
        raise ValueError(
            f"run lengths of an image of {width} x {height} pixels must add up to "
            f"{width * height:,}, got {total:,}"
        )
    edges = np.cumsum(counts, dtype=np.int64)
    begins, ends = edges[0::2], edges[1::2]
    if not len(ends):
        return Mask.from_array(np.zeros(size_hw, np.bool_))
    left, right = int(begins[0]) // height, -(-int(ends[-1]) // height)
    inside = np.arange(len(counts)) % 2 == 1
    flat = np.repeat(inside, counts)
    part = np.zeros(size_hw, np.bool_)
    part[:, left:right] = flat[left * height : right * height].reshape(-1, height).T
    return Mask.from_array(part)


def to_rle(mask: Mask, *, compressed: bool = True) -> dict[str, Any]:
    """Encode a mask.

    Parameters
    ----------
    mask
        Of any size.
    compressed
        ``counts`` are pycocotools' string, else a list of integers.

    Returns
    -------
    dict
        ``size`` [H, W] and ``counts``.
    """
    runs = column_runs(mask)
    return {"size": list(mask.size_hw), "counts": compress(runs) if compressed else runs}


def from_rle(rle: Mapping[str, Any]) -> Mask:
    """Decode run lengths, compressed or not.

    Raises
    ------
    ValueError
        When they are none, or do not fit their size.
    """
    counts = rle.get("counts")
    try:
        height, width = (int(side) for side in rle["size"])
        if isinstance(counts, str | bytes):
            runs = decompress(counts)
        else:
            runs = np.array(counts, np.int64, ndmin=1)
    except (KeyError, TypeError, ValueError, UnicodeEncodeError) as error:
        raise ValueError(
            f'expected run lengths {{"size": [H, W], "counts": ...}}, got {quoted(rle)}'
        ) from error
    return mask_of_runs(runs, (height, width))


def compress(runs: Sequence[int]) -> str:
    """Write run lengths as pycocotools does.

    From the fourth on, each length is told as the difference to the last but one; numbers are
    groups of five bits, the lowest first, in letters from "0" on, with a sixth bit where another
    group follows.
    """
    numbers = np.array(runs, np.int64)
    numbers[3:] -= np.array(runs[1:-2], np.int64)
    letters, used = [], []
    going_on = np.ones(len(numbers), np.bool_)
    while going_on.any():
        group = numbers & 31
        numbers = numbers >> 5
        used.append(going_on)
        # What is left are the sign's bits alone, and the group's highest bit says the sign.
        going_on = going_on & (numbers != np.where(group & 16, -1, 0))
        letters.append(group + 32 * going_on + ord("0"))
    text = np.stack(letters, axis=1).astype(np.uint8)[np.stack(used, axis=1)]
    return text.tobytes().decode("ascii")


def decompress(text: str | bytes) -> NDArray[np.int64]:
    """Read what :func:`compress` or pycocotools has written.

    Raises
    ------
    ValueError
        When it is no such string.
    """
    data = text.encode("ascii") if isinstance(text, str) else text
    groups = np.frombuffer(data, np.uint8).astype(np.int64) - ord("0")
    if not len(groups) or groups.min() < 0 or groups.max() > 63 or groups[-1] & 32:
        raise ValueError("these are no compressed run lengths")
    (ends,) = np.nonzero(groups & 32 == 0)
    begins = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(groups)) - np.repeat(begins, ends - begins + 1)
    if places.max() > 11:
        raise ValueError("these are no compressed run lengths")
    numbers = np.add.reduceat((groups & 31) << 5 * places, begins)
    negative = groups[ends] & 16 != 0
    numbers[negative] -= 1 << 5 * (places[ends[negative]] + 1)
    # Undo the differences: two running sums, of every other number.
    runs = numbers.copy()
    for first in (1, 2):
        runs[first::2] = np.cumsum(numbers[first::2])
    return runs
