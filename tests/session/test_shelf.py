"""What is kept of images that were left."""

from __future__ import annotations

import numpy as np
import pytest

from samwidget.editing.document import State
from samwidget.editing.edits import AddObjects
from samwidget.session import shelf as shelf_module
from samwidget.session.shelf import Shelf
from samwidget.session.slots import Slot
from samwidget.values.mask import Mask

MASK = Mask.from_array(np.eye(8, dtype=bool))


def slot(place: int, size_hw: tuple[int, int] = (8, 8), *, objects: int = 0) -> Slot:
    made = Slot.of(np.zeros((*size_hw, 3), np.uint8), State(), place)
    if objects:
        made.state = AddObjects([MASK] * objects, [None] * objects).apply(made.state)
    made.embeddings[made.whole] = f"key {place}"
    return made


def test_of_ten_thousand_images_the_newest_few_keep_their_pixels() -> None:
    freed: list[str] = []
    shelf = Shelf(freed.append)
    for place in range(10_000):
        shelf.leave(slot(place, objects=1))
    kept = [place for place in range(10_000) if shelf.image(place) is not None]
    assert kept == list(range(10_000 - shelf_module.KEPT_IMAGES, 10_000))
    assert freed == [f"key {place}" for place in range(10_000 - shelf_module.KEPT_IMAGES)]
    assert len(shelf.objects(0)) == 1
    assert shelf.marks()[5] == ("open", 1)


def test_large_images_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "KEPT_BYTES", 3 * 8 * 8 * 3)
    shelf = Shelf(lambda _: None)
    for place in range(5):
        shelf.leave(slot(place))
    assert [place for place in range(5) if shelf.image(place) is not None] == [2, 3, 4]
    shelf.leave(slot(5, (100, 100)))
    assert [place for place in range(6) if shelf.image(place) is not None] == [4, 5]


def test_what_was_made_is_put_back_unless_the_image_is_another() -> None:
    shelf = Shelf(lambda _: None)
    shelf.leave(slot(0, objects=2))
    again = slot(0)
    shelf.restore(again, State(label="cup"))
    assert (len(again.state.document.objects), again.state.label) == (2, "cup")
    assert again.state.past
    with pytest.raises(ValueError, match="8 x 8 pixels when its objects were made, now it has 9 x"):
        shelf.restore(slot(0, (8, 9)), State())


def test_an_image_that_cannot_be_read_takes_nothing_away() -> None:
    shelf = Shelf(lambda _: None)
    shelf.leave(slot(0, objects=2))
    shelf.leave(Slot.of(None, State(), 0))
    assert len(shelf.objects(0)) == 2
    assert shelf.size_hw(0) == (8, 8)


def test_everything_is_forgotten_and_freed_for_another_list() -> None:
    freed: list[str] = []
    shelf = Shelf(freed.append)
    shelf.leave(slot(0, objects=1))
    shelf.mark(0, "submitted")
    version = shelf.version
    shelf.clear()
    assert (freed, shelf.marks(), shelf.objects(0)) == (["key 0"], {}, ())
    assert shelf.version != version
