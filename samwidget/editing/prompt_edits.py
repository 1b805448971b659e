"""More edits of prompts, and of how the draft's mask is read; ``apply`` is as in ``edits.py``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from samwidget.editing.checks import image_size_hw, point_inside, point_label
from samwidget.editing.document import Draft, Painted, State
from samwidget.editing.drafting import added_to, asked_with_mask
from samwidget.editing.edit import Edit
from samwidget.editing.history import step_draft
from samwidget.values.mask import Mask
from samwidget.values.prompt_checks import read_number

PointXYLabel = tuple[float, float, Literal[0, 1]]


@dataclass(frozen=True)
class AddPoints(Edit):
    """Add several clicks to the draft as one step, such as those of a scribble.

    Each is (x, y, label); they refine the mask there is.
    """

    kind: Literal["add_points"] = field(default="add_points", kw_only=True)
    points: list[PointXYLabel]

    def apply(self, state: State) -> State:
        prompts = state.document.draft.prompts
        for x, y, label in self.points:
            prompts = prompts.with_point(*point_inside(state, x, y), point_label(label))
        return added_to(state, prompts) if self.points else state


@dataclass(frozen=True)
class SetThreshold(Edit):
    """Move the draft's border: inside is what the model gave more than so many logits; 0 at first.

    Prompts that follow keep it.
    """

    needs_mask: ClassVar[bool] = True
    kind: Literal["set_threshold"] = field(default="set_threshold", kw_only=True)
    threshold: float

    def apply(self, state: State) -> State:
        draft, threshold = state.document.draft, read_number("threshold", self.threshold, "logits")
        if draft.mask is None:
            raise ValueError("there is no mask whose border could be moved: click an object first")
        if not draft.can_move_border:
            raise ValueError(
                "the mask was drawn or given, so it has no threshold: refit it with the model first"
            )
        if threshold == draft.threshold:
            return state
        return step_draft(state, replace(draft, threshold=threshold))


@dataclass(frozen=True)
class RefitMask(Edit):
    """Have the model draw the draft's mask anew: it is asked with the mask and a box around it.

    For a mask that was drawn or given, and is about right.
    """

    needs_mask: ClassVar[bool] = True
    kind: Literal["refit_mask"] = field(default="refit_mask", kw_only=True)

    def apply(self, state: State) -> State:
        draft = state.document.draft
        if draft.mask is None or draft.mask.is_empty:
            raise ValueError("there is no mask to refit: click an object or draw one first")
        return asked_with_mask(state, draft)


@dataclass(frozen=True, eq=False)
class PromptMask(Edit):
    """Begin an object with a mask as large as the image, as a prompt; for code alone.

    The draft there is is given up. ``refit`` True has the model draw the mask anew at once, see
    :class:`RefitMask`; else it counts as it is until prompts refine it.
    """

    mask: Mask
    refit: bool = True

    def apply(self, state: State) -> State:
        height, width = image_size_hw(state)
        if self.mask.size_hw != (height, width):
            raise ValueError(
                f"mask: expected one as large as the image, {height} x {width} (H x W), got "
                f"{self.mask.size_hw[0]} x {self.mask.size_hw[1]}"
            )
        if self.mask.is_empty:
            raise ValueError("mask is empty: it has no pixel for an object")
        painted = Painted(self.mask, 1.0)
        draft = Draft(reopened=state.document.draft.reopened, painted=painted)
        return asked_with_mask(state, draft) if self.refit else step_draft(state, draft)
