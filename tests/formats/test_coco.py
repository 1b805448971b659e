"""COCO out and in, read by pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask
import pytest
import shapely
from annotated_cases import CASES, annotated, assert_same_masks
from pycocotools.coco import COCO

from samwidget.formats.annotated import Annotated
from samwidget.formats.coco import from_coco, to_coco
from samwidget.formats.coco_rle import from_rle, to_rle
from samwidget.formats.reading import read_objects
from samwidget.values.mask import Mask

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)  # theirs


def read_by_pycocotools(data: dict[str, Any], path: Path) -> COCO:
    path.write_text(json.dumps(data))
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


@pytest.mark.parametrize("segmentation", ["rle", "uncompressed_rle"])
def test_pycocotools_reads_the_same_masks(
    case: Annotated, segmentation: Any, tmp_path: Path
) -> None:
    coco = read_by_pycocotools(to_coco([case], segmentation=segmentation), tmp_path / "coco.json")
    rows = coco.loadAnns(coco.getAnnIds(imgIds=1))
    assert len(rows) == len(case.objects)
    for row, one in zip(rows, case.objects, strict=True):
        np.testing.assert_array_equal(coco.annToMask(row), one.mask)
        assert row["area"] == one.area
        assert coco.cats[row["category_id"]]["name"] == one.label


def test_pycocotools_reads_nearly_the_same_polygons(case: Annotated, tmp_path: Path) -> None:
    data = to_coco([case], segmentation="polygon")
    coco = read_by_pycocotools(data, tmp_path / "coco.json")
    for row, one in zip(coco.dataset["annotations"], case.objects, strict=True):
        if not one.area:
            assert row["segmentation"] == []
            continue
        for flat in row["segmentation"]:
            assert shapely.is_valid(shapely.Polygon(np.reshape(flat, (-1, 2))))
        found = Mask.from_array(coco.annToMask(row))
        assert found.iou(one.shape) > 0.99


@pytest.mark.parametrize("segmentation", ["rle", "uncompressed_rle", "polygon"])
def test_what_was_written_is_read_again(case: Annotated, segmentation: Any) -> None:
    (found,) = from_coco(json.loads(json.dumps(to_coco([case], segmentation=segmentation))))
    assert_same_masks(found, case)
    assert [one.label for one in found.objects] == [one.label for one in case.objects]
    assert [one.score for one in found.objects] == [one.score for one in case.objects]
    stabilities = [one.stability_score for one in found.objects]
    assert stabilities == [one.stability_score for one in case.objects]
    assert (found.file_name, found.size_hw) == (case.file_name, case.size_hw)


def test_several_images_share_categories() -> None:
    one = annotated([np.eye(4, dtype=bool)] * 2, ["cat", ""], "a.png")
    two = annotated([np.eye(5, dtype=bool)], ["dog"], "b.png")
    data = to_coco([one, two], classes=["dog"])
    assert [row["name"] for row in data["categories"]] == ["dog", "cat", "object"]
    assert [row["category_id"] for row in data["annotations"]] == [2, 3, 1]
    assert [row["image_id"] for row in data["annotations"]] == [1, 1, 2]
    assert len({row["id"] for row in data["annotations"]}) == 3
    assert [image.file_name for image in from_coco(data)] == ["a.png", "b.png"]


def test_an_annotation_without_a_mask_is_a_box_to_be_asked_for() -> None:
    data = to_coco([CASES["one pixel"]()])
    row = data["annotations"][0] | {"segmentation": [], "bbox": [10, 5, 20, 8]}
    ((found,),) = (image.objects for image in from_coco(data | {"annotations": [row]}))
    assert found.box_prompt_xyxy == (10, 5, 30, 13)
    assert found.area == 160


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no image": ({"image_id": 7}, r"annotations\[0\]: there is no image 7"),
    "no category": ({"category_id": 9}, r"annotations\[0\]: there is no category 9"),
    "two points": ({"segmentation": [[1, 1, 2, 2]]}, r"annotations\[0\]: .*at least 3 points"),
    "odd numbers": ({"segmentation": [[1, 1, 2, 2, 3, 3, 4]]}, "flat list"),
    "other size": ({"segmentation": {"size": [1, 1], "counts": [1]}}, r"its size is \(1, 1\)"),
    "short runs": ({"segmentation": {"size": [40, 50], "counts": [5, 5]}}, "add up to 2,000"),
    "no runs": ({"segmentation": {"size": [40, 50], "counts": None}}, "expected run lengths"),
    "words": ({"segmentation": [["a"] * 6]}, r"annotations\[0\]"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str) -> None:
    change, message = BROKEN[name]
    data = to_coco([CASES["one pixel"]()])
    data["annotations"][0] |= change
    with pytest.raises(ValueError, match=message):
        from_coco(data)


@pytest.mark.parametrize("data", [[], {}, {"images": []}, "text", None])
def test_what_is_no_coco_is_said(data: Any) -> None:
    with pytest.raises(ValueError, match="expected COCO instances"):
        from_coco(data)


def test_annotations_without_their_image_are_refused_at_the_door(tmp_path: Path) -> None:
    case = annotated([np.eye(5, dtype=bool)], ["cat"])
    data = {**to_coco([case]), "images": []}
    with pytest.raises(ValueError, match=r"annotations\[0\]: there is no image 1 in the file"):
        read_objects(data, (5, 5))
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match=r"a\.json: annotations\[0\]: there is no image 1"):
        read_objects(path, (5, 5))


def test_unknown_segmentation_is_refused() -> None:
    with pytest.raises(ValueError, match="segmentation must be 'rle'"):
        to_coco([CASES["one pixel"]()], segmentation="mask")  # type: ignore[arg-type]


def test_run_lengths_begin_with_background_and_go_down_the_columns() -> None:
    mask = np.zeros((2, 3), bool)
    mask[:, 0] = True
    assert to_rle(Mask.from_array(mask), compressed=False)["counts"] == [0, 2, 4]
    assert to_rle(Mask.from_array(~mask), compressed=False)["counts"] == [2, 4]
    assert to_rle(Mask.from_array(mask | True), compressed=False)["counts"] == [0, 6]
    assert to_rle(Mask.from_array(mask & False), compressed=False)["counts"] == [6]


def test_compressed_runs_are_those_of_pycocotools(small_case: Annotated) -> None:
    for one in small_case.objects:
        theirs = pycocotools.mask.encode(np.asfortranarray(one.mask.astype(np.uint8)))
        assert to_rle(one.shape)["counts"] == theirs["counts"].decode()
        np.testing.assert_array_equal(from_rle(theirs).full(), one.mask)


@pytest.mark.parametrize("counts", ["", "\x7f", "é", "P", "o", "o" * 50 + "0", b"\xff", "0", "T2"])
def test_broken_strings_are_refused(counts: Any) -> None:
    with pytest.raises(ValueError, match="run lengths"):
        from_rle({"size": [3, 3], "counts": counts})
