"""Looking closer: of a large image the model may see a part, as large as the model's frame.

Which part a draft is predicted from is decided when its prompts are given and kept in the draft, so
that undo, a later prediction and a replay give the same mask.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from samwidget.editing.checks import BoxXYXY, image_size_hw
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.values.errors import quoted
from samwidget.values.pixel_boxes import PixelBox, is_inside
from samwidget.values.prompt_checks import read_number
from samwidget.values.prompts import Prompts


@dataclass(frozen=True)
class LookCloser(Edit):
    """Let the model see of new drafts this part of the image alone, or with null all of it.

    A setting, no step of undo. Corners are whole pixels; a draft that is there keeps its part.
    """

    kind: Literal["look_closer"] = field(default="look_closer", kw_only=True)
    region_xyxy: BoxXYXY | None

    def apply(self, state: State) -> State:
        height, width = image_size_hw(state)
        if self.region_xyxy is None:
            return replace(state, region_xyxy=None)
        x1, y1, x2, y2 = (int(read_number("a corner", value)) for value in self.region_xyxy)
        if not (0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height):
            raise ValueError(
                f"a region is (x1, y1, x2, y2) within the image of {width} x {height} pixels, with "
                f"x1 < x2 and y1 < y2; got {quoted(self.region_xyxy)}"
            )
        whole = (x1, y1, x2, y2) == (0, 0, width, height)
        return replace(state, region_xyxy=None if whole else (x1, y1, x2, y2))


def region_for(state: State, prompts: Prompts) -> PixelBox | None:
    """Give the part of the image that the model is to see for a draft with these prompts.

    A draft keeps its part as long as all prompts are in it. A reopened object is seen closer when
    all of its mask is.
    """
    draft, region = state.document.draft, state.region_xyxy
    if draft.is_as_reopened and draft.reopened is not None and region is not None:
        x1, y1, x2, y2 = draft.reopened.object.box_xyxy
        if not is_inside((int(x1), int(y1), int(x2), int(y2)), region):
            region = None
    elif not draft.is_empty:
        region = draft.region_xyxy
    return region if region is not None and prompts.is_within(region) else None
