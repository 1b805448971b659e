"""The same by hand in each notebook application: JupyterLab, Notebook 7 and marimo."""

from __future__ import annotations

import pytest
from hosts.host import Host
from scene import DISK, SCENE, SQUARE
from view import View

pytestmark = pytest.mark.browser

WIDGET = SCENE + "widget = SamWidget(scene)\nwidget"

# A person's callback, and the thread that runs the cells.
OBSERVER = """
import threading
told, told_on = [], []
cell_thread = threading.current_thread()
def tell(change):
    told.append(change["new"])
    told_on.append(threading.current_thread())
widget.observe(tell, "objects")
"""


def open_widget(host: Host, *cells: str) -> View:
    host.open_cells([WIDGET, *cells])
    return host.view().wait_ready()


def commit_disk(view: View) -> None:
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)


def test_click_gives_a_mask_that_another_cell_reads(host: Host) -> None:
    reading = "print('read', widget.masks.shape, widget.masks[:, 150, (120, 305)].tolist())"
    view = open_widget(host, reading)
    host.cell(1).get_by_text("read (0, 300, 400) []").wait_for()
    view.click(*DISK)
    view.expect_draft()
    host.run_cell(1)
    host.cell(1).get_by_text("read (1, 300, 400) [[True, False]]").wait_for()


def test_observers_are_told_of_what_the_hand_did(host: Host) -> None:
    view = open_widget(host, OBSERVER)
    commit_disk(view)
    host.wait_for("len(told[-1]) if told else None", 1)
    assert host.value("type(told[-1]).__name__") == "tuple"
    assert host.value("told[-1] == widget.objects")
    assert host.value("bool(told[-1][0].mask[150, 120])")


def test_observers_run_on_the_thread_of_the_cells(host: Host) -> None:
    view = open_widget(host, OBSERVER)
    commit_disk(view)
    host.wait_for("len(told[-1]) if told else None", 1)
    assert host.value("sorted({thread.name for thread in told_on} - {cell_thread.name})") == []
    assert host.value("all(thread is cell_thread for thread in told_on)")


BOLD_OBSERVERS = """
done = []
def bold(change):
    if len(change["new"]) != 1 or "raised" in done:
        return
    if "masks" not in done:
        done.append("masks")
        done.append(list(widget.masks.shape))
        widget.label = "told"
        widget.commit()
    elif "image" not in done:
        done.append("image")
        widget.image = scene[:, ::-1]
        done.append(len(widget.objects))
    else:
        done.append("raised")
        raise RuntimeError("an observer's own mistake")
widget.observe(bold, "objects")
widget.observe(lambda change: done.append("other") if "raised" in done else None, "objects")
"""


def test_observers_may_read_edit_set_the_image_raise_and_close(host: Host) -> None:
    view = open_widget(host, BOLD_OBSERVERS)
    view.click(*DISK)  # its mask is read and committed, which tells of one object again
    host.wait_for("done[:4]", ["masks", [1, 300, 400], "image", 0])
    view = host.view().wait_ready()
    view.expect_objects(0)
    view.click(95, 150)  # the square of the mirrored scene: the observer raises
    host.wait_for("'raised' in done", True)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    assert host.value("widget.labels") == ["told"]
    host.wait_for("'other' in done", True)
    host.value("widget.observe(lambda change: widget.close(), 'objects') or 1")
    view.click(280, 150)
    host.wait_for("widget._session.is_closed", True)
    assert host.value("len(widget.masks) >= 1")


def test_reload_shows_what_was_made_and_goes_on(host: Host) -> None:
    view = open_widget(host)
    commit_disk(view)
    host.reload()
    view = host.view().wait_ready()
    view.expect_objects(1)
    view.click(*SQUARE)
    view.expect_draft()
    assert host.value("widget.masks[:, 150, (120, 305)].tolist()") == [
        [True, False],
        [False, True],
    ]


def test_running_the_cell_again_leaves_no_thread_behind(host: Host) -> None:
    threads = (
        "sum(thread.name.startswith('samwidget') for thread in __import__('threading').enumerate())"
    )
    view = open_widget(host)
    commit_disk(view)
    before = host.value(threads)
    assert before >= 1
    for _ in range(5):
        host.run_cell(0)
    view = host.view().wait_ready()
    commit_disk(view)
    host.wait_for(threads, before)
