"""What is found in an image, as a record for programs and as a few lines for people."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.coco_rle import to_rle
from samwidget.results import Results
from samwidget.values.objects import SegmentedObject
from samwidget.values.texts import counted

MOST_LINES = 20


def objects_record(results: Results) -> dict[str, Any]:
    """Tell of all objects of an image, masks included."""
    height, width = results.orig_shape
    objects = [_object_record(number, one) for number, one in enumerate(results, start=1)]
    return {"width": width, "height": height, "objects": objects}


def edges_record(edges: NDArray[np.float32]) -> dict[str, Any]:
    """Tell the size of a picture of edges."""
    height, width = edges.shape
    return {"width": width, "height": height}


def objects_lines(results: Results) -> list[str]:
    """Tell of the objects in a line each, after one that counts them."""
    height, width = results.orig_shape
    lines = [f"{counted(len(results), 'object')} in {width} x {height} pixels"]
    for number, one in enumerate(results, start=1):
        if number > MOST_LINES:
            lines.append(f"  ... and {len(results) - MOST_LINES:,} more; --json tells of all")
            break
        box = ",".join(f"{side:.0f}" for side in one.box_xyxy)
        score = "-" if math.isnan(one.score) else f"{one.score:.3f}"
        line = f"  {number:>3}  score {score}  box {box}  area {one.area:,}  {one.label}"
        lines.append(line.rstrip())
    return lines


def _object_record(number: int, one: SegmentedObject) -> dict[str, Any]:
    return {
        "id": number,
        "label": one.label,
        "score": _rounded(one.score),
        "stability_score": _rounded(one.stability_score),
        "detection_score": _rounded(one.detection_score),
        "area": one.area,
        "box_xyxy": list(one.box_xyxy),
        "points": [list(point) for point in one.prompts.points],
        "box_prompt_xyxy": None if one.box_prompt_xyxy is None else list(one.box_prompt_xyxy),
        "segmentation": to_rle(one.shape),
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None or not math.isfinite(score) else round(score, 6)
