"""SAM.predict with what a detector found and with text, from the door to the results."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import supervision
from fakes import SCORES, FakeModel
from PIL import Image

from samwidget import sam as facade
from samwidget.sam import SAM
from samwidget.weights.opening import Checkpoint

IMAGE = np.random.default_rng(0).integers(0, 256, (50, 100, 3), dtype=np.uint8)
BOXES = [[10, 10, 40, 30], [60, 10, 90, 40]]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """The model that every name opens."""
    model = FakeModel()
    monkeypatch.setattr(facade, "locate", lambda name, progress: Checkpoint(Path("fake.pth"), None))
    monkeypatch.setattr(facade, "load_model", lambda path: model)
    return model


@pytest.fixture
def sam(fake: FakeModel) -> SAM:
    return SAM("sam_b.pt", device="cpu")


# ---------------------------------------------------------------------------- instances from boxes


def found(boxes: Any = BOXES, names: Any = ("cup", "cat")) -> supervision.Detections:
    return supervision.Detections(
        xyxy=np.array(boxes, float),
        confidence=np.array([0.5, 0.75][: len(boxes)]),
        data={"class_name": np.array(names)},
    )


def test_class_names_and_scores_go_through_to_the_objects(sam: SAM) -> None:
    table = pd.DataFrame(BOXES, columns=["xmin", "ymin", "xmax", "ymax"])
    table["name"], table["confidence"] = ["cup", "cat"], [0.5, 0.75]
    for given in (found(), table, [found()]):
        (results,) = sam(IMAGE, bboxes=given)
        assert [one.label for one in results] == ["cup", "cat"]
        assert [one.detection_score for one in results] == [0.5, 0.75]
        np.testing.assert_allclose(results.detection_scores, [0.5, 0.75])
        np.testing.assert_allclose(results.scores, SCORES[1])
        assert [one.box_prompt_xyxy for one in results] == [tuple(box) for box in BOXES]
        np.testing.assert_allclose(results.boxes.xyxy, BOXES, atol=3)


def test_plain_boxes_have_neither(sam: SAM) -> None:
    (results,) = sam(IMAGE, bboxes=BOXES)
    assert [one.label for one in results] == ["", ""]
    assert [one.detection_score for one in results] == [None, None]
    assert np.isnan(results.detection_scores).all()


def test_results_are_detections_again(sam: SAM) -> None:
    (first,) = sam(IMAGE, bboxes=found())
    (second,) = sam(IMAGE, bboxes=first)
    assert [one.label for one in second] == ["cup", "cat"]
    assert [one.detection_score for one in second] == [0.5, 0.75]
    assert [one.box_prompt_xyxy for one in second] == [one.box_xyxy for one in first]


def test_three_candidates_of_a_box_are_called_alike(sam: SAM) -> None:
    (results,) = sam(IMAGE, bboxes=found(), multimask_output=True)
    assert [one.label for one in results] == ["cup"] * 3 + ["cat"] * 3


def test_points_go_together_with_what_was_found(sam: SAM, fake: FakeModel) -> None:
    (results,) = sam(IMAGE, bboxes=found(), points=[[20, 20], [70, 20]], labels=[0, 1])
    assert [one.label for one in results] == ["cup", "cat"]
    assert not results[0].mask[20, 20]
    with pytest.raises(ValueError, match="points for 1, bboxes for 2"):
        sam(IMAGE, bboxes=found(), points=[[20, 20]])


def test_each_image_of_a_list_has_its_own(sam: SAM, tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png"]
    for path in paths:
        Image.fromarray(IMAGE).save(path)
    dataset = {
        "images": [{"id": i, "file_name": path.name} for i, path in enumerate(paths)],
        "annotations": [
            {"image_id": 1, "bbox": [10, 10, 30, 20], "category_id": 3},
            {"image_id": 0, "bbox": [60, 10, 30, 30], "category_id": 4},
        ],
        "categories": [{"id": 3, "name": "cup"}, {"id": 4, "name": "cat"}],
    }
    each = [found(BOXES[1:], ["cat"]), found(BOXES[:1], ["cup"]), supervision.Detections.empty()]
    for given in (dataset, each):
        results = sam(paths, bboxes=given)
        assert [[one.label for one in image] for image in results] == [["cat"], ["cup"], []]
        assert [one.path for one in results] == [str(path) for path in paths]


def test_a_detector_that_found_nothing_is_no_error(sam: SAM, fake: FakeModel) -> None:
    (results,) = sam(IMAGE, bboxes=supervision.Detections.empty())
    assert len(results) == 0
    assert results.orig_shape == (50, 100)
    assert fake.encodes == 0


def test_what_is_no_detection_is_refused(sam: SAM, fake: FakeModel) -> None:
    with pytest.raises(ValueError, match=r"bboxes: no columns with boxes; .* got 'area'"):
        sam(IMAGE, bboxes=pd.DataFrame({"area": [3]}))
    assert fake.encodes == 0


# -------------------------------------------------------------------------------------------- text


def by_hand(image: Any, phrases: list[str]) -> Any:
    return {"boxes": BOXES, "text_labels": ["cup", "cat"], "scores": [0.5, 0.75]}


def test_text_finds_segments_and_ranks(sam: SAM) -> None:
    (results,) = sam.predict(IMAGE, text=["cup", "cat"], detector=by_hand)
    assert [one.label for one in results] == ["cat", "cup"]
    assert [one.detection_score for one in results] == [0.75, 0.5]
    np.testing.assert_allclose(results.boxes.xyxy, BOXES[::-1], atol=3)
    (fewer,) = sam.predict(IMAGE, text="cup", detector=by_hand, text_threshold=0.6)
    assert [one.label for one in fewer] == ["cat"]


def test_text_is_found_by_a_folder_of_transformers(
    sam: SAM, text_models: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[float] = []
    for folder in (text_models.owlv2, text_models.grounding_dino):
        told.clear()
        found = sam.predict(
            [IMAGE, IMAGE[:, ::-1]], text="a wheel", detector=folder, progress=told.append
        )
        assert len(found) == 2
        assert {one.label for results in found for one in results} == {"a wheel"}
        assert told == sorted(told)
        assert told[-1] == pytest.approx(1)
    assert capsys.readouterr().err == ""
    (ranked,) = sam.predict(
        IMAGE, text="a wheel", detector=text_models.clip, text_threshold=0, points_per_side=2,
        pred_iou_thresh=0, stability_score_thresh=0,
    )  # fmt: skip
    assert {one.label for one in ranked} == {"a wheel"}
    assert "finding by text: 100%" in capsys.readouterr().err


MIXED: dict[str, tuple[dict[str, Any], str]] = {
    "points": ({"text": "a", "points": [1, 2]}, "text finds the objects by .*; leave out points"),
    "boxes": ({"text": "a", "bboxes": BOXES}, "leave out bboxes"),
    "masks": ({"text": "a", "masks": np.zeros((50, 100), bool)}, "leave out masks"),
    "candidates": ({"text": "a", "multimask_output": True}, "leave out multimask_output"),
    "no text": ({"detector": "clip"}, "detector and text_threshold are for text"),
    "a threshold of nothing": (
        {"points": [1, 2], "text_threshold": 0.5},
        "detector and text_threshold are for text",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "message"), MIXED.values(), ids=MIXED)
def test_text_goes_with_nothing_else(
    sam: SAM, fake: FakeModel, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        sam.predict(IMAGE, **asked)
    assert fake.encodes == 0


def test_the_embedded_model_segments_what_text_finds() -> None:
    image = np.full((120, 160, 3), 60, np.uint8)
    image[20:60, 20:70], image[50:110, 95:145] = (220, 60, 40), (40, 60, 220)

    def by_colour(image: Any, phrases: list[str]) -> Any:
        bands = ["red", "green", "blue"]
        rows = []
        for phrase in phrases:
            y, x = np.nonzero(image[..., bands.index(phrase)] > 150)
            box = {"xmin": x.min(), "ymin": y.min(), "xmax": x.max() + 1, "ymax": y.max() + 1}
            rows.append({"box": box, "label": phrase, "score": 0.5})
        return rows

    (results,) = SAM("nano", device="cpu").predict(
        image, text=["red", "blue"], detector=by_colour, progress=lambda _: None
    )
    for one in results:
        target = np.zeros(image.shape[:2], bool)
        target[(slice(20, 60), slice(20, 70)) if one.label == "red"
               else (slice(50, 110), slice(95, 145))] = True  # fmt: skip
        assert (one.mask & target).sum() / (one.mask | target).sum() > 0.8
    assert {one.label for one in results} == {"red", "blue"}
