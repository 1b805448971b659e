from __future__ import annotations

from concurrent.futures import CancelledError

import numpy as np
import pytest
from bench import WAIT_S, Bench

from samwidget.editing.closer_edits import LookCloser
from samwidget.editing.edits import AddPoint, Commit, MovePoint, ReopenObject, SetBox, Undo
from samwidget.session import slots
from samwidget.values.pixel_boxes import PixelBox

LARGE = np.zeros((600, 800, 3), np.uint8)
VIEW = (400.0, 300.0, 440.0, 330.0)
REGION = (390, 292, 450, 338)


def on_large(bench: Bench) -> Bench:
    bench.session.set_image(LARGE)
    bench.session.wait(WAIT_S)
    return bench


def look(bench: Bench, view: tuple[float, float, float, float] = VIEW) -> None:
    bench.session.look_closer(view, 8.0).result(WAIT_S)


def mask_area(bench: Bench) -> int:
    mask = bench.draft.mask
    assert mask is not None
    return mask.area


def test_a_click_is_answered_as_finely_as_it_is_seen(bench: Bench) -> None:
    on_large(bench)
    bench.do(AddPoint(420, 315))
    coarse = mask_area(bench)
    bench.do(Undo())
    look(bench)
    assert bench.session.state.region_xyxy == REGION
    bench.do(AddPoint(420, 315))
    assert bench.draft.region_xyxy == REGION
    # The fake model's disk has 8 pixels of the model frame, which sees 60 pixels now, not 800.
    assert mask_area(bench) == pytest.approx(coarse * (60 / 800) ** 2, rel=0.2)
    mask = bench.draft.mask
    assert mask is not None
    assert mask.contains(420, 315)
    assert mask.size_hw == (600, 800)


def test_each_part_is_embedded_once(bench: Bench) -> None:
    on_large(bench)
    look(bench)
    look(bench)
    bench.do(AddPoint(420, 315))
    bench.do(MovePoint(0, 421, 315))
    assert bench.model.encodes == 2


def test_a_draft_keeps_its_part_when_the_view_moves_on(bench: Bench) -> None:
    on_large(bench)
    look(bench)
    bench.do(AddPoint(420, 315))
    bench.session.look_closer((0, 0, 800, 600), 1.0).result(WAIT_S)
    assert bench.session.state.region_xyxy is None
    bench.do(AddPoint(425, 315, 0))
    assert bench.draft.region_xyxy == REGION
    bench.do(AddPoint(20, 20))
    assert bench.draft.region_xyxy is None
    assert bench.draft.mask is not None


@pytest.mark.parametrize(
    ("box", "expected"), [((400, 300, 430, 320), REGION), ((300, 300, 430, 320), None)]
)
def test_a_box_must_be_in_the_part(
    bench: Bench, box: tuple[float, float, float, float], expected: PixelBox | None
) -> None:
    on_large(bench)
    look(bench)
    bench.do(SetBox(box))
    assert bench.draft.region_xyxy == expected


def test_objects_of_all_parts_are_in_pixels_of_the_image(bench: Bench) -> None:
    on_large(bench)
    bench.do(AddPoint(100, 100))
    bench.do(Commit())
    look(bench)
    bench.do(AddPoint(420, 315))
    bench.do(Commit())
    whole, part = bench.session.state.document.objects
    assert (whole.region_xyxy, part.region_xyxy) == (None, REGION)
    assert part.mask.shape == (600, 800)
    x1, y1, x2, y2 = part.box_xyxy
    assert 390 <= x1 < 420 < x2 <= 450
    assert 292 <= y1 < 315 < y2 <= 338
    bench.do(ReopenObject(part.id))
    bench.do(AddPoint(430, 320))
    assert bench.draft.region_xyxy == REGION
    bench.do(Undo())
    bench.do(Undo())
    bench.do(ReopenObject(whole.id))
    bench.do(AddPoint(420, 315))
    assert bench.draft.region_xyxy is None


def test_what_was_forgotten_is_embedded_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "KEPT_CLOSER", 1)
    on_large(bench)
    look(bench)
    bench.do(AddPoint(420, 315))
    first = bench.draft.mask
    look(bench, (100.0, 100.0, 140.0, 130.0))
    assert len(bench.session.slot.embeddings) == 2
    bench.do(MovePoint(0, 421, 315))
    bench.do(MovePoint(0, 420, 315))
    assert bench.draft.mask is not None
    assert first is not None
    np.testing.assert_array_equal(bench.draft.mask.full(), first.full())
    assert bench.model.encodes == 4
    assert bench.session.slot.whole in bench.session.slot.embeddings


def test_hover_sees_what_a_click_would_give(bench: Bench) -> None:
    on_large(bench)
    look(bench)
    preview = bench.session.preview("page", 420, 315).result(WAIT_S)
    decodes = len(bench.model.decodes)
    bench.do(AddPoint(420, 315))
    assert len(bench.model.decodes) == decodes
    assert bench.draft.prediction is preview.prediction


def test_a_newer_view_takes_the_place_of_one_that_waits(bench: Bench) -> None:
    on_large(bench)
    bench.model.is_decoding.clear()
    bench.model.may_decode.clear()
    bench.session.edit(AddPoint(1, 1))
    assert bench.model.is_decoding.wait(WAIT_S)
    older = bench.session.look_closer((100.0, 100.0, 140.0, 130.0), 8.0)
    newer = bench.session.look_closer(VIEW, 8.0)
    bench.model.may_decode.set()
    newer.result(WAIT_S)
    with pytest.raises(CancelledError):
        older.result(WAIT_S)
    assert bench.session.state.region_xyxy == REGION


@pytest.mark.parametrize("how", ["image", "close"])
def test_a_look_ends_with_its_image(bench: Bench, how: str) -> None:
    on_large(bench)
    bench.model.is_encoding.clear()
    bench.model.may_encode.clear()
    looking = bench.session.look_closer(VIEW, 8.0)
    assert bench.model.is_encoding.wait(WAIT_S)
    if how == "image":
        bench.session.set_image(LARGE[:64, :64])
    else:
        bench.session.close()
    with pytest.raises(CancelledError):
        looking.result(WAIT_S)
    bench.model.may_encode.set()
    assert bench.session.state.region_xyxy is None


def test_a_part_that_cannot_be_embedded_is_told_and_the_next_is_tried(bench: Bench) -> None:
    on_large(bench)
    bench.model.encode_error = RuntimeError("out of memory")
    with pytest.raises(RuntimeError, match="out of memory"):
        look(bench)
    bench.model.encode_error = None
    assert bench.session.state.region_xyxy is None
    look(bench)
    bench.do(AddPoint(420, 315))
    assert bench.draft.region_xyxy == REGION


def test_another_image_begins_with_all_of_it(bench: Bench) -> None:
    on_large(bench)
    look(bench)
    bench.session.set_image(LARGE.copy())
    bench.session.wait(WAIT_S)
    assert bench.session.state.region_xyxy is None


@pytest.mark.parametrize(
    "region", [(0, 0, 801, 600), (-1, 0, 5, 5), (5, 5, 5, 9), (1, 2, float("nan"), 4)], ids=str
)
def test_a_part_beyond_the_image_is_refused(
    bench: Bench, region: tuple[float, float, float, float]
) -> None:
    on_large(bench)
    with pytest.raises(ValueError, match=r"800 x 600|a number in pixels"):
        bench.do(LookCloser(region))
    assert bench.session.state.region_xyxy is None
