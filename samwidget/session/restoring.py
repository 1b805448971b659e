"""Work that was saved goes on, if the model is the one that it was made with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from samwidget.editing.document import Draft, State
from samwidget.editing.log import begun_anew
from samwidget.editing.work_edits import KeptWork
from samwidget.values.identity import ModelIdentity

View = tuple[float, float, float, float]
"""XYXY of what is on the screen, in pixels of the image; it may reach beyond."""


@dataclass(frozen=True, eq=False)
class Restored:
    """What there was when work was saved.

    Attributes
    ----------
    state
        With history and log.
    made_with
        The model that its masks are of; None when none was asked.
    allow_changes
        Whether another model may go on with it.
    view_xyxy
        What was on the screen; None for all of the image.
    """

    state: State
    made_with: ModelIdentity | None = None
    allow_changes: bool = False
    view_xyxy: View | None = None

    @property
    def complete(self) -> State:
        """The state to go back to when the draft's mask cannot be predicted."""
        is_pending = self.state.document.draft.is_pending
        return self.state.with_draft(Draft()) if is_pending else self.state

    def check(self, identity: ModelIdentity) -> None:
        """Raise a ValueError when the work was made with other weights, unless that is allowed."""
        before = self.made_with
        if before is None or self.allow_changes or not before.is_other_weights(identity):
            return
        raise ValueError(other_weights(before, identity))

    def going_on(self, now: State, identity: ModelIdentity) -> State:
        """Give the state as a model goes on with it: the log is of what one model has made."""
        if self.made_with in (None, identity):
            return now
        return begun_anew(self.state, now)


def going_on_later(kept: KeptWork, identity: ModelIdentity) -> KeptWork:
    """Give kept work as this model would go on with it."""
    if kept.state is None or kept.made_with in (None, identity):
        return kept
    return replace(kept, state=begun_anew(kept.state, kept.state), made_with=identity)


def other_weights(before: ModelIdentity, now: ModelIdentity) -> str:
    """Say that a model is not the one that masks were made with."""
    return (
        f"the work was made with the weights {before.fingerprint[:8]}... of the model "
        f"'{before.name}', and these are {now.fingerprint[:8]}... of '{now.name}': its masks would "
        "come out differently. Open it with the same model, or with allow_changes=True"
    )
