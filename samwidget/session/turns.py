"""What a session's worker does to show an image: reading aside, from the first to the last step."""

from __future__ import annotations

import time
from abc import abstractmethod
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import NamedTuple

from samwidget.editing.document import State
from samwidget.editing.turning import Arrive
from samwidget.session.engine import Engine, Key
from samwidget.session.inbox import Inbox, NewImage, WaitingEdit
from samwidget.session.jobs import finish, give_up
from samwidget.session.shelf import Shelf
from samwidget.session.slots import Slot
from samwidget.values.errors import text_of


class Status(NamedTuple):
    """What the session does: ``phase`` is one of ``jupyter.protocol.Phase``.

    ``device`` is where the model runs, told once it is ready.
    """

    phase: str
    message: str
    progress: float | None = None
    device: str = ""


class Overtaken(BaseException):
    """Ends the loading or embedding in whose progress it is raised; no error, hence its base."""


class Turns:
    """The part of :class:`.worker.Worker` that goes from image to image."""

    slot: Slot
    shelf: Shelf
    _inbox: Inbox
    _engine: Engine
    _reported_at: float

    @abstractmethod
    def _on_progress(self, phase: str, fraction: float | None) -> None: ...

    @abstractmethod
    def _serve(self) -> None: ...

    @abstractmethod
    def _identify(self, slot: Slot, key: Key) -> None: ...

    @abstractmethod
    def _fail_unanswered(self, error: BaseException) -> None: ...

    @abstractmethod
    def _publish(self, *, anew: bool = False) -> None: ...

    @abstractmethod
    def _report(self, status: Status) -> None: ...

    def _prepare(self, new: NewImage) -> bool:
        """Show an image, embed it; False when something newer goes first."""
        self._enter(new)
        slot = self.slot
        if slot.failure is not None:
            return True
        if slot.image is None:
            self._report(Status("empty", "no image"))
            finish(new.ready)
        elif slot.key is None:
            return self._embed(slot, new)
        elif self._is_going_on(slot, new):
            self._report(Status("ready", " · ".join(("ready", *new.notes)), 1.0))
            finish(new.ready)
        return True

    def _is_going_on(self, slot: Slot, new: NewImage) -> bool:
        """Whether the model may go on with what is embedded already; tells why not."""
        assert slot.key is not None
        try:
            if slot.unchecked is not None or slot.state.kept is not None:
                self._identify(slot, slot.key)
        except Exception as error:
            slot.failure = error
            self._report(Status("error", text_of(error)))
            finish(new.ready, error)
            return False
        return True

    def _prepare_ahead(self, new: NewImage) -> bool:
        """Embed the image that comes next; True when the person has come there meanwhile."""
        slot = self.shelf.take_held(new.place) or Slot.of(new.image, State(), new.place)
        if new.place == self.slot.place or slot.image is None:
            return False
        if slot.key is None:
            return self._embed(slot, None)
        self.shelf.hold(slot)
        return False

    def _enter(self, new: NewImage, slot: Slot | None = None) -> None:
        """Leave the present image and show another, whose slot may be there already."""
        before = self.slot
        if new.starts_over:
            self._fail_unanswered(CancelledError())
            for key in before.embeddings.values():
                self._engine.forget(key)
            self.shelf.clear()
            if new.shelved is not None:
                self.shelf.fill(new.shelved)
            self.shelf.offer = new.offered
        else:
            for waiting in before.unanswered:
                finish(waiting.future)
            before.unanswered = []
            slot = slot or self.shelf.take_held(new.place)  # before another takes its room
            self.shelf.leave(before)
        self._reported_at = 0.0
        held = None if new.failure is not None else slot or self.shelf.take_held(new.place)
        settings = before.state
        if new.shelved is not None and new.shelved.settings is not None:
            settings = settings.with_settings_of(new.shelved.settings)
        slot = held or Slot.of(new.image, settings, new.place)
        try:
            self.shelf.restore(slot, settings)
        except ValueError as error:
            self.shelf.free(slot)
            new.failure = error
            slot = Slot.of(None, settings, new.place)
        self.slot = slot
        slot.failure = new.failure
        if new.origin is not None:
            slot.origin = new.origin
        if new.restored is not None:
            slot.state, slot.complete = new.restored.state, new.restored.complete
            slot.made_with, slot.unchecked = new.restored.made_with, new.restored
            slot.view_xyxy = slot.begins_at = new.restored.view_xyxy
        kept, offer = new.kept, self.shelf.offer
        if offer is not None and slot.image is not None:
            kept = offer.kept_for(slot)
        if kept is not slot.state.kept:
            slot.state = replace(slot.state, kept=kept)
            slot.complete = replace(slot.complete, kept=kept)
        try:
            if new.objects is not None:
                # No step of the history: there was nothing before.
                added = new.objects.apply(slot.state)
                slot.state = slot.complete = replace(added, past=())
        except Exception as error:
            finish(new.shown, error)
        self._publish(anew=True)
        if slot.failure is not None:
            self._report(Status("error", text_of(slot.failure)))
            finish(new.shown, slot.failure)
            finish(new.ready, slot.failure)
        if slot.state.document.draft.is_pending:
            slot.unanswered.append(WaitingEdit(Arrive(), new.shown))
        else:
            finish(new.shown)

    def _embed(self, slot: Slot, turn: NewImage | None) -> bool:
        """Embed a slot's image; without a turn to it ahead of time, beside what the person does.

        True when the person is there, and it is embedded or cannot be.
        """

        def on_progress(phase: str, fraction: float | None) -> None:
            nonlocal turn
            if turn is None:
                turn = self._inbox.take_turn_to(slot.place)
                if turn is not None:
                    self._enter(turn, slot)
                    if self.slot is not slot:  # it cannot be shown
                        raise Overtaken
            if turn is not None:
                self._on_progress(phase, fraction)
            elif self._inbox.overtakes or self._inbox.has_jobs:
                raise Overtaken
            else:
                self._serve()

        assert slot.image is not None
        start = time.perf_counter()
        try:
            key = self._engine.embed(slot.image, slot.whole, on_progress)
            self._identify(slot, key)
        except Overtaken:
            if turn is not None:
                give_up(turn.ready)
            else:
                self.shelf.hold(slot)
                if not self._inbox.overtakes:
                    self._inbox.put_ahead(NewImage(slot.image, place=slot.place))
            return False
        except Exception as error:
            if turn is None:
                return False  # it is told when the person comes there
            slot.failure = error
            self._report(Status("error", text_of(error)))
            finish(turn.ready, error)
            return True
        slot.embeddings[slot.whole] = key
        if turn is None:
            self.shelf.hold(slot)
            return False
        elapsed = time.perf_counter() - start
        done = ("ready", f"embedded in {elapsed:.2f} s", *turn.notes)
        self._report(Status("ready", " · ".join(done), 1.0))
        finish(turn.ready)
        return True
