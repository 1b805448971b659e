"""From what a person names to images: files, folders, patterns, http(s) addresses."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from samwidget.cli.files import expanded
from samwidget.values.errors import quoted

IMAGE_ENDINGS = frozenset(
    (".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg",
     ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp")
)  # fmt: skip
"""Of the files in a folder, those that are taken for images."""

_ADDRESS_STARTS = ("http://", "https://")
_MOST_CHARACTERS = 100


@dataclass(frozen=True)
class Picture:
    """An image that is asked for.

    Attributes
    ----------
    source
        A path, or an address.
    file_name
        Relative, with ``/`` between folders; no other image of the run has the same.
    """

    source: str
    file_name: str


@dataclass(frozen=True)
class Trouble:
    """A name that stands for no image, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class _Found:
    source: str
    relative: str  # to the folder that was named; of a file its own name


def find_pictures(
    names: Sequence[str], *, recursive: bool = False
) -> tuple[list[Picture], list[Trouble]]:
    """Find the images that are meant.

    Parameters
    ----------
    names
        Files, folders, patterns with ``*``, ``?``, ``[...]`` and ``**`` for any folders, and
        http(s) addresses; ``~`` is the home folder. What exists is never read as a pattern. Of a
        folder the files count whose ending is an image's, sorted by name, hidden ones left out.
    recursive
        Take the folders in folders, too.

    Returns
    -------
    pictures
        Each file once, in the order of the names.
    troubles
        Names that gave nothing.
    """
    found: dict[str, _Found] = {}
    troubles: list[Trouble] = []
    for name in names:
        try:
            some = _found_by(name, recursive)
        except (OSError, ValueError) as error:  # a folder that is closed, a name with a zero byte
            reason = getattr(error, "strerror", None) or str(error)
            some = f"it could not be looked up: {reason}"
        if isinstance(some, str):
            troubles.append(Trouble(name, some))
        else:
            for one in some:
                found.setdefault(str(_absolute(one.source)), one)
    return _named(list(found.values())), troubles


def distinct(names: Sequence[str], others: Sequence[Callable[[int], str]]) -> list[str]:
    """Make names unlike each other.

    Parameters
    ----------
    names
        What they are called if they may. Upper and lower case count as the same, as they do on
        many disks.
    others
        What the name with an index is called instead, tried in turn; a number helps in the end.
    """
    chosen = list(names)
    for other in others:
        for index in _doubles(chosen):
            chosen[index] = other(index)
    taken: set[str] = set()
    used = {name.casefold() for name in chosen}
    for index, name in enumerate(chosen):
        place = PurePosixPath(name)
        number = 2
        while chosen[index].casefold() in taken:
            new = place.with_name(f"{place.stem}-{number}{place.suffix}").as_posix()
            number += 1
            if new.casefold() not in used:
                chosen[index] = new
        taken.add(chosen[index].casefold())
        used.add(chosen[index].casefold())
    return chosen


def _doubles(names: Sequence[str]) -> list[int]:
    counts = Counter(name.casefold() for name in names)
    return [index for index, name in enumerate(names) if counts[name.casefold()] > 1]


def _found_by(name: str, recursive: bool) -> list[_Found] | str:
    """Give the images that a name stands for, or why there are none."""
    if not name.strip():
        return "it is an empty name; give a file, a folder or a pattern"
    if _is_address(name):
        return [_Found(name, _name_in(name))]
    path = expanded(name)
    if path.is_dir():
        return list(_in_folder(path, recursive)) or _no_images_in(path, recursive)
    if path.exists() or path.is_symlink():
        return [_Found(str(path) if name.startswith("~") else name, path.name)]
    if not glob.has_magic(name):
        return f"there is no such file or folder (looked from {Path.cwd()})"
    some: list[_Found] = []
    for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207  any root
        if Path(match).is_dir():
            some += _in_folder(Path(match), recursive)
        else:
            some.append(_Found(match, Path(match).name))
    return some or f"no image has a name like {quoted(name)} (looked from {Path.cwd()})"


def _in_folder(folder: Path, recursive: bool) -> Iterator[_Found]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if recursive and not f.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if path.suffix.lower() in IMAGE_ENDINGS and not name.startswith("."):
                yield _Found(str(path), path.relative_to(folder).as_posix())


def _no_images_in(folder: Path, recursive: bool) -> str:
    has_folders = any(one.is_dir() for one in folder.iterdir())
    advice = "; --recursive looks into its folders, too" if has_folders and not recursive else ""
    return f"the folder holds no image files{advice}"


def _is_address(name: str) -> bool:
    return name.lower().startswith(_ADDRESS_STARTS)


def _name_in(address: str) -> str:
    try:
        name = PurePosixPath(urlsplit(address).path).name
    except ValueError:  # an address that is none: it fails when it is fetched, and says so
        name = ""
    return "image" if name.strip(".") == "" else name[-_MOST_CHARACTERS:]


def _absolute(source: str) -> Path:
    """Give a path from the root, links as they are called; of an address the address."""
    return Path(source if _is_address(source) else os.path.abspath(source))  # noqa: PTH100


def _named(found: list[_Found]) -> list[Picture]:
    """Give each image a name of its own: with its folders where the plain one is taken."""
    places = [_absolute(one.source) for one in found]
    folders = [str(place.parent) for place in places if place.is_absolute()]
    try:
        top = os.path.commonpath(folders)
    except ValueError:  # there are none, or they are on several drives
        top = ""

    def with_folders(index: int) -> str:
        place = places[index]
        is_below = top and place.is_absolute()
        return place.relative_to(top).as_posix() if is_below else found[index].relative

    names = distinct([one.relative for one in found], [with_folders])
    return [Picture(one.source, name) for one, name in zip(found, names, strict=True)]
