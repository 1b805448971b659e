"""Making objects of what comes from elsewhere, with all that is known of it; for code alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from samwidget.editing import history
from samwidget.editing.checks import image_size_hw, text
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.editing.edits import SetClasses
from samwidget.values.objects import SegmentedObject


@dataclass(frozen=True, eq=False)
class ImportObjects(Edit):
    """Put objects from elsewhere on top of the others; one step of undo.

    Classes that are new come along, behind those that there are: a setting, which undo leaves.

    Attributes
    ----------
    objects
        Masks as large as the image, none empty. Their ids and colours become those that are next
        here, an empty label the one that is set. Those with prompts were asked of this session's
        model and are refined by them, the others by their mask.
    is_beginning
        The image begins with them: there is nothing before that undo could go back to.
    """

    objects: Sequence[SegmentedObject]
    is_beginning: bool = False

    def apply(self, state: State) -> State:
        document, size_hw = state.document, image_size_hw(state)
        if not self.objects:
            return state
        made = []
        for number, one in enumerate(self.objects):
            if one.shape.size_hw != size_hw or one.shape.is_empty:
                raise ValueError(
                    f"objects[{number}]: expected a mask with a pixel, as large as the image, "
                    f"{size_hw} (H, W), got one of {one.shape.area} pixels and {one.shape.size_hw}"
                )
            new_id = document.next_id + number
            made.append(
                replace(
                    one,
                    id=new_id,
                    label=text(one.label) or state.label,
                    shape=one.shape.compact() if one.prompts.is_empty else one.shape,
                    color=state.color_of(one.label or state.label, new_id),
                )
            )
        objects = (*document.objects, *made)
        next_id = document.next_id + len(made)
        document = replace(document, objects=objects, next_id=next_id)
        state = (
            replace(state, document=document)
            if self.is_beginning
            else history.step(state, document)
        )
        labels = dict.fromkeys(one.label for one in self.objects if one.label)
        new = [label for label in labels if label not in state.classes]
        return SetClasses([*state.classes, *new]).apply(state) if new else state
