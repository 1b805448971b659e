"""The log of what was done to one image: replaying it makes the same masks again.

Each edit that changed something is in it, undo and redo too, in order. What is no part of the
result (the tool, which found masks are shown) is not. What was found is logged as the masks that
were taken, since a replay does not search again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from samwidget.editing import history
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import Redo, SetTool, Undo
from samwidget.editing.work_edits import RestoreWork
from samwidget.values.objects import SegmentedObject


@dataclass(frozen=True, eq=False)
class Logged:
    """One edit with what it did.

    Attributes
    ----------
    edit
        Applied after those before it, it does the same again.
    is_step
        Whether undo takes it back.
    leaves_draft
        Whether there was a draft afterwards.
    changes_objects
        Whether other objects were there afterwards.
    """

    edit: Edit
    is_step: bool
    leaves_draft: bool
    changes_objects: bool


@dataclass(frozen=True, eq=False)
class Log:
    """What was done to one image since a state.

    Attributes
    ----------
    begin
        The state before the first edit; it has no log of its own.
    entries
        In order.
    """

    begin: State
    entries: tuple[Logged, ...] = ()


@dataclass(frozen=True, eq=False)
class AddMade(Edit):
    """Put objects on top of the others as they are, ids and all: what a log knows of a search.

    Attributes
    ----------
    objects
        Bottom to top; their ids are unlike those of the objects there are.
    selected
        The id of the object that is selected then.
    taken
        Ids of found masks that objects are made of then.
    """

    objects: Sequence[SegmentedObject]
    selected: int | None = None
    taken: frozenset[int] = frozenset()

    def apply(self, state: State) -> State:
        """Give the next state, see the base."""
        document, known = state.document, {one.id for one in state.document.objects}
        for one in self.objects:
            if one.shape.size_hw != state.size_hw or one.id in known:
                raise ValueError(f"the object {one.id} is of another image or is there already")
        after = replace(
            document,
            objects=(*document.objects, *self.objects),
            selected=self.selected,
            next_id=max([document.next_id, *(one.id + 1 for one in self.objects)]),
            taken=self.taken,
        )
        return history.step(state, after)


def logged(edit: Edit, state: State) -> State:
    """Apply an edit and put it into the state's log; what it raises changes nothing."""
    after = edit.apply(state)
    if isinstance(edit, RestoreWork):  # other work goes on, with its own log
        return after
    kept = _kept(edit, state, after)
    if kept is None:
        return after
    before = state.log or Log(bare(state))
    entry = Logged(
        kept,
        is_step=after.past is not state.past and not isinstance(edit, Undo | Redo),
        leaves_draft=not after.document.draft.is_empty,
        changes_objects=after.document.objects != state.document.objects,
    )
    return replace(after, log=replace(before, entries=(*before.entries, entry)))


def bare(state: State) -> State:
    """Give a state without its log, and without what is only shown: no log begins with that."""
    return replace(state, log=None, found=None, kept=None)


def log_taken_back(complete: State, now: State) -> Log | None:
    """Give the log after a return to ``complete``: what came since is left out, but settings."""
    if now.log is None or now.log is complete.log:
        return complete.log
    done = () if complete.log is None else complete.log.entries
    since = now.log.entries[len(done) :]
    settings = tuple(one for one in since if not one.edit.needs_image)
    return replace(now.log, entries=(*done, *settings))


def begun_anew(restored: State, now: State) -> State:
    """Have the log of a state begin where work was restored, which another model goes on with."""
    done = 0 if restored.log is None else len(restored.log.entries)
    since = () if now.log is None else now.log.entries[done:]
    return replace(now, log=Log(bare(restored), since))


def effective(log: Log) -> tuple[Logged, ...] | None:
    """Give the edits that led to what there is: no undone ones, no drafts that were given up.

    Settings are no steps of the history, and all there. None when the log goes back to before it
    began, so that no edits of its own lead there.
    """
    past: list[_Path | None] = []
    future: list[_Path | None] = []
    now: _Path | None = None
    settings: list[tuple[int, Logged]] = []
    for number, entry in enumerate(log.entries):
        if isinstance(entry.edit, Undo | Redo):
            back, forth = (past, future) if isinstance(entry.edit, Undo) else (future, past)
            if not back:
                return None
            forth.append(now)
            now = back.pop()
        elif not entry.edit.needs_image:
            settings.append((number, entry))
        else:
            if entry.is_step:
                past.append(now)
                future.clear()
            now = _Path(now, number, entry)
    steps: list[tuple[int, Logged]] = []
    while now is not None:
        steps.append((now.number, now.entry))
        now = now.before
    numbered = sorted([*_without_idle_drafts(steps[::-1]), *settings], key=lambda one: one[0])
    return tuple(entry for _, entry in numbered)


class _Path(NamedTuple):
    """An entry and what was before it: many paths share their beginnings."""

    before: _Path | None
    number: int
    entry: Logged


def _kept(edit: Edit, state: State, after: State) -> Edit | None:
    """Give what the log holds of an edit; None when there is nothing to do again."""
    if after is state or isinstance(edit, SetTool):
        return None
    before, now = state.document, after.document
    if now is before and (after.found, after.kept) != (state.found, state.kept):
        return None
    if now.taken is not before.taken and not isinstance(edit, Undo | Redo):
        return AddMade(now.objects[len(before.objects) :], now.selected, now.taken)
    return edit


def _without_idle_drafts(steps: Sequence[tuple[int, Logged]]) -> list[tuple[int, Logged]]:
    """Leave out what was done to drafts that were given up before any object changed."""
    kept: list[tuple[int, Logged]] = []
    waiting: list[tuple[int, Logged]] = []
    for number, entry in steps:
        waiting.append((number, entry))
        if entry.leaves_draft:
            continue
        drafted = any(one.leaves_draft for _, one in waiting)
        if not drafted or any(one.changes_objects for _, one in waiting):
            kept += waiting
        waiting = []
    return [*kept, *waiting]
