"""YOLO's labels out and in; supervision reads them, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from annotated_cases import CASES, annotated, assert_same_masks
from PIL import Image

from samwidget.formats.annotated import Annotated
from samwidget.formats.yolo import from_lines, read_yolo, write_yolo


def test_what_was_written_is_read_again(case: Annotated, tmp_path: Path) -> None:
    write_yolo([case], tmp_path)
    (found,) = read_yolo(tmp_path, {case.file_name: case.size_hw})
    assert_same_masks(found, case, empty=False)
    assert [o.label for o in found.objects] == [o.label for o in case.objects if o.area]


def test_supervision_reads_large_masks(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    case = annotated([one.mask for one in CASES["12 MP"]().objects], ["tree: big", 'a "b"'])
    (tmp_path / "images").mkdir()
    Image.fromarray(case.image).save(tmp_path / "images" / "photo.jpg")
    write_yolo([case], tmp_path)
    dataset = supervision.DetectionDataset.from_yolo(
        str(tmp_path / "images"), str(tmp_path / "labels"), str(tmp_path / "data.yaml"), True
    )
    ((_, _, found),) = list(dataset)
    assert dataset.classes == ["tree: big", 'a "b"']
    for mask, one in zip(found.mask, case.objects, strict=True):
        both = np.count_nonzero(mask & one.mask)
        assert both / np.count_nonzero(mask | one.mask) > 0.99


def test_classes_that_are_known_come_first(tmp_path: Path) -> None:
    write_yolo([annotated([np.eye(3, dtype=bool)], ["b"])], tmp_path, classes=["a", "b"])
    assert (tmp_path / "labels" / "photo.txt").read_text().startswith("1 ")
    assert '0: "a"' in (tmp_path / "data.yaml").read_text()


def test_boxes_are_prompts() -> None:
    found = from_lines(["0 0.5 0.5 0.5 0.25"], (40, 80), ["cat"], "x.jpg")
    assert found.objects[0].box_prompt_xyxy == (20, 15, 60, 25)
    assert found.objects[0].area == 400


def test_two_images_of_one_name_are_refused(tmp_path: Path) -> None:
    one, two = (annotated([np.eye(3, dtype=bool)], name=name) for name in ("a/x.png", "b/x.jpg"))
    with pytest.raises(ValueError, match="several images are called 'x'"):
        write_yolo([one, two], tmp_path)
    assert not (tmp_path / "labels").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.1 0.1", "line 2: expected a class and a box"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "got 7 numbers"),
        ("5 0.1 0.1 0.2 0.2", "there is no class 5 among 1"),
        ("-1 0.1 0.1 0.2 0.2", "there is no class -1"),
        ("0 a b c d", "expected numbers"),
        ("0 nan 0.1 0.2 0.2 0.3 0.3", "must be finite"),
        ("0 " + "x" * 1000, "expected numbers"),
    ],
)
def test_broken_lines_are_named(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        from_lines(["", line], (10, 10), ["cat"], "x.txt")
    assert len(str(caught.value)) < 250


def test_a_data_yaml_without_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("train: images\n")
    with pytest.raises(ValueError, match="expected the classes under 'names'"):
        read_yolo(tmp_path, {})
