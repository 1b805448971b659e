"""SVG, cut-outs and the contact sheet."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from annotated_cases import CASES, annotated
from PIL import Image

from samwidget.formats.annotated import Annotated
from samwidget.formats.cutouts import contact_sheet, cutout, write_cutouts
from samwidget.formats.export import export
from samwidget.formats.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_an_svg_has_a_path_for_each_object(small_case: Annotated) -> None:
    root = ET.fromstring(to_svg(small_case))
    paths = root.findall(f"{SVG}g/{SVG}path")
    assert len(paths) == sum(one.area > 0 for one in small_case.objects)
    assert root.get("viewBox") == "0 0 {1} {0}".format(*small_case.size_hw)
    assert root.find(f"{SVG}image") is not None
    assert ET.fromstring(to_svg(small_case, picture=False)).find(f"{SVG}image") is None


def test_paths_of_an_svg_cover_the_masks_pixel_by_pixel(small_case: Annotated) -> None:
    draw = pytest.importorskip("skimage.draw")
    root = ET.fromstring(to_svg(small_case, picture=False))
    shapes = [one for one in small_case.objects if one.area]
    for path, one in zip(root.findall(f"{SVG}g/{SVG}path"), shapes, strict=True):
        covered = np.zeros(small_case.size_hw, bool)
        for ring in path.get("d").rstrip("Z").replace("Z ", "").split("M")[1:]:  # type: ignore[union-attr]
            x, y = np.array([corner.split() for corner in ring.rstrip("Z ").split("L")], float).T
            inside = draw.polygon(y - 0.5, x - 0.5, covered.shape)
            covered[inside] ^= True
        np.testing.assert_array_equal(covered, one.mask)


def test_labels_in_an_svg_are_text() -> None:
    evil = '"><script>alert(1)</script>'
    root = ET.fromstring(to_svg(annotated([np.eye(3, dtype=bool)], [evil]), picture=False))
    (path,) = root.findall(f"{SVG}g/{SVG}path")
    assert path.get("data-class") == evil
    assert path.findtext(f"{SVG}title") == evil
    assert not list(root.iter(f"{SVG}script"))


def test_a_cutout_has_the_mask_as_alpha() -> None:
    case = CASES["holed"]()
    (one,) = case.objects
    piece = np.asarray(cutout(case, one))
    np.testing.assert_array_equal(piece[..., 3] > 0, one.mask[5:50, 10:70])
    np.testing.assert_array_equal(piece[..., :3], case.image[5:50, 10:70])


@pytest.mark.parametrize("padding", [0, 30])
def test_a_cutout_on_a_colour(padding: int) -> None:
    case = CASES["holed"]()
    piece = np.asarray(cutout(case, case.objects[0], padding=padding, background="#0000ff"))
    assert piece.shape == (45 + 2 * padding, 60 + 2 * padding, 3)
    inside = case.objects[0].shape.crop((10 - padding, 5 - padding, 70 + padding, 50 + padding))
    assert (piece[~inside] == (0, 0, 255)).all()


def test_a_blurred_and_square_cutout() -> None:
    case = CASES["holed"]()
    piece = cutout(case, case.objects[0], background="blur", square=True)
    assert piece.size == (60, 60)
    assert piece.mode == "RGB"


def test_each_object_gets_a_file(tmp_path: Path) -> None:
    case = annotated([np.eye(9, dtype=bool)] * 2 + [np.zeros((9, 9), bool)], ["a/b", "../x", ""])
    written = write_cutouts([case], tmp_path / "new")
    assert [path.name for path in written] == ["photo_001_a-b.png", "photo_002_..-x.png"]
    assert all(size_of(path) == (9, 9) for path in written)
    assert sorted(tmp_path.rglob("*.*")) == sorted(written)


def test_a_contact_sheet_shows_all(tmp_path: Path) -> None:
    case = CASES["touching"]()
    sheet = contact_sheet([case, case], tile=50, columns=3)
    assert sheet.size == (3 * 52 + 2, 2 * 52 + 2)
    assert size_of(export([case], tmp_path / "s.jpg", "contact_sheet"))[1] > 100


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: cutout(c, c.objects[0], background="no colour"), "background must be"),
        (lambda c: cutout(c, c.objects[0], padding=-1), "padding"),
        (lambda c: cutout(CASES["empty"](), CASES["empty"]().objects[0]), "empty mask"),
        (lambda c: cutout(Annotated(c.objects, c.size_hw), c.objects[0]), "came without it"),
        (lambda _: contact_sheet([Annotated((), (3, 3))]), "no object to show"),
        (lambda c: contact_sheet([c], tile=1), "at least 8 pixels"),
        (lambda c: to_svg(c, fill_opacity=2), "fill_opacity"),
        (lambda c: to_svg(c, stroke_width=-1), "stroke_width"),
    ],
)
def test_bad_options_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(CASES["touching"]())
