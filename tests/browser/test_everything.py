"""What a search finds: seen as it comes, filtered, lit, taken and left, by hand and by code."""

from __future__ import annotations

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, EMPTY, SCENE, SQUARE, open_scene
from view import View

pytestmark = pytest.mark.browser

SEARCHED = "widget.find_everything(points_per_side=8)"
"""A coarse grid: the picture is simple, and the machine may be busy."""


def open_searched(lab: Lab, *cells: str) -> View:
    """Open the scene and search it by code, in the cell itself."""
    lab.open_cells([f"{SCENE}widget = SamWidget(scene)\n{SEARCHED}\nwidget", *cells])
    view = lab.view().wait_ready()
    view.expect_search("over")
    assert view.found == lab.value("len(widget.found)") >= 2
    return view


def found_at(lab: Lab, x: float, y: float) -> int:
    """Give the id of the smallest found mask at a point."""
    here = f"[one for one in widget.found if one.shape.contains({x}, {y})]"
    return int(lab.value(f"min({here}, key=lambda one: one.area).id"))


def expect_lit(view: View, an_id: int | None) -> None:
    text = "none" if an_id is None else str(an_id)
    expect(view.root).to_have_attribute("data-lit", text)


def test_the_button_searches_and_tells_how_far_it_is(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.find_everything()
    expect(view.root.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(view.root.get_by_test_id("status")).to_contain_text("Esc stops")
    lab.page.wait_for_function(
        "root => root.dataset.search === 'on' && Number(root.dataset.found) > 0",
        arg=view.root.element_handle(),
    )  # something is there before it is over
    view.expect_search("over")
    view.expect_found(lab.value("len(widget.found)"))
    expect(view.root.get_by_test_id("found-count")).to_have_text(f"{view.found} found")
    expect(view.root.get_by_role("progressbar", name="Progress")).to_be_hidden()
    assert lab.value("len(widget.masks)") == 0
    view.expect_objects(0)


def test_a_found_mask_is_lit_and_a_click_makes_it_an_object(lab: Lab) -> None:
    view = open_searched(lab)
    count, disk = view.found, found_at(lab, *DISK)
    lab.page.mouse.move(2, 2)
    before = view.pixel(90, 130)
    view.move(*DISK)
    expect_lit(view, disk)
    expect(view.root).to_have_attribute("data-preview", "false")
    assert view.pixel(90, 130) != before
    view.click(*DISK)
    view.expect_objects(1)
    view.expect_found(count - 1)
    view.expect_draft(False)
    assert lab.value("widget.masks[:, 150, (120, 305)].tolist()") == [[True, False]]
    view.press("Control+z")
    view.expect_objects(0)
    view.expect_found(count)
    view.press("Control+Shift+Z")
    view.expect_objects(1)
    view.expect_found(count - 1)
    expect_lit(view, None)  # what is taken is in the way of what lies below it


def test_a_double_click_takes_one_mask_and_no_more(lab: Lab) -> None:
    view = open_searched(lab)
    count = view.found
    view.move(*DISK)
    lab.page.mouse.dblclick(*view._at(*DISK))
    view.expect_objects(1)
    view.expect_found(count - 1)
    expect(view.root).to_have_attribute("data-points", "0")
    view.expect_draft(False)
    expect(view.root.get_by_test_id("error")).to_be_hidden()


def test_take_all_takes_all_in_one_step(lab: Lab, kernel: str) -> None:
    lab.open_cells([f"{SCENE}widget = SamWidget(scene, label='part')\n{SEARCHED}\nwidget"], kernel)
    view = lab.view().wait_ready()
    view.expect_search("over")
    count = view.found
    view.root.get_by_test_id("take-all").click()
    view.expect_objects(count)
    view.expect_found(0)
    assert set(lab.value("widget.labels")) == {"part"}
    expect(view.root.get_by_test_id("take-all")).to_be_disabled()
    view.press("Control+z")
    view.expect_objects(0)
    view.expect_found(count)
    view.root.get_by_test_id("drop-found").click()
    view.expect_search("none")
    expect(view.root.get_by_test_id("found")).to_be_hidden()
    assert lab.value("len(widget.found)") == 0


def test_sliders_filter_without_another_search(lab: Lab) -> None:
    view = open_searched(lab)
    lab.run(
        "asked = 0\nengine = widget._session._worker._engine\nreally = engine.everything\n"
        "def everything(*all):\n    global asked\n    asked += 1\n    return really(*all)\n"
        "engine.everything = everything"
    )
    slider = view.root.get_by_test_id("found-score")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    # By hand: from one end to the other and half-way back.
    lab.page.mouse.move(box["x"] + 8, middle)
    lab.page.mouse.down()
    loosest = "[round(widget._session.state.found.thresholds[0], 2) <= 0.61, len(widget.found)]"
    lab.page.wait_for_timeout(200)
    lab.wait_for(f"{loosest}[0]", True)
    view.expect_found(lab.value("len(widget.found)"))
    lab.page.mouse.move(box["x"] + box["width"] - 2, middle, steps=25)
    view.expect_found(0)
    lab.page.mouse.move(box["x"] + box["width"] / 2, middle, steps=15)
    lab.page.mouse.up()
    value = float(slider.input_value())
    assert 0.7 < value < 0.9
    lab.wait_for("round(widget._session.state.found.thresholds[0], 2)", round(value, 2))
    view.expect_found(lab.value("len(widget.found)"))
    assert slider.input_value() == str(value), "the kernel's word moved the slider"
    # By keys.
    stability = view.root.get_by_test_id("found-stability")
    stability.focus()
    lab.page.keyboard.press("End")
    lab.wait_for("widget._session.state.found.thresholds[1]", 1)
    lab.page.keyboard.press("Home")
    lab.wait_for("round(widget._session.state.found.thresholds[1], 2)", 0.65)
    view.expect_found(lab.value("len(widget.found)"))
    assert lab.value("asked") == 0
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == 1, "keys went to the notebook"


@pytest.mark.parametrize("how", ["button", "Escape", "code", "the cell's interrupt"])
def test_a_search_that_is_stopped_leaves_what_there_was(lab: Lab, how: str) -> None:
    view = open_scene(lab)
    lab.run("widget.add_point(120, 150); widget.commit('disk')")
    view.expect_objects(1)
    if how == "the cell's interrupt":
        lab.page.evaluate(
            "() => { const panel = window.jupyterapp.shell.currentWidget;"
            " panel.sessionContext.session.kernel.requestExecute("
            "{ code: 'widget.find_everything(points_per_side=64)' }); }"
        )
    else:
        lab.run(
            "import threading\n"
            "def search():\n"
            "    global ended\n"
            "    try:\n        widget.find_everything(points_per_side=64)\n"
            "    except RuntimeError as error:\n        ended = str(error)\n"
            "threading.Thread(target=search).start()"
        )
    view.expect_search("on")
    if how == "button":
        view.root.get_by_test_id("stop-finding").click()
    elif how == "Escape":
        view.press("Escape")
    elif how == "code":
        lab.run("widget.stop_finding()")
    else:
        lab.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
        )
    view.expect_search("none")
    view.expect_found(0)
    view.expect_objects(1)
    if how != "the cell's interrupt":
        lab.wait_for("'given up' in ended", True)
    assert lab.value("[len(widget.found), widget.labels]") == [0, ["disk"]]
    expect(view.root.get_by_test_id("error")).to_be_hidden()
    view.click(*SQUARE)
    view.expect_draft()


def test_clicks_and_edits_go_on_meanwhile(lab: Lab) -> None:
    view = open_scene(lab)
    lab.run(
        "import threading\n"
        "threading.Thread(target=lambda: widget.find_everything(points_per_side=48)).start()"
    )
    view.expect_search("on")
    lab.page.keyboard.down("Shift")  # where something was found already, a point all the same
    view.click(*SQUARE)
    lab.page.keyboard.up("Shift")
    view.expect_draft()
    expect(view.root).to_have_attribute("data-search", "on")
    view.press("Enter")
    view.expect_objects(1)
    view.press("Control+z")
    view.expect_objects(0)
    view.press("Escape")
    view.expect_draft(False)
    expect(view.root).to_have_attribute("data-search", "on")
    view.press("Escape")
    view.expect_search("none")


def test_another_image_ends_the_search_and_what_it_found(lab: Lab) -> None:
    view = open_scene(lab)
    view.find_everything()
    lab.run("widget.image = scene[:, ::-1]")
    view.expect_search("none")
    view.wait_ready()
    view.expect_found(0)
    expect(view.root.get_by_test_id("error")).to_be_hidden()
    view.click(95, 150)
    view.expect_draft()


def test_a_search_that_fails_says_why_and_leaves_what_there_was(lab: Lab) -> None:
    view = open_searched(lab)
    count = view.found
    lab.run(
        "def fail(*_):\n    raise MemoryError('out of memory')\n"
        "widget._session._worker._engine.everything = fail"
    )
    view.root.get_by_test_id("find-everything").click()
    view.expect_error("out of memory")
    view.expect_search("over")
    view.expect_found(count)


def test_a_reload_and_another_window_show_the_same(lab: Lab) -> None:
    view = open_searched(lab)
    view.click(*DISK)
    view.expect_objects(1)
    count = view.found
    lab.reload()
    view = lab.view().wait_ready()
    view.expect_search("over")
    view.expect_found(count)
    window = lab.second_window()
    other = window.view().wait_ready()
    other.expect_found(count)
    slider = other.root.get_by_test_id("found-score")
    slider.fill("0.65")
    loose = lab.value("len(widget.found)")
    for each in (view, other):
        each.expect_found(loose)
        expect(each.root.get_by_test_id("found-score")).to_have_value("0.65")
    lab.page.bring_to_front()
    view.click(*SQUARE)
    for each in (view, other):
        each.expect_objects(2)
        each.expect_found(loose - 1)


def test_a_second_view_of_the_page_shows_the_same_as_it_comes(lab: Lab) -> None:
    first = open_scene(lab, cells=["widget"])
    second = lab.view(1).wait_ready()
    first.find_everything()
    second.expect_search("on")
    for view in (first, second):
        view.expect_search("over")
        view.expect_found(lab.value("len(widget.found)"))
    second.click(*DISK)
    for view in (first, second):
        view.expect_objects(1)


def test_a_place_without_a_found_mask_begins_an_object_as_ever(lab: Lab) -> None:
    view = open_searched(lab)
    lab.run(f"widget.take_found([one for one in widget.found if one.shape.contains{EMPTY}])")
    view.click(*DISK)
    expect(view.root).to_have_attribute("data-points", "0")
    lab.run("widget.drop_found()")
    view.expect_found(0)
    view.click(*SQUARE)
    view.expect_draft()
