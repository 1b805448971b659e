"""What the page shows when its kernel is another one."""

from __future__ import annotations

import re

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, SQUARE, open_scene

pytestmark = pytest.mark.browser


def test_restarted_kernel_is_told_in_the_cell(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.click(*DISK)
    view.expect_draft()
    telling = view.root.get_by_text(re.compile("run the cell again", re.IGNORECASE))
    expect(telling).to_have_count(0)
    lab.restart_kernel()
    view.click(*SQUARE)
    expect(telling.first).to_be_visible()


def test_running_the_cell_again_on_a_restarted_kernel_works(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.click(*DISK)
    view.expect_draft()
    lab.restart_kernel()
    lab.run_cell(0)
    view = lab.view().wait_ready()
    view.expect_draft(False)
    view.click(*SQUARE)
    view.expect_draft()
    assert lab.value("widget.masks[:, 150, (120, 305)].tolist()") == [[False, True]]
    expect(view.root.get_by_test_id("error")).to_be_hidden()
