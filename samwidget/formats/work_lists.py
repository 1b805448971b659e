"""The part of a work file that tells which list of images its work is on."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from samwidget.formats.work_values import DamagedError
from samwidget.values.errors import quoted

Mark = Literal["open", "submitted", "skipped"]
_MARKS = ("open", "submitted", "skipped")


@dataclass(frozen=True)
class Listed:
    """One image of a list, also one that nothing was made of.

    Attributes
    ----------
    name
        What it is called, see :class:`samwidget.values.items.Item`.
    origin
        The path or address where it comes from; None for what has none.
    image
        Index of the work on it in the file; None when there is none.
    mark
        What became of it.
    """

    name: str
    origin: str | None = None
    image: int | None = None
    mark: Mark = "open"


def found_at(origin: str, work: Path) -> str:
    """Tell where an image is: where it was, or at the same place seen from the work file.

    Parameters
    ----------
    origin
        The path or address where it was.
    work
        The work file; of ``cups/1.jpg`` what is looked for beside it is that, then ``1.jpg``.

    Examples
    --------
    >>> found_at("https://example.org/cat.jpg", Path("cats.samw"))
    'https://example.org/cat.jpg'
    """
    if "://" in origin or Path(origin).exists():
        return origin
    parts = PurePath(origin).parts
    for first in range(1 if PurePath(origin).anchor else 0, len(parts)):
        beside = work.absolute().parent.joinpath(*parts[first:])
        if beside.exists():
            return str(beside)
    return origin


def matched(listed: Sequence[Listed], names: Sequence[str]) -> dict[int, int]:
    """Find the images of a saved list among others.

    Parameters
    ----------
    listed
        As they were.
    names
        Those of the images now. What is called as before is the same; where nothing is, what alone
        has the same file name.

    Returns
    -------
    dict of int to int
        The place now by the place then.

    Examples
    --------
    >>> matched([Listed("old/a.jpg"), Listed("old/b.jpg")], ["new/b.jpg", "new/c.jpg"])
    {1: 0}
    """
    return _by(str, listed, names) or _by(lambda name: PurePath(name).name, listed, names)


def _by(key: Any, listed: Sequence[Listed], names: Sequence[str]) -> dict[int, int]:
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, name in enumerate(names):
        waiting[key(name)].append(place)
    return {
        then: waiting[key(one.name)].popleft()
        for then, one in enumerate(listed)
        if waiting[key(one.name)]
    }


def listed_as_json(listed: Sequence[Listed]) -> list[dict[str, Any]]:
    """Give what the file holds of a list; what is as usual is left out."""
    usual = {"origin": None, "image": None, "mark": "open"}
    return [
        {key: value for key, value in vars(one).items() if key == "name" or value != usual[key]}
        for one in listed
    ]


def listed_from_json(value: Any, count: int) -> tuple[Listed, ...]:
    """Read the list of a file that holds work on ``count`` images; an absent one is empty.

    Raises
    ------
    DamagedError
        When it is not what :func:`listed_as_json` gives.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise DamagedError(f"list: expected a list, got {quoted(value)}")
    found = tuple(_listed(one, f"list[{number}]", count) for number, one in enumerate(value))
    images = [one.image for one in found if one.image is not None]
    if sorted(images) != list(range(count)):
        raise DamagedError("list: it does not name each image once")
    return found


def _listed(one: Any, place: str, count: int) -> Listed:
    if not isinstance(one, dict):
        raise DamagedError(f"{place}: expected names with values, got {quoted(one)}")
    name, origin, image = one.get("name"), one.get("origin"), one.get("image")
    mark = one.get("mark", "open")
    if not isinstance(name, str) or not isinstance(origin, str | None) or mark not in _MARKS:
        raise DamagedError(f"{place}: name, origin or mark is wrong")
    is_number = isinstance(image, int) and not isinstance(image, bool)
    if image is not None and not (is_number and 0 <= image < count):
        raise DamagedError(f"{place}.image: there is no image {quoted(image)}")
    return Listed(name, origin, image, mark)
