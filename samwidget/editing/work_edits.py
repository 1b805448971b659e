"""Edits about work that was kept from an earlier session; ``apply`` is as in ``edits.py``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from samwidget.editing.edit import Edit

if TYPE_CHECKING:
    from samwidget.editing.document import State
    from samwidget.values.identity import ModelIdentity


@dataclass(frozen=True, eq=False)
class KeptWork:
    """Work on the same image, or list of images, that an earlier session has kept.

    Attributes
    ----------
    state
        With history and log; None when nothing was made of this image of the list.
    made_with
        The model that its masks are of; None when none was asked.
    saved_at
        When it was kept, in ISO 8601 with the offset from UTC.
    others
        Objects on the other images of the list.
    images
        How many images of the list have objects; 0 without a list.
    """

    state: State | None
    made_with: ModelIdentity | None
    saved_at: str
    others: int = 0
    images: int = 0

    @property
    def count(self) -> int:
        """Objects that it has, drafts included."""
        if self.state is None:
            return self.others
        document = self.state.document
        return self.others + len(document.objects) + (not document.draft.is_empty)

    @property
    def described(self) -> str:
        """Say it in a few words.

        Examples
        --------
        >>> from samwidget.editing.document import State
        >>> KeptWork(State(), None, "2026-11-25T18:52:09+00:00").described
        '0 objects, saved 2026-11-25T18:52:09+00:00'
        """
        noun = "object" if self.count == 1 else "objects"
        where = "" if not self.images else f" on {self.images} images"
        where = " on 1 image" if self.images == 1 else where
        return f"{self.count} {noun}{where}, saved {self.saved_at}"


@dataclass(frozen=True)
class RestoreWork(Edit):
    """Go on with the work that was kept; what was done since is given up."""

    needs_mask: ClassVar[bool] = True  # the model is known then
    kind: Literal["restore_work"] = field(default="restore_work", kw_only=True)

    def apply(self, state: State) -> State:
        if state.kept is None:
            raise ValueError("there is no work of an earlier session to go on with")
        if state.kept.state is None:  # it is of other images of the list
            return replace(state, kept=None)
        return replace(state.kept.state, found=None, kept=None)


@dataclass(frozen=True)
class DropWork(Edit):
    """Offer the work that was kept no longer; its file stays. No step of the history."""

    kind: Literal["drop_work"] = field(default="drop_work", kw_only=True)

    def apply(self, state: State) -> State:
        return state if state.kept is None else replace(state, kept=None)
