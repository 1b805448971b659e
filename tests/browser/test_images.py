"""A list of images: gone through by keys, by the strip and by buttons, each with its objects."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, SCENE, SQUARE
from view import View

pytestmark = pytest.mark.browser

LIST = (
    SCENE
    + """
from PIL import Image
from pathlib import Path
folder = Path("many")
folder.mkdir(exist_ok=True)
for i in range(24):
    one = np.roll(scene, (7 * i) % 60, axis=0) if i % 3 else scene
    Image.fromarray(np.clip(one * (0.5 + 0.04 * (i % 12)), 0, 255).astype(np.uint8)).save(
        folder / f"scene {i + 1:02d}.png"
    )
(folder / "scene 04.png").write_bytes(b"broken")
widget = SamWidget(folder, classes=["disk", "square"])
told = []
@widget.on_submit
def save(index, results):
    told.append([index, results.path[-12:], [one.label for one in results]])
widget
"""
)


def expect_place(view: View, text: str) -> None:
    expect(view.root.get_by_test_id("image-count")).to_have_text(text)


def shot(view: View, name: str) -> None:
    """Keep a picture where a person asks for one."""
    folder = os.environ.get("SAMWIDGET_SCREENSHOTS")
    if folder:
        view.root.screenshot(path=Path(folder) / f"{name}.png")


def test_a_folder_is_gone_through(lab: Lab) -> None:
    lab.open_cells([LIST])
    view = lab.view().wait_ready()
    strip = view.root.get_by_test_id("strip")
    expect_place(view, "1 of 24")
    expect(view.root.get_by_test_id("image-title")).to_have_text("scene 01.png")
    expect(strip.locator("[data-picture=there]").first).to_be_visible()

    # An object, and by the key to the next image; the notebook's cells stay where they are.
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    view.press("PageDown")
    expect_place(view, "2 of 24")
    view.wait_ready().expect_objects(0)
    expect(view.root.get_by_test_id("image-0")).to_have_attribute(
        "aria-label", "Image 1, scene 01.png, 1 object"
    )

    # Submitted with a draft: it is an object, and the callback is told.
    view.click(*SQUARE)
    view.expect_draft()
    view.press("Shift+Enter")
    expect_place(view, "3 of 24")
    view.wait_ready().expect_objects(0)
    view.expect_draft(False)
    lab.wait_for("told", [[1, "scene 02.png", ["disk"]]])
    expect(view.root.get_by_test_id("image-1")).to_have_attribute("data-mark", "submitted")

    # A file that cannot be read says so, and is no end.
    view.root.get_by_test_id("next-image").click()
    view.expect_error("scene 04.png")
    expect_place(view, "4 of 24")
    shot(view, "unreadable")
    view.root.get_by_test_id("skip-image").click()
    expect_place(view, "5 of 24")
    expect(view.root.get_by_test_id("error")).to_be_hidden()
    expect(view.root.get_by_test_id("image-3")).to_have_attribute("data-mark", "skipped")

    # The strip leads anywhere, and back to what was made.
    view.wait_ready()
    shot(view, "list")
    view.root.get_by_test_id("image-0").click()
    expect_place(view, "1 of 24")
    view.expect_objects(1)
    view.press("Control+z")
    view.expect_objects(0)
    view.expect_draft()
    view.press("Control+Shift+Z")
    view.expect_objects(1)
    strip.hover()
    lab.page.mouse.wheel(0, 3000)
    view.root.get_by_test_id("image-23").click()
    expect_place(view, "24 of 24")
    expect(view.root.get_by_test_id("next-image")).to_be_disabled()

    assert lab.value("[len(one) for one in widget.results[:2]]") == [1, 1]
    assert lab.value("[widget.index, widget.submitted, widget.skipped]") == [23, [1], [3]]
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == 1, "keys went to the notebook"

    # The page is loaded again: everything is as it was.
    lab.reload()
    view = lab.view().wait_ready()
    expect_place(view, "24 of 24")
    view.press("PageUp")
    expect_place(view, "23 of 24")
    assert lab.value("widget.index") == 22
