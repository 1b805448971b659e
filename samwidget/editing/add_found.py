"""Making objects of what a model has found by itself; for code alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import AddObjects
from samwidget.values.objects import SegmentedObject


@dataclass(frozen=True)
class AddFound(Edit):
    """Put found objects on top of the others, with what was said of them; one step of undo.

    Attributes
    ----------
    objects
        Masks as large as the image. Their ids and colours become those that are next here.
    """

    objects: Sequence[SegmentedObject]

    def apply(self, state: State) -> State:
        """Give the next state, see the base."""
        masks = [one.shape for one in self.objects]
        added = AddObjects(masks, [one.label for one in self.objects]).apply(state)
        if added is state:
            return state
        before = len(state.document.objects)
        new = [
            replace(
                one,
                score=found.score,
                stability_score=found.stability_score,
                detection_score=found.detection_score,
            )
            for one, found in zip(added.document.objects[before:], self.objects, strict=True)
        ]
        objects = (*added.document.objects[:before], *new)
        return replace(added, document=replace(added.document, objects=objects))
