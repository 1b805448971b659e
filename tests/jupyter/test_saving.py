"""What a program that runs a notebook keeps of a widget."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import comm
import numpy as np
import pytest
from fakes import fake_predictor
from IPython.core.interactiveshell import InteractiveShell
from test_widget import IMAGE, FakeComm

from samwidget.jupyter import saving
from samwidget.jupyter import widget as widget_module
from samwidget.jupyter.widget import SamWidget


@pytest.fixture(autouse=True)
def fake_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **options: FakeComm(**options))
    monkeypatch.setattr(widget_module, "front_end", lambda: {"_esm": "", "_css": ""})


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    yield shell
    shell.history_manager = None


@pytest.fixture
def widget() -> Iterator[SamWidget]:
    widget = SamWidget(IMAGE, fake_predictor())
    widget.wait()
    yield widget
    widget.close()


@pytest.fixture
def sent(widget: SamWidget, monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """The labels in each state that is sent."""
    states: list[list[Any]] = []
    monkeypatch.setattr(
        widget,
        "send_state",
        lambda key: states.append([one["label"] for one in getattr(widget, key)["objects"]]),
    )
    return states


def test_each_cell_that_changes_a_widget_sends_its_state_once(
    shell: InteractiveShell, widget: SamWidget, sent: list[list[Any]]
) -> None:
    shell.user_ns["widget"] = widget
    widget._repr_mimebundle_()
    widget._repr_mimebundle_()
    assert sent == [[], []]
    shell.run_cell("widget.add_box(5, 5, 40, 30); widget.commit('cup')")
    assert sent[2:] == [["cup"]]
    shell.run_cell("1 + 1")
    assert len(sent) == 3
    shell.run_cell("widget.relabel(1, 'mug')\n1 / 0")
    assert sent[3:] == [["mug"]]


def test_where_a_page_listens_it_does_that_itself(
    shell: InteractiveShell, widget: SamWidget, sent: list[list[Any]]
) -> None:
    shell.user_ns["widget"] = widget
    widget._repr_mimebundle_()
    widget._connection.is_heard = True
    shell.run_cell("widget.add_box(5, 5, 40, 30)")
    assert sent == [[]]


def test_what_was_never_shown_or_is_closed_sends_nothing(
    shell: InteractiveShell, widget: SamWidget, sent: list[list[Any]]
) -> None:
    shell.user_ns["widget"] = widget
    shell.run_cell("widget.add_box(5, 5, 40, 30)")
    assert sent == []
    widget._repr_mimebundle_()
    widget.add_point(3, 3)
    widget.close()
    shell.run_cell("1")
    assert len(sent) == 1


def test_nothing_is_kept_alive() -> None:
    widget = SamWidget(np.zeros((9, 9, 3), np.uint8), fake_predictor())
    saving.keep_saved(widget)
    gone = weakref.ref(widget)
    widget.close()
    del widget
    gc.collect()
    assert gone() is None
