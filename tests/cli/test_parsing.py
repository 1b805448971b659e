from __future__ import annotations

import pytest
import typer

from samwidget.cli.parsing import Clicks, box, clicks, number, whole


@pytest.mark.parametrize(
    ("text", "xy", "labels"),
    [
        ("900,370", ((900, 370),), (1,)),
        ("900, 370", ((900, 370),), (1,)),
        ("1.5,-2,0", ((1.5, -2),), (0,)),
        ("1,2 3,4,1;5,6,0", ((1, 2), (3, 4), (5, 6)), (1, 1, 0)),
    ],
    ids=["one", "a space", "background", "several"],
)
def test_clicks(text: str, xy: tuple[tuple[float, float], ...], labels: tuple[int, ...]) -> None:
    assert clicks(text) == Clicks(xy, labels)


@pytest.mark.parametrize(
    "text",
    ["", " ", "1", "1,2,3", "1,2,0,1", "x,y", "1,", "nan,1", "1,inf", "1,2 3", "1;2", "[1,2]"],
)
def test_what_is_no_click(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"expected X,Y in pixels.*got "):
        clicks(text)


def test_box() -> None:
    assert box("10,20, 30.5,40").xyxy == (10, 20, 30.5, 40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3", "expected X1,Y1,X2,Y2 in pixels, got '1,2,3'"),
        ("", "expected X1,Y1,X2,Y2"),
        ("1,2,3,4,5", "expected X1,Y1,X2,Y2"),
        ("1,2,3,4 5,6,7,8", "expected X1,Y1,X2,Y2"),
        ("1,2,nan,4", "expected X1,Y1,X2,Y2"),
        ("1,2,3,inf", "expected X1,Y1,X2,Y2"),
        ("30,2,10,4", "X1 < X2 and Y1 < Y2, got '30,2,10,4'; of X,Y,WIDTH,HEIGHT it is"),
        ("10,2,10,4", "X1 < X2"),
    ],
)
def test_what_is_no_box(text: str, message: str) -> None:
    with pytest.raises(typer.BadParameter) as raised:
        box(text)
    assert message in raised.value.message


def test_what_came_is_quoted_in_part() -> None:
    with pytest.raises(typer.BadParameter) as raised:
        box("7" * 1000)
    assert len(raised.value.message) < 150


def test_numbers() -> None:
    assert number(0, 1)("0.5") == 0.5
    assert number(0)("12e3") == 12000
    assert whole(1)("64") == 64
    assert whole(1)(64) == 64  # a default is read, too


@pytest.mark.parametrize("text", ["2", "-0.1", "x", "", "nan", "inf", "0.5,0.6"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected a number from 0 to 1, got '"):
        number(0, 1)(text)


@pytest.mark.parametrize("text", ["0", "-3", "1.5", "x", "", "1e3", "9" * 5000])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected a whole number of at least 1, got '"):
        whole(1)(text)
