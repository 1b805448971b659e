"""Edits of what a search for everything has found; ``apply`` is as in ``edits.py``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

from samwidget.editing import history
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.found import Found
from samwidget.values.errors import quoted
from samwidget.values.objects import SegmentedObject


@dataclass(frozen=True)
class TakeFound(Edit):
    """Make found masks objects, on top of the others: those with these ids, null for all shown.

    One step of the history. What was taken is not shown as found any more; taking it again does
    nothing. A single one is selected.
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
        made = tuple(
            replace(one, id=new_id, label=state.label, color=state.color_of(state.label, new_id))
            for new_id, one in enumerate(chosen, document.next_id)
        )
        after = replace(
            document,
            objects=(*document.objects, *made),
            selected=made[0].id if len(made) == 1 else document.selected,
            next_id=document.next_id + len(made),
            taken=document.taken.union(one.id for one in chosen),
        )
        return history.step(state, after)


@dataclass(frozen=True)
class FilterFound(Edit):
    """Show what is above these thresholds, without another search; no step of the history."""

    kind: Literal["filter_found"] = field(default="filter_found", kw_only=True)
    pred_iou_thresh: float
    stability_score_thresh: float

    def apply(self, state: State) -> State:
        found = _found(state)
        asked = {}
        for name in ("pred_iou_thresh", "stability_score_thresh"):
            value, least = _number(name, getattr(self, name)), getattr(found.least, name)
            if value < least:
                raise ValueError(
                    f"{name} {value:g}: masks below {least:g} were not searched for; call "
                    f"find_everything({name}={value:g})"
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
        raise ValueError("nothing was searched for: call find_everything() first")
    return state.found


def _by_id(found: Found, an_id: int) -> SegmentedObject:
    one = found.get(an_id)
    if one is None:
        raise ValueError(
            f"there is no found mask with the id {quoted(an_id)}; widget.found has those there are"
        )
    return one
