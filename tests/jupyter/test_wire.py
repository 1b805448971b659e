from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from samwidget.jupyter import wire
from samwidget.jupyter.wire import ProtocolError


@dataclass(frozen=True)
class Tile:
    place: tuple[int, float]
    data: bytes


@dataclass(frozen=True)
class Red:
    kind: Literal["red"]
    tiles: list[Tile]


@dataclass(frozen=True)
class Blue:
    kind: Literal["blue"]
    on: bool


@dataclass(frozen=True)
class Sheet:
    name: str | None
    color: Red | Blue | None


TILES = [Tile((1, 2.5), b"abc"), Tile((3, 4.0), b"")]
FULL = Sheet("front", Red("red", TILES))


def test_bytes_stay_in_place_for_traits() -> None:
    tiles = [{"place": [1, 2.5], "data": b"abc"}, {"place": [3, 4.0], "data": b""}]
    assert wire.to_wire(FULL) == {"name": "front", "color": {"kind": "red", "tiles": tiles}}


def test_packing_moves_bytes_into_buffers_and_parsing_puts_them_back() -> None:
    content, buffers = wire.pack(FULL)
    assert buffers == [b"abc", b""]
    assert content["buffer_paths"] == [["color", "tiles", 0, "data"], ["color", "tiles", 1, "data"]]
    assert content["color"]["tiles"][0]["data"] is None
    assert wire.parse(Sheet, content, buffers, path="m") == FULL
    assert content["color"]["tiles"][0]["data"] is None, "what came in is left as it was"
    assert wire.parse(Sheet, content, [memoryview(b) for b in buffers], path="m") == FULL


def test_without_bytes_there_are_no_paths() -> None:
    assert wire.pack(Sheet(None, None)) == ({"name": None, "color": None}, [])


def test_whole_numbers_are_floats_where_floats_are_expected() -> None:
    tile = wire.parse(Tile, {"place": [1, 2], "data": b"x"}, [], path="m")
    assert isinstance(tile.place[1], float)


TILE = {"place": [1, 2], "data": b"x"}


@pytest.mark.parametrize(
    ("content", "buffers", "says"),
    [
        ({"place": [1.0, 2], "data": b""}, [], r"^m\.place\[0\]: expected an integer, got 1\.0$"),
        ({"place": [1, float("nan")], "data": b""}, [], r"m\.place\[1\]: expected a number"),
        ({"place": [1, float("inf")], "data": b""}, [], r"m\.place\[1\]: expected a number"),
        ({"place": [1, 10**400], "data": b""}, [], r"m\.place\[1\]: expected a number, got 10+"),
        ({"place": [1, 2], "data": "x"}, [], r"m\.data: expected binary data, got 'x'"),
        ({"place": [1, 2, 3], "data": b""}, [], r"m\.place: expected 2 items"),
        ({"place": "ab", "data": b""}, [], r"m\.place: expected a list, got 'ab'"),
        ({"data": b""}, [], r"m\.place: missing"),
        ({**TILE, "z": 1, "a": 1}, [], r"m\.a: no such field; expected only place, data"),
        ({**TILE, 5: 1}, [], r"m\.5: no such field"),
        ([], [], r"^m: expected an object, got \[\]$"),
        ({**TILE, "buffer_paths": [["data"]]}, [], "a list of 0 paths"),
        ({**TILE, "buffer_paths": 3}, [b""], "a list of 1 paths"),
        ({**TILE, "buffer_paths": [["no", "data"]]}, [b""], r"no such place \['no', 'data'\]"),
        ({**TILE, "buffer_paths": [[]]}, [b""], r"no such place \[\]"),
        ({**TILE, "buffer_paths": [["place", 9]]}, [b""], "no such place"),
        ({**TILE, "buffer_paths": [None]}, [b""], "no such place None"),
        ({**TILE, "buffer_paths": [["data"]]}, [5], "no such place"),
        ({"place": ["x" * 200, 1], "data": b""}, [], r"got 'x+'\.\.\. \(200 characters\)$"),
    ],
)
def test_what_does_not_fit_is_named(content: Any, buffers: list[Any], says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        wire.parse(Tile, content, buffers, path="m")


def test_union_is_told_apart_by_kind() -> None:
    sheet = wire.parse(Sheet, {"name": None, "color": {"kind": "blue", "on": True}}, [], path="m")
    assert sheet == Sheet(None, Blue("blue", True))
    with pytest.raises(ProtocolError, match=r"m\.color\.on: expected a boolean, got 1"):
        wire.parse(Sheet, {"name": None, "color": {"kind": "blue", "on": 1}}, [], path="m")
    with pytest.raises(ProtocolError, match=r"m\.color\.kind: expected one of 'red', 'blue'"):
        wire.parse(Sheet, {"name": None, "color": {"kind": "green"}}, [], path="m")


def test_the_name_of_a_file_that_is_not_unicode_can_be_sent() -> None:
    content, _ = wire.pack(Sheet("caf\udce9.png", None))
    assert content["name"] == "caf\ufffd.png"
