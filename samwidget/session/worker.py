"""The thread that owns one person's state and asks one engine.

It does, in this order: the
newest image, all waiting edits, the newest preview of each client, background jobs. All edits that
wait are applied before the engine is asked once for what they lead to, so a busy worker never falls
behind.

While a model is loaded, an image embedded or a job done, edits are applied between the steps:
during the first two as far as no mask is needed for them, so that the points appear at once; they
are answered when their mask is there.

No code of a person runs here: what is told to ``on_state`` and ``on_status`` only passes it on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import Draft, State
from samwidget.editing.edits import AddPoint
from samwidget.editing.log import log_taken_back, logged
from samwidget.editing.work_edits import DropWork, RestoreWork
from samwidget.session.engine import Engine, Key, OnProgress, Region
from samwidget.session.inbox import Inbox, Preview, WaitingEdit
from samwidget.session.jobs import Job, JobCancelled, finish
from samwidget.session.refining import predicted
from samwidget.session.restoring import going_on_later
from samwidget.session.shelf import Shelf
from samwidget.session.slots import Slot
from samwidget.session.turns import Overtaken, Status, Turns
from samwidget.values.errors import text_of

if TYPE_CHECKING:
    from samwidget.editing.found import Found

__all__ = ["Status", "Worker"]

T = TypeVar("T")

PROGRESS_INTERVAL_S = 0.1
"""Least time between two updates of one phase: the notebook server drops floods of messages."""

_log = logging.getLogger(__name__)


class Worker(Turns):
    """What the thread does, see :class:`samwidget.session.session.Session` for the parameters.

    Attributes
    ----------
    slot
        The present image and all that belongs to it; only this thread changes it.
    status
        What it does now.
    shelf
        The other images of the list.
    """

    def __init__(
        self,
        inbox: Inbox,
        engine: Engine,
        begin: State,
        on_state: Callable[[NDArray[np.uint8] | None, State], None],
        on_status: Callable[[Status], None],
    ) -> None:
        self.slot = Slot.of(None, begin)
        self.status = Status("empty", "no image")
        self._inbox = inbox
        self._engine = engine
        self._on_state = on_state
        self._on_status = on_status
        self.shelf = Shelf(engine.forget)
        self._published = self.slot.state
        self._reported_at = 0.0

    def run(self) -> None:
        """Work until the inbox is closed; outlives whatever goes wrong."""
        try:
            while self._inbox.wait():
                try:
                    self._work_once()
                except BaseException as error:
                    self._survive(error)
        finally:
            self._inbox.close()
            self._end()
            self._engine.close()

    def _work_once(self) -> None:
        new = self._inbox.take_image()
        if new is not None:
            try:
                if self._prepare(new):
                    self._settle()
            except BaseException as error:
                for future in (new.shown, new.ready):
                    finish(future, error)
                raise
            return
        edits = self._inbox.take_edits()
        if edits:
            self._run(edits)
            return
        preview = self._inbox.take_preview()
        if preview is not None:
            self._answer_preview(preview)
            return
        job = self._inbox.take_job()
        if job is not None:
            self._run_job(job)
            return
        ahead = self._inbox.take_ahead()
        if ahead is not None and self._prepare_ahead(ahead):
            self._settle()

    def _identify(self, slot: Slot, key: Key) -> None:
        """Know the model; raises when it is not the one that restored work was made with."""
        identity = self._engine.identity(key)
        if slot.unchecked is not None:
            slot.unchecked.check(identity)
            slot.state = slot.unchecked.going_on(slot.state, identity)
            slot.unchecked = None
        if slot.state.kept is not None:
            slot.state = replace(slot.state, kept=going_on_later(slot.state.kept, identity))
        slot.made_with = identity

    def _on_progress(self, phase: str, fraction: float | None) -> None:
        """Between the steps of loading and embedding."""
        if self._inbox.overtakes:
            raise Overtaken
        doing = {"loading": f"loading {self._engine.name}", "embedding": "embedding the image"}
        if fraction is None:
            self._report(Status(phase, doing.get(phase, phase)))
            return
        self._apply_early(self._inbox.take_edits(until_mask=True))
        if time.monotonic() - self._reported_at >= PROGRESS_INTERVAL_S:
            done = min(max(float(fraction), 0.0), 1.0)
            self._report(Status(phase, doing.get(phase, phase), done))

    def _apply_early(self, edits: Sequence[WaitingEdit]) -> None:
        """Apply edits before there is an embedding."""
        for waiting in edits:
            self._apply(waiting)
        self._publish()
        self._answer()

    def _run(self, edits: Sequence[WaitingEdit]) -> None:
        for index, waiting in enumerate(edits):
            if waiting.edit.needs_mask and not self._settle(edits[index:]):
                return
            self._apply(waiting)
        self._settle()

    def _apply(self, waiting: WaitingEdit) -> None:
        try:
            self.slot.state = logged(waiting.edit, self.slot.state)
        except Exception as error:
            waiting.future.set_exception(error)
        else:
            self.slot.unanswered.append(waiting)
            if isinstance(waiting.edit, RestoreWork | DropWork):
                is_wanted = isinstance(waiting.edit, RestoreWork)
                self.shelf.answer_offer(self.slot, is_wanted=is_wanted)

    def _settle(self, following: Sequence[WaitingEdit] = ()) -> bool:
        """Ask the engine if need be, tell the state, answer the edits that led to it.

        When the engine fails, these edits are taken back. They, those ``following`` and all that
        wait were asked for in the belief that there would be a mask: all get the error, but those
        that need no image. Returns whether all went well.
        """
        slot = self.slot
        draft = slot.state.document.draft
        if draft.is_pending:
            try:
                slot.state = slot.state.with_draft(self._predicted(draft))
            except Exception as error:
                self._take_back()
                for waiting in (*following, *self._inbox.take_edits()):
                    if waiting.edit.needs_image:
                        slot.unanswered.append(waiting)
                    else:
                        self._apply(waiting)
                self._publish()
                self._fail_unanswered(error)
                return False
        self._publish()
        self._answer()
        return True

    def _take_back(self) -> None:
        """Return to the last state that lacked no mask, but for settings and what was found."""
        now, complete = self.slot.state, self.slot.complete
        self.slot.state = replace(
            complete.with_settings_of(now),
            found=now.found,
            kept=now.kept,
            log=log_taken_back(complete, now),
        )

    def _answer(self) -> None:
        """Answer all edits, or while a mask is missing those that need no image."""
        slot = self.slot
        if slot.state.document.draft.is_pending:
            done = [one for one in slot.unanswered if not one.edit.needs_image]
        else:
            done, slot.complete = slot.unanswered, slot.state
        slot.unanswered = [one for one in slot.unanswered if one not in done]
        for waiting in done:
            finish(waiting.future)

    def _fail_unanswered(self, error: BaseException) -> None:
        edits, self.slot.unanswered = self.slot.unanswered, []
        for waiting in edits:
            finish(waiting.future, error if waiting.edit.needs_image else None)

    def _predicted(self, draft: Draft) -> Draft:
        slot = self.slot
        if slot.failure is not None:
            raise slot.failure
        hovered = slot.hovered
        if (
            hovered is not None
            and draft.is_ambiguous
            and draft.reopened is None
            and draft.choice is None
            and draft.prompts.points == hovered.prompts.points
            and draft.region_xyxy == hovered.region_xyxy
        ):
            return hovered  # a click where the pointer rested: this was asked a moment ago
        return predicted(self._engine, self._key_of, draft)

    def _key_of(self, region: Region | None) -> Key:
        """Give the engine's key of a part of the image, which is embedded now if it is not yet."""
        slot = self.slot
        if region is None or region == slot.whole:
            assert slot.key is not None
            return slot.key
        return self.embed_closer(region, self._end_when_overtaken)

    def _end_when_overtaken(self, _: str, __: float | None) -> None:
        if self._inbox.overtakes:
            raise CancelledError

    def _answer_preview(self, preview: Preview) -> None:
        slot = self.slot
        try:
            if slot.key is None:
                raise CancelledError
            empty = State(slot.state.size_hw, region_xyxy=slot.state.region_xyxy)
            clicked = AddPoint(preview.x, preview.y).apply(empty)
            slot.hovered = self._predicted(clicked.document.draft)
            preview.future.set_result(slot.hovered)
        except Exception as error:
            preview.future.set_exception(error)

    def _run_job(self, job: Job[Any]) -> None:
        if self.slot.key is None:
            if job.begin():
                failure = self.slot.failure or RuntimeError("there is no embedded image to work on")
                job.future.set_exception(failure)
            return
        job.run(self._engine, self.slot.key, self._work_between_steps)

    def _work_between_steps(self) -> None:
        """Between the steps of a job: what the person does goes first."""
        if self._inbox.overtakes:
            raise JobCancelled
        self._serve()

    def _serve(self) -> None:
        edits = self._inbox.take_edits()
        if edits:
            self._run(edits)
        preview = self._inbox.take_preview()
        if preview is not None:
            self._answer_preview(preview)

    def _survive(self, error: BaseException) -> None:
        """Go on after a mistake of our own; nobody is left waiting, and the person is told."""
        _log.error("samwidget's worker failed", exc_info=error)
        self._take_back()
        self._fail_unanswered(error)
        for future in self._inbox.taken():
            finish(future, error)
        self._publish()
        self._report(Status("error", f"internal error: {text_of(error)}"))

    def _end(self) -> None:
        """Give up what is left; a closed session needs no model, what was made can be read."""
        self._take_back()
        self._fail_unanswered(CancelledError())
        self.slot.embeddings.clear()
        self.slot.hovered = None

    # ------------------------------------------------------------------------- told by a search

    @property
    def found(self) -> Found | None:
        """What a search has found on the present image."""
        return self.slot.state.found

    @property
    def size_hw(self) -> tuple[int, int]:
        """Of the present image."""
        assert self.slot.state.size_hw is not None
        return self.slot.state.size_hw

    def show_found(self, found: Found | None) -> None:
        """Have it in the state; for a job, on the worker thread."""
        self.slot.state = replace(self.slot.state, found=found)
        self._publish()

    # ------------------------------------------------------------------------ told by a closer look

    @property
    def region_xyxy(self) -> Region | None:
        """What the model sees of new drafts; None for all of the image."""
        return self.slot.state.region_xyxy

    def embed_closer(self, region: Region, on_progress: OnProgress) -> Key:
        """Embed a part of the present image unless it is; on the worker thread."""
        slot = self.slot
        assert slot.image is not None
        key = slot.embeddings.get(region)
        if key is None:
            key = self._engine.embed(slot.image, region, on_progress)
        for forgotten in slot.put(region, key):
            self._engine.forget(forgotten)
        return key

    # ------------------------------------------------------------------------------- told others

    def _publish(self, *, anew: bool = False) -> None:
        if self._published is self.slot.state and not anew:
            return
        self._published = self.slot.state
        _tell(lambda: self._on_state(self.slot.image, self.slot.state))

    def _report(self, status: Status) -> None:
        if status.phase == "ready":
            status = status._replace(device=self._engine.device)
        self.status = status
        self._reported_at = time.monotonic()
        _tell(lambda: self._on_status(status))


def _tell(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:
        _log.exception("samwidget could not show what changed")
