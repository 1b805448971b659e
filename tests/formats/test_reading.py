"""One way in: what each form of objects means for one image, and what is said of bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from annotated_cases import annotated
from PIL import Image

from samwidget.formats.annotated import Annotated
from samwidget.formats.export import export
from samwidget.formats.geojson import to_geojson
from samwidget.formats.label_image import to_label_image
from samwidget.formats.label_studio import to_label_studio
from samwidget.formats.reading import read_objects
from samwidget.results import Results
from samwidget.values.mask import Mask

SIZE = (48, 64)
SQUARE = np.zeros(SIZE, bool)
SQUARE[10:20, 30:50] = True
CORNER = np.zeros(SIZE, bool)
CORNER[:5, :7] = True
BOX, BOX_XYWH = [30, 10, 50, 20], [30, 10, 20, 10]
CASE = annotated([SQUARE, CORNER], ["cup", "spoon"])
RESULTS = Results(CASE.image, CASE.objects)  # type: ignore[arg-type]


def supervisions() -> Any:
    return pytest.importorskip("supervision").Detections(
        xyxy=np.array([BOX]), confidence=np.array([0.75]), data={"class_name": np.array(["cup"])}
    )


WITH_MASKS: dict[str, Callable[[], Any]] = {
    "stack": lambda: np.stack([SQUARE, CORNER]),
    "integers": lambda: np.stack([SQUARE, CORNER]).astype(np.uint8),
    "list": lambda: [SQUARE, Mask.from_array(CORNER)],
    "results": lambda: RESULTS,
    "objects": lambda: list(CASE.objects),
    "annotated": lambda: CASE,
    "label image": lambda: to_label_image(CASE),
    "coco": RESULTS.to_coco,
    "coco polygons": lambda: RESULTS.to_coco(segmentation="polygon"),
    "annotations": lambda: RESULTS.to_coco()["annotations"],
    "records": lambda: [
        {"segmentation": mask, "bbox": BOX_XYWH, "predicted_iou": 0.5, "point_coords": [[3, 3]]}
        for mask in (SQUARE, CORNER)
    ],
    "geojson": lambda: to_geojson(CASE),
    "label studio": lambda: to_label_studio([CASE]),
    "supervision": RESULTS.to_detections,
    "torchvision": lambda: {
        "boxes": np.array([BOX, [0, 0, 7, 5]]),
        "labels": np.array([1, 2]),
        "scores": np.array([0.9, 0.8]),
        "masks": np.stack([SQUARE, CORNER])[:, None] * np.float32(0.75),
    },
    "ultralytics": lambda: SimpleNamespace(
        names={0: "cup", 1: "spoon"},
        boxes=SimpleNamespace(xyxy=[BOX, [0, 0, 7, 5]], cls=[0, 1], conf=[0.9, 0.8]),
        masks=SimpleNamespace(
            xy=[
                np.array([[30, 10], [50, 10], [50, 20], [30, 20]]),
                np.array([[0, 0], [7, 0], [7, 5], [0, 5]]),
            ]
        ),
        orig_shape=SIZE,
    ),
}

OF_A_BOX: dict[str, Callable[[], Any]] = {
    "four numbers": lambda: BOX,
    "array": lambda: np.array([BOX]),
    "list of boxes": lambda: [BOX],
    "supervision": supervisions,
    "torchvision": lambda: {"boxes": [BOX], "labels": ["cup"], "scores": [0.75]},
    "table": lambda: {"xmin": [30], "ymin": [10], "xmax": [50], "ymax": [20], "name": ["cup"]},
    "rows": lambda: [{"x": 30, "y": 10, "w": 20, "h": 10, "name": "cup"}],
    "coco annotations": lambda: [{"bbox": BOX_XYWH, "category_name": "cup", "score": 0.75}],
    "coco": lambda: {
        "images": [{"id": 7, "width": 64, "height": 48, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "cup"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "bbox": BOX_XYWH}],
    },
    "coco without images": lambda: {
        "categories": [{"id": 1, "name": "cup"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "bbox": BOX_XYWH}],
    },
}


@pytest.mark.parametrize("form", WITH_MASKS)
def test_masks_stay_pixel_by_pixel_and_ask_for_nothing(form: str) -> None:
    found = read_objects(WITH_MASKS[form](), SIZE)
    for one, mask in zip(found, (SQUARE, CORNER), strict=True):
        np.testing.assert_array_equal(one.mask, mask)
        assert one.prompts.is_empty


@pytest.mark.parametrize("form", OF_A_BOX)
def test_a_box_is_what_is_to_be_asked_with(form: str) -> None:
    (one,) = read_objects(OF_A_BOX[form](), SIZE)
    assert one.box_prompt_xyxy == tuple(BOX)
    np.testing.assert_array_equal(one.mask, SQUARE)
    assert one.label == ("" if "box" in form or form in ("array", "four numbers") else "cup")


@pytest.mark.parametrize(
    "form",
    ["results", "objects", "coco", "geojson", "label studio", "supervision", "ultralytics"],
)
def test_classes_come_along(form: str) -> None:
    assert [one.label for one in read_objects(WITH_MASKS[form](), SIZE)] == ["cup", "spoon"]


def test_scores_come_along() -> None:
    assert [one.score for one in read_objects(RESULTS, SIZE)] == [0.5, 0.501]
    assert [one.score for one in read_objects(RESULTS.to_coco(), SIZE)] == [0.5, 0.501]
    assert read_objects(supervisions(), SIZE)[0].detection_score == 0.75
    records = WITH_MASKS["records"]()
    assert [one.score for one in read_objects(records, SIZE)] == [0.5, 0.5]


def test_boxes_are_cut_to_the_image() -> None:
    (one,) = read_objects([[-5, 10, 50, 20]], SIZE)
    assert one.box_prompt_xyxy == (0, 10, 50, 20)


@pytest.mark.parametrize("nothing", [[], (), np.zeros((0, 4)), np.zeros((0, *SIZE), bool)])
def test_nothing_gives_nothing(nothing: Any) -> None:
    assert read_objects(nothing, SIZE) == []


FILES: dict[str, dict[str, Any]] = {
    "a.json": {},
    "a.geojson": {},
    "a.png": {},
    "a.tif": {},
    "tasks.json": {"format": "label_studio"},
    "records.json": {"format": "records"},
    "folder": {"format": "yolo"},
}


@pytest.mark.parametrize("name", FILES)
def test_what_was_written_is_read_again(name: str, tmp_path: Path) -> None:
    path = export([CASE], tmp_path / name, **FILES[name])
    for source in (path, str(path)):
        found = read_objects(source, SIZE, image_name="/photos/photo.jpg")
        for one, mask in zip(found, (SQUARE, CORNER), strict=True):
            np.testing.assert_array_equal(one.mask, mask)
    if name not in ("a.png", "a.tif", "records.json"):
        assert [one.label for one in found] == ["cup", "spoon"]


def test_a_yolo_file_finds_its_classes_or_is_told_them(tmp_path: Path) -> None:
    folder = export([CASE], tmp_path / "set", "yolo")
    labels = folder / "labels" / "photo.txt"
    assert [one.label for one in read_objects(labels, SIZE)] == ["cup", "spoon"]
    told = read_objects(labels, SIZE, classes=["Tasse", "Löffel"])
    assert [one.label for one in told] == ["Tasse", "Löffel"]
    (folder / "data.yaml").unlink()
    assert [one.label for one in read_objects(labels, SIZE)] == ["0", "1"]
    (folder / "classes.txt").write_text("a cup\na spoon\n")
    assert [one.label for one in read_objects(labels, SIZE)] == ["a cup", "a spoon"]


def test_a_table_file_has_boxes(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text("xmin,ymin,xmax,ymax,name\n30,10,50,20,cup\n")
    (one,) = read_objects(tmp_path / "boxes.csv", SIZE)
    assert (one.label, one.box_prompt_xyxy) == ("cup", tuple(BOX))


def test_a_label_image_may_have_names() -> None:
    found = read_objects(to_label_image(CASE), SIZE, classes=["big", "small"])
    assert [one.label for one in found] == ["big", "small"]


def test_of_several_images_the_one_of_this_name_is_taken(tmp_path: Path) -> None:
    other = annotated([CORNER], ["other"], "other.jpg")
    both = export([other, CASE], tmp_path / "both.json")
    found = read_objects(both, SIZE, image_name="/some/where/photo.jpg")
    assert [one.label for one in found] == ["cup", "spoon"]
    for name, says in ((None, "this one has no name"), ("b.jpg", "0 of them are b.jpg")):
        with pytest.raises(ValueError, match=f"both.json: .*{says}.*image_name="):
            read_objects(both, SIZE, image_name=name)
    tasks = to_label_studio([other, CASE])
    tasks[1]["data"] = {"image": "/data/upload/1/0a1b2c3d-photo.jpg"}
    assert len(read_objects(tasks, SIZE, image_name="photo.jpg")) == 2


def test_geojson_on_a_map_comes_back(small_case: Annotated) -> None:
    case = small_case
    transform = (0.5, 0, 400_000, 0, -0.5, 5_000_000)
    written = to_geojson(case, transform=transform, crs="EPSG:32633")
    found = read_objects(written, case.size_hw, transform=transform)
    for one, before in zip(found, case.objects, strict=True):
        assert one.shape.iou(before.shape) == 1 or before.shape.is_empty


BAD: dict[str, tuple[Any, str]] = {
    "mask of another size": ([SQUARE[:5]], "objects\\[0\\].*64 x 5.*this one has 64 x 48"),
    "box outside": ([[100, 100, 120, 120]], "bboxes.*covers nothing"),
    "box as XYWH": ([[30, 30, 20, 10]], "bboxes"),
    "three numbers": ([[1, 2, 3]], "mask must be|expected"),
    "a number": (3, "objects are masks, a label image"),
    "a dict of something": ({"a": [1]}, "no columns with boxes|expected masks"),
    "polygon of two points": (
        [{"segmentation": [[1, 2, 3, 4]], "category_id": 1}],
        r"annotations\[0\]: a polygon must be .* at least 3 points",
    ),
    "annotations of two images": (
        [{"image_id": i, "segmentation": [[0, 0, 5, 0, 5, 5]]} for i in range(2)],
        "several images",
    ),
    "coco of another size": (
        {"images": [{"id": 1, "width": 5, "height": 4}], "annotations": [
            {"image_id": 1, "segmentation": [[0, 0, 5, 0, 5, 4]]}]},
        "its mask is of an image of 5 x 4",
    ),
    "line in geojson": ({"type": "Feature", "geometry": {"type": "LineString"}}, "Polygon"),
    "boxes and masks": (
        {"boxes": [BOX], "masks": np.zeros((2, *SIZE)), "labels": [1]},
        "1 boxes and 2 masks",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said(name: str) -> None:
    source, says = BAD[name]
    with pytest.raises((TypeError, ValueError), match=says):
        read_objects(source, SIZE)


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    whole = json.dumps(RESULTS.to_coco())
    (tmp_path / "cut.json").write_text(whole[: len(whole) // 2])
    (tmp_path / "a.xml").write_text("<a/>")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    (tmp_path / "a.txt").write_text("0 0.5 0.5\n")
    (tmp_path / "empty").mkdir()
    Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(tmp_path / "photo.png")
    for name, says in {
        "cut.json": "cut.json is no JSON, or was cut off",
        "a.xml": "a.xml: objects are read from",
        "broken.png": "broken.png cannot be read",
        "a.txt": "a.txt, line 1",
        "empty": "empty is no folder of YOLO",
        "photo.png": "a picture is no label image",
    }.items():
        with pytest.raises(ValueError, match=says):
            read_objects(tmp_path / name, SIZE)
    with pytest.raises(FileNotFoundError, match="there is no file or folder"):
        read_objects(tmp_path / "nothing.json", SIZE)


@pytest.mark.parametrize("name", ["coco", "geojson"])
def test_each_awkward_kind_comes_back(name: str, small_case: Annotated, tmp_path: Path) -> None:
    case = small_case
    path = export([case], tmp_path / "a.json", name)
    for one, before in zip(read_objects(path, case.size_hw), case.objects, strict=True):
        assert one.shape.area == before.shape.area
        assert one.shape.iou(before.shape) == 1 or before.shape.is_empty
