"""Label Studio: tasks with brush masks, in its own run lengths."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated, class_of, finite
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts

VALUE_BITS = 8
LENGTH_BITS = (3, 4, 8, 16)
"""A run says with two bits which of these its length has. Only the last is written."""
LONGEST = 1 << LENGTH_BITS[-1]
CHANNELS = 4
"""Runs are of the bytes of an RGBA picture, row by row."""


def to_label_studio(
    images: Sequence[Annotated],
    *,
    from_name: str = "tag",
    to_name: str = "image",
    as_predictions: bool = False,
    prefix: str = "",
) -> list[dict[str, Any]]:
    """Describe some images as tasks to be imported.

    Parameters
    ----------
    images
        One task each.
    from_name, to_name
        What ``<BrushLabels>`` and ``<Image>`` are called in the project's labelling interface.
    as_predictions
        As what a model has suggested, with its scores, instead of as annotations.
    prefix
        Put before each file name, such as ``"/data/local-files/?d=photos/"``.

    Returns
    -------
    list of dict
        Ready for ``json.dump``. Empty masks are left out.
    """
    tasks = []
    for image in images:
        filled = [one for one in image.objects if one.area]
        result: dict[str, Any] = {
            "result": [_region(one, image, from_name, to_name) for one in filled]
        }
        if as_predictions:
            result["model_version"] = "samwidget"
            result["score"] = (
                finite(float(np.mean([one.score for one in filled]))) if filled else 0.0
            )
        tasks.append(
            {
                "data": {"image": prefix + image.file_name},
                "predictions" if as_predictions else "annotations": [result],
            }
        )
    return tasks


def _region(one: SegmentedObject, image: Annotated, from_name: str, to_name: str) -> dict[str, Any]:
    height, width = image.size_hw
    name = f"{image.file_name}/{one.id}".encode()
    return {
        "id": hashlib.sha256(name).hexdigest()[:10],
        "type": "brushlabels",
        "from_name": from_name,
        "to_name": to_name,
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "score": finite(one.score),
        "value": {
            "format": "rle",
            "rle": encode_brush(one.shape).tolist(),
            "brushlabels": [class_of(one)],
        },
    }


def encode_brush(mask: Mask) -> NDArray[np.uint8]:
    """Encode a mask: bits of a head, then for each run "1", its kind, length - 1 and value."""
    height, width = mask.size_hw
    flat = mask.full().ravel()
    edges = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1, [flat.size]])
    lengths, values = np.diff(edges) * CHANNELS, flat[edges[:-1]]
    pieces = -(-lengths // LONGEST)
    values = np.repeat(values, pieces)
    each = np.full(len(values), LONGEST, np.int64)
    each[np.cumsum(pieces) - 1] = lengths - (pieces - 1) * LONGEST
    kind = len(LENGTH_BITS) - 1
    words = ((1 << 2 | kind) << LENGTH_BITS[-1] | (each - 1)) << VALUE_BITS | values * np.int64(255)
    head = [(height * width * CHANNELS, 32), (VALUE_BITS - 1, 5)]
    head += [(bits - 1, 4) for bits in LENGTH_BITS]
    first = np.concatenate([_bits(np.array([number]), count).ravel() for number, count in head])
    rest = _bits(words, 3 + LENGTH_BITS[-1] + VALUE_BITS).ravel()
    return np.packbits(np.concatenate([first, rest]))


def decode_brush(rle: Sequence[int], size_hw: tuple[int, int]) -> Mask:
    """Decode what Label Studio or :func:`encode_brush` has made; alpha over 0 is inside.

    Raises
    ------
    ValueError
        When it is cut off or of an image of another size.
    """
    height, width = size_hw
    try:
        bits = np.unpackbits(np.asarray(rle, np.uint8))
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a brush mask must be a list of integers 0 to 255") from None
    at = 0

    def read(count: int) -> int:
        nonlocal at
        if at + count > len(bits):
            raise ValueError("the brush mask is cut off")
        number = int.from_bytes(np.packbits(bits[at : at + count]).tobytes(), "big")
        at += count
        return number >> (-count % 8)

    total, value_bits = read(32), read(5) + 1
    if total != height * width * CHANNELS:
        raise ValueError(
            f"the brush mask has {total:,} values, an image of {width} x {height} pixels "
            f"{height * width * CHANNELS:,}"
        )
    length_bits = [read(4) + 1 for _ in range(4)]
    # Runs are cheap to repeat, and there is one for each bit group: keep ends and values only.
    ends, values, end = [], [], 0
    while end < total:
        is_run = read(1)
        count = read(length_bits[read(2)]) + 1
        if is_run:
            end += count
            ends.append(end)
            values.append(read(value_bits))
        else:
            for _ in range(count):
                end += 1
                ends.append(end)
                values.append(read(value_bits))
    lengths = np.diff(np.minimum(ends, total), prepend=0)
    alpha = np.repeat(np.array(values) > 0, lengths)[CHANNELS - 1 :: CHANNELS]
    return Mask.from_array(alpha.reshape(size_hw))


def _bits(numbers: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """(N,) integers to (N, count) bits, the highest first."""
    bits: NDArray[np.uint8] = (numbers[:, None] >> np.arange(count - 1, -1, -1) & 1).astype(
        np.uint8
    )
    return bits


def from_label_studio(tasks: Sequence[Mapping[str, Any]]) -> list[Annotated]:
    """Read brush masks, polygons and rectangles of an export, the first annotation of each task.

    A task without regions says no size: its image gets one of 1 x 1 pixel and no objects.

    Raises
    ------
    ValueError
        When it is no such export or a region cannot be read; the text says which one.
    """
    if isinstance(tasks, Mapping) or not isinstance(tasks, Sequence):
        raise ValueError(f"expected a list of Label Studio tasks, got {quoted(tasks)}")
    return [_task(number, task) for number, task in enumerate(tasks)]


def _task(number: int, task: Mapping[str, Any]) -> Annotated:
    where = f"tasks[{number}]"
    try:
        answers = task.get("annotations") or task.get("predictions") or [{"result": []}]
        regions = answers[0]["result"]
        name = str(next(iter(task["data"].values())))
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError):
        raise ValueError(f"{where}: expected data and annotations, got {quoted(task)}") from None
    objects: list[SegmentedObject] = []
    size_hw = (1, 1)
    for place, region in enumerate(regions):
        value = region.get("value", {}) if isinstance(region, Mapping) else {}
        kind = next((key for key in _READERS if key in value), None)
        if kind is None:
            continue  # choices, relations and the like
        try:
            size_hw = int(region["original_height"]), int(region["original_width"])
            shape, prompts = _READERS[kind](value, size_hw)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{where}, region {place}: {error}") from error
        label = str((value.get(kind) or [""])[0])
        index = len(objects)
        score = float(region.get("score") or 1.0)
        objects.append(SegmentedObject(index, label, score, shape, prompts, color_for(index)))
    return Annotated(tuple(objects), size_hw, name)


def _brush(value: Mapping[str, Any], size_hw: tuple[int, int]) -> tuple[Mask, Prompts]:
    return decode_brush(value["rle"], size_hw), Prompts()


def _polygon(value: Mapping[str, Any], size_hw: tuple[int, int]) -> tuple[Mask, Prompts]:
    scale = np.array([size_hw[1], size_hw[0]]) / 100  # they are percent
    return Mask.from_polygons([np.asarray(value["points"], float) * scale], size_hw), Prompts()


def _rectangle(value: Mapping[str, Any], size_hw: tuple[int, int]) -> tuple[Mask, Prompts]:
    height, width = size_hw
    x, y = value["x"] * width / 100, value["y"] * height / 100
    x2, y2 = x + value["width"] * width / 100, y + value["height"] * height / 100
    shape = Mask.from_polygons([[(x, y), (x2, y), (x2, y2), (x, y2)]], size_hw)
    return shape, Prompts(box_xyxy=np.array([x, y, x2, y2], np.float32))


_READERS = {"brushlabels": _brush, "polygonlabels": _polygon, "rectanglelabels": _rectangle}
