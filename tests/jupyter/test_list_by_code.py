"""The list of objects and the classes, by the widget's methods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from fakes import fake_predictor

from samwidget.jupyter.widget import SamWidget

IMAGE = np.zeros((48, 64, 3), np.uint8)
SQUARES = np.zeros((3, 48, 64), bool)
for _index in range(3):
    SQUARES[_index, 10:20, 20 * _index : 20 * _index + 10] = True


@pytest.fixture
def widget() -> Iterator[SamWidget]:
    widget = SamWidget(IMAGE, fake_predictor(), objects=SQUARES)
    yield widget
    widget.close()


def test_hidden_objects_count_everywhere_but_on_the_screen(widget: SamWidget) -> None:
    masks, picture, labelled = widget.masks, widget.composite(), widget.label_image()
    widget.hide([1, 2])
    assert [one.hidden for one in widget.objects] == [True, True, False]
    np.testing.assert_array_equal(widget.masks, masks)
    np.testing.assert_array_equal(widget.composite(), picture)
    np.testing.assert_array_equal(widget.label_image(), labelled)
    widget.show(1)
    assert [one.hidden for one in widget.objects] == [False, True, False]
    widget.hide()
    widget.show()
    assert not any(one.hidden for one in widget.objects)


def test_locked_objects_stay_when_all_is_cleared(widget: SamWidget) -> None:
    widget.lock(2)
    with pytest.raises(ValueError, match="object 2 is locked: unlock it first"):
        widget.delete(widget.objects)
    with pytest.raises(ValueError, match="object 2 is locked"):
        widget.refine(2)
    widget.clear(objects=True)
    assert [one.id for one in widget.objects] == [2]
    widget.unlock()
    widget.delete(2)
    assert widget.objects == ()


def test_objects_are_named_by_id_or_given_as_they_are(widget: SamWidget) -> None:
    widget.select(widget.objects[1:])
    assert (widget.selection, widget.selected) == ((2, 3), 3)
    widget.select(np.int64(1))
    assert widget.selection == (1,)
    widget.select(None)
    assert (widget.selection, widget.selected) == ((), None)
    widget.relabel((one for one in widget.objects if one.id > 1), "cup")
    assert widget.labels == ["", "cup", "cup"]
    widget.recolor(widget.objects[0], "#FF8000")
    assert widget.objects[0].color == "#ff8000"
    for nonsense in ("cup", [1.5], 2.5):
        with pytest.raises(TypeError):
            widget.relabel(nonsense, "mug")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no object with the id 9"):
        widget.hide([1, 9])


def test_the_last_object_is_on_top_in_the_label_image(widget: SamWidget) -> None:
    everywhere = np.ones((48, 64), bool)
    widget.add_mask(everywhere)
    assert widget.label_image().min() == 4
    widget.reorder(4, 0)
    assert [one.id for one in widget.objects] == [4, 1, 2, 3]
    assert sorted(np.unique(widget.label_image())) == [1, 2, 3, 4]
    widget.undo()
    assert [one.id for one in widget.objects] == [1, 2, 3, 4]


def test_classes_are_names_or_names_with_colours() -> None:
    widget = SamWidget(
        IMAGE, fake_predictor(), objects=SQUARES, classes={"cup": "#FF8000", "mug": None}
    )
    assert (widget.classes, widget.label) == (("cup", "mug"), "cup")
    assert widget.class_colors == {"cup": "#ff8000", "mug": "#559cff"}
    assert {one.color for one in widget.objects} == {"#ff8000"}
    widget.add_class("bowl")
    widget.add_class("jug", "#123456")
    assert widget.classes == ("cup", "mug", "bowl", "jug")
    assert widget.class_colors["bowl"] == "#ff3a14"
    widget.classes = {"cup": "#00ff00"}
    assert widget.class_colors == {"cup": "#00ff00"}
    assert {one.color for one in widget.objects} == {"#00ff00"}
    widget.classes = ["cup", "plate"]
    assert widget.class_colors == {"cup": "#00ff00"}
    for wrong in ({"cup": "green"}, {"cup": 3}, "cup"):
        with pytest.raises((TypeError, ValueError)):
            widget.classes = wrong
    widget.close()


def test_a_widget_without_colours_gives_each_object_its_own(widget: SamWidget) -> None:
    widget.classes = ["cup"]
    widget.relabel([1, 2, 3], "cup")
    assert len({one.color for one in widget.objects}) == 3
    assert widget.class_colors == {}


def test_classes_of_the_constructor_are_checked() -> None:
    for wrong, error in (
        ({"cup": "green"}, ValueError),
        ({3: None}, TypeError),
        ("cup", TypeError),
    ):
        with pytest.raises(error):
            SamWidget(classes=wrong)
