"""What a person has made so far, as values; the edits that change it are in ``edits.py``.

What a draft's prediction is depends on the sequence of its edits alone, never on timing. Prompts
given together (a first point, a box, or all that is left after one was moved or taken away) are
predicted from scratch. A point *added* to a draft refines it: the model also gets the mask of the
draft before, as the authors of Segment Anything do in their evaluation. ``Draft.refines`` keeps
that draft, so that hurried edits, predicted late, and predictions that were forgotten and are asked
for again (see ``history.py``), give the same mask.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.editing.found import Found
    from samwidget.values.mask import Mask
    from samwidget.values.pixel_boxes import PixelBox
    from samwidget.values.prediction import Prediction


@dataclass(frozen=True, eq=False)
class Reopened:
    """A committed object that a draft refines, and its place among the objects."""

    object: SegmentedObject
    index: int


@dataclass(frozen=True, eq=False)
class Draft:
    """The object in the making.

    Attributes
    ----------
    prompts
        Points in the order in which they were given, and the box.
    refines
        The draft whose mask the prediction starts from.
    prediction
        None until somebody has asked the model.
    choice
        The candidate that the person chose, None for the best.
    reopened
        The object that this draft takes the place of, None for a new one.
    region_xyxy
        The part of the image that the model is to see, all prompts within it; None for all of it.
    """

    prompts: Prompts = field(default_factory=Prompts)
    refines: Draft | None = None
    prediction: Prediction | None = None
    choice: int | None = None
    reopened: Reopened | None = None
    region_xyxy: PixelBox | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a prompt nor a reopened object."""
        return self.prompts.is_empty and self.reopened is None

    @property
    def is_only_background(self) -> bool:
        """Whether nothing says what the object is, so that its mask is empty."""
        return self.prompts.is_only_background and self.refines is None

    @property
    def is_as_reopened(self) -> bool:
        """Whether it is a reopened object that nothing was done to yet."""
        return (
            self.reopened is not None
            and self.refines is None
            and self.prompts is self.reopened.object.prompts
        )

    @property
    def is_pending(self) -> bool:
        """Whether the model has still to be asked."""
        return self.prediction is None and not self.prompts.is_empty and not self.is_as_reopened

    @property
    def is_ambiguous(self) -> bool:
        """Whether the prompts may mean several things: one point and nothing else."""
        prompts = self.prompts
        return len(prompts.point_coords) == 1 and prompts.box_xyxy is None and self.refines is None

    @property
    def chosen(self) -> int:
        """Index of the candidate that counts, 0 while there is none."""
        if self.choice is not None:
            return self.choice
        return self.prediction.best if self.prediction else 0

    @cached_property
    def mask(self) -> Mask | None:
        """The candidate that counts, None while there is none."""
        if self.prediction is not None:
            return self.prediction.candidate(self.chosen)
        if self.is_as_reopened:
            assert self.reopened is not None
            return self.reopened.object.shape
        return None

    @property
    def has_cells(self) -> bool:
        """Whether any of its low-res logits on the image is positive: a quick look at the mask."""
        if self.prediction is None:
            return False
        logits = self.prediction.low_res_logits[self.chosen]
        columns, rows, _ = self.prediction.transform.extent_xywh(logits.shape[0])
        return bool((logits[:rows, :columns] > 0).any())

    def predicted(self, prediction: Prediction) -> Draft:
        """Give it what the model says."""
        refines = None if self.refines is None else self.refines.forgetful()
        return replace(self, refines=refines, prediction=prediction)

    def forgetful(self) -> Draft:
        """Give it without what the model can be asked for again."""
        refines = None if self.refines is None else self.refines.forgetful()
        if self.prediction is None and refines is self.refines:
            return self
        # The choice is kept also where the model's best was taken: it is part of what was done.
        choice = self.chosen if self.prediction is not None else self.choice
        return replace(self, refines=refines, prediction=None, choice=choice)


@dataclass(frozen=True, eq=False)
class Document:
    """What undo and redo go through.

    Attributes
    ----------
    objects
        Bottom to top.
    draft
        The object in the making.
    selected
        An object's id.
    next_id
        What the next object is called.
    taken
        Ids of found masks that objects were made of, see :class:`.found.Found`.
    """

    objects: tuple[SegmentedObject, ...] = ()
    draft: Draft = field(default_factory=Draft)
    selected: int | None = None
    next_id: int = 1
    taken: frozenset[int] = frozenset()

    @property
    def draft_color(self) -> str:
        """``"#rrggbb"``, what the draft will keep when it is committed."""
        reopened = self.draft.reopened
        return reopened.object.color if reopened else color_for(self.next_id - 1)


@dataclass(frozen=True, eq=False)
class State:
    """Everything about one image but its pixels.

    Attributes
    ----------
    size_hw
        Of the image in pixels; None while there is none.
    document, past, future
        What is there, what undo and what redo go back to.
    classes
        Labels to choose from.
    label
        What the next committed object gets.
    tool
        What all views show as active.
    found
        What a search for everything has found; None when there was none.
    region_xyxy
        The part of the image that the model sees of new drafts; None for all of it.
    """

    size_hw: tuple[int, int] | None = None
    document: Document = field(default_factory=Document)
    past: tuple[Document, ...] = ()
    future: tuple[Document, ...] = ()
    classes: tuple[str, ...] = ()
    label: str = ""
    tool: str = "positive"
    found: Found | None = None
    region_xyxy: PixelBox | None = None

    @property
    def found_left(self) -> tuple[SegmentedObject, ...]:
        """What is shown as found: what is good enough and not taken, best first."""
        shown = () if self.found is None else self.found.shown
        return tuple(one for one in shown if one.id not in self.document.taken)

    def on_image(self, size_hw: tuple[int, int] | None) -> State:
        """Start over on another image; label, classes and tool stay."""
        return State(size_hw, classes=self.classes, label=self.label, tool=self.tool)

    def with_draft(self, draft: Draft) -> State:
        """Put a draft in place of the present one, which is no step of its own."""
        return replace(self, document=replace(self.document, draft=draft))

    def draft_object(self, label: str | None = None) -> SegmentedObject | None:
        """Give the draft as the object it would become; None while it has no mask with a cell.

        ``label`` is the object's; None means its own if it is a reopened one, else the label that
        is set.
        """
        document, draft = self.document, self.document.draft
        reopened = draft.reopened
        own_label = self.label if reopened is None else reopened.object.label
        label = own_label if label is None else label
        if draft.is_as_reopened and reopened is not None:
            return replace(reopened.object, label=label)
        if draft.prediction is None or not draft.has_cells:
            return None
        new_id = document.next_id if reopened is None else reopened.object.id
        return SegmentedObject.from_prediction(
            new_id, label, document.draft_color, draft.prompts, draft.prediction, draft.chosen
        )
