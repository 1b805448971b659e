"""The list of objects by real pointer and keys: several at once, colours, order, locks."""

from __future__ import annotations

import time

import pytest
from hosts.host import PATIENCE_MS
from hosts.lab import Lab
from playwright.sync_api import Locator, expect
from scene import DISK, SCENE, SQUARE
from view import View

pytestmark = pytest.mark.browser

MADE = """
def box(x1, y1, x2, y2):
    mask = np.zeros((300, 400), bool)
    mask[y1:y2, x1:x2] = True
    return mask
places = [(260, 90, 350, 210), (70, 100, 170, 200), (10, 10, 60, 50), (340, 240, 390, 290)]
classes = {"square": "#f7e500", "disk": "#c70a74"}
widget = SamWidget(scene, objects=[box(*one) for one in places], classes=classes, label="part")
widget.relabel([3, 4], "corner"); widget.relabel(1, "square")
widget
"""

NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def open_made(lab: Lab) -> View:
    lab.open_cells([SCENE + MADE, "1 + 1"])
    view = lab.view().wait_ready()
    view.expect_objects(4)
    return view


def row(view: View, object_id: int) -> Locator:
    return view.root.get_by_test_id(f"object-{object_id}")


def expect_value(lab: Lab, code: str, value: object) -> None:
    """Wait until an expression in the kernel has this value: edits may still be on their way."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (now := lab.value(code)) != value and time.monotonic() < deadline:
        lab.page.wait_for_timeout(50)
    assert now == value


def tool(view: View, action: str, object_id: int) -> Locator:
    """Give a button of a row, as it is there once the pointer is over the row."""
    row(view, object_id).hover()
    return view.root.get_by_test_id(f"{action}-{object_id}")


def drag_row(lab: Lab, view: View, object_id: int, onto: int) -> None:
    """Drag a row to the place above another, by its handle."""
    start = tool(view, "move", object_id).bounding_box()
    end = row(view, onto).bounding_box()
    assert start is not None
    assert end is not None
    lab.page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    lab.page.mouse.down()
    lab.page.mouse.move(end["x"] + 40, end["y"] + 3, steps=5)
    lab.page.mouse.up()


def test_one_widget_by_hand(lab: Lab) -> None:
    view = open_made(lab)
    page, root = lab.page, view.root
    cells = page.locator(".jp-Notebook .jp-Cell").count()

    # Several at once: on the picture with Shift, in the list with Ctrl and Shift.
    view.press("v")
    view.click(*SQUARE)
    page.keyboard.down("Shift")
    view.click(*DISK)
    page.keyboard.up("Shift")
    expect(root.get_by_test_id("object-count")).to_have_text("2 of 4 selected")
    expect_value(lab, "widget.selection", [1, 2])
    root.get_by_test_id("select-4").click(modifiers=["Shift"])
    expect(root.get_by_test_id("object-count")).to_have_text("3 of 4 selected")
    root.get_by_test_id("select-2").click(modifiers=["ControlOrMeta"])
    expect_value(lab, "widget.selection", [3, 4])

    # One number key is for all of them, and their class has its colour.
    view.press("2")
    expect(row(view, 4)).to_contain_text("disk")
    expect_value(lab, "[one.color for one in widget.objects[2:]]", ["#c70a74", "#c70a74"])
    view.press("Escape")
    expect_value(lab, "widget.selection", [])

    # Hidden: not drawn, not clicked, and counted as ever.
    drawn = view.pixel(305, 120)
    tool(view, "hide", 1).click()
    expect(row(view, 1)).to_have_class("samwidget-row samwidget-row-hidden")
    page.evaluate(NEXT_FRAME)
    assert view.pixel(305, 120) != drawn
    view.click(*SQUARE)
    expect_value(lab, "[widget.selection, len(widget.masks)]", [[], 4])
    tool(view, "hide", 1).click()

    # Locked: a click goes through, Delete refuses with a sentence.
    tool(view, "lock", 1).click()
    expect(tool(view, "delete", 1)).to_be_disabled()
    view.click(*SQUARE)
    expect_value(lab, "widget.selection", [])
    root.get_by_test_id("select-1").click()
    view.press("Delete")
    view.expect_error("object 1 is locked")
    root.get_by_test_id("dismiss-error").click()
    view.expect_objects(4)

    # Another place, by hand and by keys.
    drag_row(lab, view, 4, onto=1)
    expect_value(lab, "[one.id for one in widget.objects]", [4, 1, 2, 3])
    root.get_by_test_id("select-4").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect_value(lab, "[one.id for one in widget.objects]", [1, 4, 2, 3])
    page.keyboard.press("Alt+ArrowDown")
    expect(root.get_by_test_id("select-4")).to_be_focused()
    expect_value(lab, "[one.id for one in widget.objects]", [1, 2, 4, 3])

    # Another colour.
    root.get_by_test_id("color-3").click()
    root.get_by_test_id("colors").get_by_label("Colour #0aeee2").click()
    expect(root.get_by_test_id("colors")).to_be_hidden()
    expect_value(lab, "widget.objects[-1].color", "#0aeee2")

    # A name from the classes, and a new class.
    tool(view, "rename", 3).click()
    root.get_by_role("option", name="square").click()
    expect(row(view, 3)).to_contain_text("square")
    label = root.get_by_test_id("label")
    label.click()
    page.keyboard.type("bolt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(view.canvas).to_be_focused()
    expect_value(lab, "[widget.classes, widget.label]", [["square", "disk", "bolt"], "bolt"])

    # All of it is undone, and no cell was touched.
    for _ in range(9):
        view.press("Control+z")
    expect(row(view, 4)).to_contain_text("corner")
    expect_value(
        lab,
        "[[one.id, one.label, one.locked] for one in widget.objects]",
        [[1, "square", False], [2, "part", False], [3, "corner", False], [4, "corner", False]],
    )
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
