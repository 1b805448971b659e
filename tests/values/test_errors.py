from __future__ import annotations

import pathlib
import reprlib
from typing import Any

import numpy as np
import pytest
import torch

from samwidget.values.errors import check_index, quoted, shortened


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Talkative:
    def __repr__(self) -> str:
        return "line\n" * 100_000


@pytest.mark.parametrize(
    "value",
    [
        "cat.jpg",
        "",
        "it's",
        b"ab",
        b"",
        1.5,
        None,
        True,
        (1, 2),
        [0.5],
        {"a": 1},
        {3},
        "Köln",
        10**20,
    ],
)
def test_what_is_short_is_written_as_repr_does(value: object) -> None:
    assert quoted(value) == repr(value)


HUGE = {
    "text": "a" * 4_000_000,
    "quotes": "'\"\\\n" * 1000,
    "other letters": "日本" * 1000,
    "controls": "\0" * 1000,
    "lone surrogates": "\ud800" * 1000,
    "bytes": b"\xff" * 4_000_000,
    "bytearray": bytearray(4_000_000),
    "path": pathlib.Path("/home/" + "photos/" * 100 + "cat.jpg"),
    "list": list(range(4_000_000)),
    "nested": [[["x" * 1000] * 1000] * 1000] * 1000,
    "dict": dict.fromkeys(range(1000), "x" * 1000),
    "dict of bytes": {"content": b"\x89" * 4_000_000},
    "array": np.zeros((3000, 3000, 3)),
    "array in a list": [np.zeros((3000, 300))] * 50,
    "tensor": torch.zeros(3000, 3000),
    "tensor with long numbers": torch.rand(4, 5, dtype=torch.float64),
    "int": 10**4000,
    "int that Python does not write": 10**10_000,
    "range": range(10**9),
    "hostile": Hostile(),
    "hostile in a list": [Hostile()],
    "talkative": Talkative(),
    "class": type("A" * 10_000, (), {}),
    "instance": type("A" * 10_000, (), {})(),
    "recursive": (lambda one: one.append(one) or one)([]),
}


@pytest.mark.parametrize("limit", [100, 40])
@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE.keys())
def test_no_quotation_is_longer_than_its_limit(value: object, limit: int) -> None:
    text = quoted(value, limit)
    assert 0 < len(text) <= limit
    assert text.isprintable()
    text.encode()


def test_what_is_cut_tells_how_long_it_was() -> None:
    text = quoted("photo " * 1000)
    assert text.startswith("'photo photo")
    assert text.endswith("'... (6,000 characters)")
    assert quoted(b"\x89PNG" * 1000).endswith("'... (4,000 bytes)")


def test_a_path_keeps_the_files_name() -> None:
    path = pathlib.Path("/home/ada/" + "photos/" * 100 + "cat.jpg")
    assert quoted(path).startswith("'/home/ada/photos/")
    assert quoted(path).endswith("/cat.jpg'")
    assert quoted(pathlib.Path("cat.jpg")) == "'cat.jpg'"


def test_arrays_are_told_by_few_values_or_by_their_shape() -> None:
    assert quoted(np.array([1.0, 2.0])) == "array([1., 2.])"
    assert quoted(np.zeros((4, 3000))) == "an ndarray of the shape (4, 3000) and the type float64"
    tensor = torch.zeros(4, 3000, requires_grad=True)
    assert quoted(tensor) == "a Tensor of the shape (4, 3000) and the type torch.float32"


def test_quoting_leaves_the_settings_of_reprlib_alone() -> None:
    before = vars(reprlib.aRepr).copy()
    quoted(HUGE["nested"])
    assert vars(reprlib.aRepr) == before


@pytest.mark.parametrize("limit", [0, 1, 5, 10, 40, 100, 1000])
def test_shortened_keeps_beginning_and_end(limit: int) -> None:
    text = "0123456789" * 50
    short = shortened(text, limit)
    assert len(short) <= max(limit, 5)
    if limit == 1000:
        assert short == text
    if limit == 40:
        assert short == "01234567890 ... 678901234567890123456789"


def test_shortened_is_one_line() -> None:
    assert shortened("a\nb") == "a\\nb"


@pytest.mark.parametrize("index", ["1", None, 1.0, True])
def test_what_cannot_count_is_no_index(index: Any) -> None:
    with pytest.raises(TypeError, match="which point: expected a number counted from 0, got"):
        check_index(index, 3, "point")
