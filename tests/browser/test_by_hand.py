"""What a person does with the widget, in a real JupyterLab: seen in the kernel and in pixels."""

from __future__ import annotations

import re

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, EMPTY, SQUARE, open_scene
from view import View

pytestmark = pytest.mark.browser


def difference(one: list[int], other: list[int]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def test_click_gives_a_mask_in_the_kernel_and_on_the_canvas(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    before = view.pixel(90, 130)
    view.click(*DISK)
    view.expect_draft()
    assert lab.value("widget.masks.shape") == [1, 300, 400]
    assert lab.value("bool(widget.masks[0, 150, 120])")
    assert not lab.value("bool(widget.masks[0, 150, 305])")
    lab.page.mouse.move(5, 5)
    assert difference(before, view.pixel(90, 130)) > 20


def test_dragged_box_right_click_commit_and_undo(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.drag(250, 80, 360, 220)
    view.expect_draft()
    box = lab.value("list(widget.objects[-1].box_prompt_xyxy)")
    assert box == pytest.approx([250, 80, 360, 220], abs=2)
    assert lab.value("float(widget.masks[0, 90:210, 260:350].mean())") > 0.8

    view.click(*EMPTY, button="right")
    expect(view.root).to_have_attribute("data-points", "1")
    assert lab.value("widget.objects[-1].point_labels.tolist()") == [0]

    view.press("Enter")
    view.expect_objects(1)
    view.expect_draft(False)
    assert lab.value("[len(widget.masks), len(widget.objects), len(widget.scores)]") == [1, 1, 1]

    view.press("Control+z")
    view.expect_objects(0)
    view.expect_draft()
    view.press("Control+Shift+Z")
    view.expect_objects(1)
    view.press("Delete")
    view.expect_objects(0)
    assert lab.value("widget.masks.shape") == [0, 300, 400]


LARGE = """
import numpy as np
from samwidget import SamWidget
large = np.random.default_rng(0).integers(90, 110, (1500, 2000, 3), np.uint8)
rows, columns = np.mgrid[:1500, :2000]
speck = (columns + 0.5 - 1500) ** 2 + (rows + 0.5 - 500) ** 2 < 10 ** 2
large[speck] = (230, 40, 60)
widget = SamWidget(large)
"""


def test_zooming_in_lets_the_model_see_what_the_person_sees(lab: Lab) -> None:
    lab.open_cells([LARGE + "widget"])
    view = lab.view().wait_ready()
    expect(view.root).to_have_attribute("data-region", "all")
    view.move(1500, 500)
    lab.page.keyboard.down("Control")
    for _ in range(12):
        lab.page.mouse.wheel(0, -240)
    lab.page.keyboard.up("Control")
    expect(view.root).to_have_attribute("data-region", re.compile(r"\d+ \d+ \d+ \d+"))
    expect(view.root).to_contain_text("model sees")
    view.click(1500, 500)
    view.expect_draft()
    assert lab.value(
        "bool((widget.masks[0] & speck).sum() / (widget.masks[0] | speck).sum() > 0.9)"
    )
    view.press("0")
    expect(view.root).to_have_attribute("data-region", "all")
    view.press("Enter")
    view.expect_objects(1)
    assert lab.value("[widget.masks.shape[1], widget.objects[0].area < 500]") == [1500, True]


def test_escape_clears_the_prompts_and_keeps_the_objects(lab: Lab) -> None:
    view = open_scene(lab)
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    view.click(*SQUARE)
    view.expect_draft()
    view.press("Escape")
    view.expect_draft(False)
    view.expect_objects(1)
    assert lab.value("len(widget.masks)") == 1


def test_hover_previews_a_mask_and_leaving_takes_it_away(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    before = view.pixel(90, 130)
    view.move(110, 150)
    view.move(*DISK, steps=4)
    expect(view.root).to_have_attribute("data-preview", "true")
    assert difference(before, view.pixel(90, 130)) > 8
    lab.page.mouse.move(2, 2)
    expect(view.root).to_have_attribute("data-preview", "false")
    assert lab.value("len(widget.masks)") == 0


def test_objects_and_draft_survive_a_page_reload(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    view.click(*SQUARE)
    view.expect_draft()
    lab.reload()
    view = lab.view()
    view.wait_ready()
    view.expect_objects(1)
    view.expect_draft()
    assert lab.value("len(widget.masks)") == 2
    view.press("Enter")
    view.expect_objects(2)


def test_two_views_of_one_widget_show_the_same(lab: Lab, kernel: str) -> None:
    first = open_scene(lab, kernel, cells=["widget"])
    second = lab.view(1).wait_ready()
    before = second.pixel(90, 130)
    first.click(*DISK)
    for view in (first, second):
        view.expect_draft()
    assert difference(before, second.pixel(90, 130)) > 20
    second.press("Enter")
    for view in (first, second):
        view.expect_objects(1)


def test_two_widgets_on_one_page_are_strangers(lab: Lab, kernel: str) -> None:
    first = open_scene(lab, kernel, cells=["other = SamWidget(scene[:, ::-1])\nother"])
    second = lab.view(1).wait_ready()
    first.click(*DISK)
    first.expect_draft()
    second.click(95, 150)
    second.expect_draft()
    second.press("Enter")
    second.expect_objects(1)
    first.expect_objects(0)
    assert lab.value("[len(widget.masks), len(other.masks)]") == [1, 1]
    assert lab.value("[bool(widget.masks[0, 150, 305]), bool(other.masks[0, 150, 95])]") == [
        False,
        True,
    ]


def test_many_clicks_in_a_hurry_all_count(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    points = [(90, 130), (120, 100), (150, 150), (120, 200), (110, 160)]
    for point in points:
        view.click(*point)
    expect(view.root).to_have_attribute("data-points", "5")
    view.expect_draft()
    assert lab.value("len(widget.objects[-1].point_coords)") == 5


def test_zoomed_click_lands_where_it_was_aimed(lab: Lab) -> None:
    view = open_scene(lab)
    view.canvas.focus()
    view.move(*DISK)
    before = view.canvas.get_attribute("data-viewport")
    lab.page.mouse.wheel(0, -400)
    expect(view.canvas).not_to_have_attribute("data-viewport", str(before))
    view.click(130, 160)
    view.expect_draft()
    point = lab.value("widget.objects[-1].point_coords[0].tolist()")
    assert point == pytest.approx([130, 160], abs=1.5)


def test_keys_on_the_canvas_leave_the_notebook_alone(lab: Lab) -> None:
    view = open_scene(lab, cells=["1 + 1"])
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("b", "a", "x", "d", "d", "m", "v", "Enter", "Escape", "Delete"):
        view.press(key)
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells
    expect(lab.page.locator(".jp-Notebook .jp-MarkdownCell")).to_have_count(0)


def test_code_and_hand_share_one_state(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    lab.run("widget.add_point(120, 150); widget.commit(label='disk')")
    view.expect_objects(1)
    expect(view.root.get_by_test_id("object-1")).to_contain_text("disk")
    view.click(*SQUARE)
    view.expect_draft()
    lab.run("widget.commit(label='square')")
    view.expect_objects(2)
    assert lab.value("widget.labels") == ["disk", "square"]


def test_a_mask_from_elsewhere_is_shown_exactly_and_refined_by_hand(lab: Lab) -> None:
    first = open_scene(lab, cells=["widget"])
    second = lab.view(1).wait_ready()
    untouched = [first.pixel(x, 250) for x in (203, 209, 215)]
    # Two bars of four pixels: finer than the model's own cells.
    lab.run(
        "bars = np.zeros((300, 400), bool)\n"
        "bars[240:260, 201:205] = bars[240:260, 213:217] = True\n"
        "widget.add_mask(bars, label='bars')"
    )
    for view in (first, second):
        view.expect_objects(1)
    inside, between, inside_too = (
        difference(first.pixel(x, 250), before)
        for x, before in zip((203, 209, 215), untouched, strict=True)
    )
    assert min(inside, inside_too) > 20 > 3 * between
    second.root.get_by_test_id("object-1").hover()
    second.root.get_by_test_id("refine-1").click()
    first.expect_objects(0)
    first.click(*DISK)
    first.expect_draft()
    first.press("Enter")
    for view in (first, second):
        view.expect_objects(1)
    assert lab.value("[widget.objects[0].id, widget.labels[0]]") == [1, "bars"]
    lab.run("widget.undo(); widget.undo(); widget.undo()")
    assert lab.value("bool((widget.masks[0] == bars).all())") is True
    first.expect_objects(1)


def wait_for_blue(lab: Lab, view: View, x: float, y: float) -> None:
    """Wait until a point of the image is painted blue."""
    lab.page.wait_for_function(
        "([canvas, x, y]) => canvas.getContext('2d').getImageData(x, y, 1, 1).data[2] > 200",
        arg=[view.canvas.element_handle(), *map(int, view.on_screen(x, y))],
    )


def test_overlay_canvas_is_drawn_inside_the_view(lab: Lab) -> None:
    view = open_scene(lab)
    before = view.pixel(*EMPTY)
    lab.run(
        "overlay = widget.new_overlay()\n"
        "def draw():\n"
        "    overlay.fill_style = '#00e0ff'\n"
        "    overlay.fill_rect(180, 10, 40, 40)\n"
        "draw()\n"
        "overlay.on_client_ready(draw)"
    )
    wait_for_blue(lab, view, *EMPTY)
    assert difference(view.pixel(*EMPTY), [0, 224, 255]) < 12
    assert difference(before, view.pixel(*EMPTY)) > 50

    # A reload empties the browser's canvas; it is drawn on again and shown.
    lab.reload()
    view = lab.view().wait_ready()
    wait_for_blue(lab, view, *EMPTY)


def test_widget_goes_on_without_the_front_end_of_ipycanvas(lab: Lab) -> None:
    lab.page.route("**/extensions/ipycanvas/**", lambda route: route.abort())
    view = open_scene(lab)
    lab.run("overlay = widget.new_overlay()\noverlay.fill_rect(180, 10, 40, 40)")
    view.click(*DISK)
    view.expect_draft()
    assert lab.value("len(widget.masks)") == 1
