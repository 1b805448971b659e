"""A session with everything that it tells, on a model at the tests' command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from fakes import FakeModel, fake_predictor

from samwidget.editing.document import Draft, State
from samwidget.editing.edits import AddPoint, Edit
from samwidget.editing.found_edits import DropFound
from samwidget.engine.local import LocalEngine
from samwidget.session.session import Session
from samwidget.session.worker import Status

IMAGE = np.zeros((64, 64, 3), np.uint8)
WAIT_S = 10


class Bench:
    """A session with everything it has told, on a model at our command."""

    def __init__(self, **options: Any) -> None:
        self.model = FakeModel()
        self.states: list[State] = []
        self.statuses: list[Status] = []
        self.on_state: Callable[[State], None] = lambda _: None
        self.on_status: Callable[[Status], None] = lambda _: None
        self.load_error: Exception | None = None
        self.loads = 0
        self.session = Session(
            LocalEngine("fake", self.open),
            on_state=self.told,
            on_status=self.reported,
            **options,
        )

    def open(self, progress: Callable[[float], None]) -> Any:
        self.loads += 1
        progress(0.5)
        if self.load_error is not None:
            raise self.load_error
        return fake_predictor(self.model)

    def told(self, _: object, state: State) -> None:
        self.states.append(state)
        self.on_state(state)

    def reported(self, status: Status) -> None:
        self.statuses.append(status)
        self.on_status(status)

    def ready(self) -> Bench:
        self.session.set_image(IMAGE)
        self.session.wait(WAIT_S)
        return self

    def do(self, edit: Edit) -> None:
        self.session.result(self.session.edit(edit), WAIT_S)

    @property
    def draft(self) -> Draft:
        return self.session.state.document.draft

    @property
    def points(self) -> list[tuple]:
        return list(self.draft.prompts.points)


def ambiguous(model: FakeModel) -> list[bool]:
    return [decode["multimask"] for decode in model.decodes]


def fed_back(model: FakeModel) -> list[bool]:
    return [decode["mask_input"] is not None for decode in model.decodes]


def hold_worker(bench: Bench) -> None:
    """Keep the worker busy with a click's mask until ``may_decode``."""
    bench.model.is_decoding.clear()
    bench.model.may_decode.clear()
    bench.session.edit(AddPoint(1, 1))
    assert bench.model.is_decoding.wait(WAIT_S)


def give_up(bench: Bench, how: str) -> None:
    """End the search that is under way."""
    if how == "stop":
        bench.session.stop_finding()
    elif how == "drop":
        bench.session.edit(DropFound())
    elif how == "image":
        bench.session.set_image(IMAGE[:32])
    elif how == "close":
        bench.session.close()
