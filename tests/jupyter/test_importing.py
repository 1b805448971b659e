"""Objects from elsewhere become objects of the widget, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import comm
import numpy as np
import pytest
from fakes import FakeModel, fake_predictor
from PIL import Image
from test_widget import IMAGE, FakeComm

from samwidget.jupyter import widget as widget_module
from samwidget.jupyter.widget import SamWidget

SIZE = IMAGE.shape[:2]
LEFT, RIGHT = [5, 10, 25, 40], [35, 8, 60, 30]
SQUARE = np.zeros(SIZE, bool)
SQUARE[10:20, 30:50] = True


@pytest.fixture(autouse=True)
def fake_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **options: FakeComm(**options))
    monkeypatch.setattr(widget_module, "front_end", lambda: {"_esm": "", "_css": ""})


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def widget(model: FakeModel) -> Iterator[SamWidget]:
    widget = SamWidget(IMAGE, fake_predictor(model))
    yield widget
    widget.close()


def found() -> dict[str, Any]:
    return {"boxes": [LEFT, RIGHT], "labels": ["cup", "cat"], "scores": [0.5, 0.75]}


def test_the_model_is_asked_for_the_mask_of_each_box(widget: SamWidget, model: FakeModel) -> None:
    added = widget.add_objects(found())
    assert widget.objects == added
    np.testing.assert_allclose(widget.boxes, [LEFT, RIGHT], atol=2)
    assert [one.box_prompt_xyxy for one in added] == [tuple(LEFT), tuple(RIGHT)]
    assert (widget.labels, widget.classes) == (["cup", "cat"], ("cup", "cat"))
    assert [one.detection_score for one in added] == [0.5, 0.75]
    np.testing.assert_allclose(widget.scores, [0.9, 0.9])
    assert [one["multimask"] for one in model.decodes] == [False, False]
    widget.undo()
    assert widget.objects == ()
    widget.redo()
    assert widget.objects == added


def test_an_imported_box_is_refined_like_one_drawn_by_hand(widget: SamWidget) -> None:
    (one, _) = widget.add_objects(found())
    widget.refine(one.id)
    widget.add_point(40, 40)
    widget.commit()
    by_hand = SamWidget(IMAGE, fake_predictor())
    by_hand.add_box(LEFT)
    by_hand.commit()
    by_hand.refine(1)
    by_hand.add_point(40, 40)
    by_hand.commit()
    refined = widget.objects[0]
    assert refined.label == "cup"
    assert refined.box_prompt_xyxy == tuple(LEFT)
    np.testing.assert_array_equal(refined.mask, by_hand.objects[0].mask)
    assert refined.mask[40, 40]
    by_hand.close()


def test_masks_need_no_model(widget: SamWidget, model: FakeModel) -> None:
    labels = SQUARE * np.uint8(1)
    labels[30:40, :9] = 2
    (_, second) = widget.add_objects(labels, classes=["a", "b"])
    np.testing.assert_array_equal(widget.masks[0], SQUARE)
    assert (second.area, widget.labels, widget.classes) == (90, ["a", "b"], ("a", "b"))
    assert model.decodes == []


def test_boxes_and_masks_keep_their_order_on_top_of_what_there_is(widget: SamWidget) -> None:
    widget.add_mask(SQUARE, "first")
    widget.classes = ["cat", "first"]
    dataset = {
        "images": [{"id": 1, "width": SIZE[1], "height": SIZE[0]}],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "cat"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "segmentation": [[2, 2, 9, 2, 9, 9, 2, 9]]},
            {"image_id": 1, "category_id": 2, "bbox": [35, 8, 25, 22]},
        ],
    }
    mask, box = widget.add_objects(dataset)
    assert widget.labels == ["first", "cup", "cat"]
    assert widget.classes == ("cat", "first", "cup")
    assert (mask.area, mask.prompts.is_empty) == (49, True)
    assert box.box_prompt_xyxy == tuple(RIGHT)
    assert len({one.id for one in widget.objects}) == 3
    assert len({one.color for one in widget.objects}) == 3


def test_what_has_no_class_gets_the_label_that_is_set(widget: SamWidget) -> None:
    widget.label = "cell"
    widget.add_objects([LEFT, RIGHT])
    assert (widget.labels, widget.classes) == (["cell", "cell"], ())


def test_a_draft_stays_as_it_is(widget: SamWidget) -> None:
    widget.add_point(30, 44)
    widget.add_objects([LEFT])
    assert len(widget.objects) == 2
    assert widget.objects[1].point_coords.tolist() == [[30, 44]]


def test_a_widget_begins_with_a_detectors_boxes(model: FakeModel) -> None:
    widget = SamWidget(IMAGE, fake_predictor(model), objects=found())
    np.testing.assert_allclose(widget.boxes, [LEFT, RIGHT], atol=2)
    assert widget.labels == ["cup", "cat"]
    widget.undo()
    assert len(widget.objects) == 2, "no step that can be taken back"
    assert model.encodes == 1
    widget.close()


def test_a_widget_begins_with_another_ones_work(widget: SamWidget, tmp_path: Path) -> None:
    widget.add_objects(found())
    Image.fromarray(IMAGE).save(tmp_path / "photo.png")
    widget.export(tmp_path / "work.json")
    for source in (tmp_path / "work.json", widget.objects, widget.to_coco()):
        other = SamWidget(tmp_path / "photo.png", fake_predictor(), objects=source)
        np.testing.assert_array_equal(other.masks, widget.masks)
        assert other.labels == ["cup", "cat"]
        other.undo()
        assert len(other.objects) == 2
        other.close()


def test_the_images_own_name_picks_its_part_of_a_file(tmp_path: Path) -> None:
    Image.fromarray(IMAGE).save(tmp_path / "b.png")
    size = {"width": SIZE[1], "height": SIZE[0]}
    dataset = {
        "images": [
            {"id": i, "file_name": name, **size} for i, name in ((1, "a.png"), (2, "b.png"))
        ],
        "annotations": [
            {"image_id": 1, "bbox": [0, 0, 9, 9]},
            {"image_id": 2, "bbox": [35, 8, 25, 22]},
        ],
    }
    widget = SamWidget(tmp_path / "b.png", fake_predictor(), objects=dataset)
    assert [one.box_prompt_xyxy for one in widget.objects] == [tuple(RIGHT)]
    widget.close()


def test_what_has_no_pixel_is_left_out_and_said(widget: SamWidget) -> None:
    with pytest.warns(UserWarning, match="1 of 2 objects have no pixel"):
        added = widget.add_objects(np.stack([SQUARE, SQUARE & False]))
    assert len(added) == len(widget.objects) == 1


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ([LEFT, [90, 90, 99, 99]], r"bboxes\[1\].*covers nothing"),
        (np.zeros((1, 5, 5), bool), "its mask is of an image of 5 x 5"),
        ("nowhere.json", "there is no file or folder 'nowhere.json'"),
    ],
)
def test_bad_ones_are_refused_and_nothing_is_added(
    widget: SamWidget, source: Any, says: str
) -> None:
    with pytest.raises((ValueError, OSError), match=says):
        widget.add_objects(source)
    with pytest.raises((ValueError, OSError)):
        SamWidget(IMAGE, fake_predictor(), objects=source)
    assert widget.objects == ()


def test_a_model_that_fails_adds_nothing(widget: SamWidget, model: FakeModel) -> None:
    widget.wait()
    model.decode_error, model.decodes_before_error = RuntimeError("out of memory"), 1
    with pytest.raises(RuntimeError, match="out of memory"):
        widget.add_objects([LEFT, RIGHT])
    assert widget.objects == ()
    model.decode_error = None
    assert len(widget.add_objects([LEFT, RIGHT])) == 2


def test_objects_are_of_an_image() -> None:
    empty = SamWidget(None, fake_predictor())
    with pytest.raises(ValueError, match="there is no image yet"):
        empty.add_objects([LEFT])
    with pytest.raises(ValueError, match="give the image, too"):
        SamWidget(None, fake_predictor(), objects=[LEFT])
    empty.close()
