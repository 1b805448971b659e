"""Work that is saved by itself, and offered by the next widget on the same image."""

from __future__ import annotations

import gc
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import fake_predictor

from samwidget.formats.work import read_work
from samwidget.jupyter import autosave
from samwidget.jupyter.widget import SamWidget

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
WAIT_S = 10

Make = Callable[..., SamWidget]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Make]:
    monkeypatch.setenv(autosave.SETTING, str(tmp_path / "by image"))
    made: list[SamWidget] = []

    def make(where: object, image: object = IMAGE) -> SamWidget:
        made.append(SamWidget(image, fake_predictor(), autosave=where))
        return made[-1]

    yield make
    for one in made:
        one.close()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_work_is_saved_soon_after_it_changes(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosave, "SAVE_AFTER_S", 0.01)
    monkeypatch.setattr(autosave, "SHARE", 1e9)  # however long a loaded machine takes to write
    path = tmp_path / "cups.samw"
    widget = make(path)
    assert not path.exists(), "nothing was done yet"
    widget.add_point(20, 20)
    wait_until(path.exists)
    widget.commit("cup")
    wait_until(lambda: read_work(path).images[0].state.document.objects)


@pytest.mark.parametrize("where", ["a file", True])
def test_the_next_widget_offers_it_and_goes_on(make: Make, tmp_path: Path, where: object) -> None:
    where = tmp_path / "cups.samw" if where == "a file" else where
    before = make(where)
    before.add_point(20, 20)
    before.commit("cup")
    before.add_point(40, 20)
    before.close()
    after = make(where)
    assert after.objects == ()
    assert after.kept_work is not None
    assert after.kept_work.startswith("2 objects, saved 20")
    after.add_point(5, 5)
    after.restore_work()
    assert after.kept_work is None
    assert [one.label for one in after.objects] == ["cup", ""]
    np.testing.assert_array_equal(after.masks, before.masks)
    after.undo()
    after.undo()
    assert [one.label for one in after.objects] == [""]
    with pytest.raises(ValueError, match="no work of an earlier session"):
        after.restore_work()


def test_earlier_work_that_nobody_wants_now_is_not_lost(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "cups.samw"
    for label in ("first", "second", "third"):
        widget = make(path)
        widget.drop_work()
        assert widget.kept_work is None
        widget.add_point(20, 20)
        widget.commit(label)
        widget.close()
    saved = {
        one.name: [each.label for each in read_work(one).images[0].state.document.objects]
        for one in tmp_path.glob("*.samw")
    }
    assert saved == {
        "cups.samw": ["third"],
        "cups.before.samw": ["first"],
        "cups.before-2.samw": ["second"],
    }


def test_a_file_with_work_on_another_image_is_not_written_over(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "cups.samw"
    widget = make(path)
    widget.add_point(20, 20)
    widget.close()
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"'cups.samw' holds work on another image"):
        make(path, IMAGE[::-1])
    assert path.read_bytes() == before
    path.write_bytes(before[:100])
    broken = make(path)
    broken.wait(WAIT_S)
    assert "could not be read, its file stays" in broken._session.status.message
    broken.add_point(20, 20)
    broken.close()
    assert (tmp_path / "cups.before.samw").read_bytes() == before[:100]


def test_what_could_not_be_replaced_stays_where_it_was(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cups.samw"
    widget = make(path)
    widget.add_point(20, 20)
    widget.close()
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    again = make(path)
    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    again.add_point(20, 20)
    again.close()
    assert [one.name for one in tmp_path.iterdir()] == ["cups.samw"]
    assert path.read_bytes() == before


def test_a_full_disk_is_shown_and_saving_goes_on_when_there_is_room(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "cups.samw"
    widget = make(path)
    widget.wait(WAIT_S)
    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "writestr", full)
        widget.add_point(20, 20)
        widget._autosave.flush()  # type: ignore[union-attr]
        shown = widget._mirror.snapshot().status.message
        assert "not saved: the work could not be saved as" in shown
        assert "No space left" in shown
    widget._autosave.flush()  # type: ignore[union-attr]
    assert "not saved" not in widget._mirror.snapshot().status.message
    assert len(read_work(path).images[0].state.document.draft.prompts.points) == 1


def test_images_are_told_apart_by_what_they_show(make: Make, tmp_path: Path) -> None:
    widget = make(True)
    widget.add_point(20, 20)
    widget.image = IMAGE[::-1]
    assert widget.kept_work is None
    widget.add_point(30, 20)
    widget.close()
    assert len(list((tmp_path / "by image").iterdir())) == 2
    for image in (IMAGE, IMAGE[::-1]):
        assert make(True, image).kept_work is not None


def test_opened_work_goes_on_in_its_own_file(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "cups.samw"
    widget = make(False)
    widget.add_point(20, 20)
    widget.save_work(path)
    again = SamWidget.open(path, model=fake_predictor(), autosave=path)
    again.commit("cup")
    again.close()
    assert [one.name for one in tmp_path.iterdir()] == ["cups.samw"]
    assert [one.label for one in read_work(path).images[0].state.document.objects] == ["cup"]


def test_what_waits_is_saved_when_the_widget_is_gone(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "cups.samw"
    widget = SamWidget(IMAGE, fake_predictor(), autosave=path)
    widget.add_point(20, 20)
    del widget
    gc.collect()
    wait_until(path.exists)


def test_a_folder_that_cannot_be_written_to_stops_nobody(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    widget = make(tmp_path / "none" / "cups.samw")
    widget.add_point(20, 20)
    widget.close()
    assert "could not save the work: there is no folder" in caplog.text
    assert len(widget.masks) == 1
