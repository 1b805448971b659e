"""Random sessions of 200 edits: every page, early or late, knows what the kernel has."""

from __future__ import annotations

from random import Random

import numpy as np
from bench import IMAGE, WAIT_S, Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from test_mirror import FrontEnd

from samwidget.editing.class_edits import AddClass
from samwidget.editing.combine_edits import CombineObjects, SetExclusive, SplitObject
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import (
    AddPoint,
    ChooseMask,
    ClearAll,
    ClearPrompts,
    Commit,
    DeleteObject,
    MovePoint,
    Redo,
    RemovePoint,
    ReopenObject,
    SelectObject,
    SetBox,
    SetLabel,
    SetTool,
    Undo,
)
from samwidget.editing.list_edits import (
    HideObjects,
    LockObjects,
    RecolorObjects,
    RelabelObjects,
    ReorderObjects,
    SelectObjects,
)
from samwidget.editing.mask_edits import PaintPolygon, PaintStroke, ReshapeMask
from samwidget.editing.prompt_edits import AddPoints, RefitMask, SetThreshold
from samwidget.jupyter import protocol
from samwidget.jupyter.mirror import Mirror

EDITS = 200
CLASSES = ["cup", "cat", ""]


def edits_of_all_kinds(random: Random) -> list[Edit]:
    """Make one or two of each, of things that may be there and may be not."""

    def place() -> tuple[int, int]:
        return random.randrange(64), random.randrange(64)

    def some_id() -> int:
        return random.randint(1, 8)

    def ids(count: int = 2) -> list[int]:
        return random.sample(range(1, 9), count)

    def target() -> int | None:
        return random.choice([None, some_id()])

    def corners() -> list[tuple[int, int]]:
        return [place() for _ in range(4)]

    yes = random.random() < 0.5
    return [
        *(AddPoint(*place()) for _ in range(3)),
        AddPoint(*place(), 0),
        AddPoints([(*place(), 1), (*place(), 1)]),
        MovePoint(random.randrange(3), *place()),
        RemovePoint(random.randrange(3)),
        SetBox((5, 6, 40, 50)),
        SetBox(None),
        ChooseMask(random.randrange(3)),
        SetThreshold(random.choice([-1, 0, 2])),
        RefitMask(),
        ClearPrompts(),
        *(Commit(random.choice([None, *CLASSES])) for _ in range(3)),
        ReopenObject(some_id()),
        SelectObject(target()),
        SelectObjects(ids()),
        DeleteObject(some_id()),
        RelabelObjects(ids(), random.choice(CLASSES)),
        RecolorObjects(ids(), "#12ab34"),
        HideObjects(ids(), yes),
        LockObjects(ids(1), yes),
        LockObjects(list(range(1, 9)), False),
        ReorderObjects(ids(), random.randrange(4)),
        PaintStroke(corners(), 6, yes, target()),
        PaintPolygon(corners(), yes, target()),
        ReshapeMask(random.choice(["grow", "shrink", "fill_holes"]), 2, target()),
        CombineObjects(random.choice(["union", "subtract", "intersect"]), ids()),
        SplitObject(some_id()),
        SetExclusive(yes),
        SetLabel(random.choice(CLASSES)),
        AddClass(random.choice(["cup", "cat", "dog"])),
        SetTool(random.choice(["positive", "box", "brush"])),
        ClearAll(),
        *(Undo() for _ in range(3)),
        Redo(),
    ]


ANY_EDIT = some.sampled_from([one for n in range(8) for one in edits_of_all_kinds(Random(n))])
SESSIONS = some.lists(ANY_EDIT, min_size=EDITS, max_size=EDITS)


class Told:
    """A session, what it tells, and pages that take it."""

    def __init__(self) -> None:
        self.mirror = Mirror("fake", State())
        self.updates: list[protocol.Update] = []
        self.bench = Bench()
        self.bench.on_state = self.tell
        self.bench.ready()
        self.early = FrontEnd(self.mirror)
        self.updates.clear()

    def tell(self, state: State) -> None:
        self.updates.append(self.mirror.show(IMAGE, state))

    def do(self, edits: list[Edit]) -> int:
        """Have edits done, in haste; says how many were carried out."""
        futures = [self.bench.session.edit(edit) for edit in edits]
        errors = [future.exception(WAIT_S) for future in futures]
        assert all(isinstance(error, ValueError | IndexError | None) for error in errors), errors
        return errors.count(None)


@settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(edits=SESSIONS, late_at=some.integers(0, EDITS))
def test_pages_that_came_early_and_late_know_what_the_kernel_has(
    edits: list[Edit], late_at: int
) -> None:
    told = Told()
    try:
        told.do(edits[:late_at])
        late, before = FrontEnd(told.mirror), len(told.updates)
        told.do(edits[late_at:])
        for update in told.updates:
            told.early.take(update)
        for update in told.updates[before:]:
            late.take(update)
        now = told.mirror.snapshot()
        assert told.updates
        assert told.early.known == late.known == now
        refreshed = FrontEnd(told.mirror)
        refreshed.take(told.mirror.everything(now.revision))
        assert refreshed.known == now
    finally:
        told.bench.session.close()


@settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(edits=SESSIONS)
def test_undo_goes_back_to_the_beginning_and_redo_to_the_end(edits: list[Edit]) -> None:
    told = Told()
    try:
        done = told.do(edits)
        assert done > EDITS / 4
        end = told.bench.session.state
        masks = [one.mask for one in end.document.objects]
        steps = len(end.past)
        told.do([Undo()] * steps)
        begun = told.bench.session.state
        assert not begun.past
        told.do([Redo()] * steps)
        again = told.bench.session.state
        assert [one.id for one in again.document.objects] == [
            one.id for one in end.document.objects
        ]
        for one, mask in zip(again.document.objects, masks, strict=True):
            np.testing.assert_array_equal(one.mask, mask)
        points = [tuple(state.document.draft.prompts.points) for state in (again, end)]
        assert points[0] == points[1]
    finally:
        told.bench.session.close()
