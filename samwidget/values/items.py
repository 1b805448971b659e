"""What a person calls many images, to a list of named ones; nothing is opened yet."""

from __future__ import annotations

import glob
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from samwidget.values.addresses import understand
from samwidget.values.channels import Bands
from samwidget.values.errors import quoted
from samwidget.values.images import read_image
from samwidget.values.paths import expanded
from samwidget.values.pictures import ReadImage, ValueRange, Wishes
from samwidget.values.thumbnails import thumbnail, thumbnail_of
from samwidget.values.uploads import uploads_in
from samwidget.values.zarr_folders import is_zarr_folder

_GLOB = frozenset("*?[")


@dataclass(frozen=True, eq=False)
class Item:
    """One image.

    Attributes
    ----------
    name
        What it is called; of an array or an image in memory its number, ``000012``.
    source
        What :func:`samwidget.load_image` takes.
    """

    name: str
    source: Any


def list_items(source: object) -> list[Item]:
    """List the images of a batch, each with a name of its own.

    Parameters
    ----------
    source
        As for :func:`items_of`; what comes one by one is taken to its end.

    Raises
    ------
    FileNotFoundError
        When a folder or a glob holds no image.
    ValueError
        When two images have the same name.
    """
    items = list(items_of(source))
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            raise ValueError(
                f"two images are called {quoted(item.name)}; give them names of a mapping"
            )
        seen.add(item.name)
    return items


def items_of(source: object) -> Iterable[Item]:
    """Name what a person calls many images; nothing is opened.

    Parameters
    ----------
    source
        A folder (its image files), a glob such as ``"photos/**/*.jpg"``, one path, an iterable of
        paths, addresses or images, a mapping from names to images, a column of a DataFrame, or an
        array with a leading axis (numpy, Zarr), whose images are called by their index. Paths are
        called by themselves.

    Returns
    -------
    iterable of Item
        A list, but for an iterator: of that an iterator.

    Raises
    ------
    FileNotFoundError
        When a folder or a glob holds no image.
    TypeError
        When it is nothing of this.
    """
    if isinstance(source, str | os.PathLike):
        return [Item(str(path), path) for path in _paths(os.fspath(source))]
    if isinstance(source, Mapping):
        return [Item(str(name), one) for name, one in source.items()]
    if hasattr(source, "shape") and hasattr(source, "dtype") and len(source.shape) > 1:
        return [Item(f"{i:06d}", _Plane(source, i)) for i in range(source.shape[0])]
    if isinstance(source, Iterable):
        named = (_item(i, one) for i, one in enumerate(source))
        return named if isinstance(source, Iterator) else list(named)
    raise TypeError(
        "source: expected a folder, a glob, paths, images, a mapping from names to images or "
        f"an array with a leading axis, got {type(source).__name__}"
    )


def is_many(source: object) -> bool:
    """Tell what stands for many images from what is one.

    Parameters
    ----------
    source
        Anything that :func:`items_of` or :func:`samwidget.load_image` takes.

    Returns
    -------
    bool
        True for a list or tuple (of uploads: of two and more), a folder, a glob that is no file's
        name, a generator, a mapping, a column of a DataFrame, a one-dimensional array of texts, and
        an array of four axes whose first is longer than 1.

    Examples
    --------
    >>> is_many(["cat.jpg", "dog.jpg"]), is_many("cat.jpg")
    (True, False)
    >>> import numpy as np
    >>> is_many(np.zeros((5, 48, 64, 3), np.uint8)), is_many(np.zeros((48, 64, 3), np.uint8))
    (True, False)
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return False
    if isinstance(source, str | os.PathLike):
        return _is_folder_or_glob(source)
    shape = getattr(source, "shape", None)
    if shape is not None:
        return (len(shape) == 4 and shape[0] > 1) or len(shape) == 1
    if callable(getattr(source, "read", None)):
        return False
    uploads = uploads_in(source)
    if uploads is not None:
        return len(uploads) > 1 or source == []  # an empty tuple is an upload button's value
    is_list = isinstance(source, list | tuple) and not hasattr(source, "_fields")
    return is_list or isinstance(source, Mapping | Iterator)


class Items:
    """The images of a list, of which a generator's are taken as they are wanted.

    Threads may call it at the same time.

    Parameters
    ----------
    source
        See :func:`items_of`.
    bands, value_range
        Of each image, see :func:`samwidget.load_image`.

    Raises
    ------
    FileNotFoundError
        When a folder or a glob holds no image.
    TypeError, ValueError
        When ``bands`` or ``value_range`` are none.
    ValueError
        When the list is empty.
    """

    def __init__(
        self,
        source: object,
        *,
        bands: Bands | None = None,
        value_range: ValueRange | None = None,
    ) -> None:
        self._wishes = Wishes.of(bands, value_range=value_range)
        uploads = None if isinstance(source, str | os.PathLike) else uploads_in(source)
        found = (
            items_of(source)
            if uploads is None
            else [Item(one.name or f"{i:06d}", one) for i, one in enumerate(uploads)]
        )
        self._taking = threading.Lock()
        self._rest = found if isinstance(found, Iterator) else None
        self._known: list[Item] = [] if self._rest is not None else list(found)
        if self.is_complete and not self._known:
            raise ValueError("the list of images is empty")

    @classmethod
    def of(cls, items: Sequence[Item]) -> Items:
        """Give the list of images that have their names already; at least one."""
        made = cls([one.name for one in items])
        made._known = list(items)
        return made

    def __len__(self) -> int:
        return len(self._known)

    @property
    def is_complete(self) -> bool:
        """Whether no more will come than are known."""
        return self._rest is None

    @property
    def known(self) -> tuple[Item, ...]:
        """Those that were taken so far."""
        return tuple(self._known)

    def get(self, index: int) -> Item | None:
        """Give one, counted from 0; None when there are not so many.

        Where a generator fails there is a last image, which cannot be read for that reason.
        """
        with self._taking:
            while self._rest is not None and len(self._known) <= index:
                try:
                    self._known.append(next(self._rest))
                except StopIteration:
                    self._rest = None
                except Exception as error:
                    # It gives nothing any more; whoever comes to its end is told why.
                    self._rest = None
                    number = len(self._known)
                    self._known.append(Item(f"{number:06d}", Failed(error)))
        return self._known[index] if 0 <= index < len(self._known) else None

    def read(self, item: Item) -> ReadImage:
        """Read one, as :func:`samwidget.values.images.read_image` does."""
        if isinstance(item.source, Failed):
            raise item.source.error
        wishes = self._wishes
        return read_image(item.source, bands=wishes.bands, value_range=wishes.value_range)

    def thumbnail(self, item: Item) -> bytes:
        """Read one coarsely, as :func:`samwidget.values.thumbnails.thumbnail` does."""
        is_plain = self._wishes == Wishes() and not isinstance(item.source, Failed)
        return thumbnail(item.source) if is_plain else thumbnail_of(self.read(item).pixels)

    def title(self, index: int) -> str:
        """Say what a person calls one: its file's name, or a mapping's; empty for a mere number."""
        item = self._known[index] if 0 <= index < len(self._known) else None
        if item is None or item.name == f"{index:06d}":
            return ""
        return item.name.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or item.name


def _item(number: int, source: object) -> Item:
    if isinstance(source, str | os.PathLike):
        return Item(os.fspath(source), source)
    return Item(f"{number:06d}", source)


class Failed:
    """Stands where there is an error instead of an image: reading it raises that."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Plane:
    """One image of an array with a leading axis, read when it is wanted."""

    def __init__(self, stack: Any, index: int) -> None:
        self._stack, self._index = stack, index

    def __reduce__(self) -> tuple[Any, ...]:
        # What is in memory goes to another process without the planes that are not meant.
        import numpy as np

        if isinstance(self._stack, np.ndarray):
            return _Plane, (self._stack[self._index : self._index + 1], 0)
        return _Plane, (self._stack, self._index)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        import numpy as np

        return np.asarray(self._stack[self._index], dtype)


def _is_folder_or_glob(source: str | os.PathLike[str]) -> bool:
    try:
        path = understand(os.fspath(source))
    except (TypeError, ValueError):  # whoever opens it is told
        return False
    if not isinstance(path, Path):
        return False
    return (path.is_dir() and not is_zarr_folder(path)) or (
        bool(_GLOB & set(str(source))) and not path.exists()
    )


def _paths(text: str) -> list[Path]:
    path = expanded(text)
    if path.is_dir() and not is_zarr_folder(path):
        known = Image.registered_extensions()
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in known and p.is_file())
        if not found:
            raise FileNotFoundError(f"there is no image file in the folder {quoted(text)}")
        return found
    if not path.exists() and _GLOB & set(text):
        found = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207
        found = [p for p in found if p.is_file()]
        if not found:
            raise FileNotFoundError(f"no file matches {quoted(text)}")
        return found
    return [path]
