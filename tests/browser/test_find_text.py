"""What words name is found: asked for in the field, shown, filtered, taken and stopped, by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import SCENE, SQUARE
from view import View

pytestmark = pytest.mark.browser

DETECTOR = """
import threading
may_answer = threading.Event()
may_answer.set()
asked = []
def detector(image, phrases):
    asked.append(phrases)
    may_answer.wait(60)
    boxes = [[50, 80, 190, 220], [260, 90, 350, 210], [150, 10, 250, 50]]
    names = [phrases[0], phrases[-1], phrases[-1]]
    return {"boxes": boxes, "text_labels": names, "scores": [0.75, 0.5, 0.2]}
"""
"""A stand-in for a model for text, which no test can fetch."""

DARK = """() => window.jupyterapp.commands.execute(
  "apputils:change-theme", { theme: "JupyterLab Dark" })"""

OPEN = f"{SCENE}{DETECTOR}widget = SamWidget(scene, detector=detector)\nwidget"


def open_scene(lab: Lab) -> View:
    lab.open_cells([OPEN])
    return lab.view().wait_ready()


def picture(view: View, name: str) -> None:
    """Keep what is seen where a person has asked for it."""
    folder = os.environ.get("SAMWIDGET_SCREENSHOTS")
    if folder:
        view.root.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_words_are_typed_found_filtered_and_taken(lab: Lab) -> None:
    view = open_scene(lab)
    view.press("/")
    field = view.root.get_by_test_id("find-text")
    expect(field).to_be_focused()
    lab.page.keyboard.type("a disk, a square")
    picture(view, "find-words")
    lab.page.keyboard.press("Enter")
    view.expect_search("over")
    view.expect_found(3)
    expect(view.root.get_by_test_id("found-phrases")).to_have_text("1 a disk · 2 a square")
    assert lab.value("asked") == [["a disk", "a square"]]
    picture(view, "found-words")
    match = view.root.get_by_test_id("found-match")
    match.fill("0.3")
    view.expect_found(2)
    assert lab.value("[one.label for one in widget.found]") == ["a disk", "a square"]
    view.click(*SQUARE)
    view.expect_objects(1)
    assert lab.value("[widget.labels, widget.masks[0, 150, (120, 305)].tolist()]") == [
        ["a square"],
        [False, True],
    ]
    view.root.get_by_test_id("take-all").click()
    view.expect_objects(2)
    assert lab.value("widget.labels") == ["a square", "a disk"]
    view.press("Control+z")
    view.expect_objects(1)
    view.expect_found(1)
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == 1, "keys went to the notebook"
    lab.page.evaluate(DARK)
    expect(view.root).to_have_attribute("data-theme", "dark")
    view.press("/")
    picture(view, "found-words-dark")


def test_a_search_for_words_is_stopped_at_once_and_clicks_go_on(lab: Lab) -> None:
    view = open_scene(lab)
    lab.run("may_answer.clear()")
    view.press("/")
    lab.page.keyboard.type("a disk")
    lab.page.keyboard.press("Enter")
    view.expect_search("on")
    expect(view.root.get_by_test_id("status")).to_contain_text("inding a disk")
    view.click(*SQUARE)
    view.expect_draft()
    view.press("Escape")
    view.expect_draft(False)
    view.press("Escape")
    view.expect_search("none")
    lab.run("may_answer.set()")
    expect(view.root.get_by_test_id("error")).to_be_hidden()
    lab.run("widget._connection._detector = None")
    view.press("/")
    lab.page.keyboard.press("Enter")
    view.expect_error("detector: expected a name")
    view.expect_search("none")


def test_everything_is_searched_for_in_the_detail_that_is_chosen(lab: Lab) -> None:
    view = open_scene(lab)
    lab.run(
        "settings = []\nengine = widget._session._worker._engine\nreally = engine.thresholds\n"
        "engine.thresholds = lambda options: (settings.append(options), really(options))[1]"
    )
    view.root.get_by_test_id("open-finder").click()
    view.root.get_by_test_id("preset").select_option("fast")
    view.root.get_by_test_id("find-everything-go").click()
    view.expect_search("over")
    assert lab.value("settings") == [{"preset": "fast"}]
    view.root.get_by_test_id("find-close").click()
    expect(view.root.get_by_test_id("finder")).to_be_hidden()
