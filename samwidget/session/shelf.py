"""The images of a list where the person is not: what was made of all, the pixels of the newest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from samwidget.editing import history
from samwidget.editing.document import State
from samwidget.editing.edits import ClearPrompts
from samwidget.session.list_work import Left, ListWork, Mark
from samwidget.session.slots import Slot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from samwidget.session.engine import Key
    from samwidget.values.objects import SegmentedObject

KEPT_IMAGES = 6
"""So many images besides the present one keep pixels and embedding."""
KEPT_BYTES = 512 << 20
"""The pixels of those have no more bytes than this, but for the newest two."""


class Shelf:
    """Keeps slots by their place in the list; any thread may read, the worker alone changes it.

    Parameters
    ----------
    forget
        Frees an embedding.

    Attributes
    ----------
    offer
        Work of an earlier session that may go on; None when there is none any more.
    """

    def __init__(self, forget: Callable[[Key], None]) -> None:
        self._forget = forget
        self._lock = threading.Lock()
        self._held: OrderedDict[int, Slot] = OrderedDict()  # the newest last
        self._left: dict[int, Left] = {}
        self._marks: dict[int, Mark] = {}
        self._version = 0
        self.offer: ListWork | None = None

    # --------------------------------------------------------------------------- any thread

    @property
    def version(self) -> int:
        """Another number whenever :meth:`marks` says something else."""
        return self._version

    def image(self, place: int) -> NDArray[np.uint8] | None:
        """Give the pixels if they are kept."""
        with self._lock:
            slot = self._held.get(place)
        return None if slot is None else slot.image

    def objects(self, place: int) -> tuple[SegmentedObject, ...]:
        """Give what was made of an image until it was left; of others nothing."""
        left = self._left.get(place)
        return () if left is None else left.objects

    def size_hw(self, place: int) -> tuple[int, int] | None:
        """Give the size of an image that was left, in pixels; of others None."""
        left = self._left.get(place)
        return None if left is None else left.state.size_hw

    def marks(self) -> dict[int, tuple[Mark, int]]:
        """Tell what became of each image, and how many objects it had when it was left."""
        with self._lock:
            places = {**self._left, **self._marks}
            return {
                place: (self._marks.get(place, "open"), len(self.objects(place)))
                for place in places
            }

    def work(self) -> ListWork:
        """Give what was made of all images but the present one."""
        with self._lock:
            return ListWork(dict(self._left), dict(self._marks))

    def mark(self, place: int, mark: Mark) -> None:
        """Say what became of an image."""
        with self._lock:
            self._marks[place] = mark
            self._version += 1

    # --------------------------------------------------------------------------- the worker

    def clear(self) -> None:
        """Forget everything: there is another list."""
        with self._lock:
            slots = list(self._held.values())
            self._held.clear()
            self._left, self._marks = {}, {}
            self.offer = None
            self._version += 1
        for slot in slots:
            self.free(slot)

    def fill(self, work: ListWork) -> None:
        """Put saved work in, in place of what was made of its images."""
        with self._lock:
            self._left.update(work.left)
            self._marks.update(work.marks)
            self._version += 1

    def answer_offer(self, slot: Slot, *, is_wanted: bool) -> None:
        """Put what was offered in, or forget it; the present image has its part already."""
        offer, self.offer = self.offer, None
        if offer is None or not is_wanted:
            return
        if not offer.fits(slot) and offer.settings is not None:
            slot.state = slot.state.with_settings_of(offer.settings)
        self.fill(offer)

    def leave(self, slot: Slot) -> None:
        """Keep what was made of an image that is left."""
        slot.hovered = None
        slot.state = replace(slot.state, region_xyxy=None)  # one comes back to all of it
        if slot.image is None:  # it could not be read: what was made of it before stays
            return
        left = Left.of(slot)
        with self._lock:
            self._left[slot.place] = left
            self._version += 1
        self.hold(slot)

    def hold(self, slot: Slot) -> None:
        """Keep pixels and embedding for a while."""
        with self._lock:
            self._held[slot.place] = slot
            self._held.move_to_end(slot.place)
        while len(self._held) > KEPT_IMAGES or (len(self._held) > 2 and self._bytes > KEPT_BYTES):
            with self._lock:
                _, oldest = self._held.popitem(last=False)
            self._drop(oldest)

    def take_held(self, place: int) -> Slot | None:
        """Give an image whose pixels are kept; it is not kept any more."""
        with self._lock:
            return self._held.pop(place, None)

    def restore(self, slot: Slot, before: State) -> None:
        """Put back what was made of its image; label, classes and tool stay as they are.

        Raises
        ------
        ValueError
            When the image is another one now.
        """
        left = self._left.get(slot.place)
        if left is None or slot.image is None:
            slot.state = slot.complete = slot.state.with_settings_of(before)
            return
        if left.state.size_hw != slot.image.shape[:2]:
            height, width = left.state.size_hw or (0, 0)
            raise ValueError(
                f"the image had {width} x {height} pixels when its objects were made, now it has "
                f"{slot.image.shape[1]} x {slot.image.shape[0]}: put it back as it was"
            )
        allows_changes = left.unchecked is not None and left.unchecked.allow_changes
        if left.content_hash != slot.content_hash and not allows_changes:
            raise ValueError(
                "the image has changed since its objects were made, its pixels are others: put it "
                "back as it was"
            )
        slot.made_with, slot.unchecked = left.made_with, left.unchecked
        slot.view_xyxy = left.view_xyxy
        slot.begins_at = None if left.unchecked is None else left.unchecked.view_xyxy
        slot.state = slot.complete = left.state.with_settings_of(before)
        if slot.state.document.draft.is_pending:
            slot.complete = ClearPrompts().apply(slot.state)

    @property
    def _bytes(self) -> int:
        return sum(slot.image.nbytes for slot in self._held.values() if slot.image is not None)

    def _drop(self, slot: Slot) -> None:
        self.free(slot)
        with self._lock:
            left = self._left.get(slot.place)
            if left is not None:
                self._left[slot.place] = left._replace(state=history.forgetful(left.state))

    def free(self, slot: Slot) -> None:
        """Free what the engine holds for an image."""
        for key in slot.embeddings.values():
            self._forget(key)
        slot.embeddings = {}
