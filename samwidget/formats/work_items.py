"""The images that a work file is about, to be read: those it tells of, or those a person gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from samwidget.formats.work import Work
from samwidget.formats.work_lists import Listed, found_at, matched
from samwidget.values.errors import quoted
from samwidget.values.items import Failed, Item, Items


def items_in(work: Work, file: Path) -> Items:
    """Give the list that a work file tells of; what is not there is told when it is turned to."""
    items = []
    for one in work.listed:
        saved = None if one.image is None else work.images[one.image]
        source: object
        if saved is not None and (saved.embedded is not None or saved.origin is not None):
            source = saved.source(file)
        elif one.origin is not None:
            source = found_at(one.origin, file)
        else:
            source = Failed(
                FileNotFoundError(
                    f"{quoted(file.name)} does not hold the image {quoted(one.name)}, which came "
                    "from no file: give the list again, image=..."
                )
            )
        items.append(Item(one.name, source))
    return Items.of(items)


def items_given(work: Work, file: Path, source: object) -> tuple[Items, dict[int, int]]:
    """Take the images of a list that is given again, and those of the work that it lacks.

    Returns
    -------
    items
        Those given, then those of the work that are not among them and have work.
    places
        The place of each image of the work in ``items``, by the one it had.

    Raises
    ------
    ValueError
        When none is the same.
    """
    given = Items(source)
    places = places_in(work, given)
    if not places:
        raise ValueError(
            f"none of the images that were given is one of the {len(work.listed)} that "
            f"{quoted(file.name)} has work on: they are called {_some(work.listed)}"
        )
    known, saved = list(given.known), items_in(work, file).known
    if not given.is_complete:
        return given, places
    for then, one in enumerate(work.listed):
        if then not in places and one.image is not None:
            places[then] = len(known)
            known.append(saved[then])
    return Items.of(known), places


def places_in(work: Work, items: Items) -> dict[int, int]:
    """Find the images of a work file in a list, by their names, of a generator by their number."""
    if not items.is_complete:
        return {place: place for place in range(len(work.listed))}
    return matched(work.listed, [one.name for one in items.known])


def _some(listed: Sequence[Listed], most: int = 3) -> str:
    names = [quoted(Path(one.name).name) for one in listed]
    return ", ".join([*names[:most], *(["..."] if len(names) > most else [])])
