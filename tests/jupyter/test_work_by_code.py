"""A widget's work in a file and back, again without a widget, and as lines of code."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import FakeModel, fake_predictor
from PIL import Image

from samwidget import SamWidget, replay
from samwidget.values.objects import SegmentedObject

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
SQUARE = np.zeros((48, 64), bool)
SQUARE[10:20, 30:50] = True
WAIT_S = 10

Make = Callable[..., SamWidget]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[SamWidget] = []

    def keep(widget: SamWidget) -> SamWidget:
        made.append(widget)
        return widget

    yield keep
    for one in made:
        one.close()


def other_weights() -> FakeModel:
    model = FakeModel()
    with torch.no_grad():
        model.weight += 1
    return model


def work(widget: SamWidget) -> SamWidget:
    """Do a bit of everything that the model answers."""
    widget.add_point(20, 20)
    widget.choose(2)
    widget.add_point(np.float32(30), np.array([20]), np.int64(0))
    widget.commit()
    widget.add_point(50, 20)
    widget.undo()
    widget.label = "b"
    widget.add_box(5, 5, 20, 20)
    widget.commit()
    widget.refine(1)
    widget.add_point(40, 40)
    widget.commit("z")
    widget.add_mask(SQUARE, "square")
    widget.find_everything(points_per_side=3, pred_iou_thresh=0.6, stability_score_thresh=0.5)
    widget.take_found([one.id for one in widget.found[:3]])
    widget.refine(widget.objects[-1].id)
    widget.add_point(60, 40)
    widget.commit()
    widget.add_point(10, 40)
    widget.clear()
    widget.look_closer(0, 8, 40, 48)
    widget.add_point(20, 30)
    widget.commit("closer")
    widget.look_closer()
    widget.add_point(11, 40)
    widget.add_point(14, 40)
    return widget


def handwork(widget: SamWidget) -> SamWidget:
    """Do a bit of everything that a hand does to masks and objects."""
    widget.add_class("wheel", "#ff8000")
    widget.add_class("door")
    widget.classes = ["wheel", "door", "roof"]
    widget.paint([(10, 10), (20.5, 12)], radius=4)
    widget.erase([(12, 10)], radius=1.5)
    widget.commit("wheel")
    widget.add_polygon([(30, 5), (50, 5), (50, 25), (30, 25)])
    widget.cut_polygon([(35, 10), (40, 10), (40, 15)])
    widget.commit()
    widget.fill_holes(0.5, object_id=2)
    widget.grow(1, object_id=2)
    widget.smooth(1.5, object_id=1)
    widget.paint([(60, 40)], 3, object_id=2)
    widget.split(2)
    widget.add_points([(20, 40), (24, 42), (5, 5)], [1, 1, 0])
    widget.set_threshold(0.25)
    widget.commit("roof")
    widget.set_outline([[(1, 30), (9, 30), (9, 39)]])
    widget.refit_mask()
    widget.commit()
    widget.union([1, 5])
    widget.subtract([2, 4])
    widget.exclusive = True
    widget.paint([(33, 12)], 4)
    widget.commit("top")
    widget.recolor([2], "#123456")
    widget.relabel([2, 3], "door")
    widget.hide([3])
    widget.lock([4])
    widget.reorder([1], 2)
    widget.shrink(1, object_id=2)
    widget.select([1, 2])
    widget.delete([6])
    widget.undo()
    return widget


def facts(objects: Any) -> list[tuple[object, ...]]:
    return [
        (one.id, one.label, one.color, one.score, one.hidden, one.locked, one.stability_score)
        for one in objects
    ]


def assert_equal(some: Any, others: Any) -> None:
    """The same objects with the same masks, bit for bit."""
    assert facts(some) == facts(others)
    for one, other in zip(some, others, strict=True):
        assert isinstance(other, SegmentedObject)
        np.testing.assert_array_equal(one.mask, other.mask)


def test_work_goes_on_where_it_was_saved_with_its_history(make: Make, tmp_path: Path) -> None:
    widget = work(make(SamWidget(IMAGE, fake_predictor(), classes=["a", "b"])))
    path = widget.save_work(tmp_path / "cups.samw")
    again = make(SamWidget.open(path, model=fake_predictor()))
    assert_equal(again.objects, widget.objects)
    assert (again.label, again.classes) == ("b", ("a", "b"))
    np.testing.assert_array_equal(again.image, IMAGE)
    for step in [*["undo"] * 30, *["redo"] * 30]:
        for one in (widget, again):
            getattr(one, step)()
        assert_equal(again.objects, widget.objects)
    for one in (widget, again):
        one.add_point(30, 30)
        one.commit("last")
    assert_equal(again.objects, widget.objects)


def test_a_replay_makes_the_same_masks(make: Make, tmp_path: Path) -> None:
    widget = work(make(SamWidget(IMAGE, fake_predictor(), objects=[SQUARE], classes=["a"])))
    path = widget.save_work(tmp_path / "cups.samw")
    model = FakeModel()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (results,) = replay(path, model=fake_predictor(model))
    assert_equal(results.objects, widget.objects)
    assert model.decodes, "the model is asked again"


def test_a_replay_of_what_was_opened_goes_back_to_the_beginning(make: Make, tmp_path: Path) -> None:
    widget = work(make(SamWidget(IMAGE, fake_predictor())))
    again = make(SamWidget.open(widget.save_work(tmp_path / "1.samw"), model=fake_predictor()))
    again.undo()
    again.add_point(40, 10)
    model = FakeModel()
    (results,) = replay(again.save_work(tmp_path / "2.samw"), model=fake_predictor(model))
    assert_equal(results.objects, again.objects)
    clicks = [decode["points"] for decode in model.decodes]
    assert clicks[0] == [[20.0, 20.0]]
    assert clicks[-1][-1] == [40.0, 10.0]


def test_code_makes_the_same_objects(make: Make) -> None:
    widget = work(make(SamWidget(IMAGE, fake_predictor(), objects=[SQUARE], classes=["a", "b"])))
    names: dict[str, Any] = {"image": IMAGE, "model": fake_predictor()}
    exec(widget.code(), names)
    again = make(names["widget"])
    assert_equal(again.objects, widget.objects)
    assert (again.classes, again.label) == (widget.classes, widget.label)


def test_handwork_has_lines_of_its_own_that_do_the_same(make: Make, tmp_path: Path) -> None:
    widget = handwork(make(SamWidget(IMAGE, fake_predictor(), classes={"hub": "#00ff00"})))
    code = widget.code()
    assert "apply(" not in code
    names: dict[str, Any] = {"image": IMAGE, "model": fake_predictor()}
    exec(code, names)
    again = make(names["widget"])
    assert_equal(again.objects, widget.objects)
    assert (again.classes, again.class_colors) == (widget.classes, widget.class_colors)
    assert (again.exclusive, again.selection) == (True, widget.selection)
    assert again.code() == code
    (results,) = replay(widget.save_work(tmp_path / "hand.samw"), model=fake_predictor())
    assert_equal(results.objects, widget.objects)


def test_code_is_what_a_person_would_write(make: Make, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.fromarray(IMAGE).save(photo)
    widget = make(SamWidget(photo, "nano", classes=["cup"]))
    widget._session.wait(60)
    widget.add_point(20.5, 20)
    widget.add_point(40, 20)
    widget.undo()
    widget.add_point(1, 1, 0)
    widget.label = "saucer"
    widget.label = "pot's"
    widget.add_box(2, 3, 40, 41)
    assert widget.code() == (
        "from samwidget import SamWidget\n\n"
        f"widget = SamWidget({str(photo)!r}, 'nano', classes=['cup'])\n"
        "widget.add_point(20.5, 20.0)\n"
        "widget.add_point(1.0, 1.0, 0)\n"
        'widget.label = "pot\'s"\n'
        "widget.add_box(2.0, 3.0, 40.0, 41.0)\n"
    )


def test_edits_without_a_line_of_their_own_are_applied_by_name(make: Make) -> None:
    from samwidget.editing.found_edits import FilterFound
    from samwidget.formats.work_code import _line

    assert _line(FilterFound(0.5, 0.25)) == (
        "widget.apply(FilterFound(pred_iou_thresh=0.5, stability_score_thresh=0.25, "
        "detection_score_thresh=0.0))"
    )
    widget = make(SamWidget(IMAGE, fake_predictor()))
    with pytest.raises(TypeError, match="expected an edit of"):
        widget.apply("undo")  # type: ignore[arg-type]


def test_other_weights_are_said_and_predict_nothing(make: Make, tmp_path: Path) -> None:
    widget = work(make(SamWidget(IMAGE, fake_predictor())))
    path = widget.save_work(tmp_path / "cups.samw")
    model = other_weights()
    again = make(SamWidget.open(path, model=fake_predictor(model)))
    with pytest.raises(ValueError, match=r"made with the weights .* of the model 'fake'"):
        again.wait(WAIT_S)
    assert_equal(again.objects, widget.objects)
    with pytest.raises(ValueError, match="made with the weights"):
        again.add_point(3, 3)
    assert_equal(again.objects, widget.objects)
    with pytest.raises(ValueError, match="made with the weights"):
        replay(path, model=fake_predictor(model))
    assert model.decodes == []


def test_another_model_may_go_on_where_that_is_wished(make: Make, tmp_path: Path) -> None:
    widget = work(make(SamWidget(IMAGE, fake_predictor())))
    path = widget.save_work(tmp_path / "1.samw")
    other = fake_predictor(other_weights())
    again = make(SamWidget.open(path, model=other, allow_changes=True))
    again.wait(WAIT_S)
    again.commit()
    again.add_point(50, 40)
    (results,) = replay(again.save_work(tmp_path / "2.samw"), model=other)
    assert_equal(results.objects, again.objects)
    (redone,) = replay(path, model=other, allow_changes=True)
    assert facts(redone.objects) == facts(widget.objects)
    names: dict[str, Any] = {"image": IMAGE, "model": other}
    exec(again.code(), names)
    assert_equal(make(names["widget"]).objects, again.objects)


def test_masks_that_differ_on_the_same_weights_are_said(make: Make, tmp_path: Path) -> None:
    class Larger(FakeModel):
        def _mask(
            self, points: Any, labels: Any, boxes: Any, mask_input: Any, radius: float
        ) -> Any:
            return super()._mask(points, labels, boxes, mask_input, radius + 4)

    widget = make(SamWidget(IMAGE, fake_predictor()))
    widget.add_point(20, 20)
    path = widget.save_work(tmp_path / "cups.samw")
    with pytest.warns(UserWarning, match="masks of the objects 1 are not those in the file"):
        replay(path, model=fake_predictor(Larger()))


def test_an_image_from_a_file_is_not_put_into_the_work(make: Make, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.fromarray(IMAGE).save(photo)
    widget = make(SamWidget(photo, fake_predictor()))
    widget.add_point(20, 20)
    small = widget.save_work(tmp_path / "small.samw")
    large = widget.save_work(tmp_path / "large.samw", embed_image=True)
    assert small.stat().st_size + 48 * 64 < large.stat().st_size
    photo.unlink()
    with pytest.raises(FileNotFoundError, match=r"photo.png"):
        SamWidget.open(small, model=fake_predictor())
    for path, more in ((large, {}), (small, {"image": IMAGE})):
        again = make(SamWidget.open(path, model=fake_predictor(), **more))
        assert_equal(again.objects, widget.objects)
    changed = IMAGE.copy()
    changed[3, 3] ^= 255
    with pytest.raises(ValueError, match="has changed since the work was saved"):
        SamWidget.open(small, model=fake_predictor(), image=changed)


def test_what_was_on_the_screen_is_there_again(make: Make, tmp_path: Path) -> None:
    widget = make(SamWidget(IMAGE, fake_predictor()))
    widget.wait(WAIT_S)
    view = (10.0, 5.0, 42.0, 29.0)
    widget._session.look_closer(view, 8.0).result(WAIT_S)
    path = widget.save_work(tmp_path / "1.samw")
    again = make(SamWidget.open(path, model=fake_predictor()))
    again.wait(WAIT_S)
    assert again._mirror.snapshot().image.view_xyxy == view  # type: ignore[union-attr]
    third = make(SamWidget.open(again.save_work(tmp_path / "2.samw"), model=fake_predictor()))
    third.wait(WAIT_S)
    assert third._mirror.snapshot().image.view_xyxy == view  # type: ignore[union-attr]
    third._session.look_closer((-10.0, 0.0, 74.0, 48.0), 8.0).result(WAIT_S)
    assert third._mirror.snapshot().image.view_xyxy is None  # type: ignore[union-attr]
    last = make(SamWidget.open(third.save_work(tmp_path / "3.samw"), model=fake_predictor()))
    assert last._mirror.snapshot().image.view_xyxy is None  # type: ignore[union-attr]


def test_what_cannot_be_saved_or_opened_is_said(make: Make, tmp_path: Path) -> None:
    widget = make(SamWidget(None, fake_predictor()))
    with pytest.raises(ValueError, match="no work to save yet"):
        widget.save_work(tmp_path / "cups.samw")
    widget.image = IMAGE
    path = widget.save_work(tmp_path / "cups.samw")
    with pytest.raises(ValueError, match=r"given as an object: give it again, model="):
        SamWidget.open(path)
    with pytest.raises(ValueError, match=r"given as an object: give it again, model="):
        replay(path)
    (results,) = replay(path, model=fake_predictor())
    assert len(results) == 0


def test_files_of_version_1_are_read_for_good(make: Make) -> None:
    path = Path(__file__).parents[1] / "fixtures" / "work_v1.samw"
    widget = make(SamWidget.open(path, model=fake_predictor()))
    assert [(one.id, one.label, one.area) for one in widget.objects] == [
        (2, "square", 200), (3, "pot", 196), (1, "cup", 536),
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (results,) = replay(path, model=fake_predictor())
    measured = [replace(one, stability_score=None) for one in results.objects]
    assert_equal(measured, widget.objects)  # nobody measured it then
    for _ in range(20):
        widget.undo()
    assert widget.objects == ()


def test_the_shipped_model_makes_its_masks_again_bit_for_bit(make: Make, tmp_path: Path) -> None:
    rows, columns = np.mgrid[:150, :200]
    image = np.full((150, 200, 3), (40, 70, 60), np.uint8)
    image[(columns - 60) ** 2 + (rows - 75) ** 2 < 35**2] = (220, 90, 60)
    image[45:105, 130:175] = (230, 210, 90)
    widget = make(SamWidget(image, device="cpu"))
    for x, y in ((60, 75), (150, 80)):
        widget.add_point(x, y)
        widget.choose(1)
        widget.add_point(x + 9, y - 7)
        widget.commit()
    widget.refine(1)
    widget.add_point(30, 60, 0)
    path = widget.save_work(tmp_path / "scene.samw")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (results,) = replay(path, device="cpu")
    assert_equal(results.objects, widget.objects)
    names: dict[str, Any] = {"image": image}
    exec(widget.code(), names)
    assert_equal(make(names["widget"]).objects, widget.objects)
