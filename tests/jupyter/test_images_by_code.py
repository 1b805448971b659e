"""Many images in one widget: by code, and as the browser meets it."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, fake_predictor
from PIL import Image
from test_widget import FakeComm, FrontEnd, fake_comm, synced, updates, wait_until

from samwidget.jupyter.widget import SamWidget
from samwidget.results import Results

__all__ = ["FakeComm", "fake_comm"]
WAIT_S = 10
Make = Callable[..., SamWidget]


def picture(number: int) -> np.ndarray:
    return np.full((48, 64, 3), 10 + number, np.uint8)


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def make(model: FakeModel) -> Iterator[Make]:
    made: list[SamWidget] = []

    def make(images: object = None, **options: Any) -> SamWidget:
        images = [picture(i) for i in range(4)] if images is None else images
        made.append(SamWidget(images, fake_predictor(model), **options))
        return made[-1]

    yield make
    model.may_encode.set()
    for widget in made:
        widget.close()
        widget._session._thread.join(WAIT_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(3):
        Image.fromarray(picture(i)).save(tmp_path / f"{i}.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def shown(widget: SamWidget) -> int:
    image = widget.image
    assert image is not None
    return int(image[0, 0, 0]) - 10


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(lambda folder: folder, id="folder"),
        pytest.param(lambda folder: str(folder / "*.png"), id="glob"),
        pytest.param(lambda folder: sorted(folder.glob("*.png")), id="list of paths"),
        pytest.param(lambda folder: (p for p in sorted(folder.glob("*.png"))), id="generator"),
        pytest.param(lambda _: np.stack([picture(i) for i in range(3)]), id="array"),
        pytest.param(lambda _: {"a": picture(0), "b": picture(1), "c": picture(2)}, id="mapping"),
        pytest.param(
            lambda folder: pd.DataFrame({"path": sorted(folder.glob("*.png"))})["path"],
            id="column of a DataFrame",
        ),
        pytest.param(lambda folder: [folder / "0.png", picture(1), picture(2)], id="mixed"),
    ],
)
def test_what_stands_for_many_images(make: Make, folder: Path, source: Callable) -> None:
    widget = make(source(folder))
    assert (widget.index, shown(widget)) == (0, 0)
    widget.index = 2
    assert (widget.index, shown(widget)) == (2, 2)
    assert len(widget.images) == 3
    assert len(widget.results) == 3


def test_one_image_is_no_list(make: Make) -> None:
    widget = make(picture(5))
    assert (widget.images, widget.index, len(widget.results)) == ((), 0, 1)
    with pytest.raises(ValueError, match="one image alone"):
        widget.next_image()
    assert synced(widget).images is None


def test_results_are_those_of_each_image(make: Make, folder: Path) -> None:
    widget = make(folder)
    widget.add_point(20, 20)
    widget.commit("a")
    widget.next_image()
    widget.add_point(30, 20)
    before = widget.masks
    widget.next_image()
    first, second, third = widget.results
    assert [one.label for one in first] == ["a"]
    assert first.path == str(folder / "0.png")
    assert int(first.orig_img[0, 0, 0]) == 10
    assert second.masks is not None
    assert np.array_equal(second.masks.data, before), "the draft counts"
    assert len(third) == 0
    assert [len(one) for one in widget.results[:2]] == [1, 1]
    assert len(widget.results[-3]) == 1
    with pytest.raises(IndexError, match="there is no image 3"):
        widget.results[3]


def test_all_images_go_into_one_file(make: Make, folder: Path) -> None:
    widget = make(folder)
    widget.add_point(20, 20)
    widget.commit("a")
    widget.index = 1
    widget.add_point(20, 20)
    widget.skip()
    widget.add_point(30, 20)
    written = widget.results.export(folder / "all.json")
    coco = json.loads(written.read_text())
    assert [one["file_name"] for one in coco["images"]] == ["0.png", "2.png"]
    assert len(coco["annotations"]) == 2
    widget.clear()
    widget.submit()
    coco = json.loads(widget.results.export(folder / "all.json").read_text())
    assert [one["file_name"] for one in coco["images"]] == ["0.png", "2.png"], "without objects"
    assert len(coco["annotations"]) == 1


def test_files_of_the_same_name_are_told_apart(make: Make, folder: Path) -> None:
    (folder / "more").mkdir()
    Image.fromarray(picture(7)).save(folder / "more" / "0.png")
    widget = make([folder / "0.png", folder / "more" / "0.png", picture(9)])
    for _ in range(3):
        widget.submit()
    names = [one.file_name for one in widget.results._annotated()]
    assert names == [str(folder / "0.png"), str(folder / "more" / "0.png"), "000002.png"]


def test_results_of_a_bad_image_say_why(make: Make, folder: Path) -> None:
    widget = make([folder / "0.png", folder / "gone.png"])
    with pytest.raises(FileNotFoundError, match=r"gone\.png"):
        widget.next_image()
    assert widget.index == 1
    assert widget.image is None
    widget.previous_image()
    assert isinstance(widget.results[1].error, FileNotFoundError)


def test_a_bad_first_image_is_shown_as_that_and_the_others_go_on(make: Make, folder: Path) -> None:
    widget = make([folder / "gone.png", folder / "1.png"])
    assert (synced(widget).status.phase, widget.image) == ("error", None)
    widget.next_image()
    assert shown(widget) == 1


def test_submit_and_skip_tell_their_callbacks_and_go_on(make: Make) -> None:
    widget = make()
    told: list[tuple[str, int, int]] = []

    @widget.on_submit
    def save(index: int, results: Results) -> None:
        told.append(("submit", index, len(results)))

    @widget.on_skip
    def leave(index: int, results: Results) -> None:
        told.append(("skip", index, len(results)))

    widget.add_point(20, 20)
    widget.submit()
    widget.skip()
    widget.submit()
    assert widget.index == 3
    widget.submit()
    assert widget.index == 3, "the last one stays"
    assert told == [("submit", 0, 1), ("skip", 1, 0), ("submit", 2, 0), ("submit", 3, 0)]
    assert (widget.submitted, widget.skipped) == ((0, 2, 3), (1,))
    assert [one.label for one in widget.results[0]] == [""]
    assert save.__name__ == "save"


def test_one_image_alone_can_be_submitted_and_set_in_the_callback(make: Make) -> None:
    widget = make(picture(0))

    @widget.on_submit
    def following(index: int, results: Results) -> None:
        widget.image = picture(int(results.orig_img[0, 0, 0]) - 9)

    widget.submit()
    widget.submit()
    assert shown(widget) == 2


def test_callbacks_may_turn_and_their_errors_end_nothing(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    widget = make()

    @widget.on_submit
    def fail(index: int, results: Results) -> None:
        raise OSError("disk full")

    widget.on_submit(lambda index, results: setattr(widget, "index", 3))
    widget.submit()
    assert widget.index == 3
    assert "callback" in caplog.text


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        ([], ValueError, "empty"),
        (iter([]), IndexError, "the list has 0"),
        (7, TypeError, "expected a folder"),
        ("/no/such/*.png", FileNotFoundError, "no file matches"),
    ],
)
def test_what_is_no_list_is_told(
    make: Make, source: object, error: type[Exception], says: str
) -> None:
    widget = make(picture(0))
    with pytest.raises(error, match=says):
        widget.images = source


def test_masks_to_begin_with_are_of_one_image(make: Make) -> None:
    with pytest.raises(ValueError, match="masks of one image"):
        make(objects=[np.ones((48, 64), bool)])


# ------------------------------------------------------------------------------ by the browser


def test_a_page_turns_and_is_told_all_in_one_moment(make: Make) -> None:
    widget = make()
    widget.wait(WAIT_S)
    front = FrontEnd(widget)
    assert front.ask("go_to_image", index=1)["kind"] == "done"
    (told,) = [one for one in updates(widget) if one.images is not None]
    assert told.image is not None
    assert told.images is not None
    assert told.images.images is not None
    assert (told.images.images.index, told.images.images.count) == (1, 4)
    front.click(20, 20)
    assert front.ask("finish_image", mark="submitted")["kind"] == "done"
    assert widget.index == 2
    images = synced(widget).images
    assert images is not None
    assert [(one.index, one.mark, one.objects) for one in images.marks] == [
        (0, "open", 0),
        (1, "submitted", 1),
    ]


def test_a_page_is_told_why_it_cannot_turn(make: Make, folder: Path) -> None:
    widget = make([folder / "0.png", folder / "gone.png"])
    front = FrontEnd(widget)
    assert "gone.png" in front.ask("go_to_image", index=1)["message"]
    assert synced(widget).status.phase == "error"
    assert "there is no image 2" in front.ask("go_to_image", index=2)["message"]
    assert front.ask("go_to_image", index=0)["kind"] == "done"


def test_a_page_gets_small_pictures(make: Make, folder: Path) -> None:
    widget = make(folder)
    front = FrontEnd(widget)
    seq = front.send("fetch_thumbnail", index=2)
    assert front.reply(seq)["title"] == "2.png"
    ((_, buffers),) = front.replies(seq)
    assert bytes(buffers[0]).startswith(b"\xff\xd8\xff")
    (folder / "1.png").write_text("broken")
    wait_until(lambda: widget._session.status.phase == "ready")
    widget.images = [folder / "0.png", folder / "0.png", folder / "1.png"]
    assert front.ask("fetch_thumbnail", index=2)["kind"] == "error"


def test_callbacks_of_a_page_run_on_the_persons_thread(make: Make) -> None:
    widget = make()
    told: list[int] = []
    widget.on_submit(lambda index, results: told.append(index))
    front = FrontEnd(widget)
    front.ask("finish_image", mark="submitted")
    wait_until(lambda: told)
    assert told == [0]


def test_a_list_does_not_keep_a_widget_alive(model: FakeModel) -> None:
    widget = SamWidget([picture(0), picture(1)], fake_predictor(model))
    widget.on_submit(lambda index, results: None)
    widget.next_image()
    widget.wait(WAIT_S)
    thread, gone = widget._session._thread, weakref.ref(widget)
    del widget
    wait_until(lambda: gc.collect() is not None and gone() is None)
    thread.join(WAIT_S)
    assert not thread.is_alive()
