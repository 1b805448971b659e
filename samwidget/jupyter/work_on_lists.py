"""Work on the images of a list: to what a file holds of it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from samwidget.session.list_work import Left, ListWork, Mark, Snapshot
from samwidget.session.restoring import Restored
from samwidget.session.slots import Slot
from samwidget.values.images import read_image
from samwidget.values.items import Item
from samwidget.values.sources import origin_of

if TYPE_CHECKING:
    from samwidget.formats.work import Work, WorkImage
    from samwidget.formats.work_lists import Listed


def lasting(origin: str | None) -> str | None:
    """Give an address or the whole path of a file that is there; None for what is only a name."""
    if origin is None or "://" in origin:
        return origin
    path = Path(origin).absolute()
    return str(path) if path.is_file() else None


def work_image(slot: Slot, embed_image: bool | None = None) -> WorkImage:
    """Give what a work file holds of one image.

    Raises
    ------
    ValueError
        When there is none.
    """
    from samwidget.formats.work import WorkImage, as_png

    image = slot.image
    if image is None:
        raise ValueError("there is no work to save yet: set the widget's image first")
    origin = lasting(slot.origin)
    embeds = origin is None if embed_image is None else embed_image
    return WorkImage(
        slot.state,
        slot.content_hash,
        slot.origin if origin is None else origin,
        slot.made_with,
        as_png(image) if embeds else None,
        slot.view_xyxy,
    )


def work_of_list(now: Snapshot, model: str | None, embed_image: bool | None) -> Work:
    """Give what a work file holds of a list: all its names, and what was made of its images.

    Parameters
    ----------
    now
        Of a session that has a list.
    model
        What opens the model.
    embed_image
        Whether images are in the file; None for those that came from no file or address.

    Raises
    ------
    ValueError
        When no image was shown yet.
    """
    from samwidget.formats.work import Work, WorkImage
    from samwidget.formats.work_lists import Listed

    works = {
        place: one for place, one in now.left.items() if one.objects or one.state.log is not None
    }
    slot = now.slot
    if slot.image is not None:
        works[slot.place] = Left(
            now.state, (), slot.content_hash, slot.origin, slot.made_with, None, slot.view_xyxy
        )
    listed: list[Listed] = []
    images: list[WorkImage] = []
    for place, item in enumerate(now.items or ()):
        known, number = origin_of(item.source), None
        origin = lasting(known)
        if place in works:
            number = len(images)
            one, embeds = works[place], origin is None if embed_image is None else embed_image
            pixels = slot.image if place == slot.place else None
            png = partial(_png, item, pixels) if embeds else None
            images.append(
                WorkImage(
                    one.state,
                    one.content_hash,
                    origin or known or one.origin,
                    one.made_with,
                    png,
                    one.view_xyxy,
                )
            )
        listed.append(Listed(item.name, origin or known, number, now.marks.get(place, "open")))
    if not images:
        raise ValueError("there is no work to save yet: none of the images was shown")
    return Work(images, model, slot.place, None, listed)


def list_work(work: Work, places: Mapping[int, int], *, allow_changes: bool) -> ListWork:
    """Give what a work file has of a list, by the places that the images have now."""
    left: dict[int, Left] = {}
    marks: dict[int, Mark] = {}
    for then, now in places.items():
        one = work.listed[then]
        if one.image is not None:
            image = work.images[one.image]
            restored = Restored(image.state, image.made_with, allow_changes, image.view_xyxy)
            left[now] = Left.saved(restored, image.content_hash)
        if one.mark != "open":
            marks[now] = one.mark
    present = work.listed[work.present].image
    settings = work.images[0 if present is None else present].state
    saved_at = "" if work.saved_at is None else work.saved_at.isoformat()
    return ListWork(left, marks, saved_at, settings)


def _png(item: Item, pixels: NDArray[np.uint8] | None) -> bytes | None:
    """Write an image of a list as a PNG; None when it cannot be read any more."""
    from samwidget.formats.work import as_png

    if pixels is not None:
        return as_png(pixels)
    try:
        return as_png(read_image(item.source).pixels)
    except Exception:  # whoever opens the work is told that it is not there
        return None
