"""Edits as calls of the widget's methods."""

from __future__ import annotations

import numpy as np
import pytest

from samwidget.editing.class_edits import AddClass
from samwidget.editing.combine_edits import CombineObjects, SetExclusive, SplitObject
from samwidget.editing.edit import Edit
from samwidget.editing.edits import AddPoint, SetBox, SetClasses
from samwidget.editing.found_edits import FilterFound
from samwidget.editing.list_edits import HideObjects, LockObjects, RelabelObjects, ReorderObjects
from samwidget.editing.mask_edits import PaintPolygon, PaintStroke, ReshapeMask, SetOutline
from samwidget.editing.prompt_edits import AddPoints, SetThreshold
from samwidget.formats.work_lines import line_of


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (AddPoint(np.float32(3), 4, 1), "add_point(3.0, 4.0)"),
        (AddPoints([(1, 2, 1), (3, 4, 1)]), "add_points([(1.0, 2.0), (3.0, 4.0)])"),
        (AddPoints([(1, 2, 0)]), "add_points([(1.0, 2.0)], [0])"),
        (SetBox((5, 6, 1, 2)), "add_box(1.0, 2.0, 5.0, 6.0)"),
        (SetBox(None), "remove_box()"),
        (SetThreshold(0.5), "set_threshold(0.5)"),
        (PaintStroke([(1, 2)], 3, True, None), "paint([(1.0, 2.0)], 3.0)"),
        (PaintStroke([(1, 2)], 3, False, 7), "erase([(1.0, 2.0)], 3.0, object_id=7)"),
        (PaintPolygon([(1, 2)], True, None), "add_polygon([(1.0, 2.0)])"),
        (PaintPolygon([(1, 2)], False, 1), "cut_polygon([(1.0, 2.0)], object_id=1)"),
        (SetOutline([[(1, 2)], [(3, 4)]], None), "set_outline([[(1.0, 2.0)], [(3.0, 4.0)]])"),
        (ReshapeMask("grow", 2, 3), "grow(2.0, object_id=3)"),
        (ReshapeMask("fill_holes", 0.5, None), "fill_holes(0.5)"),
        (CombineObjects("subtract", [1, np.int64(2)]), "subtract([1, 2])"),
        (SplitObject(4), "split(4)"),
        (SetExclusive(True), "exclusive = True"),
        (RelabelObjects([1, 2], "it's"), 'relabel([1, 2], "it\'s")'),
        (HideObjects([1], False), "show([1])"),
        (LockObjects([1], True), "lock([1])"),
        (ReorderObjects([3], 0), "reorder([3], 0)"),
        (AddClass("cup"), "add_class('cup')"),
        (AddClass("cup", "#ff8000"), "add_class('cup', '#ff8000')"),
        (SetClasses(["cup", "pot"]), "classes = ['cup', 'pot']"),
        (SetClasses(["cup", "pot"], ["", "#0000ff"]), "classes = {'cup': None, 'pot': '#0000ff'}"),
        (FilterFound(0.5, 0.25), None),
    ],
)
def test_an_edit_is_the_call_that_does_it(edit: Edit, line: str | None) -> None:
    assert line_of(edit) == line
