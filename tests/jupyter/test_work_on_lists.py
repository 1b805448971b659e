"""Work on the images of a list: one file for all of them, and back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import FakeModel, fake_predictor
from PIL import Image

from samwidget import SamWidget, replay
from samwidget.formats.work import read_work
from samwidget.jupyter import autosave

WAIT_S = 10
COUNT = 4

Make = Callable[..., SamWidget]


def picture(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(COUNT):
        Image.fromarray(picture(number)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Make]:
    monkeypatch.setenv(autosave.SETTING, str(tmp_path / "by name"))
    made: list[SamWidget] = []

    def keep(images: object, **options: Any) -> SamWidget:
        made.append(SamWidget(images, fake_predictor(), **options))
        return made[-1]

    def opened(path: Path, **options: Any) -> SamWidget:
        made.append(SamWidget.open(path, **{"model": fake_predictor(), **options}))
        return made[-1]

    keep.opened = opened  # type: ignore[attr-defined]
    yield keep
    for one in made:
        one.close()


def label(widget: SamWidget) -> SamWidget:
    """Two objects on the first image, none on the second, one and a draft on the third."""
    widget.add_point(20, 20)
    widget.commit("cup")
    widget.add_point(50, 30)
    widget.add_point(40, 40, 0)
    widget.submit()
    widget.skip()
    widget.add_point(10, 10)
    widget.commit("pot")
    widget.add_point(30, 20)
    return widget


def facts(widget: SamWidget) -> list[list[tuple[object, ...]]]:
    return [[(one.id, one.label, one.area) for one in results] for results in widget.results]


def test_all_images_of_a_folder_are_in_one_file_and_go_on(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    widget = label(make(photos, classes=["cup", "pot"]))
    path = widget.save_work(tmp_path / "photos.samw")
    again = make.opened(path)
    assert (again.index, again.submitted, again.skipped) == (2, (0,), (1,))
    assert facts(again) == facts(widget)
    assert again.classes == ("cup", "pot")
    np.testing.assert_array_equal(again.image, picture(2))
    assert len(again.images) == COUNT
    np.testing.assert_array_equal(again.masks, widget.masks)
    again.index = widget.index = 0
    np.testing.assert_array_equal(again.masks, widget.masks)
    for _ in range(3):
        again.undo()
        widget.undo()
        assert [one.area for one in again.objects] == [one.area for one in widget.objects]
    again.index = 3
    again.add_point(5, 5)
    assert len(again.objects) == 1


def test_each_image_begins_with_what_was_on_the_screen(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    widget = make(photos)
    widget.wait(WAIT_S)
    widget._session.look_closer((10.0, 5.0, 42.0, 29.0), 8.0).result(WAIT_S)
    widget.add_point(20, 20)
    widget.next_image()
    again = make.opened(widget.save_work(tmp_path / "photos.samw"))
    assert again._mirror.snapshot().image.view_xyxy is None
    again.index = 0
    assert again._mirror.snapshot().image.view_xyxy == (10.0, 5.0, 42.0, 29.0)


def test_it_can_be_saved_and_opened_again_before_each_image_was_shown(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    widget = label(make(photos))
    once = make.opened(widget.save_work(tmp_path / "1.samw"))
    twice = make.opened(once.save_work(tmp_path / "2.samw"))
    assert facts(twice) == facts(widget)
    assert (twice.submitted, twice.skipped) == ((0,), (1,))


def test_a_replay_does_all_images_again(make: Make, photos: Path, tmp_path: Path) -> None:
    widget = label(make(photos))
    path = widget.save_work(tmp_path / "photos.samw")
    replayed = replay(path, model=fake_predictor())
    assert [[(one.id, one.label, one.area) for one in each] for each in replayed] == [
        one for one in facts(widget) if one
    ]
    moved = tmp_path / "moved"
    photos.rename(moved)
    with pytest.raises(FileNotFoundError, match="say where it is"):
        replay(path, model=fake_predictor())
    assert len(replay(path, model=fake_predictor(), image=moved)) == 2


def test_a_moved_folder_is_found_beside_the_file_or_given(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    widget = label(make(photos))
    path = widget.save_work(tmp_path / "photos.samw")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(photos, elsewhere / "photos")
    shutil.move(path, elsewhere / "photos.samw")
    assert facts(make.opened(elsewhere / "photos.samw")) == facts(widget)
    shutil.move(elsewhere / "photos", tmp_path / "renamed")
    again = make.opened(elsewhere / "photos.samw", image=tmp_path / "renamed")
    assert facts(again) == facts(widget)
    with pytest.raises(ValueError, match="none of the images that were given is one of the 4"):
        make.opened(elsewhere / "photos.samw", image=[picture(0)])


def test_images_that_came_later_or_are_gone_take_nothing_away(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    widget = label(make(photos))
    path = widget.save_work(tmp_path / "photos.samw")
    (photos / "0.png").unlink()
    Image.fromarray(picture(9)).save(photos / "00.png")
    again = make.opened(path, image=photos)
    assert [Path(str(one)).name for one in again.images] == [
        "00.png", "1.png", "2.png", "3.png", "0.png",
    ]  # fmt: skip
    assert (again.index, len(again.objects)) == (2, 2)
    with pytest.raises(FileNotFoundError):
        again.index = 4
    assert again.image is None
    last = make.opened(again.save_work(tmp_path / "again.samw"), image=photos)
    Image.fromarray(picture(0)).save(photos / "0.png")
    last.index = 4
    assert [one.label for one in last.objects] == ["cup", ""]


def test_an_image_that_has_changed_is_said_and_predicts_nothing(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    path = label(make(photos)).save_work(tmp_path / "photos.samw")
    Image.fromarray(picture(7)).save(photos / "0.png")
    again = make.opened(path)
    with pytest.raises(ValueError, match="changed since its objects were made"):
        again.index = 0
    with pytest.raises(ValueError, match="no image"):
        again.add_point(3, 3)
    kept = read_work(again.save_work(tmp_path / "again.samw"))
    assert [len(one.state.document.objects) for one in kept.images] == [2, 1]
    allowed = make.opened(path, allow_changes=True)
    allowed.index = 0
    assert len(allowed.objects) == 2


def test_other_weights_are_said_at_every_image(make: Make, photos: Path, tmp_path: Path) -> None:
    path = label(make(photos)).save_work(tmp_path / "photos.samw")
    model = FakeModel()
    with torch.no_grad():
        model.weight += 1
    again = make.opened(path, model=fake_predictor(model))
    for index in (2, 0):
        again.index = index
        with pytest.raises(ValueError, match="made with the weights"):
            again.wait(WAIT_S)
        assert len(again.objects) >= 1
    assert model.decodes == []


def test_images_in_memory_are_in_the_file_where_anything_was_made_of_them(
    make: Make, tmp_path: Path
) -> None:
    images = [picture(number) for number in range(COUNT)]
    widget = label(make(images))
    path = widget.save_work(tmp_path / "stack.samw")
    again = make.opened(path)
    assert [len(one) for one in again.results] == [2, 0, 2, 0]
    np.testing.assert_array_equal(again.results[0].orig_img, images[0])
    with pytest.raises(FileNotFoundError, match="give the list again"):
        again.index = 3
    small = widget.save_work(tmp_path / "small.samw", embed_image=False)
    assert small.stat().st_size < path.stat().st_size
    assert facts(make.opened(small, image=images)) == facts(widget)


@pytest.mark.parametrize("where", ["a file", True])
def test_the_next_widget_on_the_list_offers_it_and_goes_on(
    make: Make, photos: Path, tmp_path: Path, where: object
) -> None:
    where = tmp_path / "photos.samw" if where == "a file" else where
    before = label(make(photos, autosave=where))
    before.close()
    after = make(photos, autosave=where)
    assert after.kept_work is not None
    assert after.kept_work.startswith("4 objects on 2 images, saved 20")
    after.next_image()
    assert after.kept_work is not None
    assert after.kept_work.startswith("4 objects on 2 images, saved 20"), "on every image"
    after.restore_work()
    assert after.kept_work is None
    assert facts(after) == facts(before)
    assert (after.submitted, after.skipped) == ((0,), (1,))
    after.index = 0
    assert after.kept_work is None
    np.testing.assert_array_equal(after.masks, before.results[0].masks.data)  # type: ignore[union-attr]
    after.undo()
    assert len(after.objects) == 2


def test_an_offer_that_is_dropped_is_gone_on_all_images_and_its_file_stays(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photos.samw"
    label(make(photos, autosave=path)).close()
    after = make(photos, autosave=path)
    after.next_image()
    after.drop_work()
    assert after.kept_work is None
    after.previous_image()
    assert after.kept_work is None
    after.add_point(20, 20)
    after.close()
    assert [len(read_work(one).images) for one in sorted(tmp_path.glob("*.samw"))] == [2, 1]


def test_work_on_another_list_or_image_is_not_written_over(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photos.samw"
    widget = label(make(photos, autosave=path))
    widget._autosave.flush()  # type: ignore[union-attr]
    widget.image = picture(20)
    widget.add_point(20, 20)
    widget.close()
    assert len(read_work(path).images) == 1
    assert len(read_work(tmp_path / "photos.before.samw").listed) == COUNT
    with pytest.raises(ValueError, match="holds work on other images"):
        make({"other": picture(21)}, autosave=tmp_path / "photos.before.samw")
    broken = path.read_bytes()[:100]
    path.write_bytes(broken)
    widget = make(photos, autosave=path)
    widget.wait(WAIT_S)
    assert "could not be read, its file stays" in widget._session.status.message
    label(widget).close()
    assert (tmp_path / "photos.before-2.samw").read_bytes() == broken


def test_all_images_become_pages(make: Make, photos: Path, tmp_path: Path) -> None:
    widget = make(photos)
    with pytest.raises(ValueError, match="no image whose objects could be written"):
        widget.results.to_html(tmp_path / "pages")
    label(widget)
    index = widget.results.to_html(tmp_path / "pages")
    names = sorted(one.name for one in index.parent.iterdir())
    assert names == ["0001_0.html", "0002_2.html", "index.html"], "not the skipped one"
    assert "2 images · 4 objects" in index.read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        widget.results.to_html(tmp_path / "file")


def test_opened_work_goes_on_in_its_own_file(make: Make, photos: Path, tmp_path: Path) -> None:
    path = label(make(photos)).save_work(tmp_path / "photos.samw")
    again = make.opened(path, autosave=True)
    again.index = 3
    again.add_point(5, 5)
    again.commit("last")
    again.close()
    assert len(read_work(path).images) == 3
    assert [one.name for one in tmp_path.glob("*.samw")] == ["photos.samw"]
    assert not (tmp_path / "by name").exists()


def test_images_from_no_file_need_the_name_of_one(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r'autosave="work\.samw"'):
        make([picture(0), picture(1)], autosave=True)
    path = tmp_path / "stack.samw"
    images = [picture(number) for number in range(COUNT)]
    before = label(make(iter(images), autosave=path))
    before.close()
    after = make(iter(images), autosave=path)
    after.restore_work()
    after.index = 2
    assert [one.label for one in after.objects] == ["pot", ""]
