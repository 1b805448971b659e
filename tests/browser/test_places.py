"""Wherever JupyterLab shows the widget it works: in containers, in more views, in more windows."""

from __future__ import annotations

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, SCENE, SQUARE, open_scene
from view import View

pytestmark = pytest.mark.browser

CONTAINED = SCENE + "import ipywidgets\nfrom IPython.display import display\n"
CONTAINED += "widget = SamWidget(scene)\n"


def expect_a_click_to_work(lab: Lab, view: View) -> None:
    view.wait_ready()
    before = view.pixel(90, 130)
    view.click(*DISK)
    view.expect_draft()
    lab.page.mouse.move(2, 2)
    lab.page.wait_for_function(
        "([canvas, x, y, before]) => {"
        "  const ratio = canvas.width / canvas.getBoundingClientRect().width;"
        "  const [px, py] = [x, y].map((value) => Math.round(value * ratio));"
        "  const now = canvas.getContext('2d').getImageData(px, py, 1, 1).data;"
        "  return Math.max(...before.map((value, i) => Math.abs(value - now[i]))) > 20;"
        "}",
        arg=[view.canvas.element_handle(), *view.on_screen(90, 130), before],
    )
    assert lab.value("widget.masks[:, 150, (120, 305)].tolist()") == [[True, False]]


def test_in_a_tab_that_was_hidden_first(lab: Lab) -> None:
    lab.open_cells(
        [CONTAINED + "ipywidgets.Tab([ipywidgets.Label('a'), widget], titles=['text', 'picture'])"]
    )
    lab.value("widget.wait()")  # it is ready before anybody sees it
    tabs = lab.cell(0).locator(".lm-TabBar-tab")
    expect(lab.view().canvas).not_to_be_visible()
    tabs.filter(has_text="picture").click()
    expect_a_click_to_work(lab, lab.view())
    tabs.filter(has_text="text").click()
    expect(lab.view().canvas).not_to_be_visible()
    tabs.filter(has_text="picture").click()
    lab.view().press("Enter")
    lab.view().expect_objects(1)


def test_in_an_accordion(lab: Lab) -> None:
    lab.open_cells(
        [CONTAINED + "ipywidgets.Accordion([widget], titles=['picture'], selected_index=None)"]
    )
    header = lab.cell(0).locator(".jupyter-widget-Collapse-header")
    header.click()
    expect_a_click_to_work(lab, lab.view())
    header.click()
    expect(lab.view().canvas).not_to_be_visible()
    header.click()
    view = lab.view()
    view.expect_draft()
    view.click(*SQUARE)
    view.expect_points(2)


def test_in_an_output_widget(lab: Lab) -> None:
    lab.open_cells([CONTAINED + "out = ipywidgets.Output()\nwith out:\n    display(widget)\nout"])
    expect_a_click_to_work(lab, lab.view())


def test_twice_in_one_cell(lab: Lab) -> None:
    lab.open_cells([CONTAINED + "display(ipywidgets.HBox([widget, widget]))"])
    second = lab.view(1).wait_ready()
    expect_a_click_to_work(lab, lab.view(0))
    second.expect_draft()
    second.press("Enter")
    lab.view(0).expect_objects(1)


def test_in_a_new_view_of_the_output(lab: Lab) -> None:
    view = open_scene(lab)
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    lab.choose_cell(0)
    lab.command("notebook:create-output-view")
    other = View(lab.page.locator(".jp-LinkedOutputView").get_by_test_id("samwidget"))
    other.wait_ready()
    other.expect_objects(1)
    other.click(*SQUARE)
    for each in (view, other):
        each.expect_draft()
    other.press("Enter")
    for each in (view, other):
        each.expect_objects(2)
    assert lab.value("widget.masks[:, 150, (120, 305)].tolist()") == [
        [True, False],
        [False, True],
    ]


def test_in_two_windows_on_one_kernel(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)

    window = lab.second_window()
    other = window.view().wait_ready()
    other.expect_objects(1)
    other.click(*SQUARE)
    for each in (view, other):
        each.expect_draft()
    lab.page.bring_to_front()
    view.press("Enter")
    for each in (view, other):
        each.expect_objects(2)
    window.page.bring_to_front()
    other.press("Control+z")
    for each in (view, other):
        each.expect_objects(1)
        each.expect_draft()
    assert lab.value("widget.masks.shape") == window.value("widget.masks.shape") == [2, 300, 400]
