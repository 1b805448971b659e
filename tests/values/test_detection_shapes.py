"""What detectors and annotation tools hand over, made with the libraries themselves where pip has
them; ultralytics needs another OpenCV than the tests, so its two classes have faithful doubles."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import supervision
import torch

from samwidget.results import Results
from samwidget.values.detection_shapes import name_objects, split_detections
from samwidget.values.detections import Detections
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

BOXES = [[10.0, 20.0, 30.0, 50.0], [5.0, 6.0, 7.5, 9.0]]
XYWH = [[10.0, 20.0, 20.0, 30.0], [5.0, 6.0, 2.5, 3.0]]


class UltralyticsBoxes:
    """As ``ultralytics.engine.results.Boxes``: a tensor with a row of x1 y1 x2 y2 conf cls each."""

    def __init__(self, data: torch.Tensor, orig_shape: tuple[int, int]) -> None:
        self.data, self.orig_shape = data, orig_shape

    xyxy = property(lambda self: self.data[:, :4])
    conf = property(lambda self: self.data[:, -2])
    cls = property(lambda self: self.data[:, -1])
    id = property(lambda self: None)

    def __len__(self) -> int:
        return len(self.data)


class UltralyticsResults:
    """As ``ultralytics.engine.results.Results``."""

    def __init__(self, boxes: UltralyticsBoxes | None, names: dict[int, str]) -> None:
        self.boxes, self.names, self.masks, self.path = boxes, names, None, "image.jpg"


def ultralytics_results() -> UltralyticsResults:
    rows = [[*BOXES[0], 0.75, 2.0], [*BOXES[1], 0.5, 0.0]]
    data = torch.tensor(rows, requires_grad=True)
    return UltralyticsResults(UltralyticsBoxes(data, (60, 80)), {0: "cup", 1: "dog", 2: "cat"})


def annotations(**other: Any) -> list[dict[str, Any]]:
    return [
        {"id": 7, "image_id": 1, "category_id": 2, "bbox": XYWH[0], "score": 0.75,
         "segmentation": [[10, 20, 30, 20, 30, 50]], "area": 300, "iscrowd": 0, **other},
        {"id": 8, "image_id": 1, "category_id": 1, "bbox": XYWH[1], "score": 0.5, **other},
    ]  # fmt: skip


CATEGORIES = [{"id": 1, "name": "cup"}, {"id": 2, "name": "cat", "supercategory": "animal"}]


def supervised(**data: Any) -> supervision.Detections:
    return supervision.Detections(
        xyxy=np.array(BOXES),
        confidence=np.array([0.75, 0.5]),
        class_id=np.array([2, 0]),
        data=data,
    )


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


def xyxy_columns(*names: str) -> dict[str, Any]:
    return dict(zip(names, np.array(BOXES).T, strict=True))


def xywh_columns(*names: str) -> dict[str, Any]:
    return dict(zip(names, np.array(XYWH).T, strict=True))


NAMED = {
    "supervision": lambda: supervised(class_name=np.array(["cat", "cup"])),
    "ultralytics' results": ultralytics_results,
    "COCO's dataset": lambda: {"annotations": annotations(), "categories": CATEGORIES},
    "COCO's dataset with its image": lambda: {
        "images": [{"id": 1, "file_name": "other.jpg"}],
        "annotations": annotations(),
        "categories": CATEGORIES,
    },
    "pycocotools": lambda: SimpleNamespace(
        dataset={"annotations": annotations(), "categories": CATEGORIES}
    ),
    "transformers' pipeline": lambda: [
        {"score": score, "label": name, "box": dict(zip(("xmin", "ymin", "xmax", "ymax"), box,
                                                        strict=True))}
        for box, name, score in zip(BOXES, ("cat", "cup"), (0.75, 0.5), strict=True)
    ],
    "ultralytics' summary": lambda: [
        {"name": name, "class": 3, "confidence": score,
         "box": dict(zip(("x1", "y1", "x2", "y2"), box, strict=True))}
        for box, name, score in zip(BOXES, ("cat", "cup"), (0.75, 0.5), strict=True)
    ],
    "transformers' detector": lambda: {
        "boxes": torch.tensor(BOXES), "scores": torch.tensor([0.75, 0.5]),
        "labels": torch.tensor([0, 1]), "text_labels": ["cat", "cup"],
    },
    "YOLOv5's columns": lambda: frame(
        **xyxy_columns("xmin", "ymin", "xmax", "ymax"), confidence=[0.75, 0.5],
        **{"class": [2, 0]}, name=["cat", "cup"],
    ),
    "columns of corners": lambda: frame(
        label=["cat", "cup"], **xyxy_columns("X1", "Y1", "X2", "Y2"), score=[0.75, 0.5]
    ),
    "columns of corner and size": lambda: frame(
        category=["cat", "cup"], **xywh_columns("x", "y", "w", "h"), conf=[0.75, 0.5]
    ),
    "columns of corner and size in words": lambda: frame(
        class_name=["cat", "cup"], **xywh_columns("x", "y", "width", "height"), score=[0.75, 0.5]
    ),
    "columns of centre and size": lambda: frame(
        name=["cat", "cup"], xcenter=[20, 6.25], ycenter=[35, 7.5], width=[20, 2.5],
        height=[30, 3], confidence=[0.75, 0.5],
    ),
    "scikit-image's columns": lambda: frame(
        label=[1, 2], class_name=["cat", "cup"], score=[0.75, 0.5],
        **{"bbox-0": [20, 6], "bbox-1": [10, 5], "bbox-2": [50, 9], "bbox-3": [30, 7.5]},
    ),
    "a column of boxes as in COCO": lambda: frame(
        bbox=XYWH, name=["cat", "cup"], score=[0.75, 0.5]
    ),
    "rows": lambda: frame(
        **xyxy_columns("xmin", "ymin", "xmax", "ymax"), name=["cat", "cup"], score=[0.75, 0.5]
    ).to_dict("records"),
    "a dict of columns": lambda: {
        **xyxy_columns("left", "top", "right", "bottom"), "name": ["cat", "cup"],
        "score": [0.75, 0.5],
    },
    "itself": lambda: Detections(np.array(BOXES), ("cat", "cup"), (0.75, 0.5)),
}  # fmt: skip


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_boxes_names_and_scores_come_through(make: Any) -> None:
    given = split_detections(make(), ["folder/photo.jpg"])
    assert given is not None
    (found,) = given
    np.testing.assert_allclose(found.boxes_xyxy, BOXES)
    assert found.boxes_xyxy.dtype == np.float32
    assert found.class_names == ("cat", "cup")
    assert found.scores == (0.75, 0.5)


NUMBERED = {
    "supervision": lambda: supervised(),
    "ultralytics' boxes": lambda: ultralytics_results().boxes,
    "COCO's annotations": lambda: [{**one, "category_id": 2 * (i == 0)}
                                   for i, one in enumerate(annotations())],
    "torchvision": lambda: {"boxes": torch.tensor(BOXES), "labels": torch.tensor([2, 0]),
                            "scores": torch.tensor([0.75, 0.5]), "masks": torch.zeros(2, 1, 4, 4)},
    "columns with a gap": lambda: frame(
        **xyxy_columns("xmin", "ymin", "xmax", "ymax"), class_id=[2.0, 0.0], score=[0.75, 0.5]
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", NUMBERED.values(), ids=NUMBERED)
def test_a_class_without_a_name_is_called_by_its_number(make: Any) -> None:
    given = split_detections(make(), [None])
    assert given is not None
    assert given[0].class_names == ("2", "0")
    assert given[0].scores == (0.75, 0.5)
    np.testing.assert_allclose(given[0].boxes_xyxy, BOXES)


BARE = {
    "supervision": lambda: supervision.Detections(xyxy=np.array(BOXES)),
    "torchvision": lambda: {"boxes": torch.tensor(BOXES)},
    "columns": lambda: frame(**xyxy_columns("x1", "y1", "x2", "y2")),
    "columns with nothing in them": lambda: frame(
        **xyxy_columns("x1", "y1", "x2", "y2"), name=[None, None], score=[np.nan, np.nan]
    ),
    "COCO's annotations": lambda: [{"bbox": box} for box in XYWH],
}


@pytest.mark.parametrize("make", BARE.values(), ids=BARE)
def test_names_and_scores_may_be_missing(make: Any) -> None:
    given = split_detections(make(), [None])
    assert given is not None
    assert given[0].class_names == ("", "")
    assert given[0].scores == (None, None)
    np.testing.assert_allclose(given[0].boxes_xyxy, BOXES)


NONE_FOUND = {
    "supervision": lambda: supervision.Detections.empty(),
    "ultralytics": lambda: UltralyticsResults(UltralyticsBoxes(torch.zeros(0, 6), (6, 8)), {}),
    "torchvision": lambda: {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0),
                            "scores": torch.zeros(0)},
    "columns": lambda: frame(**{side: [] for side in ("xmin", "ymin", "xmax", "ymax", "name")}),
    "a column of boxes": lambda: frame(bbox=[], category_id=[]),
    "COCO's dataset": lambda: {"annotations": [], "categories": CATEGORIES},
    "results": lambda: Results(np.zeros((6, 8, 3), np.uint8), ()),
}  # fmt: skip


@pytest.mark.parametrize("make", NONE_FOUND.values(), ids=NONE_FOUND)
def test_a_detector_may_have_found_nothing(make: Any) -> None:
    given = split_detections(make(), [None, None])
    assert given is not None
    assert [len(one) for one in given] == [0, 0]
    assert given[0].boxes_xyxy.shape == (0, 4)


NO_DETECTIONS: dict[str, Any] = {
    "nothing": None,
    "a box": [1, 2, 3, 4],
    "a list of boxes": BOXES,
    "an array": np.array(BOXES),
    "a tensor": torch.tensor(BOXES),
    "an empty list": [],
    "an empty array": np.zeros((0, 4)),
    "a text": "boxes",
    "a number": 4,
}


@pytest.mark.parametrize("value", NO_DETECTIONS.values(), ids=NO_DETECTIONS)
def test_plain_arrays_are_left_to_those_who_read_arrays(value: Any) -> None:
    assert split_detections(value, [None]) is None


def an_object(box: tuple[int, int, int, int], **other: Any) -> SegmentedObject:
    x1, y1, x2, y2 = box
    array = np.zeros((60, 80), bool)
    array[y1:y2, x1:x2] = True
    one = SegmentedObject(0, "cat", 0.9, Mask.from_array(array), Prompts(), "#ff0000")
    return replace(one, **other)


def test_earlier_results_give_their_masks_boxes_and_what_a_detector_said() -> None:
    objects = (an_object((10, 20, 30, 50), detection_score=0.75), an_object((5, 6, 7, 9), label=""))
    results = Results(np.zeros((60, 80, 3), np.uint8), objects)
    for given in (results, list(objects), objects, SimpleNamespace(objects=objects)):
        (found,) = split_detections(given, [None]) or []
        assert found.boxes_xyxy.tolist() == [[10, 20, 30, 50], [5, 6, 7, 9]]
        assert found.class_names == ("cat", "")
        assert found.scores == (0.75, None)


def test_an_object_without_a_pixel_has_the_box_that_it_was_asked_for_with() -> None:
    empty = an_object((0, 0, 0, 0), prompts=Prompts(box_xyxy=[1, 2, 3, 4]))
    (found,) = split_detections([empty], [None]) or []
    assert found.boxes_xyxy.tolist() == [[1, 2, 3, 4]]
    with pytest.raises(ValueError, match="bboxes: object 1 has no pixel and so no box"):
        split_detections([empty, an_object((0, 0, 0, 0))], [None])


def test_an_annotation_without_a_box_has_its_polygons() -> None:
    rings = [[10, 20, 30, 20, 30, 50], [12, 60, 13, 55, 14, 58]]
    (found,) = split_detections([{"segmentation": rings, "category_id": 1}], [None]) or []
    assert found.boxes_xyxy.tolist() == [[10, 20, 30, 60]]


# --------------------------------------------------------------------------------- several images


def two_images() -> dict[str, Any]:
    first, second = annotations()
    return {
        "images": [{"id": 1, "file_name": "train/a.jpg"}, {"id": 2, "file_name": "train/b.jpg"}],
        "annotations": [first, {**second, "image_id": 2}],
        "categories": CATEGORIES,
    }


OF_EACH = {
    "COCO's dataset": two_images,
    "a table": lambda: frame(
        file_name=["x/a.jpg", "b.jpg"], name=["cat", "cup"],
        **xyxy_columns("xmin", "ymin", "xmax", "ymax"),
    ),
    "a list of dicts": lambda: [
        {"boxes": [BOXES[0]], "text_labels": ["cat"]}, {"boxes": BOXES[1], "text_labels": ["cup"]}
    ],
    "a list of lists": lambda: [
        [{"box": {"xmin": 10, "ymin": 20, "xmax": 30, "ymax": 50}, "label": "cat"}],
        [{"bbox": XYWH[1], "label": "cup"}],
    ],
    "a list of results": lambda: [
        UltralyticsResults(
            UltralyticsBoxes(torch.tensor([[*BOXES[0], 0.5, 1]]), (6, 8)), {1: "cat"}
        ),
        supervision.Detections(xyxy=np.array(BOXES[1:]), data={"class_name": np.array(["cup"])}),
    ],
    "a list of tables": lambda: [
        frame(name=["cat"], **{k: v[:1] for k, v in xyxy_columns("x1", "y1", "x2", "y2").items()}),
        frame(name=["cup"], **{k: v[1:] for k, v in xyxy_columns("x1", "y1", "x2", "y2").items()}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("make", OF_EACH.values(), ids=OF_EACH)
def test_each_image_has_its_own(make: Any) -> None:
    given = split_detections(make(), ["photos/a.jpg", "https://example.org/b.jpg"])
    assert given is not None
    assert [one.class_names for one in given] == [("cat",), ("cup",)]
    assert [one.boxes_xyxy.tolist() for one in given] == [[BOXES[0]], [BOXES[1]]]


def test_an_image_in_a_list_may_have_none() -> None:
    given = split_detections([[], [{"bbox": XYWH[0]}], []], [None] * 3)
    assert given is not None
    assert [len(one) for one in given] == [0, 1, 0]


def test_what_is_of_one_image_is_used_for_all() -> None:
    given = split_detections(supervised(), ["a.jpg", None])
    assert given is not None
    assert [len(one) for one in given] == [2, 2]


# ------------------------------------------------------------------------------------------ refused

REFUSED: dict[str, tuple[Any, str]] = {
    "a list for other images": (
        lambda: [supervised(), supervised()],
        r"bboxes: expected the detections of 1 image\(s\), got a list of 2",
    ),
    "images without a name": (two_images, "of 2 images, of which this one has no file name"),
    "rows of images without a name": (
        lambda: frame(image=["a", "b"], **xyxy_columns("x1", "y1", "x2", "y2")),
        "the rows are of 2 images and this one has no name",
    ),
    "annotations of two images": (
        lambda: two_images()["annotations"],
        "the annotations are of 2 images; give those of one",
    ),
    "a dict of other things": (lambda: {"images": [1]}, "no columns with boxes; .* got 'images'"),
    "a table of other things": (
        lambda: frame(area=[3], x=[1], y=[2]),
        "no columns with boxes; expected xmin, .* got 'area, x, y'",
    ),
    "no box": (
        lambda: [{"bbox": XYWH[0]}, {"category_id": 2}],
        r"bboxes\[1\]: expected a dict with 'bbox' or 'box', got \{'category_id': 2\}",
    ),
    "a box of three": (
        lambda: [{"bbox": [1, 2, 3]}],
        r"bboxes\[0\]: 'bbox' must be \(x, y, width, height\), got \[1, 2, 3\]",
    ),
    "a box of words": (
        lambda: [{"box": {"xmin": "a", "ymin": 1, "xmax": 2, "ymax": 3}}],
        r"bboxes\[0\]: 'box' must have xmin, ymin, xmax and ymax, got \{.*'xmin': 'a'",
    ),
    "runs without a box": (
        lambda: [{"segmentation": {"counts": "abc", "size": [6, 8]}}],
        r"bboxes\[0\]: there is no 'bbox', got \['segmentation'\]",
    ),
    "results of a classifier": (
        lambda: UltralyticsResults(None, {}),
        "these results hold no boxes",
    ),
    "too few scores": (
        lambda: {"boxes": BOXES, "scores": [0.5]},
        "there are 2 boxes and 1 scores",
    ),
    "too many labels": (
        lambda: {"boxes": BOXES[0], "labels": [1, 2, 3]},
        "there are 1 boxes and 3 class names",
    ),
    "boxes of five": (
        lambda: {"boxes": [[1, 2, 3, 4, 5]]},
        r"expected boxes \(N, 4\), got an array",
    ),
    "words for boxes": (lambda: {"boxes": "all of them"}, "the boxes must be numbers, got 'all of"),
    "words in a column": (
        lambda: frame(x1=["a"], y1=[1], x2=[2], y2=[3]),
        r"the column 'x1' must be numbers, got \['a'\]",
    ),
    "a word for a score": (
        lambda: [{"bbox": XYWH[0], "score": "high"}],
        "a score must be a number, got 'high'",
    ),
    "a list for a class": (
        lambda: [{"bbox": XYWH[0], "label": ["cat"]}],
        r"a class must be a name or a number, got \['cat'\]",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        split_detections(make(), [None])
    assert str(caught.value).startswith("bboxes")
    assert len(str(caught.value)) < 300


def test_a_file_name_that_is_not_in_the_dataset_is_told() -> None:
    with pytest.raises(ValueError, match=r"of 2 images, of which 0 are 'c.jpg'"):
        split_detections(two_images(), ["c.jpg"])


def test_three_candidates_of_a_box_have_its_name() -> None:
    found = Detections(np.array(BOXES), ("cat", "cup"), (0.75, None))
    objects = [an_object((1, 1, 2, 2), label="", id=i) for i in range(6)]
    named = name_objects(objects, found)
    assert [one.label for one in named] == ["cat"] * 3 + ["cup"] * 3
    assert [one.detection_score for one in named] == [0.75] * 3 + [None] * 3
    assert [one.id for one in named] == list(range(6))
