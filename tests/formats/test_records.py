"""An automatic mask generator's records, read by pycocotools as segment-anything's own are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pycocotools.mask
import pytest

from samwidget.formats.annotated import Annotated
from samwidget.formats.coco_rle import to_rle
from samwidget.formats.reading import read_objects
from samwidget.formats.records import record

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)  # theirs


@pytest.mark.parametrize("output_mode", ["binary_mask", "uncompressed_rle", "coco_rle"])
def test_each_form_holds_the_same_mask(case: Annotated, output_mode: Any) -> None:
    height, width = case.size_hw
    for one in case.objects[:20]:
        made = record(one, output_mode)
        found = made["segmentation"]
        if output_mode == "uncompressed_rle":
            found = pycocotools.mask.frPyObjects(found, height, width)
        pixels = found if output_mode == "binary_mask" else pycocotools.mask.decode(found)
        np.testing.assert_array_equal(pixels, one.mask)
        assert made["area"] == one.area
        assert made["predicted_iou"] == one.score
        assert made["crop_box"] == [0, 0, width, height]


def test_boxes_are_those_of_segment_anything(small_case: Annotated) -> None:
    for one in small_case.objects:
        rows, columns = np.nonzero(one.mask)
        if len(rows):
            x, y = columns.min(), rows.min()
            assert record(one)["bbox"] == [x, y, columns.max() - x, rows.max() - y]
        else:
            assert record(one)["bbox"] == [0, 0, 0, 0]


def test_they_are_read_again(small_case: Annotated) -> None:
    made = [record(one, "coco_rle") for one in small_case.objects]
    assert made[0]["segmentation"]["counts"] == to_rle(small_case.objects[0].shape)["counts"]
    found = read_objects(made, small_case.size_hw)
    for one, before in zip(found, small_case.objects, strict=True):
        np.testing.assert_array_equal(one.mask, before.mask)
