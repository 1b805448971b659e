"""The index of a list as a trait, whoever turns."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets
from test_images_by_code import FakeComm, Make, fake_comm, make, model, picture, shown
from test_widget import FrontEnd, wait_until

__all__ = ["FakeComm", "fake_comm", "make", "model"]


def test_observers_are_told_of_every_turn_by_code(make: Make) -> None:
    widget, told = make(), []
    widget.observe(lambda change: told.append((change["old"], change["new"])), "index")
    widget.index = 2
    widget.previous_image()
    widget.submit()
    assert (widget.index, shown(widget)) == (2, 2)
    assert told == [(0, 2), (2, 1), (1, 2)]


def test_observers_are_told_when_the_page_turns(make: Make) -> None:
    widget, told = make(), []
    widget.observe(lambda change: told.append(change["new"]), "index")
    page = FrontEnd(widget)
    page.send("go_to_image", index=3)
    wait_until(lambda: told == [3])
    assert widget.index == 3


def test_edits_of_an_image_are_no_turns(make: Make) -> None:
    widget, told = make(), []
    widget.observe(told.append, "index")
    widget.add_point(30, 30)
    widget.commit()
    widget.index = 0
    assert told == []


def test_another_list_begins_at_its_first_image(make: Make) -> None:
    widget, told = make(), []
    widget.index = 2
    widget.observe(lambda change: told.append(change["new"]), "index")
    widget.images = [picture(7), picture(8)]
    assert (widget.index, shown(widget), told) == (0, 7, [0])


def test_it_can_be_linked_to_another_trait(make: Make) -> None:
    class Slider(traitlets.HasTraits):
        value = traitlets.Int()

    widget, slider = make(), Slider()
    traitlets.link((slider, "value"), (widget, "index"))
    slider.value = 3
    assert shown(widget) == 3
    widget.previous_image()
    assert slider.value == 2


@pytest.mark.parametrize("index", [-1, 4, 100])
def test_an_index_beyond_the_list_is_refused_and_one_stays(make: Make, index: int) -> None:
    widget, told = make(), []
    widget.observe(told.append, "index")
    with pytest.raises(IndexError, match=f"there is no image {index}: the list has 4"):
        widget.index = index
    assert (widget.index, told) == (0, [])


@pytest.mark.parametrize("index", [1.5, "1", None])
def test_what_is_no_whole_number_is_refused(make: Make, index: object) -> None:
    widget = make()
    with pytest.raises(TypeError):
        widget.index = index
    assert widget.index == 0


def test_a_numpy_integer_is_one(make: Make) -> None:
    widget = make()
    widget.index = np.int64(1)
    assert widget.index == 1


def test_a_widget_begins_with_its_first_image(make: Make) -> None:
    with pytest.raises(ValueError, match="begins with the first image"):
        make(index=2)


def test_an_image_alone_has_index_0(make: Make) -> None:
    widget = make(picture(1))
    assert widget.index == 0
    with pytest.raises(ValueError, match="one image alone"):
        widget.index = 1
