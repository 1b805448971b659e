"""How a widget reads its images: which bands, and which values are black and white."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeModel, fake_predictor
from test_images_by_code import FakeComm, Make, fake_comm, make, model

from samwidget.values.images import load_image

__all__ = ["FakeComm", "fake_comm", "make", "model"]


def scene(number: int = 0) -> np.ndarray:
    """Five bands of 12 bits, each of another brightness."""
    bands = np.arange(1, 6, dtype=np.uint16) * 600 + 100 * number
    return np.broadcast_to(bands, (48, 64, 5)).copy()


READING = {"bands": (4, 2, 0), "value_range": (0, 4000)}


def test_one_image_is_read_as_load_image_reads_it(make: Make) -> None:
    widget = make(scene(), **READING)
    np.testing.assert_array_equal(widget.image, load_image(scene(), **READING))
    assert len(set(widget.image[0, 0].tolist())) == 3


def test_so_is_each_of_a_list(make: Make) -> None:
    widget = make([scene(0), scene(3)], **READING)
    for index in (0, 1, 0):
        widget.index = index
        np.testing.assert_array_equal(widget.image, load_image(scene(3 * index), **READING))
    np.testing.assert_array_equal(widget.results[1].orig_img, load_image(scene(3), **READING))


def test_so_are_those_that_are_set_later(make: Make) -> None:
    widget = make(scene(), **READING)
    widget.image = scene(2)
    np.testing.assert_array_equal(widget.image, load_image(scene(2), **READING))
    widget.images = {"a": scene(1)}
    np.testing.assert_array_equal(widget.image, load_image(scene(1), **READING))


def test_files_of_a_list_too_and_their_thumbnails(make: Make, tmp_path: Path) -> None:
    for index in range(2):
        np.save(tmp_path / f"{index}.npy", scene(index))
    paths = sorted(tmp_path.glob("*.npy"))
    widget = make(paths, **READING)
    np.testing.assert_array_equal(widget.image, load_image(paths[0], **READING))
    small = load_image(widget._session.reel.thumbnail(1).result(10).data)
    wanted = load_image(paths[1], **READING)[0, 0].astype(int)
    assert np.abs(small[0, 0].astype(int) - wanted).max() < 12  # a JPEG


def test_the_values_under_the_pointer_are_all_bands(make: Make) -> None:
    from samwidget.values.raw_values import values_of

    widget = make(scene(), **READING)
    values = values_of(widget.image)
    assert values.array.shape == (48, 64, 5)
    assert values.shown == (4, 2, 0)


def test_work_on_a_file_that_was_read_so_is_found_again(
    make: Make, model: FakeModel, tmp_path: Path
) -> None:
    np.save(tmp_path / "scene.npy", scene())
    widget = make(tmp_path / "scene.npy", **READING)
    widget.add_point(30, 20)
    widget.commit()
    widget.save_work(tmp_path / "scene.samw")
    again = type(widget).open(tmp_path / "scene.samw", model=fake_predictor(model))
    np.testing.assert_array_equal(again.image, load_image(scene(), **READING))
    again.close()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"bands": (0, 1)}, ValueError, "one channel or three"),
        ({"bands": "red"}, TypeError, "one channel or three"),
        ({"value_range": (5, 5)}, ValueError, "value_range"),
    ],
    ids=str,
)
def test_what_fits_no_image_is_refused(
    make: Make, options: dict[str, object], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        make(scene(), **options)


def test_what_can_fit_none_of_a_list_is_refused_at_once(make: Make) -> None:
    with pytest.raises(ValueError, match="one channel or three"):
        make([scene(), scene(1)], bands=(0, 1))
