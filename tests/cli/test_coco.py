from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

from samwidget.cli.coco import CocoDocument, column_runs, to_rle
from samwidget.cli.inputs import Picture
from samwidget.results import Results
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(3)


def ring() -> NDArray[np.bool_]:
    mask = np.zeros((50, 40), bool)
    mask[10:40, 10:30] = True
    mask[20:30, 15:25] = False
    return mask


def spots(*places: tuple[int, int], size_hw: tuple[int, int] = (5, 7)) -> NDArray[np.bool_]:
    mask = np.zeros(size_hw, bool)
    for place in places:
        mask[place] = True
    return mask


MASKS = {
    "one pixel image, full": np.ones((1, 1), bool),
    "one pixel image, empty": np.zeros((1, 1), bool),
    "empty": np.zeros((5, 7), bool),
    "full": np.ones((5, 7), bool),
    "first pixel": spots((0, 0)),
    "last pixel": spots((4, 6)),
    "a run over the end of a column": spots((4, 2), (0, 3)),
    "whole columns": spots(*((y, x) for y in range(5) for x in (2, 3))),
    "a column image": np.array([[1], [0], [1], [1]], bool),
    "a row image": np.array([[1, 0, 1, 1]], bool),
    "with a hole": ring(),
    "random": RNG.random((61, 43)) < 0.5,
    "rare": RNG.random((300, 200)) < 0.001,
    "runs of millions": np.pad(np.ones((2000, 1500), bool), ((0, 0), (900, 300))),
}


@pytest.mark.parametrize("name", MASKS)
def test_run_lengths_are_those_of_pycocotools(name: str) -> None:
    array = MASKS[name]
    theirs = coco_masks.encode(np.asfortranarray(array.astype(np.uint8)))
    ours = to_rle(Mask.from_array(array))
    assert ours == {"size": theirs["size"], "counts": theirs["counts"].decode()}
    assert (coco_masks.decode(ours) == array).all()


@pytest.mark.parametrize("name", MASKS)
def test_runs_alternate_and_add_up(name: str) -> None:
    array = MASKS[name]
    runs = column_runs(Mask.from_array(array))
    assert runs.sum() == array.size
    assert runs[1::2].sum() == array.sum()
    assert (runs[1:] > 0).all()


def test_a_document_is_read_by_pycocotools(tmp_path: Path) -> None:
    def found(label: str, array: NDArray[np.bool_], score: float = 0.5) -> SegmentedObject:
        return SegmentedObject(0, label, score, Mask.from_array(array), Prompts(), "#ff0000")

    document = CocoDocument()
    first, second = ring(), spots((1, 1), (4, 6))
    image = np.zeros((50, 40, 3), np.uint8)
    document.add(
        Picture("/x/a.jpg", "a.jpg"), Results(image, [found("cup", first), found("", first)])
    )
    document.add(Picture("b", "sub/b.jpg"), Results(np.zeros((9, 9, 3), np.uint8), []))
    document.add(
        Picture("c", "c.jpg"),
        Results(np.zeros((5, 7, 3), np.uint8), [found("cup", second, float("nan"))]),
    )
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document.value(), allow_nan=False))
    coco = COCO(path)
    assert [one["file_name"] for one in coco.dataset["images"]] == ["a.jpg", "sub/b.jpg", "c.jpg"]
    assert {one["name"] for one in coco.dataset["categories"]} == {"cup", "object"}
    ids = [one["id"] for one in coco.dataset["annotations"]]
    assert ids == [1, 2, 3]
    for number, array in zip(ids, (first, first, second), strict=True):
        annotation = coco.anns[number]
        assert (coco.annToMask(annotation) == array).all()
        x, y, width, height = annotation["bbox"]
        inside = array[int(y) : int(y + height), int(x) : int(x + width)]
        assert inside.sum() == array.sum() == annotation["area"]
    assert coco.anns[1]["category_id"] == coco.anns[3]["category_id"] != coco.anns[2]["category_id"]
    assert coco.anns[3]["image_id"] == 3
    assert coco.anns[3]["score"] is None
