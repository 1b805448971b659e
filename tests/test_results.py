from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from samwidget.results import Results
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

SIZE_HW = (40, 80)
TRANSFORM = ResizeTransform.for_image(SIZE_HW, 64)


def an_object(**change: Any) -> SegmentedObject:
    """One object, positive in the left half of a 40 x 80 image."""
    logits = np.full((32, 32), -8, np.float32)
    logits[:, :16] = 8
    fields: dict[str, Any] = {
        "id": 1,
        "label": "left",
        "score": 0.75,
        "shape": Mask.from_logits(logits, TRANSFORM),
        "prompts": Prompts([[20, 20]], [1]),
        "color": "#ff0000",
    }
    return SegmentedObject(**(fields | change))


def an_empty_object() -> SegmentedObject:
    shape = Mask.from_logits(np.full((32, 32), -1, np.float32), TRANSFORM)
    return an_object(id=2, score=0.1, shape=shape)


def results(*objects: SegmentedObject, path: str | None = None) -> Results:
    return Results(np.full((*SIZE_HW, 3), 90, np.uint8), objects, path)


def test_object_gives_mask_area_and_tight_box() -> None:
    one = an_object()
    assert one.mask.shape == SIZE_HW
    assert one.mask[:, :39].all()
    assert not one.mask[:, 41:].any()
    assert one.area == one.mask.sum()
    x1, y1, x2, y2 = one.box_xyxy
    assert (x1, y1, y2) == (0, 0, 40)
    assert one.mask[:, int(x2) - 1].any()
    assert not one.mask[:, int(x2) :].any()


def test_empty_object_has_area_zero_and_a_zero_box() -> None:
    one = an_empty_object()
    assert one.area == 0
    assert one.box_xyxy == (0, 0, 0, 0)


def test_results_stack_masks_boxes_and_scores_in_order() -> None:
    found = results(an_object(), an_empty_object())
    assert len(found) == 2
    assert [one.id for one in found] == [1, 2]
    assert found[1].id == 2
    assert found.orig_shape == SIZE_HW
    assert found.masks is not None
    assert found.masks.data.shape == (2, *SIZE_HW)
    assert found.masks.data.dtype == np.bool_
    assert found.masks.orig_shape == SIZE_HW
    assert len(found.masks) == 2
    np.testing.assert_array_equal(found.boxes.xyxy[0], found[0].box_xyxy)
    np.testing.assert_array_equal(found.boxes.xyxy[1], 0)
    np.testing.assert_allclose(found.boxes.conf, [0.75, 0.1])
    np.testing.assert_allclose(found.scores, [0.75, 0.1])
    x1, y1, x2, y2 = found[0].box_xyxy
    assert found.boxes.xywh[0].tolist() == [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]


def test_results_without_objects() -> None:
    found = results()
    assert found.masks is None
    assert found.boxes.xyxy.shape == (0, 4)
    assert found.boxes.xywh.shape == (0, 4)
    assert found.scores.shape == (0,)
    assert (found.plot() == found.orig_img).all()


def test_plot_paints_the_object_in_its_colour() -> None:
    found = results(an_object())
    picture = found.plot(alpha=1.0)
    assert picture[10, 10].tolist() == [255, 0, 0]
    assert picture[10, 70].tolist() == [90, 90, 90]


def test_plot_draws_prompts_and_boxes_when_asked() -> None:
    found = results(an_object(prompts=Prompts([[20, 20]], [1], box_xyxy=[50, 5, 75, 35])))
    plain = found.plot()
    with_prompts = found.plot(prompts=True)
    assert (with_prompts[20, 20] != plain[20, 20]).any()
    assert with_prompts[5, 60].tolist() == [255, 0, 0]
    assert (found.plot(boxes=True, outline=False)[0, :40] == (255, 0, 0)).all()


def test_plot_scales_prompts_with_max_side() -> None:
    found = results(an_object(prompts=Prompts([[20, 20]], [1], box_xyxy=[50, 10, 70, 30])))
    small = found.plot(prompts=True, max_side=40)
    assert small.shape == (20, 40, 3)
    assert small[5, 30].tolist() == [255, 0, 0]


@pytest.mark.parametrize("ending", [".png", ".jpg", ".PNG"])
def test_save_writes_the_plot(tmp_path: Path, ending: str) -> None:
    found = results(an_object())
    target = found.save(tmp_path / f"picture{ending}")
    with Image.open(target) as picture:
        difference = np.asarray(picture.convert("RGB"), int) - found.plot()
    assert np.abs(difference).mean() < 6


def test_save_takes_a_path_as_people_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for path in ("~/picture.png", Path("~/picture.png")):
        assert results().save(path) == tmp_path / "picture.png"
        (tmp_path / "picture.png").unlink()


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        (
            "nowhere/out.png",
            FileNotFoundError,
            r"as '.*nowhere/out\.png': No such file or directory$",
        ),
        ("folder.png", OSError, r"cannot save a picture as '.*folder\.png': Is a directory$"),
        ("a" * 4_000_000 + ".png", ValueError, "which is too long for a path"),
        ("a" * 300 + ".png", ValueError, "which is too long for a path"),
        ("out\0.png", ValueError, "which holds a character that no path can have"),
        ("", ValueError, "expected the path of a file to write, got an empty text"),
        ("out." + "x" * 200, ValueError, "no image format has the ending '.xxx"),
        (None, TypeError, "expected the path of a file to write, got None"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_save_says_why_it_cannot(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    error: type[Exception],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(error, match=says) as caught:
        results().save(path)
    assert len(str(caught.value)) < 350


def test_save_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(_: Any, path: Path, **options: Any) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    before = results().save(tmp_path / "picture.png").read_bytes()
    monkeypatch.setattr(Image.Image, "save", fill_the_disk)
    with pytest.raises(OSError, match=r"cannot save a picture as .* No space left on device"):
        results(an_object()).save(tmp_path / "picture.png")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]
    assert (tmp_path / "picture.png").read_bytes() == before


def test_save_refuses_an_unknown_ending(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'picture\.xyz'.*use \.png or \.jpg"):
        results().save(tmp_path / "picture.xyz")
    assert not list(tmp_path.iterdir())


def test_notebooks_get_a_png() -> None:
    with Image.open(io.BytesIO(results(an_object())._repr_png_())) as picture:
        assert picture.format == "PNG"
        assert picture.size == (80, 40)


def test_the_preview_needs_no_full_mask_and_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = results(an_object(), an_empty_object())
    monkeypatch.setattr(Mask, "full", None)
    png = found._repr_png_()
    assert found._repr_png_() is png
    assert len(found.boxes) == 2
    assert "masks" not in vars(found)


def test_iterating_needs_no_stack() -> None:
    found = results(an_object(), an_empty_object())
    assert [one.area for one in found] == [found[0].area, 0]
    assert "masks" not in vars(found)


def test_label_image_numbers_the_objects() -> None:
    found = results(an_empty_object(), an_object())
    labels = found.label_image()
    assert labels.shape == SIZE_HW
    np.testing.assert_array_equal(labels, np.where(found[1].mask, 2, 0))
    assert "masks" not in vars(found)


def test_repr_is_short() -> None:
    assert repr(results(an_object(), path="a.png")) == (
        "<Results of a.png: 1 object in 80 x 40 pixels>"
    )
    assert repr(results()) == "<Results: 0 objects in 80 x 40 pixels>"
    told = replace(results(), notes=("values were stretched",))
    assert repr(told) == "<Results: 0 objects in 80 x 40 pixels; values were stretched>"


def test_axes_show_the_picture_in_pixels_of_the_image() -> None:
    figure = pytest.importorskip("matplotlib.figure")
    axes = figure.Figure().add_subplot()
    results = Results(np.zeros((40, 80, 3), np.uint8), (an_object(),))
    picture = results.plot(ax=axes, max_side=40)
    (shown,) = axes.get_images()
    np.testing.assert_array_equal(shown.get_array(), picture)
    assert tuple(shown.get_extent()) == (-0.5, 79.5, 39.5, -0.5)


def test_results_of_a_skipped_image_say_why_and_are_empty(tmp_path: Path) -> None:
    found = Results(np.zeros((0, 0, 3), np.uint8), (), "bad.jpg", ValueError("no JPEG"))
    assert repr(found) == "<Results of bad.jpg: skipped, no JPEG>"
    assert (len(found), found.masks, found.orig_shape) == (0, None, (0, 0))
    assert found.boxes.xyxy.shape == (0, 4)
    assert found.label_image().shape == (0, 0)
    assert found.plot().shape == (0, 0, 3)
    assert found._repr_png_() is None
    with pytest.raises(ValueError, match="no picture to save, the image was not read: no JPEG"):
        found.save(tmp_path / "out.png")
