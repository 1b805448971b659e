"""What is sent so that a front end knows the state, and no more."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from samwidget.editing.document import State
from samwidget.editing.edits import (
    AddObjects,
    AddPoint,
    ClearAll,
    DeleteObject,
    RelabelObject,
    SelectObject,
    SetClasses,
    SetLabel,
    Undo,
)
from samwidget.editing.found import Candidates, Found
from samwidget.editing.found_edits import DropFound, FilterFound, TakeFound
from samwidget.jupyter import protocol
from samwidget.jupyter.mirror import Mirror
from samwidget.session.list_work import Mark
from samwidget.session.reel import ImagesView
from samwidget.session.worker import Status
from samwidget.values.candidates import Candidate
from samwidget.values.filtering import Thresholds
from samwidget.values.mask import Mask

IMAGE = np.random.default_rng(0).integers(0, 256, (400, 600, 3), dtype=np.uint8)


def disk(x: float, y: float, radius: float) -> Mask:
    ys, xs = np.mgrid[:400, :600]
    return Mask.from_array((xs - x) ** 2 + (ys - y) ** 2 < radius**2)


MASKS = [disk(30 + 50 * (n % 11), 20 + 40 * (n // 11), 18) for n in range(100)]
HUNDRED = AddObjects(MASKS, ["cup"] * 100).apply(State(size_hw=(400, 600)))


def bytes_of(update: protocol.Update) -> int:
    content, buffers = protocol.pack(update)
    return len(json.dumps(content).encode()) + sum(map(len, buffers))


class FrontEnd:
    """Keeps a snapshot up to date by what it is told, as the browser does."""

    def __init__(self, mirror: Mirror) -> None:
        self.known = mirror.snapshot()

    def take(self, update: protocol.Update) -> None:
        assert update.after in (None, self.known.revision)
        known = {one.id: one for one in self.known.objects}
        objects = self.known.objects
        if update.objects is not None:
            for one in update.objects.changed:
                field = known[one.id].field if one.field is None else one.field
                known[one.id] = replace(one, field=field)
            objects = [known[an_id] for an_id in update.objects.order]
        self.known = protocol.Snapshot(
            update.revision,
            self.known.image if update.image is None else update.image.image,
            update.status or self.known.status,
            update.draft or self.known.draft,
            objects,
            self.found_after(update.found),
            update.controls or self.known.controls,
            self.images_after(update.images),
        )

    def images_after(self, change: protocol.ImagesChange | None) -> protocol.ImagesState | None:
        before = self.known.images
        if change is None:
            return before
        now = change.images
        if now is None or before is None or before.generation != now.generation:
            return now
        known = {one.index: one for one in (*before.marks, *now.marks)}
        return replace(now, marks=list(known.values()))

    def found_after(self, change: protocol.FoundChange | None) -> protocol.FoundState | None:
        before = self.known.found
        if change is None:
            return before
        if change.found is None or before is None or before.search != change.found.search:
            return change.found
        known = {one.id: one for one in (*before.masks, *change.found.masks)}
        return replace(change.found, masks=[known[an_id] for an_id in sorted(known)])

    @property
    def shown(self) -> list[protocol.FoundMask]:
        """The found masks that it shows: it has to know each."""
        assert self.known.found is not None
        known = {one.id: one for one in self.known.found.masks}
        return [known[an_id] for an_id in self.known.found.shown]


LOW = Thresholds(0.25, 0.25, 0.7)
SIZE_HW = (400, 600)
FOUND = Candidates(
    SIZE_HW,
    tuple(
        (n, Candidate(mask, (0, 0, 600, 400), mask._box, (0, 0), n / 200, 1 - n / 200))
        for n, mask in enumerate(MASKS, 1)
    ),
)
SEARCHED = State(size_hw=SIZE_HW, found=Found(1, LOW, LOW, FOUND, progress=None))


@pytest.fixture
def mirror() -> Mirror:
    mirror = Mirror("nano", State())
    mirror.show(IMAGE, HUNDRED)
    return mirror


def test_a_relabel_among_a_hundred_objects_is_small(mirror: Mirror) -> None:
    update = mirror.show(IMAGE, RelabelObject(50, "saucer").apply(HUNDRED))
    assert bytes_of(update) < 5_000
    (changed,) = update.objects.changed
    assert (changed.id, changed.label, changed.field) == (50, "saucer", None)


def test_a_new_object_among_a_hundred_sends_its_own_mask_alone(mirror: Mirror) -> None:
    added = AddObjects([disk(300, 200, 50)], ["plate"]).apply(HUNDRED)
    update = mirror.show(IMAGE, added)
    assert [one.id for one in update.objects.changed] == [101]
    assert bytes_of(update) < len(update.objects.changed[0].field.data) + 5_000


def test_what_is_no_objects_business_sends_no_objects(mirror: Mirror) -> None:
    for edit in (SelectObject(3), SetLabel("a"), SetClasses(["a", "b"]), AddPoint(5, 5)):
        update = mirror.show(IMAGE, edit.apply(HUNDRED))
        assert (update.objects, update.image, update.status) == (None, None, None)
        assert bytes_of(update) < 2_000
        mirror.show(IMAGE, HUNDRED)


def test_one_moment_is_one_message(mirror: Mirror) -> None:
    state = DeleteObject(7).apply(SelectObject(7).apply(HUNDRED))
    update = mirror.show(IMAGE[:, :300].copy(), state.on_image((400, 300)))
    assert update.image.image.width == 300
    assert update.objects.order == []
    assert not update.controls.can_undo


def test_updates_add_up_to_the_snapshot(mirror: Mirror) -> None:
    front, state = FrontEnd(mirror), HUNDRED
    rng = np.random.default_rng(3)
    for number in range(60):
        ids = [one.id for one in state.document.objects]
        edits = [
            AddObjects([disk(*rng.uniform(50, 300, 2), 20)], [f"n{number}"]),
            AddPoint(*rng.uniform(0, 400, 2)),
            SetLabel(str(number)),
            Undo(),
        ]
        if ids:
            one = int(rng.choice(ids))
            edits += [RelabelObject(one, f"r{number}"), DeleteObject(one), SelectObject(one)]
        if number == 40:
            edits = [ClearAll()]
        state = edits[rng.integers(len(edits))].apply(state)
        front.take(mirror.show(IMAGE, state))
        front.take(mirror.show_status(Status("ready", f"step {number}")))
    assert front.known == mirror.snapshot()


def test_who_missed_something_gets_everything(mirror: Mirror) -> None:
    front = FrontEnd(mirror)
    mirror.show(IMAGE, RelabelObject(1, "missed").apply(HUNDRED))
    front.take(mirror.everything(-1))
    assert front.known == mirror.snapshot()


def test_the_picture_is_not_sent_again_to_who_has_it(mirror: Mirror) -> None:
    front = FrontEnd(mirror)
    mirror.show(IMAGE, RelabelObject(1, "missed").apply(HUNDRED))
    update = mirror.everything(front.known.revision)
    assert update.image is None
    front.take(update)
    assert front.known == mirror.snapshot()
    mirror.show(IMAGE[::-1], HUNDRED)
    assert mirror.everything(front.known.revision).image is not None
    assert mirror.everything(10**9).image is not None, "of a revision that never was"


def test_what_nobody_hears_is_not_encoded_and_not_forgotten(mirror: Mirror) -> None:
    front = FrontEnd(mirror)
    state = RelabelObject(1, "quiet").apply(HUNDRED)
    update = mirror.show(IMAGE, state, encode=False)
    assert (update.draft, update.objects, update.controls) == (None, None, None)
    front.take(mirror.everything(front.known.revision))
    assert front.known.objects[0].label == "quiet"


# ------------------------------------------------------------------------- what a search has found


def test_masks_of_a_search_are_told_once_whatever_the_sliders_do() -> None:
    mirror = Mirror("nano", State())
    front = FrontEnd(mirror)
    strict = FilterFound(0.4, 0.25).apply(SEARCHED)
    front.take(mirror.show(IMAGE, strict))
    assert [one.id for one in front.shown] == list(range(100, 80, -1))
    loose = FilterFound(0.25, 0.25).apply(strict)
    update = mirror.show(IMAGE, loose)
    assert len(update.found.found.masks) == 30
    front.take(update)
    assert [one.id for one in front.shown] == list(range(100, 50, -1))
    for state in (strict, loose, FilterFound(0.25, 0.6).apply(loose)):
        update = mirror.show(IMAGE, state)
        assert bytes_of(update) < 2_000
        front.take(update)
        assert [one.id for one in front.shown] == [one.id for one in state.found_left]


def test_masks_of_a_search_are_cropped() -> None:
    mirror = Mirror("nano", State())
    update = mirror.show(IMAGE, SEARCHED)
    assert len(update.found.found.masks) == 50
    assert bytes_of(replace(update, image=None)) < 50 * 2_500  # a disk of 36 pixels


def test_who_comes_later_knows_what_a_slider_may_bring_back() -> None:
    mirror = Mirror("nano", State())
    early = FrontEnd(mirror)
    early.take(mirror.show(IMAGE, SEARCHED))
    strict = FilterFound(0.4, 0.25).apply(SEARCHED)
    early.take(mirror.show(IMAGE, strict))
    late, stale = FrontEnd(mirror), FrontEnd(mirror)
    stale.take(mirror.everything(-1))
    update = mirror.show(IMAGE, SEARCHED)
    assert update.found.found.masks == []
    for front in (early, late):
        front.take(update)
        assert len(front.shown) == 50
    assert early.known == late.known == mirror.snapshot()


def test_taking_and_undoing_tell_what_is_left() -> None:
    mirror = Mirror("nano", State())
    front = FrontEnd(mirror)
    front.take(mirror.show(IMAGE, SEARCHED))
    taken = TakeFound([100, 99]).apply(SEARCHED)
    front.take(mirror.show(IMAGE, taken))
    assert len(front.shown) == 48
    assert len(front.known.objects) == 2
    update = mirror.show(IMAGE, Undo().apply(taken))
    assert update.found.found.masks == []
    front.take(update)
    assert len(front.shown) == 50


def test_a_search_that_was_given_up_leaves_what_was_told_before() -> None:
    mirror = Mirror("nano", State())
    front = FrontEnd(mirror)
    front.take(mirror.show(IMAGE, SEARCHED))
    another = Found(2, LOW, LOW, Candidates(SIZE_HW), progress=0.0)
    front.take(mirror.show(IMAGE, replace(SEARCHED, found=another)))
    assert front.shown == []
    front.take(mirror.show(IMAGE, SEARCHED))
    assert len(front.shown) == 50
    update = mirror.show(IMAGE, DropFound().apply(SEARCHED))
    front.take(update)
    assert front.known.found is None
    assert front.known == mirror.snapshot()


def test_what_was_found_while_nobody_heard_is_told_to_who_comes() -> None:
    mirror = Mirror("nano", State())
    mirror.show(IMAGE, SEARCHED, encode=False)
    front = FrontEnd(mirror)
    front.take(mirror.show(IMAGE, FilterFound(0.4, 0.25).apply(SEARCHED)))
    assert len(front.shown) == 20
    front.take(mirror.show(IMAGE, SEARCHED))
    assert len(front.shown) == 50


class Images:
    """A list of images of which the test says what is known."""

    def __init__(self) -> None:
        self.marks: dict[int, tuple[Mark, int]] = {}
        self.view: ImagesView | None = None

    def show(self, *version: int, index: int = 0, count: int = 10_000) -> None:
        self.view = ImagesView(version, index, "a.png", count, True, lambda: dict(self.marks))


def test_of_ten_thousand_images_those_that_differ_are_told(mirror: Mirror) -> None:
    images = Images()
    mirror.look_at_images = lambda: images.view
    front = FrontEnd(mirror)
    assert front.known.images is None
    images.marks = dict.fromkeys(range(9000), ("submitted", 3))
    images.show(1, 1)
    front.take(mirror.show(IMAGE, HUNDRED))
    images.marks[9_000] = ("skipped", 0)
    images.show(1, 2, index=9_001)
    update = mirror.show(IMAGE, HUNDRED)
    assert update.images is not None
    assert bytes_of(update) < 1_000
    front.take(update)
    update = mirror.show(IMAGE, HUNDRED)
    assert update.images is None
    front.take(update)
    assert front.known == mirror.snapshot()
    assert front.known.images is not None
    assert len(front.known.images.marks) == 9_001
    images.marks = {}
    images.show(2, 1)
    front.take(mirror.show_images())
    assert front.known == mirror.snapshot()
    assert front.known.images.marks == []
    images.view = None
    front.take(mirror.show_images())
    assert front.known.images is None
