"""Edits around the turn from one image to the next; never on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import Commit


@dataclass(frozen=True)
class KeepDraft(Edit):
    """Make the draft an object if it has a mask; without one nothing happens."""

    needs_mask: ClassVar[bool] = True

    def apply(self, state: State) -> State:
        """Give the next state."""
        made = state.draft_object()
        return state if made is None or made.shape.is_empty else Commit().apply(state)


@dataclass(frozen=True)
class Arrive(Edit):
    """Change nothing; done when the mask of the draft that an image was left with is there."""

    def apply(self, state: State) -> State:
        """Give the same state."""
        return state


@dataclass(frozen=True)
class Wait(Edit):
    """Change nothing; done when the edits before it are."""

    needs_image: ClassVar[bool] = False

    def apply(self, state: State) -> State:
        """Give the same state."""
        return state
