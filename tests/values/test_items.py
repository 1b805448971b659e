from __future__ import annotations

import io
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from samwidget.values.items import Items, is_many

PIXELS = np.zeros((4, 6, 3), np.uint8)
UPLOAD = {"name": "cat.png", "content": b"..."}
Size = namedtuple("Size", "w h")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ([], True),
        (["a.png"], True),
        (("a.png", "b.png"), True),
        ({"a": PIXELS}, True),
        (iter(["a.png"]), True),
        (pd.Series(["a.png"]), True),
        (np.array(["a.png", "b.png"]), True),
        (np.zeros((2, 4, 6, 3)), True),
        ((UPLOAD, UPLOAD), True),
        ((UPLOAD,), False),
        (UPLOAD, False),
        ("photos/a.png", False),
        ("https://example.org/a?b=*", False),
        ("data:image/png;base64,AAAA", False),
        ("", False),
        (b"a*b", False),
        (np.zeros((1, 4, 6, 3)), False),
        (PIXELS, False),
        (np.zeros((9, 4, 6)), False),
        (Image.new("RGB", (3, 3)), False),
        (io.BytesIO(b""), False),
        (Size(1, 2), False),
        (None, False),
        (5, False),
    ],
)
def test_many_are_told_from_one(source: object, expected: bool) -> None:
    assert is_many(source) is expected


def test_folders_and_globs_are_many_unless_a_file_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "what?.png").write_bytes(b"")
    assert is_many(tmp_path)
    assert is_many(str(tmp_path))
    assert is_many(str(tmp_path / "*.png"))
    assert not is_many(str(tmp_path / "what?.png"))


@pytest.mark.parametrize(
    ("source", "titles"),
    [
        (["photos/a.png", Path("b.png"), PIXELS], ["a.png", "b.png", ""]),
        (["https://example.org/x/c.png"], ["c.png"]),
        ({"left eye": PIXELS}, ["left eye"]),
        (np.zeros((2, 4, 6, 3)), ["", ""]),
        ((UPLOAD, {**UPLOAD, "name": "dog.png"}), ["cat.png", "dog.png"]),
    ],
)
def test_titles(source: object, titles: list[str]) -> None:
    items = Items(source)
    assert [items.title(i) for i in range(len(items))] == titles
    assert items.title(99) == ""


def test_the_same_path_may_come_twice() -> None:
    assert len(Items(["a.png", "a.png"])) == 2


def test_a_generator_is_taken_from_as_far_as_is_wanted() -> None:
    taken = []

    def come() -> Iterator[str]:
        for i in range(4):
            taken.append(i)
            yield f"{i}.png"

    items = Items(come())
    assert (taken, len(items), items.is_complete) == ([], 0, False)
    found = items.get(1)
    assert found is not None
    assert (found.source, taken, len(items)) == ("1.png", [0, 1], 2)
    assert items.get(9) is None
    assert (len(items), items.is_complete) == (4, True)


def test_where_a_generator_fails_is_an_image_that_cannot_be_read() -> None:
    def come() -> Iterator[str]:
        yield "a.png"
        raise OSError("the disk is gone")

    items = Items(come())
    last = items.get(1)
    assert last is not None
    for read in (items.read, items.thumbnail):
        with pytest.raises(OSError, match="the disk is gone"):
            read(last)
    assert items.get(2) is None
