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
from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import AddObjects, Redo, SetClasses, SetLabel, SetTool, Undo
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
    is_setting
        Whether it is no part of what undo and redo go through.
    """

    edit: Edit
    is_step: bool
    leaves_draft: bool
    changes_objects: bool
    is_setting: bool = False


@dataclass(frozen=True, eq=False)
class Log:
    """What was done to one image since a state.

    Attributes
    ----------
    begin
        The state before the first edit; it has no log of its own.
    entries
        In order.
    label, classes
        Those that the state has after the last entry.
    """

    begin: State
    entries: tuple[Logged, ...] = ()
    label: str = ""
    classes: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: State) -> Log:
        """Begin with a state."""
        return cls(bare(state), (), state.label, state.classes)

    def following(self, state: State) -> Log:
        """Give it with the settings of a state, which other images of a session may have changed.

        Of them, label and classes decide what edits make.
        """
        added: list[Edit] = []
        if state.classes != self.classes:
            added.append(SetClasses(list(state.classes)))
        if state.label != self.label:
            added.append(SetLabel(state.label))
        entries = tuple(Logged(one, False, False, False, is_setting=True) for one in added)
        return replace(
            self, entries=(*self.entries, *entries), label=state.label, classes=state.classes
        )


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
    before = Log.of(state) if state.log is None else state.log.following(state)
    entry = Logged(
        kept,
        is_step=after.past is not state.past and not isinstance(edit, Undo | Redo),
        leaves_draft=not after.document.draft.is_empty,
        changes_objects=after.document.objects != state.document.objects,
        is_setting=after.document is state.document,
    )
    entries = before.entries
    if entries and isinstance(edit, LookCloser) and isinstance(entries[-1].edit, LookCloser):
        entries = entries[:-1]  # who zooms on has done nothing else
    log = Log(before.begin, (*entries, entry), after.label, after.classes)
    return replace(after, log=log)


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
    return Log(now.log.begin, (*done, *settings), now.label, now.classes)


def begun_anew(restored: State, now: State) -> State:
    """Have the log of a state begin where work was restored, which another model goes on with."""
    done = 0 if restored.log is None else len(restored.log.entries)
    since = () if now.log is None else now.log.entries[done:]
    return replace(now, log=Log(bare(restored), since, now.label, now.classes))


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
        elif entry.is_setting:
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
    if isinstance(edit, AddObjects):  # in the form that is kept for good
        return replace(edit, masks=[one.shape for one in now.objects[len(before.objects) :]])
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
