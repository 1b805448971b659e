"""Objects for supervision and torchvision."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from annotated_cases import CASES

from samwidget.formats.annotated import Annotated
from samwidget.formats.detections import to_detections, to_tv_tensors


def test_supervision_gets_boxes_masks_and_classes(small_case: Annotated) -> None:
    pytest.importorskip("supervision")
    found = to_detections(small_case, classes=["class 1"])
    assert len(found) == len(small_case.objects)
    np.testing.assert_array_equal(found.mask, [one.mask for one in small_case.objects])
    np.testing.assert_array_equal(found.xyxy, [one.box_xyxy for one in small_case.objects])
    assert found.data["class_name"].tolist() == [one.label for one in small_case.objects]
    assert found.class_id[0] == 1


def test_no_objects_are_no_detections() -> None:
    pytest.importorskip("supervision")
    assert len(to_detections(Annotated((), (3, 3)))) == 0


def test_torchvision_gets_its_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in: torchvision does not install beside every torch."""
    made = {}
    tensors = ModuleType("torchvision.tv_tensors")
    tensors.BoundingBoxes = lambda data, **how: made.update(how) or data  # type: ignore[attr-defined]
    tensors.Mask = lambda data: data  # type: ignore[attr-defined]
    torchvision = ModuleType("torchvision")
    torchvision.tv_tensors = tensors  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", torchvision)
    monkeypatch.setitem(sys.modules, "torchvision.tv_tensors", tensors)
    found = SimpleNamespace(**to_tv_tensors(CASES["overlapping"]()))
    assert made == {"format": "XYXY", "canvas_size": (40, 50)}
    assert tuple(found.masks.shape) == (2, 40, 50)
    assert found.boxes.tolist() == [[0, 0, 30, 30], [9, 9, 50, 40]]
    assert found.labels.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("package", "call"), [("supervision", to_detections), ("torchvision", to_tv_tensors)]
)
def test_without_the_package_it_says_what_to_install(
    package: str, call: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"needs the package {package}: pip install"):
        call(CASES["full"]())  # type: ignore[operator]
