from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samwidget.cli.inputs import distinct, find_pictures

Photo = Callable[[str], Path]


@pytest.fixture
def folder(photo: Photo) -> None:
    for name in (
        "pics/b.png",
        "pics/a.JPG",
        "pics/.hidden.png",
        "pics/deep/c.png",
        "pics/d/.x/e.png",
    ):
        photo(name)
    Path("pics/notes.txt").write_text("no image")
    Path("pics/deep/empty").mkdir()


def sources(*names: str, recursive: bool = False) -> list[str]:
    pictures, troubles = find_pictures(names, recursive=recursive)
    assert not troubles
    return [Path(one.source).as_posix() for one in pictures]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["pics/b.png"], ["pics/b.png"]),
        (["./pics/../pics/b.png", "pics/b.png"], ["pics/../pics/b.png"]),
        (["pics"], ["pics/a.JPG", "pics/b.png"]),
        (["pics/"], ["pics/a.JPG", "pics/b.png"]),
        (["pics/b.png", "pics"], ["pics/b.png", "pics/a.JPG"]),
        (["pics/*.png"], ["pics/b.png"]),
        (["pics/[ab].*"], ["pics/a.JPG", "pics/b.png"]),
        (["pics/**/*.png"], ["pics/b.png", "pics/deep/c.png"]),
        (["pics/*"], ["pics/a.JPG", "pics/b.png", "pics/deep/c.png", "pics/notes.txt"]),
        (["pics/notes.txt"], ["pics/notes.txt"]),
        (["HTTPS://host/a.png?x=1", "http://h/a.png"], ["HTTPS:/host/a.png?x=1", "http:/h/a.png"]),
    ],
    ids=["file", "twice", "folder", "slash", "file and its folder", "pattern", "set", "any folders",
         "as the shell", "named by hand", "addresses"],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_what_is_meant(names: list[str], expected: list[str]) -> None:
    assert sources(*names) == expected


@pytest.mark.usefixtures("folder")
def test_folders_in_folders_when_asked() -> None:
    assert sources("pics", recursive=True) == ["pics/a.JPG", "pics/b.png", "pics/deep/c.png"]


def test_the_home_folder(photo: Photo, place: Path) -> None:
    photo("pics/a.png")
    expected = [(place / "pics" / "a.png").as_posix()]
    for name in ("~/pics/a.png", "~/pics", "~/p*/*.png", "~"):
        assert sources(name, recursive=True) == expected


def test_a_name_that_looks_like_a_pattern_is_a_name(photo: Photo) -> None:
    photo("a[1].png")
    photo("a1.png")
    assert sources("a[1].png") == ["a[1].png"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.png", "there is no such file or folder (looked from "),
        ("none/*.png", "no image has a name like 'none/*.png'"),
        ("", "empty name"),
        ("bare", "holds no image files"),
        ("outer", "holds no image files; --recursive looks into its folders, too"),
        ("~nobody-of-this-name/x.png", "there is no such file"),
        ("a\0b.png", ""),
    ],
)
def test_what_stands_for_no_image(place: Path, photo: Photo, name: str, reason: str) -> None:
    Path("bare").mkdir()
    photo("outer/inner/a.png")
    good = photo("good.png")
    pictures, (trouble,) = find_pictures([name, str(good)])
    assert trouble.name == name
    assert reason in trouble.reason
    assert [one.source for one in pictures] == [str(good)]


def test_a_link_that_leads_nowhere_is_left_to_whoever_opens_it(place: Path) -> None:
    Path("link.png").symlink_to("nowhere.png")
    assert sources("link.png") == ["link.png"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["x/a.png"], ["a.png"]),
        (["x"], ["a.png", "deep/a.png"]),
        (["x/a.png", "x/b.png"], ["a.png", "b.png"]),
        (["x/a.png", "y/a.png"], ["x/a.png", "y/a.png"]),
        (["x/a.png", "y/a.png", "x/b.png"], ["x/a.png", "y/a.png", "b.png"]),
        (["x/a.png", "http://h/a.png", "http://g/a.png"], ["a.png", "a-2.png", "a-3.png"]),
        (["http://h/", "http://h/..", "http://["], ["image", "image-2", "image-3"]),
        (["http://h/" + "n" * 300 + ".png"], ["n" * 96 + ".png"]),
    ],
)
def test_each_has_a_name_of_its_own(photo: Photo, names: list[str], expected: list[str]) -> None:
    for name in ("x/a.png", "x/b.png", "y/a.png", "x/deep/a.png"):
        photo(name)
    if names == ["x"]:
        Path("x/b.png").unlink()
    pictures, _ = find_pictures(names, recursive=True)
    assert [one.file_name for one in pictures] == expected


def test_names_differ_whatever_happens() -> None:
    names = ["a", "A", "a", "a-2", "b.x", "b.x"]
    made = distinct(names, [lambda index: names[index]])
    assert len({name.casefold() for name in made}) == len(names)
    assert made[0] == "a"
    assert made[3] == "a-2"
