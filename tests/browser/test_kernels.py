"""What the page shows when its kernel is another one."""

from __future__ import annotations

import re

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import DISK, SCENE, SQUARE, open_scene

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


# ------------------------------------------------------------- one notebook's widget in another one


KEEP_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"


@pytest.mark.parametrize("saved", [False, True], ids=["without", "with"])
def test_a_copied_notebook_is_no_second_hand_on_the_first_ones_widget(
    lab: Lab, saved: bool
) -> None:
    view = open_scene(lab)
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    if saved:  # the widget's state is in the file, too
        lab.command(KEEP_STATE)
        lab.page.wait_for_timeout(1000)  # the page keeps it when nothing has happened for a while
    window = lab.second_window(lab.copy())
    assert window.kernel_id != lab.kernel_id
    copied = window.view()
    if saved:
        copied.expect_objects(1)
        expect(copied.root).to_have_attribute("data-kernel", "gone")
        expect(copied.root.get_by_test_id("status")).to_contain_text("run the cell again")
        copied.click(*SQUARE)
        copied.expect_draft(False)
    else:
        expect(copied.root).to_have_count(0)
    window.run_all()
    copied = window.view().wait_ready()
    copied.expect_objects(0)
    copied.click(*SQUARE)
    copied.expect_draft()
    lab.page.bring_to_front()
    view.expect_objects(1)
    view.expect_draft(False)
    view.click(*SQUARE)
    view.expect_draft()
    assert lab.value("len(widget.masks)") == 2
    assert window.value("len(widget.masks)") == 1


def test_two_notebooks_on_one_kernel_show_one_widget(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.click(*DISK)
    view.expect_draft()
    window = lab.second_window(lab.write(["widget"], kernel))
    window.take_kernel(lab.kernel_id)
    window.run_all()
    other = window.view().wait_ready()
    other.expect_draft()
    other.press("Enter")
    for each in (view, other):
        each.expect_objects(1)
    lab.page.bring_to_front()
    view.click(*SQUARE)
    for each in (view, other):
        each.expect_draft()
    assert lab.value("len(widget.masks)") == window.value("len(widget.masks)") == 2
    # The second notebook is closed: the first goes on.
    window.page.close()
    lab.page.wait_for_timeout(6000)  # longer than a widget lives that nobody looks at
    view.press("Enter")
    view.expect_objects(2)
    assert lab.value("widget._session.is_closed") is False


def test_two_notebooks_on_one_kernel_have_their_own_widgets(lab: Lab) -> None:
    view = open_scene(lab)
    view.click(*DISK)
    view.expect_draft()
    window = lab.second_window(lab.write(["other = SamWidget(scene[:, ::-1])\nother"]))
    window.take_kernel(lab.kernel_id)
    window.run_all()
    other = window.view().wait_ready()
    other.click(95, 150)
    other.expect_draft()
    other.press("Enter")
    other.expect_objects(1)
    lab.page.bring_to_front()
    view.expect_objects(0)
    view.press("Enter")
    view.expect_objects(1)
    assert lab.value("[len(widget.masks), len(other.masks)]") == [1, 1]


def test_a_copy_on_the_kernel_of_the_first_leaves_the_first_ones_widget(lab: Lab) -> None:
    lab.open_cells([SCENE + "SamWidget(scene)"])
    view = lab.view().wait_ready()
    view.click(*DISK)
    view.expect_draft()
    window = lab.second_window(lab.copy())  # its cells have the same ids
    window.take_kernel(lab.kernel_id)
    window.run_all()
    other = window.view().wait_ready()
    other.expect_draft(False)
    other.click(*SQUARE)
    other.expect_draft()
    lab.page.bring_to_front()
    view.press("Enter")
    view.expect_objects(1)
    expect(view.root).to_have_attribute("data-kernel", "there")
    view.click(*SQUARE)
    view.expect_draft()


def test_a_cell_run_again_after_a_reload_leaves_no_thread_behind(lab: Lab) -> None:
    threads = "sum(one.name == 'samwidget' for one in __import__('threading').enumerate())"
    lab.open_cells([SCENE + "SamWidget(scene)"])
    lab.view().wait_ready()
    assert lab.value(threads) == 1
    lab.reload()
    lab.view().wait_ready()
    lab.run_cell(0)
    lab.view().wait_ready()
    lab.wait_for(threads, 1)
