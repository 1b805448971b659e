"""The colour of a class that is given none; js/tests/state/list.test.ts has the same cases."""

from __future__ import annotations

from itertools import combinations

import pytest

from samwidget.editing.class_edits import _free_color
from samwidget.editing.document import State
from samwidget.editing.edits import SetClasses
from samwidget.values.palette import COLORS, are_alike


@pytest.mark.parametrize(
    ("used", "wanted"),
    [
        pytest.param([], 0, id="the first of the palette"),
        pytest.param(["#559cff", "#f7e500"], 1, id="the first that no class has"),
        pytest.param(["#559cff", "#e4572e"], 2, id="none that is like a class's own"),
        pytest.param([*COLORS[:9], "#c01070"], 9, id="an alike one where no other is left"),
        pytest.param([*COLORS], 3, id="one that goes with the index where all are taken"),
    ],
)
def test_a_class_without_a_colour_gets(used: list[str], wanted: int) -> None:
    assert _free_color(used, 3) == COLORS[wanted]


def test_no_two_colours_of_the_palette_are_alike() -> None:
    assert not any(are_alike(one, other) for one, other in combinations(COLORS, 2))


def test_classes_beside_one_with_a_colour_of_its_own_are_told_apart() -> None:
    state = SetClasses(["suit", "face", "rocket"], ["#e4572e", "", ""]).apply(State())
    assert list(state.class_colors.values()) == ["#e4572e", COLORS[0], COLORS[2]]
