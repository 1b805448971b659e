"""Box handles, strokes, candidates, the threshold and the heat map, by a real pointer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, EMPTY, SQUARE, open_scene
from view import View

pytestmark = pytest.mark.browser

BOX = "[round(v) for v in widget._session.state.document.draft.prompts.box]"
POINTS = "[list(one) for one in widget._session.state.document.draft.prompts.points]"


def shot(view: View, name: str) -> None:
    """Keep a picture of the widget where somebody wants to look at it."""
    folder = os.environ.get("SAMWIDGET_SHOTS")
    if folder:
        view.root.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_prompts_are_drawn_dragged_and_chosen(lab: Lab) -> None:
    view = open_scene(lab)

    # A box by its handles: a side moves alone, a corner both; then a point within it is dragged.
    view.drag(250, 80, 330, 220)
    view.expect_draft()
    view.drag(330, 150, 360, 190)
    lab.wait_for(f"{BOX}[2]", 360)
    lab.wait_for(f"{BOX}[0:2] + {BOX}[3:]", [250, 80, 220])
    view.drag(250, 80, 240, 70)
    lab.wait_for(BOX, [240, 70, 360, 220])
    view.press("s")
    view.drag(300, 70, 320, 60)
    lab.wait_for(BOX, [240, 60, 360, 220])
    shot(view, "box")
    view.click(300, 140)
    view.expect_points(1)
    view.drag(300, 140, 310, 160)
    lab.wait_for(f"[round(v) for v in {POINTS}[0]]", [310, 160, 1])
    view.press("Escape")
    view.expect_draft(False)

    # A stroke is one step.
    view.drag(90, 120, 150, 180)
    view.expect_draft()
    assert lab.value(f"len({POINTS}) >= 3 and all(label for _, _, label in {POINTS})")
    assert lab.value("widget.masks[0, 150, (120, 305)].tolist()") == [True, False]
    shot(view, "stroke")
    lab.page.mouse.move(*view._at(250, 100))
    lab.page.mouse.down(button="right")
    lab.page.mouse.move(*view._at(330, 200), steps=6)
    shot(view, "stroke_under_way")
    lab.page.mouse.up(button="right")
    lab.wait_for(f"{POINTS}[-1][2]", 0)
    view.press("Control+z")
    view.press("Control+z")
    view.expect_points(0)

    # One click gives candidates; the choice goes with the object and comes back.
    view.press("t")
    view.click(*DISK)
    view.expect_draft()
    candidate = view.root.get_by_test_id("candidate-0")
    expect(candidate).to_be_enabled()
    candidate.click()
    lab.wait_for("widget._session.state.document.draft.chosen", 0)
    expect(candidate).to_have_attribute("aria-pressed", "true")
    shot(view, "candidates")
    view.press("Enter")
    view.expect_objects(1)
    assert lab.value("widget.objects[0].choice") == 0
    view.press("r")
    expect(candidate).to_be_enabled()
    expect(candidate).to_have_attribute("aria-pressed", "true")
    view.press("Escape")
    view.expect_objects(1)


def test_the_border_moves_with_the_slider_and_the_kernel_follows(lab: Lab) -> None:
    view = open_scene(lab)
    view.click(*SQUARE)
    view.expect_draft()
    area = lab.value("int(widget.masks.sum())")
    slider = view.root.get_by_test_id("threshold")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + box["width"] / 2, middle)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + box["width"] - 4, middle, steps=8)
    expect(view.root).not_to_have_attribute("data-threshold", "0")
    assert lab.value("widget._session.state.document.draft.threshold") == 0
    lab.page.mouse.up()
    lab.wait_for("widget._session.state.document.draft.threshold > 3", True)
    assert lab.value("int(widget.masks.sum())") < area
    shot(view, "threshold")
    view.press("Control+z")  # the whole drag is one step
    lab.wait_for("widget._session.state.document.draft.threshold", 0)
    assert lab.value("int(widget.masks.sum())") == area
    expect(slider).to_have_value("0")

    before = view.pixel(*EMPTY)
    view.press("u")
    expect(view.root).to_have_attribute("data-heat", "true")
    lab.page.wait_for_timeout(100)
    assert view.pixel(*EMPTY) != before
    shot(view, "heat")
    view.press("u")
    view.root.get_by_test_id("refit").click()
    lab.wait_for("widget._session.state.document.draft.prompts.box is not None", True)
    view.expect_draft()
    assert lab.value("bool(widget.masks[0, 150, 305])")
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == 1, "keys went to the notebook"
