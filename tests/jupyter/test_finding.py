"""Finding by text in a widget, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import comm
import numpy as np
import pytest
from fakes import FakeModel, fake_predictor
from test_widget import IMAGE, FakeComm, FrontEnd

from samwidget.jupyter import widget as widget_module
from samwidget.jupyter.widget import SamWidget

LEFT, RIGHT = [5, 10, 25, 40], [35, 8, 60, 30]


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


def detector(image: Any, phrases: list[str]) -> Any:
    assert (image == IMAGE).all()
    return {"boxes": [LEFT, RIGHT], "text_labels": phrases[:2], "scores": [0.5, 0.75]}


def test_what_is_found_becomes_objects_with_names_and_scores(
    widget: SamWidget, model: FakeModel
) -> None:
    widget.add_point(30, 44)
    widget.commit("by hand")
    found = widget.find(["cup", "cat"], detector=detector)
    assert [one.label for one in found] == ["cat", "cup"]
    assert [one.detection_score for one in found] == [0.75, 0.5]
    assert widget.labels == ["by hand", "cat", "cup"]
    assert widget.objects[1:] == found
    np.testing.assert_allclose(widget.boxes[1:], [RIGHT, LEFT], atol=2)
    assert model.encodes == 1
    widget.undo()
    assert widget.labels == ["by hand"]


def test_a_threshold_goes_through_and_nothing_found_changes_nothing(widget: SamWidget) -> None:
    assert len(widget.find(["cup", "cat"], detector=detector, text_threshold=0.6)) == 1
    before = widget.objects
    assert widget.find(["cup", "cat"], detector=detector, text_threshold=0.9) == ()
    assert widget.objects == before


def test_a_draft_stays_as_it_is(widget: SamWidget) -> None:
    widget.add_point(30, 44)
    (found,) = widget.find("cup", detector=lambda image, phrases: [LEFT])
    assert widget.objects[0] is found
    assert len(widget.objects) == 2
    assert widget.objects[1].point_coords.tolist() == [[30, 44]]


def test_what_goes_wrong_reaches_the_caller_and_leaves_the_widget_as_it_was(
    widget: SamWidget,
) -> None:
    def fail(image: Any, phrases: Any) -> Any:
        raise RuntimeError("no such thing")

    for text, options, error, message in (
        ("cup", {"detector": fail}, RuntimeError, "no such thing"),
        (" ", {"detector": detector}, ValueError, "text: expected a phrase"),
        ("cup", {"text_threshold": 2, "detector": detector}, ValueError, "text_threshold"),
        ("cup", {"points_per_side": 2, "detector": detector}, TypeError, "points_per_side"),
    ):
        with pytest.raises(error, match=message):
            widget.find(text, **options)  # type: ignore[arg-type]
    assert widget.objects == ()
    widget.add_point(30, 40)
    assert len(widget.masks) == 1


def test_without_an_image_there_is_nothing_to_search() -> None:
    widget = SamWidget(model=fake_predictor())
    with pytest.raises(ValueError, match="nothing to search: set the widget's image first"):
        widget.find("cup", detector=detector)
    widget.close()


def test_find_text_shows_what_is_found_until_it_is_taken(widget: SamWidget) -> None:
    widget.find_text(["cup", "cat"], detector=detector, text_threshold=0.6)
    assert [(one.label, one.detection_score) for one in widget.found] == [("cat", 0.75)]
    assert widget.objects == ()
    widget.filter_found(detection_score_thresh=0.4)
    assert [one.label for one in widget.found] == ["cat", "cup"]
    widget.take_found(widget.found[1])
    assert widget.labels == ["cup"]
    widget.undo()
    assert len(widget.found) == 2
    widget.find_text("dog", detector=lambda image, phrases: [])
    assert widget.found == ()


def test_the_widgets_own_detector_finds_where_none_is_named(model: FakeModel) -> None:
    widget = SamWidget(IMAGE, fake_predictor(model), detector=detector)
    widget.find_text(["cup", "cat"])
    assert len(widget.found) == 2
    assert len(widget.find(["cup", "cat"])) == 2
    widget.find_text("cup", detector=lambda image, phrases: [LEFT])
    assert [one.label for one in widget.found] == ["cup"]
    page = FrontEnd(widget)
    assert page.ask("find_text", text="cup, cat,")["kind"] == "done"
    assert [one.label for one in widget.found] == ["cat", "cup"]
    for text in ("", " , ", "a cup, -"):
        reply = page.ask("find_text", text=text)
        assert reply["kind"] == "error"
        assert "expected a phrase" in reply["message"]
    assert len(widget.found) == 2
    widget.close()


def test_a_preset_by_hand_is_that_of_code(widget: SamWidget, model: FakeModel) -> None:
    page = FrontEnd(widget)
    assert page.ask("find_everything", preset="fast")["kind"] == "done"
    assert len(model.decodes) == 16 * 16
