"""What front ends know of a session, and what has to be sent so that they know the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.checks import BoxXYXY
from samwidget.editing.document import State
from samwidget.jupyter import protocol, synced
from samwidget.session.list_work import Mark
from samwidget.session.reel import ImagesView
from samwidget.session.worker import Status
from samwidget.values.objects import SegmentedObject


class Mirror:
    """Turns the session's states into updates, each with all that changed in one moment.

    Threads may call it at the same time: the worker tells what is new, others ask for all of it.
    Masks and picture are encoded when they are sent and not kept, but for the picture.

    Attributes
    ----------
    look_at_images
        Tells what is known of the list of images.
    look_at_view
        Tells what a new view shows first of the present image, None for all of it.
    """

    def __init__(self, model_name: str, state: State) -> None:
        self._model_name = model_name
        self._lock = threading.RLock()
        self._revision = self._image_revision = 0
        self._image: NDArray[np.uint8] | None = None
        self._image_state: protocol.ImageState | None = None
        self._state = state
        self._status = Status("empty", "no image")
        # The ids of the found masks of this search that front ends know, or will ask for.
        self._search, self._told = 0, set[int]()
        self.look_at_images: Callable[[], ImagesView | None] = lambda: None
        self.look_at_view: Callable[[], BoxXYXY | None] = lambda: None
        self._images: ImagesView | None = None
        self._marks: dict[int, tuple[Mark, int]] = {}

    @property
    def revision(self) -> int:
        """The number of the last update."""
        return self._revision

    def show(
        self, image: NDArray[np.uint8] | None, state: State, *, encode: bool = True
    ) -> protocol.Update:
        """Take image and state; give what is new about them.

        ``encode`` False leaves everything out, for when nobody listens.
        """
        with self._lock:
            before, self._state = self._state, state
            is_new_image = image is not self._image
            if is_new_image:
                self._image, self._image_state = image, None
                self._image_revision = self._revision + 1
            new_found = self._tell_found(state)
            images = self._tell_images()
            if not encode:
                return self._update()
            draft_before, draft = before.document.draft, state.document.draft
            now = synced.controls(state, self._model_name)
            is_found = before.found is state.found and (
                before.document.taken is state.document.taken
            )
            found = None if is_found else protocol.FoundChange(synced.found_state(state, new_found))
            return self._update(
                image=protocol.ImageChange(self._encoded()) if is_new_image else None,
                draft=None if draft is draft_before else synced.draft_state(draft),
                objects=synced.objects_change(before.document, state.document),
                found=found,
                controls=None if now == synced.controls(before, self._model_name) else now,
                images=images,
            )

    def show_status(self, status: Status) -> protocol.Update:
        """Take a status; give the update that tells it."""
        with self._lock:
            self._status = status
            return self._update(status=synced.status_state(status))

    def show_images(self) -> protocol.Update:
        """Look at the list of images; give what is new about it."""
        with self._lock:
            return self._update(images=self._tell_images())

    def everything(self, known_revision: int) -> protocol.Update:
        """Give an update that needs no other before it.

        It lacks the picture alone, where whoever knows this revision has it.
        """
        with self._lock:
            has_picture = self._image_revision <= known_revision <= self._revision
            all_of_it = self.snapshot()
            return protocol.Update(
                kind="update",
                revision=all_of_it.revision,
                after=None,
                image=None if has_picture else protocol.ImageChange(all_of_it.image),
                status=all_of_it.status,
                draft=all_of_it.draft,
                objects=protocol.ObjectsChange(
                    [one.id for one in all_of_it.objects], all_of_it.objects
                ),
                found=protocol.FoundChange(all_of_it.found),
                controls=all_of_it.controls,
                images=protocol.ImagesChange(all_of_it.images),
            )

    def snapshot(self) -> protocol.Snapshot:
        """Give everything as it is now."""
        with self._lock:
            document = self._state.document
            return protocol.Snapshot(
                revision=self._revision,
                image=self._encoded(),
                status=synced.status_state(self._status),
                draft=synced.draft_state(document.draft),
                objects=[synced.object_state(one) for one in document.objects],
                found=synced.found_state(self._state, self._told_masks()),
                controls=synced.controls(self._state, self._model_name),
                images=None
                if self._images is None
                else synced.images_state(self._images, self._marks),
            )

    def _tell_images(self) -> protocol.ImagesChange | None:
        """Give what is new about the list of images."""
        before, now = self._images, self.look_at_images()
        self._images = now
        if (None if now is None else now.version) == (None if before is None else before.version):
            return None
        if now is None:
            self._marks = {}
            return protocol.ImagesChange(None)
        is_same_list = before is not None and before.version[0] == now.version[0]
        known, self._marks = self._marks if is_same_list else {}, now.marks()
        new = {place: mark for place, mark in self._marks.items() if known.get(place) != mark}
        return protocol.ImagesChange(synced.images_state(now, new))

    def _tell_found(self, state: State) -> list[SegmentedObject]:
        """Give the found masks that are shown for the first time."""
        if state.found is None or state.found.search != self._search:
            self._search, self._told = state.found.search if state.found else 0, set()
        new = [one for one in state.found_left if one.id not in self._told]
        self._told.update(one.id for one in new)
        return new

    def _told_masks(self) -> list[SegmentedObject]:
        """Give the found masks that front ends know: sliders bring them back without a word."""
        found = self._state.found
        known = [] if found is None else [found.get(an_id) for an_id in sorted(self._told)]
        return [one for one in known if one is not None]

    def _encoded(self) -> protocol.ImageState | None:
        if self._image_state is None:
            self._image_state = synced.image_state(self._image)
        if self._image_state is None:
            return None
        return replace(self._image_state, view_xyxy=self.look_at_view())

    def _update(
        self,
        image: protocol.ImageChange | None = None,
        status: protocol.Status | None = None,
        draft: protocol.DraftState | None = None,
        objects: protocol.ObjectsChange | None = None,
        found: protocol.FoundChange | None = None,
        controls: protocol.Controls | None = None,
        images: protocol.ImagesChange | None = None,
    ) -> protocol.Update:
        self._revision += 1
        return protocol.Update(
            kind="update",
            revision=self._revision,
            after=self._revision - 1,
            image=image,
            status=status,
            draft=draft,
            objects=objects,
            found=found,
            controls=controls,
            images=images,
        )
