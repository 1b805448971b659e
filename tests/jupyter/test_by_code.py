"""Whatever a hand can do, code can do: one table of edits and methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import fake_predictor

from samwidget.editing import closer_edits, edits
from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.prompt_edits import PromptMask
from samwidget.jupyter import wire
from samwidget.jupyter.widget import SamWidget
from samwidget.values.mask import Mask

IMAGE = np.zeros((48, 64, 3), np.uint8)
SQUARE = np.zeros((48, 64), bool)
SQUARE[10:20, 30:50] = True

BY_CODE: dict[type[edits.Edit], Callable[[SamWidget], object]] = {
    edits.AddPoint: lambda w: w.add_point(30, 20),
    edits.MovePoint: lambda w: w.move_point(0, 31, 20),
    edits.RemovePoint: lambda w: w.remove_point(0),
    edits.SetBox: lambda w: w.add_box(5, 5, 40, 30),
    edits.AddPoints: lambda w: w.add_points([(30, 20), (32, 24)]),
    edits.ChooseMask: lambda w: w.choose(2),
    edits.SetThreshold: lambda w: w.set_threshold(1.5),
    edits.RefitMask: lambda w: w.refit_mask(),
    edits.ClearPrompts: lambda w: w.clear(),
    edits.Commit: lambda w: w.commit("cup"),
    edits.ReopenObject: lambda w: w.refine(1),
    edits.SelectObject: lambda w: w.select(1),
    edits.DeleteObject: lambda w: w.delete(1),
    edits.RelabelObject: lambda w: w.relabel(1, "mug"),
    edits.ClearAll: lambda w: w.clear(objects=True),
    edits.TakeFound: lambda w: w.take_found(),
    edits.FilterFound: lambda w: w.filter_found(0.7),
    edits.LookCloser: lambda w: w.look_closer(0, 0, 40, 40),
    edits.DropFound: lambda w: w.drop_found(),
    edits.PaintStroke: lambda w: w.paint([(30, 20), (40, 25)], 3),
    edits.PaintPolygon: lambda w: w.add_polygon([(30, 20), (40, 25), (30, 30)], 1),
    edits.SetOutline: lambda w: w.set_outline([[(30, 20), (40, 25), (30, 30)]], 1),
    edits.ReshapeMask: lambda w: w.grow(2, 1),
    edits.CombineObjects: lambda w: w.union([1, 2]),
    edits.SplitObject: lambda w: w.split(1),
    edits.SetExclusive: lambda w: setattr(w, "exclusive", True),
    edits.LookCloser: lambda w: w.look_closer(5, 5, 40, 30),
    edits.SetLabel: lambda w: setattr(w, "label", "saucer"),
    edits.SetClasses: lambda w: setattr(w, "classes", ["cup", "saucer"]),
    edits.LookCloser: lambda w: w.look_closer(8, 8, 40, 40),
    edits.SetTool: lambda w: setattr(w, "tool", "box"),
    LookCloser: lambda w: w.look_closer(8, 8, 56, 40),
    edits.Undo: lambda w: w.undo(),
    edits.Redo: lambda w: w.redo(),
    edits.SelectObjects: lambda w: w.select([1]),
    edits.DeleteObjects: lambda w: w.delete([1]),
    edits.RelabelObjects: lambda w: w.relabel([1], "mug"),
    edits.RecolorObjects: lambda w: w.recolor(1, "#ff8000"),
    edits.HideObjects: lambda w: w.hide(1),
    edits.LockObjects: lambda w: w.lock(),
    edits.ReorderObjects: lambda w: w.reorder(1, 0),
    edits.AddClass: lambda w: w.add_class("mug"),
    edits.RestoreWork: lambda w: w.restore_work(),
    edits.DropWork: lambda w: w.drop_work(),
    closer_edits.LookCloser: lambda w: w.look_closer(5, 5, 40, 40),
    edits.AddObjects: lambda w: w.add_mask(SQUARE, "square"),
    PromptMask: lambda w: w.prompt_mask(SQUARE),
}


@pytest.fixture
def widget(tmp_path: Path) -> Iterator[SamWidget]:
    earlier = SamWidget(IMAGE, fake_predictor(), autosave=tmp_path / "earlier.samw")
    earlier.add_point(40, 40)
    earlier.close()
    widget = SamWidget(
        IMAGE, fake_predictor(), objects=[SQUARE], autosave=tmp_path / "earlier.samw"
    )
    widget.find_everything(points_per_side=2, pred_iou_thresh=0.6, stability_score_thresh=0.5)
    widget.add_point(20, 20)
    yield widget
    widget.close()


def test_every_edit_has_a_method() -> None:
    assert set(BY_CODE) == {*wire.union_members(edits.WireEdit), edits.AddObjects, PromptMask}


@pytest.mark.parametrize("edit", BY_CODE, ids=lambda edit: edit.__name__)
def test_the_method_makes_the_edit(
    widget: SamWidget, edit: type[edits.Edit], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget.add_mask(np.roll(SQUARE, 20, axis=0), "for the edits of several")
    asked: list[edits.Edit] = []
    really = widget._session.edit
    monkeypatch.setattr(widget._session, "edit", lambda one: (asked.append(one), really(one))[1])
    BY_CODE[edit](widget)
    assert [type(one) for one in asked] == [edit]


def test_settings_can_be_read_and_set_at_any_time() -> None:
    widget = SamWidget(classes=["a", "b"])
    assert (widget.label, widget.classes, widget.tool, widget.selected) == (
        "a", ("a", "b"), "positive", None,
    )  # fmt: skip
    widget.label, widget.classes, widget.tool = "c", ["c", "d", "e"], "select"
    assert (widget.label, widget.classes, widget.tool) == ("c", ("c", "d", "e"), "select")
    for name, value in (("label", 3), ("classes", "ab"), ("classes", [3]), ("tool", "lasso")):
        with pytest.raises((TypeError, ValueError)):
            setattr(widget, name, value)
    assert (widget.label, widget.classes, widget.tool) == ("c", ("c", "d", "e"), "select")
    widget.close()


@pytest.mark.parametrize(
    "masks",
    [SQUARE[None], [SQUARE], [SQUARE.astype(np.uint8)], [Mask.from_array(SQUARE)]],
    ids=["stack", "list", "integers", "Mask"],
)
def test_masks_from_elsewhere_are_objects_from_the_beginning(masks: object) -> None:
    widget = SamWidget(IMAGE, fake_predictor(), objects=masks)
    np.testing.assert_array_equal(widget.masks, SQUARE[None])
    assert widget.scores.tolist() == [1]
    widget.undo()
    assert len(widget.objects) == 1, "no step that can be taken back"
    widget.close()


def test_objects_of_another_widget_come_with_their_labels(widget: SamWidget) -> None:
    widget.commit("disk")
    other = SamWidget(IMAGE, fake_predictor(), objects=widget.objects)
    assert other.labels == ["", "disk"]
    np.testing.assert_array_equal(other.masks, widget.masks)
    other.close()


def test_a_mask_from_elsewhere_is_refined_like_any_other(widget: SamWidget) -> None:
    widget.clear()
    widget.refine(1)
    np.testing.assert_array_equal(widget.masks[0], SQUARE)
    widget.add_point(10, 40)
    widget.commit()
    assert widget.objects[0].id == 1
    assert widget.masks[0][15, 40]
    assert widget.masks[0][40, 10]
    for _ in range(3):
        widget.undo()
    np.testing.assert_array_equal(widget.masks[0], SQUARE)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: SamWidget(objects=[SQUARE]), "give the image, too"),
        (lambda: SamWidget(IMAGE, objects=[SQUARE[:5]]), r"masks\[0\].*48 x 64.*got 5 x 64"),
        (lambda: SamWidget(IMAGE, objects=[SQUARE & False]), r"masks\[0\] is empty"),
        (lambda: SamWidget(IMAGE, objects=[np.zeros((48, 64, 3))]), "a mask must be an array"),
    ],
)
def test_objects_that_are_none_are_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
