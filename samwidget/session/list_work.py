"""What was made of the images of a list, as it is kept, saved and offered again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from samwidget.editing.work_edits import KeptWork
from samwidget.session.restoring import Restored, View

if TYPE_CHECKING:
    from samwidget.editing.document import State
    from samwidget.session.slots import Slot
    from samwidget.values.identity import ModelIdentity
    from samwidget.values.items import Item
    from samwidget.values.objects import SegmentedObject

Mark = Literal["open", "submitted", "skipped"]


class Left(NamedTuple):
    """An image as it was left.

    Attributes
    ----------
    state
        Of one whose pixels are gone: without predictions, and without what a search has found.
    objects
        The committed ones and then, if it had a mask, the draft.
    content_hash
        Of the image, see :func:`samwidget.values.identity.image_hash`.
    origin
        Where it came from; None for what has none.
    made_with
        The model that the masks are of; None when none was asked.
    unchecked
        Saved work, while no model has gone on with it.
    view_xyxy
        What was on the screen; None for all of the image.
    """

    state: State
    objects: tuple[SegmentedObject, ...]
    content_hash: str
    origin: str | None = None
    made_with: ModelIdentity | None = None
    unchecked: Restored | None = None
    view_xyxy: View | None = None

    @classmethod
    def saved(cls, restored: Restored, content_hash: str) -> Left:
        """Give work from a file."""
        state = restored.state
        objects = (*state.document.objects, *_drafted(state))
        made_with, view = restored.made_with, restored.view_xyxy
        return cls(state, objects, content_hash, None, made_with, restored, view)

    @classmethod
    def of(cls, slot: Slot) -> Left:
        """Give an image as it is left now."""
        objects = (*slot.state.document.objects, *_drafted(slot.state))
        return cls(
            slot.state,
            objects,
            slot.content_hash,
            slot.origin,
            slot.made_with,
            slot.unchecked,
            slot.view_xyxy,
        )


@dataclass(frozen=True, eq=False)
class ListWork:
    """Work on the images of a list, by their place in it.

    Attributes
    ----------
    left
        Of those that anything was made of.
    marks
        Of those that were submitted or skipped.
    saved_at
        In ISO 8601, of work that was saved.
    settings
        The state whose label and classes count; None for those that there are.
    """

    left: Mapping[int, Left]
    marks: Mapping[int, Mark] = field(default_factory=dict)
    saved_at: str = ""
    settings: State | None = None

    def fits(self, slot: Slot) -> bool:
        """Whether it has work on the image that a slot has."""
        one = self.left.get(slot.place)
        return one is not None and slot.image is not None and one.content_hash == slot.content_hash

    def kept_for(self, slot: Slot) -> KeptWork:
        """Give what is offered at an image: all of it, whichever image that is."""
        counts = {place: len(one.objects) for place, one in self.left.items() if one.objects}
        if not self.fits(slot):
            return KeptWork(None, None, self.saved_at, sum(counts.values()), len(counts))
        others = sum(counts.values()) - counts.get(slot.place, 0)
        one = self.left[slot.place]
        return KeptWork(one.state, one.made_with, self.saved_at, others, len(counts))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that a session has at one moment, to be saved.

    Attributes
    ----------
    slot, state
        The present image, and what there is of it.
    items
        The list so far; None where there is none.
    left, marks
        The other images, and what became of all.
    """

    slot: Slot
    state: State
    items: tuple[Item, ...] | None
    left: Mapping[int, Left]
    marks: Mapping[int, Mark]

    @property
    def is_worth_saving(self) -> bool:
        """Whether anything was done."""
        if self.slot.image is not None and self.state.log is not None:
            return True
        return bool(self.marks) or any(one.state.log is not None for one in self.left.values())


def _drafted(state: State) -> tuple[SegmentedObject, ...]:
    made = state.draft_object()
    return () if made is None else (replace(made, shape=made.shape.compact()),)
