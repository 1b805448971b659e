"""The option that a pixel belongs to one object only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from samwidget.editing.document import Document, Draft
from samwidget.values.objects import SegmentedObject


def without_overlaps(before: Document, after: Document) -> Document:
    """Let the objects whose mask is new take their pixels from all others.

    Of several new ones the upper ones take from those below; locked ones keep what they have. An
    object that has no pixel left is gone. What overlapped before and has not changed stays as it
    is.
    """
    known = {one.id: one.shape for one in before.objects}
    objects: list[SegmentedObject] = list(after.objects)
    is_new = [known.get(one.id) is not one.shape for one in objects]
    for index in range(len(objects)):
        if not is_new[index]:
            continue
        for other in range(len(objects)):
            if other == index or (is_new[other] and other > index):
                continue
            if objects[other].locked:
                objects[index] = _given_up(objects[index], objects[other])
            else:
                objects[other] = _given_up(objects[other], objects[index])
    # Nothing but this empties a mask: no edit leaves an empty one.
    left = tuple(one for one in objects if not one.shape.is_empty)
    ids = {one.id for one in left}
    selected = after.selected if after.selected in ids else None
    if left == after.objects:
        return after
    return replace(after, objects=left, selected=selected, draft=draft_among(after, left))


def draft_among(document: Document, objects: Sequence[SegmentedObject]) -> Draft:
    """Give the draft with the place of a reopened object between the same neighbours as before."""
    draft, reopened = document.draft, document.draft.reopened
    if reopened is None:
        return draft
    below = {one.id for one in document.objects[: reopened.index]}
    index = max((place for place, one in enumerate(objects, 1) if one.id in below), default=0)
    return replace(draft, reopened=replace(reopened, index=index))


def _given_up(one: SegmentedObject, taker: SegmentedObject) -> SegmentedObject:
    if one.shape.is_empty:
        return one
    x1, y1, x2, y2 = one.shape.box_xyxy
    left, top, right, bottom = taker.shape.box_xyxy
    if x2 <= left or right <= x1 or y2 <= top or bottom <= y1:
        return one
    shape = one.shape.subtract(taker.shape)
    if shape.area == one.shape.area:
        return one
    one = replace(one, shape=shape.compact(), edited=True, rings=None)
    return replace(one, choice=None, threshold=0.0)
