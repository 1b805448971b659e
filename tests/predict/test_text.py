from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fakes import SCORES, FakeModel, fake_predictor
from numpy.typing import NDArray

from samwidget.predict import text as text_module
from samwidget.predict.clip import ClipRanker
from samwidget.predict.detectors import GroundingDino, Owl
from samwidget.predict.text import TextFinder, combined_score, segment_detections
from samwidget.values.detections import Detections

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
LEFT, RIGHT = [10, 10, 30, 40], [45, 15, 70, 50]


def detections(*rows: tuple[list[float], str, float | None]) -> Detections:
    boxes, names, scores = zip(*rows, strict=True)
    return Detections(np.array(boxes), names, scores)


def rows_of(objects: Any) -> list[tuple[str, float | None]]:
    return [(one.label, one.detection_score) for one in objects]


# -------------------------------------------------------------------------------- boxes to objects


def test_each_box_becomes_an_object_with_its_class_and_score() -> None:
    model = FakeModel()
    found = detections((LEFT, "cup", 0.5), (RIGHT, "cat", 0.75))
    objects = segment_detections(fake_predictor(model), IMAGE, found)
    assert rows_of(objects) == [("cat", 0.75), ("cup", 0.5)]
    assert [one.box_prompt_xyxy for one in objects] == [tuple(RIGHT), tuple(LEFT)]
    for one, box in zip(objects, (RIGHT, LEFT), strict=True):
        np.testing.assert_allclose(one.box_xyxy, box, atol=2)
        assert one.score == pytest.approx(SCORES[1])
    assert [one.id for one in objects] == [0, 1]
    assert len({one.color for one in objects}) == 2
    assert model.encodes == 1


def moved(box: list[float], by: float) -> list[float]:
    return [side + by for side in box]


def test_of_what_was_found_twice_the_better_stays() -> None:
    model = FakeModel()
    found = detections(
        (moved(LEFT, 1), "cup", 0.5), (LEFT, "cup", 0.75), (moved(LEFT, 2), "cup", 0.25),
        (RIGHT, "cup", 0.125),
    )  # fmt: skip
    objects = segment_detections(fake_predictor(model), IMAGE, found)
    assert rows_of(objects) == [("cup", 0.75), ("cup", 0.125)]
    assert len(model.decodes) == 2  # the others were not even asked for
    objects = segment_detections(fake_predictor(), IMAGE, found, nms_threshold=1)
    assert len(objects) == 4


def test_a_thing_may_be_of_two_classes() -> None:
    found = detections((LEFT, "cup", 0.5), (moved(LEFT, 1), "mug", 0.75))
    assert rows_of(segment_detections(fake_predictor(), IMAGE, found)) == [
        ("mug", 0.75), ("cup", 0.5),
    ]  # fmt: skip


def test_two_boxes_with_the_same_mask_are_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    model = FakeModel()
    mask = model._mask

    def same_for_all(points: Any, labels: Any, boxes: Any, mask_input: Any, radius: float) -> Any:
        boxes = boxes.clone()
        boxes[0] = boxes.new_tensor([8.0, 8.0, 40.0, 40.0])
        return mask(points, labels, boxes, mask_input, radius)

    monkeypatch.setattr(model, "_mask", same_for_all)
    found = detections((LEFT, "cup", 0.5), (RIGHT, "cup", 0.75))
    objects = segment_detections(fake_predictor(model), IMAGE, found)
    assert len(model.decodes) == 2
    assert rows_of(objects) == [("cup", 0.75)]


def test_boxes_are_cut_to_the_image_and_what_is_left_of_nothing_goes() -> None:
    found = detections(
        ([-20, -30, 30, 40], "in", 0.5),
        ([80, 10, 99, 20], "beside", 0.9),
        ([5, 5, 5, 50], "flat", 0.9),
        ([np.nan, 5, 9, 50], "unknown", 0.9),
        ([30, 30, 20, 20], "turned", 0.9),
    )
    objects = segment_detections(fake_predictor(), IMAGE, found)
    assert rows_of(objects) == [("in", 0.5)]
    assert objects[0].box_prompt_xyxy == (0, 0, 30, 40)


def test_nothing_found_is_not_encoded() -> None:
    model = FakeModel()
    assert segment_detections(fake_predictor(model), IMAGE, Detections.of([])) == []
    assert model.encodes == 0


def test_the_combined_score_is_the_product_of_both() -> None:
    (one,) = segment_detections(fake_predictor(), IMAGE, detections((LEFT, "cup", 0.5)))
    assert combined_score(one) == pytest.approx(0.5 * SCORES[1])
    (unscored,) = segment_detections(fake_predictor(), IMAGE, detections((LEFT, "cup", None)))
    assert unscored.detection_score is None
    assert combined_score(unscored) == pytest.approx(SCORES[1])


# ------------------------------------------------------------------------------------------ finding


def by_brightness(image: NDArray[np.uint8], phrases: list[str]) -> Any:
    return {"boxes": [LEFT, RIGHT], "text_labels": ["cup", "cat"], "scores": [0.5, 0.75]}


def test_a_function_of_the_persons_own_finds() -> None:
    objects = TextFinder(fake_predictor()).find(IMAGE, ["cup", "cat"], by_brightness, 0.6)
    assert rows_of(objects) == [("cat", 0.75)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("owlv2", Owl), ("owlvit", Owl), ("grounding_dino", GroundingDino), ("clip", ClipRanker)],
)
def test_a_folder_is_recognised_by_what_it_holds(
    text_models: SimpleNamespace, name: str, kind: type
) -> None:
    finder = TextFinder(fake_predictor())
    assert type(finder._open(getattr(text_models, name), lambda _: None)) is kind


def test_a_detectors_folder_finds_and_is_opened_once(
    text_models: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    open_parts = text_module.open_parts

    def count(*args: Any) -> Any:
        opened.append(args)
        return open_parts(*args)

    monkeypatch.setattr(text_module, "open_parts", count)
    finder = TextFinder(fake_predictor())
    for detector in (str(text_models.owlv2), text_models.owlv2):
        objects = finder.find(IMAGE, ["a wheel", "a cup"], detector, 0.3)
        assert objects
        assert {one.label for one in objects} <= {"a wheel", "a cup"}
        assert all(0.3 <= (one.detection_score or 0) <= 1 for one in objects)
        combined = [combined_score(one) for one in objects]
        assert combined == sorted(combined, reverse=True)
    assert len(opened) == 1
    finder.find(IMAGE, "a wheel", text_models.grounding_dino, 0.3)
    assert len(opened) == 2


def test_clip_ranks_the_masks_of_everything(text_models: SimpleNamespace) -> None:
    model = FakeModel()
    finder = TextFinder(fake_predictor(model))
    everything = {
        "points_per_side": 2,
        "pred_iou_thresh": 0,
        "stability_score_thresh": 0,
        "box_nms_thresh": 1,
    }
    told: list[float] = []
    objects = finder.find(IMAGE, ["a wheel", "xyz"], text_models.clip, 0.0, everything, told.append)
    assert 1 < len(objects) <= 12
    for one in objects:
        assert one.point_coords.shape == (1, 2)
        assert one.stability_score is not None
    ranker = finder._open(text_models.clip, lambda _: None)
    assert isinstance(ranker, ClipRanker)
    likeness = ranker.likeness(IMAGE, [one.shape for one in objects], ["a wheel", "xyz"])
    for one, row in zip(objects, likeness, strict=True):
        assert one.detection_score == pytest.approx(row.max(), abs=1e-5)
        assert one.label == ["a wheel", "xyz"][row.argmax()]
    combined = [combined_score(one) for one in objects]
    assert combined == sorted(combined, reverse=True)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    threshold = sorted(one.detection_score or 0 for one in objects)[-2]
    fewer = finder.find(IMAGE, ["a wheel", "xyz"], text_models.clip, threshold, everything)
    assert 1 <= len(fewer) <= 3


def test_progress_is_told_and_what_it_raises_ends_the_work() -> None:
    told: list[float] = []
    model = FakeModel()
    finder = TextFinder(fake_predictor(model))
    finder.find(IMAGE, "cup", by_brightness, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    encodes = model.encodes
    with pytest.raises(KeyboardInterrupt):
        finder.find(IMAGE, "cup", by_brightness, on_progress=stop)
    assert model.encodes == encodes


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no phrase": ({"text": " "}, ValueError, "text: expected a phrase"),
    "no text": ({"text": 3}, TypeError, "text: expected a phrase .* got int"),
    "a threshold beyond": ({"threshold": 1.5}, ValueError, "text_threshold: .* 0 to 1, got 1.5"),
    "a threshold in words": ({"threshold": "low"}, ValueError, "text_threshold: .* got 'low'"),
    "an NMS threshold of 2": (
        {"settings": {"box_nms_thresh": 2}}, ValueError, "box_nms_thresh: expected .* got 2",
    ),
    "settings of everything": (
        {"settings": {"points_per_side": 2}}, TypeError, "points_per_side is for segmenting every",
    ),
    "no detector": (
        {"detector": 3}, TypeError, "detector: expected a name such as 'owlv2', .*; got int",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_before_anything_is_encoded(
    asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = FakeModel()
    with pytest.raises(error, match=message):
        TextFinder(fake_predictor(model)).find(
            IMAGE, **{"text": "cup", "detector": by_brightness, **asked}
        )
    assert model.encodes == 0


# ------------------------------------------------------------------------------- without the extra


def test_without_transformers_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setattr(text_module, "locate_detector", None)  # nothing is to be fetched in vain
    finder = TextFinder(fake_predictor())
    with pytest.raises(ImportError, match=r"needs transformers: pip install 'samwidget\[text\]'"):
        finder.find(IMAGE, "a wheel")
    assert finder.find(IMAGE, "cup", by_brightness)


def test_of_an_old_transformers_it_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace(__version__="4.40"))
    with pytest.raises(ImportError, match=r"a newer transformers than 4.40: pip install --upgrade"):
        TextFinder(fake_predictor()).find(IMAGE, "a wheel")


def test_transformers_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, samwidget.sam; sys.exit('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
