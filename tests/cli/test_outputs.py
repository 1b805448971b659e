from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from cli_stand_in import names_in

from samwidget.cli.formats import EDGES, OBJECTS
from samwidget.cli.inputs import Picture
from samwidget.cli.outputs import Output, plan_output
from samwidget.results import Results

A, B = Picture("in/a.jpg", "a.jpg"), Picture("in/sub/b.tif", "sub/b.tif")


def plan(out: str | None, format_name: str | None = None, *pictures: Picture) -> Output[Results]:
    pictures = pictures or (A,)
    return plan_output(out, format_name, OBJECTS, pictures, asked=len(pictures))


@pytest.mark.parametrize(
    ("out", "format_name", "pictures", "expected"),
    [
        (None, None, [A, B], []),
        ("x.png", None, [A], ["x.png"]),
        ("X.JPEG", None, [A], ["X.JPEG"]),
        ("x.png", "mask", [A], ["x.png"]),
        ("x.json", None, [A, B], ["x.json"]),
        ("x.json", "json", [A, B], ["x.json"]),
        ("new", None, [A, B], ["new/a.png", "new/sub/b.png"]),
        ("new/", "Coco", [A, B], ["new/a.json", "new/sub/b.json"]),
        ("v1.5/", "labels", [A], ["v1.5/a.png"]),
        ("there.png", None, [A], ["there.png/a.png"]),
        ("new", None, [A, Picture("in/a.png", "a.png")], ["new/a.jpg.png", "new/a.png.png"]),
        ("new", None, [A, Picture("in/A.png", "A.png")], ["new/a.jpg.png", "new/A.png.png"]),
        ("new", None, [Picture("http://h/x", "x")], ["new/x.png"]),
        ("new", None, [Picture("a.b.jpg", "a.b.jpg")], ["new/a.b.png"]),
    ],
)
def test_where_results_go(
    place: Path,
    out: str | None,
    format_name: str | None,
    pictures: list[Picture],
    expected: list[str],
) -> None:
    Path("there.png").mkdir()
    files = [path.as_posix() for path in plan(out, format_name, *pictures).files]
    assert files == expected
    assert names_in(".") == ["there.png"]  # nothing is made before there is something to write


def test_the_home_folder(place: Path) -> None:
    assert plan("~/x.png").files == [place / "x.png"]


@pytest.mark.parametrize(
    ("out", "format_name", "pictures", "message"),
    [
        ("", None, [A], "it is an empty name"),
        ("x.xyz", None, [A], "the ending of 'x.xyz' names no format: use .png, .jpg"),
        (
            "x.png",
            None,
            [A, B],
            "'x.png' is one file, but there are 2 images; give a folder or, for",
        ),
        ("x.png", "gif", [A], "expected one of overlay, mask, labels, coco, json, got 'gif'"),
        ("x.png", "coco", [A], "a file of the format coco ends in .json, got 'x.png'"),
        ("x.jpg", "labels", [A], "a file of the format labels ends in .png or .tif"),
        (None, "mask", [A], "say where with --out"),
        ("file", None, [A], "'file' is a file, but a folder is needed there"),
        ("file/x/y", None, [A], "'file' is a file, but a folder is needed there"),
        ("file/x.png", None, [A], "'file' is a file, but a folder is needed there"),
        ("in", None, [Picture("in/a.png", "a.png")], "is an image that is read; write elsewhere"),
        ("in/../in/a.png", None, [Picture("in/a.png", "a.png")], "is an image that is read"),
        ("pipe.png", None, [A], "'pipe.png' is no ordinary file"),
        ("in", None, [Picture("sub.x", "sub.x")], "is a folder, but a file is to be written there"),
    ],
)
def test_what_does_not_fit(
    photo: Callable[[str], Path],
    out: str | None,
    format_name: str | None,
    pictures: list[Picture],
    message: str,
) -> None:
    photo("in/a.png")
    Path("in/sub.png").mkdir()
    Path("file").write_text("")
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.png")
    else:
        Path("pipe.png").mkdir()
    with pytest.raises(typer.BadParameter) as raised:
        plan(out, format_name, *pictures)
    assert message in raised.value.message


def test_a_link_to_an_image_is_the_image(photo: Callable[[str], Path]) -> None:
    photo("a.png")
    Path("link.png").symlink_to("a.png")
    with pytest.raises(typer.BadParameter, match="is an image that is read"):
        plan("link.png", None, Picture("a.png", "a.png"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_closed(place: Path) -> None:
    Path("closed").mkdir(mode=0o555)
    with pytest.raises(typer.BadParameter, match="'closed' cannot be written to"):
        plan("closed/new/x.png")


def test_edges_have_no_file_for_several() -> None:
    with pytest.raises(typer.BadParameter, match=r"there are 2 images; give a folder$"):
        plan_output("x.png", None, EDGES, [A, B], asked=2)
    with pytest.raises(typer.BadParameter, match=r"names no format: use \.png, \.jpg"):
        plan_output("x.json", None, EDGES, [A], asked=1)
