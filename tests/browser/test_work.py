"""Work that outlives its kernel, as a person meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, SCENE, SQUARE

pytestmark = pytest.mark.browser


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
