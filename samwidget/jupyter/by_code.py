"""Everything that a hand can do, for code: one method for each edit."""

from __future__ import annotations

import math
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from samwidget.editing import edits
from samwidget.editing.checks import image_size_hw
from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.values.mask import Mask
from samwidget.values.mask_shapes import as_masks
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompt_checks import ONLY_BACKGROUND
from samwidget.values.prompt_shapes import one_box


class EditsByCode:
    """The methods of :class:`samwidget.SamWidget` that edit.

    Coordinates are pixels of the image, the centre of its first one is (0.5, 0.5). All methods
    return when the mask is there, and raise what went wrong. What prompts may be is the rule of
    :mod:`samwidget.values.prompt_checks`.
    """

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled_state(self) -> State:
        """Give the state with all edits in it."""

    def _do_prompts(self, edit: Edit) -> None:
        """Have an edit done; warn where the prompts say only what the object is not."""
        self._do(edit)
        if self._settled_state().document.draft.is_only_background:
            warnings.warn(ONLY_BACKGROUND, stacklevel=3)

    def add_point(self, x: float, y: float, label: int = 1) -> None:
        """Click: ``label`` 1 for what belongs to the object, 0 for what does not.

        Coordinates are pixels of the image, the centre of its first one is (0.5, 0.5). This and all
        methods below return when the mask is there, and raise what went wrong. Background points
        alone give an empty mask and a warning.
        """
        self._do_prompts(edits.AddPoint(x, y, label))  # type: ignore[arg-type]

    def move_point(self, index: int, x: float, y: float) -> None:
        """Put one of the draft's points, counted from 0, elsewhere."""
        self._do_prompts(edits.MovePoint(index, x, y))

    def remove_point(self, index: int) -> None:
        """Take one of the draft's points, counted from 0, away."""
        self._do_prompts(edits.RemovePoint(index))

    def add_box(self, *box_xyxy: ArrayLike) -> None:
        """Put a box around the object: ``add_box(x1, y1, x2, y2)`` or ``add_box(box)``.

        What sticks out of the image is cut off; a box that is not on it, without area or with
        corners in another order raises a ValueError.
        """
        size_hw = image_size_hw(self._settled_state())
        box = one_box(box_xyxy[0] if len(box_xyxy) == 1 else box_xyxy, size_hw)
        self._do(edits.SetBox(box))

    def remove_box(self) -> None:
        """Take the draft's box away; without one nothing happens."""
        self._do_prompts(edits.SetBox(None))

    def choose(self, index: int) -> None:
        """Take another of the draft's candidate masks, counted from 0."""
        self._do(edits.ChooseMask(index))

    def commit(self, label: str | None = None) -> None:
        """Keep the draft as an object, called ``label`` or as the toolbar says."""
        self._do(edits.Commit(label))

    def add_mask(self, mask: object, label: str | None = None) -> None:
        """Make an object out of a mask that there is already.

        Parameters
        ----------
        mask
            (H, W) bool as large as the image, or a :class:`~samwidget.values.mask.Mask`. Axes of
            length 1 before or after are left out.
        label
            What it is called; None means as the toolbar says.
        """
        self._do(edits.AddObjects(as_masks([mask]), (label,)))

    def refine(self, object_id: int) -> None:
        """Make the object with this ``id`` the draft again; :meth:`commit` puts it back."""
        self._do(edits.ReopenObject(object_id))

    def clear(self, *, objects: bool = False) -> None:
        """Give up the draft, with ``objects=True`` all objects too."""
        self._do(edits.ClearAll() if objects else edits.ClearPrompts())

    def undo(self) -> None:
        """Take back the last edit, by hand or by code; without one nothing happens."""
        self._do(edits.Undo())

    def redo(self) -> None:
        """Do again what was undone; without any nothing happens."""
        self._do(edits.Redo())

    def look_closer(self, *region_xyxy: ArrayLike) -> None:
        """Let the model see a part of the image alone: ``look_closer(x1, y1, x2, y2)``.

        It sees small things of a large image finer then. Prompts for new objects that are all in
        the part are answered from it; coordinates and masks are those of the image as always.
        Zooming in does the same by hand. Without a region it sees all of the image again.
        """
        if len(region_xyxy) == 0 or region_xyxy[0] is None:
            self._do(LookCloser(None))
            return
        size_hw = image_size_hw(self._settled_state())
        x1, y1, x2, y2 = one_box(region_xyxy[0] if len(region_xyxy) == 1 else region_xyxy, size_hw)
        self._do(LookCloser((math.floor(x1), math.floor(y1), math.ceil(x2), math.ceil(y2))))

    def select(self, object_id: int | None) -> None:
        """Select the object with this ``id``, or none."""
        self._do(edits.SelectObject(object_id))

    def delete(self, object_id: int) -> None:
        """Delete the object with this ``id``."""
        self._do(edits.DeleteObject(object_id))

    def relabel(self, object_id: int, label: str) -> None:
        """Give the object with this ``id`` another label."""
        self._do(edits.RelabelObject(object_id, label))

    @property
    def label(self) -> str:
        """The label that the next committed object gets. Can be set at any time."""
        return self._settled_state().label

    @label.setter
    def label(self, label: str) -> None:
        self._do(edits.SetLabel(label))

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels to choose from. Can be set at any time."""
        return self._settled_state().classes

    @classes.setter
    def classes(self, classes: Sequence[str]) -> None:
        self._do(edits.SetClasses(classes if isinstance(classes, str) else list(classes)))  # type: ignore[arg-type]

    @property
    def tool(self) -> str:
        """What the pointer does: ``"positive"``, ``"negative"``, ``"box"`` or ``"select"``.

        Can be set at any time.
        """
        return self._settled_state().tool

    @tool.setter
    def tool(self, tool: edits.Tool) -> None:
        self._do(edits.SetTool(tool))

    @property
    def selected(self) -> int | None:
        """The ``id`` of the selected object, or None."""
        return self._settled_state().document.selected


def as_objects(sources: Any) -> edits.AddObjects:
    """Take what a person has for objects: their masks, with their labels if they have any."""
    some = [sources] if isinstance(sources, Mask | SegmentedObject) else sources
    masks = as_masks(some)
    if hasattr(some, "__array__") or hasattr(some, "detach"):
        return edits.AddObjects(masks, [None] * len(masks))
    labels = [one.label if isinstance(one, SegmentedObject) else None for one in some]
    return edits.AddObjects(masks, labels)
