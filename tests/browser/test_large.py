"""A large image: whoever zooms in sees its own pixels; in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts.lab import Lab
from playwright.sync_api import Browser, expect
from view import View

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000  # a busy machine is no failure

STRIPES = """
import numpy as np
from samwidget import SamWidget
large = np.full((5000, 8000, 3), (40, 90, 60), np.uint8)
large[:, 1::2] = (250, 200, 180)  # every other column: the picture of all of it has only their mean
widget = SamWidget(large)
widget
"""
MIDDLE = (4000, 2500)


@pytest.fixture(scope="module")
def lab(browser: Browser, jupyter_server: tuple) -> Iterator[Lab]:
    """One page for all tests here."""
    context = browser.new_context()
    lab = Lab(context.new_page(), *jupyter_server)
    lab.open_cells([STRIPES])
    expect(lab.view().root).to_have_attribute("data-phase", "ready", timeout=2 * PATIENCE_MS)
    yield lab
    lab.shut_down()
    context.close()


def reds(view: View) -> list[int]:
    """The red of six pixels of the image side by side, as the canvas shows them."""
    x, y = MIDDLE
    return [view.pixel(x + column + 0.5, y + 0.5)[0] for column in range(6)]


def expect_detail(view: View, phase: str) -> None:
    expect(view.root).to_have_attribute("data-detail", phase, timeout=PATIENCE_MS)


def test_every_pixel_is_seen_where_one_zooms_in(lab: Lab) -> None:
    view = lab.view()
    expect_detail(view, "none")
    assert max(reds(view)) - min(reds(view)) < 40  # the whole picture knows no single column
    view.press("Alt+9")
    for _ in range(9):
        view.press("+")
    expect_detail(view, "sharp")
    scale = float((view.canvas.get_attribute("data-viewport") or "").split()[0])
    assert scale > 4
    dark, light = reds(view)[::2], reds(view)[1::2]
    assert max(dark) < 60
    assert min(light) > 230


def test_what_is_seen_closer_moves_on_with_the_view(lab: Lab) -> None:
    view = lab.view()
    view.page.keyboard.down("Space")
    view.drag(MIDDLE[0], MIDDLE[1], MIDDLE[0] + 20, MIDDLE[1])
    view.page.keyboard.up("Space")
    expect_detail(view, "sharp")
    assert max(reds(view)[::2]) < 60 < 230 < min(reds(view)[1::2])


def test_contrast_is_that_of_the_picture(lab: Lab) -> None:
    view = lab.view()
    dark = reds(view)[0]
    view.root.get_by_test_id("view").click()
    view.root.get_by_test_id("gamma").fill("2")
    for _ in range(100):
        if abs(reds(view)[0] - dark) > 20:
            break
        lab.page.wait_for_timeout(50)
    assert abs(reds(view)[0] - dark) > 20
    assert min(reds(view)[1::2]) > 230  # as sharp as before
    view.root.get_by_test_id("reset-tone").click()
    view.root.get_by_test_id("close-view").click()


def test_the_whole_picture_needs_none_of_it(lab: Lab) -> None:
    view = lab.view()
    view.press("0")
    expect_detail(view, "none")
    assert max(reds(view)) - min(reds(view)) < 40
