"""Work that outlives its kernel, as a person meets it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, SCENE, SQUARE
from view import View

pytestmark = pytest.mark.browser

FOLDER = (
    SCENE
    + """
from PIL import Image
from pathlib import Path
folder = Path("earlier")
folder.mkdir(exist_ok=True)
for i in range(4):
    Image.fromarray(np.clip(scene * (0.7 + 0.1 * i), 0, 255).astype(np.uint8)).save(
        folder / f"scene {i + 1}.png"
    )
widget = SamWidget(folder, autosave="earlier.samw")
widget
"""
)


def shot(view: View, name: str) -> None:
    """Keep a picture where a person asks for one."""
    folder = os.environ.get("SAMWIDGET_SCREENSHOTS")
    if folder:
        view.root.screenshot(path=Path(folder) / f"{name}.png")


def test_work_is_offered_again_on_a_restarted_kernel(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "scene.samw"
    lab.open_cells([f"{SCENE}widget = SamWidget(scene, autosave={str(path)!r})\nwidget"])
    view = lab.view().wait_ready()
    strip = view.root.get_by_test_id("kept")
    expect(strip).to_be_hidden()
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    view.click(*SQUARE)
    view.expect_draft()
    masks = lab.value("widget.masks[:, 150, (120, 305)].tolist()")
    lab.page.wait_for_timeout(1500)  # so old is unsaved work at most, about
    lab.restart_kernel()
    lab.run_cell(0)
    view = lab.view().wait_ready()
    strip = view.root.get_by_test_id("kept")
    expect(strip).to_contain_text("Earlier work: 2 objects, today")
    view.expect_objects(0)
    strip.get_by_test_id("restore-work").click()
    view.expect_objects(1)
    view.expect_draft()
    expect(strip).to_be_hidden()
    assert lab.value("widget.masks[:, 150, (120, 305)].tolist()") == masks
    view.press("Control+z")
    view.expect_draft(False)
    view.press("Control+z")
    view.expect_objects(0)
    view.expect_draft()


def test_work_on_a_folder_is_offered_as_a_whole_and_opens_as_it_was_seen(lab: Lab) -> None:
    lab.open(lab.write([FOLDER, 'opened = SamWidget.open("earlier.before.samw")\nopened']))
    lab.run_cell(0)
    view = lab.view().wait_ready()
    count = view.root.get_by_test_id("image-count")
    view.click(*DISK)
    view.expect_draft()
    view.press("Shift+Enter")
    expect(count).to_have_text("2 of 4")
    lab.wait_for("widget.index", 1)
    view.wait_ready()
    view.click(*SQUARE)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    for _ in range(3):
        view.root.get_by_test_id("zoom-in").click()
    before = view.canvas.get_attribute("data-viewport")
    view.page.wait_for_timeout(1500)  # a view that rests for so long has been told
    lab.run("widget.classes = ['disk']; widget._autosave.flush()")
    lab.restart_kernel()
    lab.run_cell(0)
    view = lab.view().wait_ready()
    strip = view.root.get_by_test_id("kept")
    expect(strip).to_contain_text("Earlier work: 2 objects on 2 images, today")
    shot(view, "list_kept")
    view.press("PageDown")
    lab.wait_for("widget.index", 1)
    lab.run("widget.wait()")
    expect(view.root.get_by_test_id("image-title")).to_have_text("scene 2.png")
    view.wait_ready()
    expect(strip).to_be_visible()
    strip.get_by_test_id("restore-work").click()
    view.expect_objects(1)
    expect(strip).to_be_hidden()
    assert lab.value("[widget.submitted, [len(one) for one in widget.results]]") == [
        [0],
        [1, 1, 0, 0],
    ]
    shot(view, "list_restored")
    lab.run("widget._autosave.flush()")  # which renames the earlier file
    lab.run_cell(1)
    opened = lab.view(1).wait_ready()
    opened.expect_objects(1)
    expect(opened.root.get_by_test_id("image-count")).to_have_text("2 of 4")
    expect(opened.canvas).to_have_attribute("data-viewport", before)
    shot(opened, "list_opened")
