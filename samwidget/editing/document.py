"""What a person has made so far, as values; the edits that change it are in ``edits.py``.

What a draft's prediction is depends on the sequence of its edits alone, never on timing. Prompts
given together (a first point, a box, or all that is left after one was moved or taken away) are
predicted from scratch. Points *added* to a draft refine it: the model also gets the mask of the
draft before, as the authors of Segment Anything do in their evaluation. ``Draft.refines`` keeps
that draft, so that hurried edits, predicted late, and predictions that were forgotten and are asked
for again (see ``history.py``), give the same mask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from samwidget.values.objects import Rings, SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.pixel_boxes import PixelBox
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.editing.found import Found
    from samwidget.editing.log import Log
    from samwidget.editing.work_edits import KeptWork
    from samwidget.values.mask import Mask
    from samwidget.values.prediction import Prediction


@dataclass(frozen=True, eq=False)
class Reopened:
    """A committed object that a draft refines, and its place among the objects."""

    object: SegmentedObject
    index: int


@dataclass(frozen=True, eq=False)
class Painted:
    """A mask that a hand has made, or changed, with the score of the one it was made from."""

    mask: Mask
    score: float
    rings: Rings | None = None


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
    painted
        The mask where a hand has made it, or it was given, which no model is asked for; prompts
        given later refine it.
    threshold
        In logits: what is above it is inside. It stays while prompts change.
    """

    prompts: Prompts = field(default_factory=Prompts)
    refines: Draft | None = None
    prediction: Prediction | None = None
    choice: int | None = None
    reopened: Reopened | None = None
    region_xyxy: PixelBox | None = None
    painted: Painted | None = None
    threshold: float = 0.0

    @classmethod
    def of_reopened(cls, reopened: Reopened) -> Draft:
        """Begin with an object as it is."""
        one = reopened.object
        return cls(
            one.prompts,
            choice=one.choice,
            reopened=reopened,
            region_xyxy=one.region_xyxy if one.choice is not None else None,
            threshold=one.threshold,
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a prompt nor a reopened object nor anything painted."""
        return self.prompts.is_empty and self.reopened is None and self.painted is None

    @property
    def is_only_background(self) -> bool:
        """Whether nothing says what the object is, so that its mask is empty."""
        begins = self.refines is None and self.painted is None
        return self.prompts.is_only_background and begins

    @property
    def is_as_reopened(self) -> bool:
        """Whether it is a reopened object whose prompts are what they were."""
        return (
            self.reopened is not None
            and self.refines is None
            and self.painted is None
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
        if self.painted is not None or self.prediction is not None or self.prompts.is_empty:
            return False
        # The candidates that a reopened object was chosen from are asked for again.
        return not self.is_as_reopened or self.choice is not None

    @property
    def painting(self) -> Draft | None:
        """The draft that a hand has made the mask of and that this one refines, or is."""
        for one in self._chain:
            if one.painted is not None or (one.is_as_reopened and one.is_edited):
                return one
        return None

    @property
    def is_edited(self) -> bool:
        """Whether a hand had a part in the mask."""
        if self.is_as_reopened and self.reopened is not None:
            return self.reopened.object.edited
        return self.painting is not None

    @property
    def is_ambiguous(self) -> bool:
        """Whether the prompts may mean several things: one point and nothing else."""
        prompts = self.prompts
        has_start = self.refines is not None or self.painted is not None
        return len(prompts.point_coords) == 1 and prompts.box_xyxy is None and not has_start

    @property
    def chosen(self) -> int:
        """Index of the candidate that counts, 0 while there is none."""
        if self.choice is not None:
            return self.choice
        return self.prediction.best if self.prediction else 0

    @property
    def score(self) -> float:
        """The model's estimate of the mask's IoU."""
        if self.painted is not None:
            return self.painted.score
        if self.prediction is not None:
            return float(self.prediction.iou_predictions[self.chosen])
        return self.reopened.object.score if self.reopened is not None else 0.0

    @property
    def stability_score(self) -> float | None:
        """How little the mask depends on the threshold; None where no model has made it."""
        if self.prediction is None or self.painted is not None:
            return None
        return self.prediction.stability_score(self.chosen, self.threshold)

    @property
    def rings(self) -> Rings | None:
        """The corners of the polygons that the mask is; None where it is none."""
        if self.painted is not None:
            return self.painted.rings
        if self.is_as_reopened and self.reopened is not None:
            return self.reopened.object.rings
        return None

    @cached_property
    def mask(self) -> Mask | None:
        """The candidate that counts, None while there is none."""
        if self.painted is not None:
            return self.painted.mask
        shape = self.reopened.object.shape if self.reopened and self.is_as_reopened else None
        if shape is not None and self.is_unchanged:
            return shape
        if self.prediction is not None:
            shape = self.prediction.candidate(self.chosen)
        return None if shape is None else shape.at_threshold(self.threshold)

    @property
    def can_move_border(self) -> bool:
        """Whether its threshold can be another: not where its mask was drawn."""
        if self.painted is not None or self.mask is None:
            return self.painted is None
        return self.mask.at_threshold(self.threshold) is not None

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
        kept: Draft | None = None
        for one in reversed(self._chain):
            if one.prediction is not None:
                # The choice is kept also where the model's best was taken: it is part of what was
                # done.
                kept = replace(one, refines=kept, prediction=None, choice=one.chosen)
            elif kept is not one.refines:
                kept = replace(one, refines=kept)
            else:
                kept = one
        assert kept is not None
        return kept

    @property
    def _chain(self) -> list[Draft]:
        """The draft and all that it refines, the oldest last: a thousand clicks make as many."""
        chain, one = [self], self.refines
        while one is not None:
            chain.append(one)
            one = one.refines
        return chain


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
    selection
        Ids of all that is selected, ``selected`` the last of them. An edit that sets ``selected``
        alone selects nothing else.
    """

    objects: tuple[SegmentedObject, ...] = ()
    draft: Draft = field(default_factory=Draft)
    selected: int | None = None
    next_id: int = 1
    taken: frozenset[int] = frozenset()
    selection: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.selected is None:
            selection: tuple[int, ...] = ()
        elif self.selection[-1:] != (self.selected,):
            selection = (self.selected,)
        elif len(self.selection) > 1:
            there = {one.id for one in self.objects}
            selection = tuple(an_id for an_id in self.selection if an_id in there)
        else:
            return
        object.__setattr__(self, "selection", selection)


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
    log
        What was done so far; None when nothing was.
    class_colors
        ``"#rrggbb"`` by label, for those that have a colour of their own.
    kept
        Work of an earlier session on this image that is offered; None when there is none.
    exclusive
        Whether a pixel belongs to one object only: what is made takes it from the others.
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
    log: Log | None = None
    class_colors: Mapping[str, str] = field(default_factory=dict)
    kept: KeptWork | None = None
    exclusive: bool = False

    @property
    def draft_color(self) -> str:
        """``"#rrggbb"``, what the draft will keep when it is committed."""
        reopened = self.document.draft.reopened
        return reopened.object.color if reopened else self.color_of(self.label)

    @property
    def found_left(self) -> tuple[SegmentedObject, ...]:
        """What is shown as found: what is good enough and not taken, best first."""
        shown = () if self.found is None else self.found.shown
        return tuple(one for one in shown if one.id not in self.document.taken)

    def on_image(self, size_hw: tuple[int, int] | None) -> State:
        """Start over on another image; label, classes, tool and option stay."""
        return State(size_hw).with_settings_of(self)

    def with_settings_of(self, other: State) -> State:
        """Give it with what belongs to the person, not to the image: label, classes and so on."""
        return replace(
            self,
            classes=other.classes,
            label=other.label,
            tool=other.tool,
            class_colors=other.class_colors,
            exclusive=other.exclusive,
        )

    def color_of(self, label: str, new_id: int | None = None) -> str:
        """Give the colour of a new object: its class's, else the one that goes with its id.

        ``new_id`` None stands for the next id.
        """
        new_id = self.document.next_id if new_id is None else new_id
        return self.class_colors.get(label) or color_for(new_id - 1)

    def relabelled(self, one: SegmentedObject, label: str) -> SegmentedObject:
        """Give an object under another label, in the colour of that class if it has one."""
        if label == one.label:
            return one
        return replace(one, label=label, color=self.class_colors.get(label, one.color))

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
            return self.relabelled(reopened.object, label)
        if draft.mask is None or (draft.prediction is not None and not draft.has_cells):
            return None
        if reopened is None:
            new_id, color = document.next_id, self.color_of(label)
        else:
            new_id, color = reopened.object.id, self.relabelled(reopened.object, label).color
        painted = draft.painted
        if painted is not None:
            if painted.mask.is_empty:
                return None
            made = SegmentedObject(new_id, label, painted.score, painted.mask, draft.prompts, color)
            region = draft.region_xyxy
            return replace(made, edited=True, rings=painted.rings, region_xyxy=region)
        if draft.prediction is None and reopened is not None:
            border = replace(reopened.object, shape=draft.mask, stability_score=None, rings=None)
            return replace(self.relabelled(border, label), threshold=draft.threshold)
        if draft.prediction is None:
            return None
        made = SegmentedObject.from_prediction(
            new_id, label, color, draft.prompts, draft.prediction, draft.chosen
        )
        made = replace(
            made,
            shape=draft.mask,
            choice=draft.chosen if draft.is_ambiguous else None,
            threshold=draft.threshold,
        )
        return replace(made, edited=True) if draft.is_edited else made
