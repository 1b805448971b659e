"""From the text of an option to numbers, or to a sentence that says what was expected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import typer

from samwidget.values.errors import quoted


@dataclass(frozen=True)
class Clicks:
    """The points on one object: ``xy`` in pixels of the image, ``labels`` 1 or 0 for background."""

    xy: tuple[tuple[float, float], ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Box:
    """One box, XYXY in pixels of the image."""

    xyxy: tuple[float, float, float, float]


def clicks(text: str) -> Clicks:
    """Read ``x,y``, or ``x,y,0`` for background, or several with spaces between for one object.

    Examples
    --------
    >>> clicks("900,370 20,20,0")
    Clicks(xy=((900.0, 370.0), (20.0, 20.0)), labels=(1, 0))
    """
    points = [_floats(part) for part in _parts(text)]
    if not points or any(len(one) not in (2, 3) or one[2:] not in ([], [0], [1]) for one in points):
        raise typer.BadParameter(
            "expected X,Y in pixels, X,Y,0 for what does not belong to the object, or several with "
            f"spaces between, got {quoted(text)}"
        )
    xy = tuple((one[0], one[1]) for one in points)
    return Clicks(xy, tuple(int(one[2]) if len(one) == 3 else 1 for one in points))


def box(text: str) -> Box:
    """Read ``x1,y1,x2,y2``.

    Examples
    --------
    >>> box("10,20,30.5,40")
    Box(xyxy=(10.0, 20.0, 30.5, 40.0))
    """
    parts = _parts(text)
    sides = _floats(parts[0]) if len(parts) == 1 else []
    if len(sides) != 4:
        raise typer.BadParameter(f"expected X1,Y1,X2,Y2 in pixels, got {quoted(text)}")
    x1, y1, x2, y2 = sides
    if x1 >= x2 or y1 >= y2:
        raise typer.BadParameter(
            "expected the left upper corner, then the right lower one, X1 < X2 and Y1 < Y2, got "
            f"{quoted(text)}; of X,Y,WIDTH,HEIGHT it is X,Y,X+WIDTH,Y+HEIGHT"
        )
    return Box((x1, y1, x2, y2))


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """Give what reads a number in a range."""

    def read(text: str) -> float:
        values = _floats(text)
        if len(values) != 1 or not low <= values[0] <= high:
            raise typer.BadParameter(f"expected a number {_range(low, high)}, got {quoted(text)}")
        return values[0]

    return read


def whole(low: int) -> Callable[[str | int], int]:
    """Give what reads a whole number that is not below ``low``."""

    def read(text: str | int) -> int:
        if not re.fullmatch(r"\s*[+-]?[0-9]{1,9}\s*", str(text)) or int(text) < low:
            raise typer.BadParameter(
                f"expected a whole number {_range(low, math.inf)}, got {quoted(text)}"
            )
        return int(text)

    return read


def _range(low: float, high: float) -> str:
    return f"of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"


def _parts(text: str) -> list[str]:
    return re.sub(r"\s*,\s*", ",", text.strip()).replace(";", " ").split()


def _floats(text: str) -> list[float]:
    """Read numbers with commas between; none at all if one of them is no finite number."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return values if all(map(math.isfinite, values)) else []
