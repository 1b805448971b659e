"""Brush, eraser and polygon by a real pointer: what is painted is what the kernel has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import open_scene
from view import View

pytestmark = pytest.mark.browser

NEAR = 40
"""So far two colours may differ and still be one: the picture is drawn scaled."""


def picture(view: View, name: str) -> None:
    """Keep what is seen for whoever wants to look."""
    folder = os.environ.get("SAMWIDGET_PICTURES")
    if folder:
        view.root.screenshot(path=Path(folder) / f"{name}.png")


def differs(one: list[int], other: list[int]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) > NEAR


def test_a_hand_paints_erases_and_draws_polygons(lab: Lab) -> None:
    view = open_scene(lab)
    bare = view.pixel(200, 60)

    # The brush begins an object, and what is painted shows before the button is up.
    view.press("d")
    expect(view.root.get_by_test_id("tool-brush")).to_have_attribute("aria-pressed", "true")
    view.move(60, 60)
    lab.page.mouse.down()
    view.move(340, 60, steps=12)
    lab.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert differs(view.pixel(200, 60), bare)
    picture(view, "brush")
    lab.page.mouse.up()
    view.expect_draft()
    radius = lab.value("widget._session.state.document.draft.mask.box_xyxy")
    assert radius[1] < 60 < radius[3]
    assert lab.value("bool(widget.masks[0][60, 200])")
    assert not lab.value("bool(widget.masks[0][150, 120])")

    # The right button takes away.
    before = lab.value("widget.objects[0].area")
    view.move(200, 20)
    lab.page.mouse.down(button="right")
    view.move(200, 100, steps=8)
    lab.page.mouse.up(button="right")
    lab.page.wait_for_timeout(100)
    assert lab.value("widget.objects[0].area") < before
    assert not differs(view.pixel(200, 60), bare)

    # Enter commits; the next stroke begins another object.
    view.press("Enter")
    view.expect_objects(1)
    view.drag(60, 260, 120, 260)
    view.press("Enter")
    view.expect_objects(2)
    assert not lab.value("bool(widget.masks[0][260, 90])")
    assert lab.value("bool(widget.masks[1][260, 90])")

    # [ makes the brush smaller.
    view.press("[")
    view.press("[")
    view.drag(60, 230, 120, 230)
    view.press("Enter")
    view.expect_objects(3)
    heights = lab.value("[float(y2 - y1) for _, y1, _, y2 in widget.boxes]")
    assert heights[2] < heights[1]
    picture(view, "painted")

    # A polygon, corner by corner; its corners can be dragged then.
    view.press("g")
    for x, y in ((180, 200), (240, 200), (240, 280)):
        view.click(x, y)
    view.move(180, 280)
    picture(view, "polygon")
    view.click(180, 280)
    view.press("Enter")
    view.expect_draft()
    assert lab.value("widget.objects[-1].area") == 60 * 80
    picture(view, "corners")
    view.drag(240, 280, 280, 280)
    lab.page.wait_for_timeout(100)
    assert lab.value("widget.objects[-1].area") == 60 * 80 + 40 * 80 // 2
    view.press("Enter")
    view.expect_objects(4)

    # The menu changes the selected object, and undo takes it back.
    view.root.get_by_test_id("select-4").click()
    area = lab.value("widget.objects[-1].area")
    view.root.get_by_test_id("mask-menu").click()
    picture(view, "menu")
    view.root.get_by_test_id("mask-grow").click()
    lab.page.wait_for_timeout(200)
    assert lab.value("widget.objects[-1].area") > area
    view.press("Control+z")
    lab.page.wait_for_timeout(200)
    assert lab.value("widget.objects[-1].area") == area
    lab.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
