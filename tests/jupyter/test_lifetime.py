"""A widget lives while somebody holds it or looks at it, until its cell shows another one."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import IPython
import numpy as np
import pytest
from fakes import fake_predictor
from ipywidgets.widgets import widget as base

from samwidget.jupyter import lifetime
from samwidget.jupyter.widget import SamWidget

IMAGE = np.zeros((48, 64, 3), np.uint8)
WAIT_S = 10


class Cell:
    """The notebook cell that is being run, as ipykernel tells of it."""

    def __init__(self) -> None:
        self.parent: dict[str, Any] = {}

    def run(self, cell: str, request: str, notebook: str = "first") -> None:
        header = {"msg_id": request, "session": notebook}
        self.parent = {"header": header, "metadata": {"cellId": cell}}

    def message(self, widget: SamWidget, notebook: str, kind: str, **fields: Any) -> None:
        """A page that shows a notebook sends the widget a message."""
        self.parent = {"header": {"msg_id": "comm", "session": notebook}, "metadata": {}}
        content = {"client": notebook, "seq": 1, "request": {"kind": kind, **fields}}
        widget._receive(None, content, None)

    def __call__(self) -> SimpleNamespace:
        return SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: self.parent))


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "GRACE_S", 0.05)


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    cell = Cell()
    monkeypatch.setattr(IPython, "get_ipython", cell)
    return cell


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    threads, held = workers(), set(base._instances)
    yield
    for widget in list(lifetime._on_pages.values()):
        widget.close()
    lifetime._in_cells.clear()
    assert_soon(lambda: workers() <= threads)
    assert_soon(lambda: set(base._instances) <= held)


def workers() -> int:
    return sum(thread.name == "samwidget" for thread in threading.enumerate())


def assert_soon(condition: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def make() -> SamWidget:
    widget = SamWidget(IMAGE, fake_predictor())
    widget.wait(WAIT_S)
    return widget


def test_fifty_rounds_leave_nothing_behind() -> None:
    before = workers()
    engines = []
    for _ in range(50):
        widget = make()
        widget.add_point(20, 20)
        widget.commit()
        engines.append(weakref.ref(widget._session._worker))
    del widget
    assert_soon(lambda: workers() <= before)
    assert_soon(lambda: all(engine() is None for engine in engines))


def test_fifty_runs_of_one_cell_leave_one_widget(cell: Cell) -> None:
    before = workers()
    out = []
    for number in range(50):
        cell.run("a", f"run {number}")
        out.append(make())  # as IPython's Out keeps it
        out[-1]._repr_mimebundle_()
    assert_soon(lambda: workers() <= before + 1)
    assert [one._session.is_closed for one in out] == [True] * 49 + [False]
    assert out[0].masks.shape == (0, 48, 64), "what was made can still be read"


def test_what_is_on_a_page_lives_without_a_reference(cell: Cell) -> None:
    cell.run("a", "1")
    gone = weakref.ref(make())
    assert_soon(lambda: gone() is None)
    widget = make()
    widget._repr_mimebundle_()
    shown = weakref.ref(widget)
    del widget
    gc.collect()
    assert shown() is not None
    request = {"kind": "report_views", "count": 1}
    shown()._receive(None, {"client": "page", "seq": 1, "request": request}, None)
    shown()._receive(None, {"client": "page", "seq": 2, "request": {**request, "count": 0}}, None)
    assert_soon(lambda: shown() is None)


def test_a_view_that_comes_back_soon_was_never_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "GRACE_S", 0.2)
    widget = make()
    widget._repr_mimebundle_()
    for seq, count in enumerate((1, 0, 1)):
        request = {"kind": "report_views", "count": count}
        widget._receive(None, {"client": "page", "seq": seq, "request": request}, None)
    shown = weakref.ref(widget)
    del widget
    time.sleep(0.4)
    gc.collect()
    assert shown() is not None
    shown().close()


def test_a_view_that_goes_does_not_end_what_is_held() -> None:
    widget = make()
    widget._repr_mimebundle_()
    for seq, count in enumerate((2, 1, 0)):
        request = {"kind": "report_views", "count": count}
        widget._receive(None, {"client": "page", "seq": seq, "request": request}, None)
    widget.add_point(20, 20)
    assert len(widget.objects) == 1
    widget.close()


def test_who_closes_the_comm_ends_the_widget() -> None:
    widget = make()
    widget.comm.close()
    assert widget._session.is_closed
    assert widget.masks.shape == (0, 48, 64)
    widget.close()


def test_one_cell_may_show_several(cell: Cell) -> None:
    cell.run("a", "1")
    first = [make(), make()]
    for widget in first:
        widget._repr_mimebundle_()
    assert not any(one._session.is_closed for one in first)
    cell.run("a", "2")
    make()._repr_mimebundle_()
    assert all(one._session.is_closed for one in first)


def test_what_another_cell_shows_too_stays(cell: Cell) -> None:
    cell.run("a", "1")
    widget = make()
    widget._repr_mimebundle_()
    cell.run("b", "2")
    widget._repr_mimebundle_()
    cell.run("a", "3")
    make()._repr_mimebundle_()
    assert not widget._session.is_closed
    cell.run("b", "4")
    make()._repr_mimebundle_()
    assert widget._session.is_closed


def run_and_show(cell: Cell, request: str, notebook: str) -> SamWidget:
    cell.run("a", request, notebook)
    widget = make()
    widget._repr_mimebundle_()
    cell.message(widget, notebook, "report_views", count=1)
    return widget


def test_a_copied_notebook_on_the_same_kernel_closes_nothing_of_the_first(cell: Cell) -> None:
    first = run_and_show(cell, "1", "first")
    copied = run_and_show(cell, "2", "copy")
    assert not first._session.is_closed
    again = run_and_show(cell, "3", "first")
    assert (first._session.is_closed, copied._session.is_closed) == (True, False)
    copied_again = run_and_show(cell, "4", "copy")
    assert (copied._session.is_closed, again._session.is_closed) == (True, False)
    for widget in (again, copied_again):
        widget.close()


@pytest.mark.parametrize("end", ["report_views", "leave_page"])
def test_a_page_that_has_gone_is_no_other_notebook(cell: Cell, end: str) -> None:
    widget = run_and_show(cell, "1", "before the reload")
    fields = {"count": 0} if end == "report_views" else {}
    cell.message(widget, "before the reload", end, **fields)
    cell.message(widget, "after it", "report_views", count=1)
    again = run_and_show(cell, "2", "after it")
    assert widget._session.is_closed
    again.close()


def test_a_page_that_is_loaded_again_keeps_what_it_shows(cell: Cell) -> None:
    cell.run("a", "1")
    widget = make()
    widget._repr_mimebundle_()
    cell.message(widget, "first", "report_views", count=1)
    cell.message(widget, "first", "leave_page")
    shown = weakref.ref(widget)
    del widget
    time.sleep(0.2)  # longer than what nobody looks at lives here
    gc.collect()
    assert shown() is not None
    shown().close()


def test_showing_the_same_widget_again_keeps_it(cell: Cell) -> None:
    widget = make()
    for request in "123":
        cell.run("a", request)
        widget._repr_mimebundle_()
    assert not widget._session.is_closed
    widget.close()


def test_a_page_that_is_reloaded_gets_the_state_of_what_is_alive() -> None:
    widget = make()
    state = SamWidget.get_manager_state()["state"]
    assert widget.model_id in state
    widget.close()
