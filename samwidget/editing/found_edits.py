"""Edits of what a search has found; ``apply`` is as in ``edits.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from samwidget.editing import history
from samwidget.editing.checks import image_size_hw
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.found import Found
from samwidget.values.errors import quoted
from samwidget.values.objects import SegmentedObject


@dataclass(frozen=True)
class AddFound(Edit):
    """Put found objects on top of the others, with what was said of them; for code alone.

    One step of the history. A single one is selected.

    Attributes
    ----------
    objects
        Masks as large as the image. Their ids and colours become those that are next here, and
        where they have no label they get the one that is set.
    """

    objects: Sequence[SegmentedObject]

    def apply(self, state: State) -> State:
        """Give the next state, see the base."""
        size_hw, document = image_size_hw(state), state.document
        for number, one in enumerate(self.objects):
            if one.shape.size_hw != size_hw:
                raise ValueError(
                    f"masks[{number}]: expected a mask as large as the image, {size_hw[0]} x "
                    f"{size_hw[1]} (H x W), got {one.shape.size_hw[0]} x {one.shape.size_hw[1]}"
                )
        if not self.objects:
            return state
        made = tuple(
            replace(
                one,
                id=new_id,
                label=one.label or state.label,
                color=state.color_of(one.label or state.label, new_id),
                shape=one.shape.compact(),
            )
            for new_id, one in enumerate(self.objects, document.next_id)
        )
        after = replace(
            document,
            objects=(*document.objects, *made),
            selected=made[0].id if len(made) == 1 else document.selected,
            next_id=document.next_id + len(made),
        )
        return history.step(state, after)


@dataclass(frozen=True)
class TakeFound(Edit):
    """Make found masks objects, on top of the others: those with these ids, null for all shown.

    One step of the history. What was taken is not shown as found any more; taking it again does
    nothing. A single one is selected. What a phrase found is called so.
    """

    kind: Literal["take_found"] = field(default="take_found", kw_only=True)
    ids: list[int] | None

    def apply(self, state: State) -> State:
        document, found = state.document, _found(state)
        if self.ids is None:
            chosen = state.found_left
        else:
            ids = dict.fromkeys(self.ids)
            chosen = tuple(_by_id(found, an_id) for an_id in ids if an_id not in document.taken)
        if not chosen:
            return state
        added = AddFound(chosen).apply(state)
        taken = document.taken.union(one.id for one in chosen)
        return replace(added, document=replace(added.document, taken=taken))


@dataclass(frozen=True)
class FilterFound(Edit):
    """Show what is above these thresholds, without another search; no step of the history."""

    kind: Literal["filter_found"] = field(default="filter_found", kw_only=True)
    pred_iou_thresh: float
    stability_score_thresh: float
    detection_score_thresh: float = 0.0

    def apply(self, state: State) -> State:
        found = _found(state)
        asked = {}
        for name in ("pred_iou_thresh", "stability_score_thresh", "detection_score_thresh"):
            value, least = _number(name, getattr(self, name)), getattr(found.least, name)
            if value < least:
                again = f"find_everything({name}={value:g})"
                if name == "detection_score_thresh":
                    again = f"find_text({quoted(list(found.text))}, text_threshold={value:g})"
                raise ValueError(
                    f"{name} {value:g}: masks below {least:g} were not searched for; call {again}"
                )
            asked[name] = value
        return replace(state, found=found.filtered(**asked))


@dataclass(frozen=True)
class DropFound(Edit):
    """Forget what was found, and end the search for it; no step of the history."""

    kind: Literal["drop_found"] = field(default="drop_found", kw_only=True)

    def apply(self, state: State) -> State:
        return state if state.found is None else replace(state, found=None)


def _number(name: str, value: object) -> float:
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    raise ValueError(f"{name} must be a finite number, got {quoted(value)}")


def _found(state: State) -> Found:
    if state.found is None:
        raise ValueError("nothing was searched for: call find_everything() or find_text() first")
    return state.found


def _by_id(found: Found, an_id: int) -> SegmentedObject:
    one = found.get(an_id)
    if one is None:
        raise ValueError(
            f"there is no found mask with the id {quoted(an_id)}; widget.found has those there are"
        )
    return one
