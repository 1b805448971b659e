"""Label images out and in, read by Pillow and tifffile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from annotated_cases import CASES, annotated, assert_same_masks
from PIL import Image

from samwidget.formats.annotated import Annotated
from samwidget.formats.label_image import from_label_image, to_label_image, write_label_image

APART = ["holed", "corners touch", "touching", "full", "one pixel", "1 x 1", "random"]


@pytest.mark.parametrize("name", APART)
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_objects_that_do_not_overlap_come_back(name: str, ending: str, tmp_path: Path) -> None:
    case = CASES[name]()
    path = tmp_path / f"labels.{ending}"
    write_label_image(case, path)
    labels = tifffile.imread(path) if ending == "tif" else np.asarray(Image.open(path))
    assert labels.dtype == np.uint8
    assert_same_masks(from_label_image(labels), case)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_every_pixel_tells_the_topmost_object(case: Annotated, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"labels.{ending}"
    write_label_image(case, path)
    labels = tifffile.imread(path) if ending == "tif" else np.asarray(Image.open(path))
    expected = np.zeros(case.size_hw, np.int32)
    for number, one in enumerate(case.objects, start=1):
        expected[one.mask] = number
    np.testing.assert_array_equal(labels, expected)
    numbers = [number for number in np.unique(expected) if number]
    for number, one in zip(numbers, from_label_image(labels).objects, strict=True):
        np.testing.assert_array_equal(one.mask, expected == number)


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [("last", 2), ("first", 1), ("smallest", 1), ("largest", 2), ("best", 2)],
)
def test_who_wins_is_an_argument(overlap: Any, expected: int) -> None:
    case = CASES["overlapping"]()
    assert case.objects[0].area < case.objects[1].area
    labels = to_label_image(case, overlap=overlap)
    both = case.objects[0].mask & case.objects[1].mask
    assert set(labels[both]) == {expected}
    assert set(np.unique(labels)) == {0, 1, 2}


def test_classes_instead_of_objects() -> None:
    case = annotated([np.eye(3, dtype=bool), ~np.eye(3, dtype=bool)], ["b", "a"])
    labels = to_label_image(case, values="classes", classes=["a", "b", "c"])
    assert labels.diagonal().tolist() == [2, 2, 2]
    found = from_label_image(labels, classes=["a", "b", "c"])
    assert [one.label for one in found.objects] == ["a", "b"]


def test_many_objects_take_16_bits(tmp_path: Path) -> None:
    rows = np.arange(400).reshape(20, 20)
    case = annotated([rows == i for i in range(400)])
    write_label_image(case, tmp_path / "labels.png")
    labels = np.asarray(Image.open(tmp_path / "labels.png"))
    assert labels.dtype == np.uint16
    np.testing.assert_array_equal(labels, rows + 1)
    write_label_image(case, tmp_path / "labels.tif", dtype="uint32")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "labels.tif"), rows + 1)
    with pytest.raises(ValueError, match="got uint8 for numbers up to 400"):
        write_label_image(case, tmp_path / "labels.png", dtype="uint8")
    with pytest.raises(ValueError, match="PNG label images are uint8, uint16"):
        write_label_image(case, tmp_path / "labels.png", dtype="uint32")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((2, 2, 3), int), "must be"),
        (np.zeros((2, 2)), "must be"),
        (np.full((2, 2), -1), "negative"),
    ],
)
def test_what_is_no_label_image_is_refused(labels: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_label_image(labels)
    with pytest.raises(ValueError, match="label 9 has no name: there are 1 classes"):
        from_label_image(np.full((2, 2), 9), classes=["cat"])


def test_gaps_in_the_numbers_make_no_objects() -> None:
    found = from_label_image(np.array([[0, 7], [1000, 7]]))
    assert [one.area for one in found.objects] == [2, 1]


@pytest.mark.parametrize("options", [{"overlap": "top"}, {"values": "labels"}])
def test_unknown_options_are_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        to_label_image(Annotated((), (2, 2)), **options)
