"""What a person has made so far, as values; the edits that change it are in ``edits.py``.

What a draft's prediction is depends on the sequence of its edits alone, never on timing. Prompts
given together (a first point, a box, or all that is left after one was moved or taken away) are
predicted from scratch. Points *added* to a draft refine it: the model also gets the mask of the
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
    threshold
        In logits: what is above it is inside. It stays while prompts change.
    edited
        A mask that was drawn or given: it counts, nobody asks the model, and prompts refine it.
    """

    prompts: Prompts = field(default_factory=Prompts)
    refines: Draft | None = None
    prediction: Prediction | None = None
    choice: int | None = None
    reopened: Reopened | None = None
    threshold: float = 0.0
    edited: Mask | None = None

    @classmethod
    def of_reopened(cls, reopened: Reopened) -> Draft:
        """Begin with an object as it is."""
        one = reopened.object
        return cls(one.prompts, choice=one.choice, reopened=reopened, threshold=one.threshold)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a prompt nor a mask nor a reopened object."""
        return self.prompts.is_empty and self.reopened is None and self.edited is None

    @property
    def is_only_background(self) -> bool:
        """Whether nothing says what the object is, so that its mask is empty."""
        has_start = self.refines is not None or self.edited is not None
        return self.prompts.is_only_background and not has_start

    @property
    def is_as_reopened(self) -> bool:
        """Whether it is a reopened object whose prompts are what they were."""
        return (
            self.reopened is not None
            and self.refines is None
            and self.edited is None
            and self.prompts is self.reopened.object.prompts
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether it is a reopened object that nothing was done to yet."""
        if self.reopened is None or not self.is_as_reopened:
            return False
        one = self.reopened.object
        return self.choice == one.choice and self.threshold == one.threshold

    @property
    def is_pending(self) -> bool:
        """Whether the model has still to be asked."""
        if self.prediction is not None or self.prompts.is_empty or self.edited is not None:
            return False
        # The candidates that a reopened object was chosen from are asked for again.
        return not self.is_as_reopened or self.choice is not None

    @property
    def is_ambiguous(self) -> bool:
        """Whether the prompts may mean several things: one point and nothing else."""
        prompts = self.prompts
        has_start = self.refines is not None or self.edited is not None
        return len(prompts.point_coords) == 1 and prompts.box_xyxy is None and not has_start

    @property
    def chosen(self) -> int:
        """Index of the candidate that counts, 0 while there is none."""
        if self.choice is not None:
            return self.choice
        return self.prediction.best if self.prediction else 0

    @property
    def score(self) -> float:
        """The model's estimate of the mask's IoU; 1 for a mask that was drawn or given."""
        if self.prediction is not None and self.edited is None:
            return float(self.prediction.iou_predictions[self.chosen])
        is_its_own = self.reopened is not None and self.is_as_reopened
        return self.reopened.object.score if self.reopened and is_its_own else 1.0

    @cached_property
    def mask(self) -> Mask | None:
        """The candidate that counts, None while there is none."""
        if self.edited is not None:
            return self.edited
        shape = self.reopened.object.shape if self.reopened and self.is_as_reopened else None
        if shape is not None and self.is_unchanged:
            return shape
        if self.prediction is not None:
            shape = self.prediction.candidate(self.chosen)
        return None if shape is None else shape.at_threshold(self.threshold)

    @property
    def can_move_border(self) -> bool:
        """Whether its threshold can be another: not where its mask was drawn."""
        return self.mask is None or self.mask.at_threshold(self.threshold) is not None

    @property
    def has_cells(self) -> bool:
        """Whether any of its low-res logits on the image is inside: a quick look at the mask."""
        if self.prediction is None:
            return False
        logits = self.prediction.low_res_logits[self.chosen]
        columns, rows, _ = self.prediction.transform.extent_xywh(logits.shape[0])
        return bool((logits[:rows, :columns] > self.threshold).any())

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
    """

    size_hw: tuple[int, int] | None = None
    document: Document = field(default_factory=Document)
    past: tuple[Document, ...] = ()
    future: tuple[Document, ...] = ()
    classes: tuple[str, ...] = ()
    label: str = ""
    tool: str = "positive"
    found: Found | None = None

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
        if reopened is not None and draft.is_unchanged:
            return replace(reopened.object, label=label)
        if draft.mask is None or (draft.prediction is not None and not draft.has_cells):
            return None
        if reopened is not None and draft.is_as_reopened and draft.prediction is None:
            one = replace(reopened.object, label=label, stability_score=None)
        else:
            new_id = document.next_id if reopened is None else reopened.object.id
            one = SegmentedObject(
                new_id, label, draft.score, draft.mask, draft.prompts, document.draft_color
            )
        return replace(
            one,
            shape=draft.mask,
            choice=draft.chosen if draft.is_ambiguous and draft.prediction is not None else None,
            threshold=draft.threshold,
        )
