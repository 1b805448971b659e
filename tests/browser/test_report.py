"""The page that `to_html` writes, in a real browser without a network, by pointer and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from samwidget.results import Results
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>"


@pytest.fixture
def report(page: Page, tmp_path: Path) -> Page:
    image = np.full((100, 200, 3), 220, np.uint8)
    left, right = np.zeros((2, 100, 200), bool)
    left[20:80, 20:80] = right[20:80, 120:180] = True
    objects = tuple(
        SegmentedObject(i, label, 0.9 - i / 10, Mask.from_array(mask), Prompts(), color)
        for i, (label, mask, color) in enumerate(
            [(EVIL, left, "#ff0000"), ("spoon", right, "#0000ff")]
        )
    )
    path = Results(image, objects).to_html(tmp_path / "report.html", title=EVIL)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 1100, "height": 500})
    page.goto(path.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    return page


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Say where a point of the image is in the page."""
    where = page.evaluate(
        """([x, y]) => {
          const svg = document.querySelector(".stage svg");
          const { x: left, y: top } = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
          return [left, top];
        }""",
        [x, y],
    )
    return where[0], where[1]


def test_a_page_is_looked_at_by_hand(report: Page) -> None:
    tip, rows, paths = report.locator(".tip"), report.locator("tbody tr"), report.locator("path")
    report.mouse.move(*on_screen(report, 150, 50))
    expect(tip).to_have_text("spoon · score 0.80 · 3,600 px")
    expect(rows.nth(1)).to_have_class("hot")
    report.mouse.move(*on_screen(report, 50, 50))
    expect(tip).to_contain_text(EVIL)
    report.mouse.move(*on_screen(report, 100, 50))
    expect(tip).to_be_hidden()

    before = on_screen(report, 150, 50)
    report.mouse.move(*before)
    report.mouse.wheel(0, -400)
    after = on_screen(report, 150, 50)
    assert np.hypot(after[0] - before[0], after[1] - before[1]) < 2, "the point stays in its place"
    assert on_screen(report, 160, 50)[0] - after[0] > 15 * 1.5 * 2, "the rest grows around it"
    report.mouse.down()
    report.mouse.move(before[0] + 50, before[1] + 20, steps=4)
    report.mouse.up()
    moved = on_screen(report, 150, 50)
    assert np.hypot(moved[0] - after[0] - 50, moved[1] - after[1] - 20) < 2
    report.keyboard.press("0")
    report.get_by_role("button", name="Fit").click()
    assert np.hypot(*np.subtract(on_screen(report, 150, 50), before)) < 2

    rows.nth(1).get_by_role("checkbox").uncheck()
    expect(paths.nth(1)).to_be_hidden()
    expect(paths.nth(0)).to_be_visible()
    report.locator("[data-all]").check()
    expect(paths.nth(1)).to_be_visible()
    report.locator(".stage").focus()
    report.keyboard.down("m")
    expect(paths.nth(0)).to_be_hidden()
    report.keyboard.up("m")
    expect(paths.nth(0)).to_be_visible()


def test_labels_are_text_and_without_scripts_the_page_still_shows_all(report: Page) -> None:
    expect(report.get_by_role("heading")).to_have_text(EVIL)
    expect(report.locator("tbody tr").nth(0)).to_contain_text(EVIL)
    assert report.locator("img").count() == 0
    assert report.title() == EVIL
    browser = report.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(report.url)
    expect(plain.locator("path")).to_have_count(2)
    expect(plain.locator("path").nth(1)).to_be_visible()
    expect(plain.locator("tbody tr").nth(1)).to_contain_text("spoon")
    plain.context.close()
