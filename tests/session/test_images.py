"""A list of images: turns, what is kept of each, what is read and embedded in advance."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import WAIT_S, Bench
from PIL import Image

from samwidget.editing.edits import AddPoint, ChooseMask, Commit, SetLabel, Undo
from samwidget.session import shelf as shelf_module
from samwidget.session.jobs import Job
from samwidget.session.reel import Finished
from samwidget.values.items import Items


def pictures(count: int, size_hw: tuple[int, int] = (64, 64)) -> list[np.ndarray]:
    """Images that differ, each of one grey."""
    return [np.full((*size_hw, 3), 10 + i, np.uint8) for i in range(count)]


def begin(bench: Bench, images: object) -> None:
    bench.session.result(bench.session.reel.begin(Items(images)), WAIT_S)


def turn(bench: Bench, index: int) -> None:
    bench.session.result(bench.session.reel.go_to(index), WAIT_S)


def go(bench: Bench, step: int) -> None:
    bench.session.result(bench.session.reel.go_by(step), WAIT_S)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def shown(bench: Bench) -> int:
    """The grey of the image that is shown, less 10."""
    image = bench.session.image
    assert image is not None
    return int(image[0, 0, 0]) - 10


def labels(bench: Bench) -> list[str]:
    return [one.label for one in bench.session.state.document.objects]


def test_each_image_keeps_its_objects_and_its_history(bench: Bench) -> None:
    begin(bench, pictures(3))
    bench.do(AddPoint(20, 20))
    bench.do(Commit("one"))
    turn(bench, 2)
    assert (shown(bench), labels(bench)) == (2, [])
    bench.do(SetLabel("later"))
    bench.do(AddPoint(30, 30))
    bench.do(Commit())
    turn(bench, 0)
    assert (shown(bench), labels(bench)) == (0, ["one"])
    assert bench.session.state.label == "later", "what belongs to the person goes along"
    bench.do(Undo())
    assert labels(bench) == []
    assert len(bench.points) == 1
    turn(bench, 2)
    assert labels(bench) == ["later"]
    assert [one.label for one in bench.session.shelf.objects(0)] == ["later"], "the draft, too"


def test_edits_before_a_turn_are_done_on_the_image_they_were_made_on(bench: Bench) -> None:
    begin(bench, pictures(2))
    bench.session.wait(WAIT_S)
    bench.model.may_decode.clear()
    futures = [bench.session.edit(AddPoint(20, 20)), bench.session.edit(Commit("a"))]
    turned = bench.session.reel.go_to(1)
    bench.model.may_decode.set()
    for future in (*futures, turned):
        bench.session.result(future, WAIT_S)
    assert (shown(bench), labels(bench)) == (1, [])
    assert [one.label for one in bench.session.shelf.objects(0)] == ["a"]


def test_a_turn_interrupts_the_embedding_and_keeps_the_clicks(bench: Bench) -> None:
    bench.model.may_encode.clear()
    begin(bench, pictures(2))
    assert bench.model.is_encoding.wait(WAIT_S)
    clicked = bench.session.edit(AddPoint(20, 20))
    wait_until(lambda: bench.points)
    turn(bench, 1)
    bench.session.result(clicked, WAIT_S)
    assert bench.points == []
    bench.model.may_encode.set()
    turn(bench, 0)
    bench.session.settle(WAIT_S)
    assert bench.points == [(20, 20, 1)]
    assert bench.draft.mask is not None


def test_hurried_turns_end_at_the_newest(bench: Bench) -> None:
    begin(bench, pictures(9))
    turns = [bench.session.reel.go_by(1) for _ in range(7)]
    bench.session.result(turns[-1], WAIT_S)
    assert shown(bench) == 7
    assert all(one.done() for one in turns), "whoever waits for an older one is told"


def test_the_next_image_is_embedded_in_advance_whichever_way_one_goes(bench: Bench) -> None:
    begin(bench, pictures(5))
    wait_until(lambda: bench.model.encodes == 2)
    turn(bench, 1)
    assert bench.session.status.phase == "ready", "nothing is embedded any more"
    wait_until(lambda: bench.model.encodes == 3)
    turn(bench, 4)
    go(bench, -1)
    bench.session.wait(WAIT_S)
    wait_until(lambda: bench.session.shelf.image(2) is not None)
    encodes = bench.model.encodes
    go(bench, -1)
    bench.session.wait(WAIT_S)
    assert (shown(bench), bench.model.encodes) == (2, encodes)


def test_a_turn_to_the_image_that_is_being_embedded_does_not_begin_anew(bench: Bench) -> None:
    begin(bench, pictures(3))
    bench.session.wait(WAIT_S)
    wait_until(lambda: bench.model.encodes == 2)
    wait_until(lambda: bench.session.shelf.image(1) is not None)
    bench.model.is_encoding.clear()
    bench.model.may_encode.clear()
    turn(bench, 1)  # the third is embedded in advance from here on
    assert bench.model.is_encoding.wait(WAIT_S)
    turned = bench.session.reel.go_to(2)
    bench.session.result(turned, WAIT_S)
    assert bench.session.status.phase == "embedding"
    bench.model.may_encode.set()
    bench.session.wait(WAIT_S)
    assert (shown(bench), bench.model.encodes) == (2, 3)
    bench.do(AddPoint(20, 20))
    assert bench.draft.mask is not None


def test_clicks_are_answered_while_the_next_image_is_embedded(bench: Bench) -> None:
    def hold_the_second(_: int) -> None:
        if bench.model.encodes == 2:
            bench.model.may_encode.clear()

    bench.model.on_step = hold_the_second
    begin(bench, pictures(2))
    wait_until(lambda: not bench.model.may_encode.is_set())
    preview = bench.session.preview("page", 30, 30)
    assert bench.session.result(preview, WAIT_S).mask is not None
    bench.do(AddPoint(20, 20))
    bench.do(Commit("a"))
    assert labels(bench) == ["a"]
    assert bench.session.shelf.image(1) is None, "it was still being embedded"
    bench.model.may_encode.set()
    bench.model.on_step = lambda _: None
    wait_until(lambda: bench.session.shelf.image(1) is not None)
    assert bench.model.encodes == 2


def test_a_search_does_not_wait_for_the_next_image(bench: Bench) -> None:
    def hold_the_second(_: int) -> None:
        if bench.model.encodes == 2:
            bench.model.may_encode.clear()

    bench.model.on_step = hold_the_second
    begin(bench, pictures(2))
    wait_until(lambda: not bench.model.may_encode.is_set())
    done = bench.session.start(Job(lambda engine, key, job: key))
    assert bench.session.result(done.future, WAIT_S) == bench.session.slot.key
    bench.model.on_step = lambda _: None
    bench.model.may_encode.set()
    wait_until(lambda: bench.model.encodes == 3)  # it is embedded after all


def test_memory_is_bounded_and_what_was_made_is_not_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "KEPT_IMAGES", 2)
    begin(bench, pictures(8))
    bench.do(AddPoint(20, 20))
    bench.do(ChooseMask(2))
    mask = bench.draft.mask
    assert mask is not None
    for index in range(1, 8):
        turn(bench, index)
        bench.session.wait(WAIT_S)
    shelf, engine = bench.session.shelf, bench.session._worker._engine
    assert [i for i in range(7) if shelf.image(i) is not None] == [5, 6]
    assert len(engine._embeddings) <= 3  # type: ignore[attr-defined]
    assert shelf._left[0].state.document.draft.prediction is None
    kept = shelf.objects(0)
    assert len(kept) == 1
    assert np.array_equal(kept[0].mask, mask.full())
    turn(bench, 0)
    bench.session.settle(WAIT_S)
    assert bench.draft.mask is not None
    assert np.array_equal(bench.draft.mask.full(), mask.full()), "asked for again"
    assert bench.draft.chosen == 2
    bench.do(Undo())
    assert bench.draft.chosen == 1


def test_an_unreadable_image_is_told_and_the_others_go_on(bench: Bench, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for i in (0, 2):
        Image.fromarray(pictures(3)[i]).save(paths[i])
    begin(bench, paths)
    with pytest.raises(FileNotFoundError, match=r"1\.png"):
        turn(bench, 1)
    assert bench.session.image is None
    assert bench.session.status.phase == "error"
    assert "1.png" in bench.session.status.message
    with pytest.raises(FileNotFoundError):
        bench.session.wait(WAIT_S)
    go(bench, 1)
    assert shown(bench) == 2
    Image.fromarray(pictures(3)[1]).save(paths[1])
    go(bench, -1)
    bench.session.wait(WAIT_S)
    assert shown(bench) == 1


def test_objects_outlive_a_file_that_is_gone_for_a_while(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "KEPT_IMAGES", 1)
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for path, image in zip(paths, pictures(4), strict=True):
        Image.fromarray(image).save(path)
    begin(bench, paths)
    bench.do(AddPoint(20, 20))
    bench.do(Commit("a"))
    turn(bench, 2)
    bench.session.wait(WAIT_S)
    turn(bench, 3)
    bench.session.wait(WAIT_S)
    paths[0].unlink()
    with pytest.raises(FileNotFoundError):
        turn(bench, 0)
    turn(bench, 3)
    Image.fromarray(pictures(1, (30, 64))[0]).save(paths[0])
    with pytest.raises(ValueError, match="64 x 64 pixels when its objects were made"):
        turn(bench, 0)
    assert bench.session.status.phase == "error"
    turn(bench, 3)
    Image.fromarray(pictures(1)[0]).save(paths[0])
    turn(bench, 0)
    assert labels(bench) == ["a"]


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_image_beyond_the_ends(bench: Bench, index: int) -> None:
    begin(bench, pictures(3))
    with pytest.raises(IndexError, match="the list has 3"):
        bench.session.reel.go_to(index)
    assert shown(bench) == 0


def test_without_a_list_there_is_nothing_to_turn_to(bench: Bench) -> None:
    bench.ready()
    with pytest.raises(ValueError, match="one image alone"):
        bench.session.reel.go_by(1)
    assert bench.session.reel.view() is None


def test_a_generator_is_asked_for_no_more_than_is_wanted(bench: Bench) -> None:
    given: list[int] = []
    threads = set()

    def come() -> Iterator[np.ndarray]:
        for i, picture in enumerate(pictures(3)):
            given.append(i)
            threads.add(threading.current_thread())
            yield picture

    changes: list[Any] = []
    bench.session.reel.on_change = lambda: changes.append(bench.session.reel.view())
    begin(bench, come())
    wait_until(lambda: len(given) == 2)
    bench.session.wait(WAIT_S)
    view = bench.session.reel.view()
    assert view is not None
    assert (view.count, view.is_complete) == (2, False)
    go(bench, 1)
    go(bench, 1)
    with pytest.raises(IndexError, match="the list has 3"):
        go(bench, 1)
    assert shown(bench) == 2
    assert (changes[-1].count, changes[-1].is_complete) == (3, True)
    assert bench.session._thread not in threads
    go(bench, -1)
    assert shown(bench) == 1


def test_a_generator_that_fails_is_at_its_end(bench: Bench) -> None:
    def come() -> Iterator[np.ndarray]:
        yield pictures(1)[0]
        raise OSError("the disk is gone")

    begin(bench, come())
    bench.session.wait(WAIT_S)
    with pytest.raises(OSError, match="the disk is gone"):
        go(bench, 1)
    with pytest.raises(IndexError):
        go(bench, 1)
    go(bench, -1)
    assert shown(bench) == 0


def test_submitting_keeps_the_draft_tells_and_goes_on(bench: Bench) -> None:
    told: list[Finished] = []
    bench.session.reel.on_finished = told.append
    begin(bench, pictures(3))
    bench.do(AddPoint(20, 20))
    bench.session.result(bench.session.reel.finish("submitted"), WAIT_S)
    assert shown(bench) == 1
    bench.do(AddPoint(20, 20))
    bench.session.result(bench.session.reel.finish("skipped"), WAIT_S)
    assert shown(bench) == 2
    bench.session.result(bench.session.reel.finish("submitted"), WAIT_S)
    assert shown(bench) == 2, "the last one stays"
    assert [(one.mark, one.index) for one in told] == [
        ("submitted", 0),
        ("skipped", 1),
        ("submitted", 2),
    ]
    assert [len(one.state.document.objects) for one in told] == [1, 0, 0]
    assert bench.session.shelf.marks() == {
        0: ("submitted", 1),
        1: ("skipped", 1),  # its draft
        2: ("submitted", 0),
    }


def test_submitting_without_a_draft_does_not_wait_for_the_embedding(bench: Bench) -> None:
    bench.model.may_encode.clear()
    begin(bench, pictures(2))
    bench.session.result(bench.session.reel.finish("submitted"), WAIT_S)
    assert shown(bench) == 1


def test_submitting_while_it_is_embedded_waits_for_the_draft(bench: Bench) -> None:
    bench.model.may_encode.clear()
    begin(bench, pictures(2))
    bench.session.edit(AddPoint(20, 20))
    wait_until(lambda: bench.points)
    submitted = bench.session.reel.finish("submitted")
    time.sleep(0.02)
    assert not submitted.done()
    bench.model.may_encode.set()
    bench.session.result(submitted, WAIT_S)
    assert (shown(bench), len(bench.session.shelf.objects(0))) == (1, 1)


def test_another_list_or_image_starts_over(bench: Bench) -> None:
    begin(bench, pictures(3))
    bench.do(AddPoint(20, 20))
    turn(bench, 1)
    begin(bench, pictures(2))
    assert bench.session.shelf.marks() == {}
    assert bench.points == []
    bench.session.result(bench.session.set_image(pictures(1)[0]), WAIT_S)
    assert bench.session.reel.view() is None
    bench.session.wait(WAIT_S)
    bench.do(AddPoint(20, 20))
    assert bench.session.slot.place == 0


def test_closing_ends_what_waits_for_an_image(bench: Bench) -> None:
    hold = threading.Event()

    class Slow:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            hold.wait(WAIT_S)
            return pictures(1)[0]

    begin(bench, [pictures(1)[0], Slow()])
    turned = bench.session.reel.go_to(1)
    bench.session.close()
    with pytest.raises(RuntimeError, match="given up"):
        bench.session.result(turned, WAIT_S)
    hold.set()


def test_thumbnails_are_small_and_named(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "wide.jpg"
    Image.new("RGB", (800, 400), (200, 30, 30)).save(path)
    begin(bench, [pictures(1)[0], path])
    made = bench.session.result(bench.session.reel.thumbnail(1), WAIT_S)
    assert made.title == "wide.jpg"
    assert Image.open(io.BytesIO(made.data)).size == (144, 72)
    with pytest.raises(IndexError):
        bench.session.reel.thumbnail(2)
