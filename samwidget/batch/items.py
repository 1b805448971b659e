"""What a person calls many images, to a list of named ones; nothing is opened yet."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from samwidget.values.errors import quoted
from samwidget.values.paths import expanded

_GLOB = frozenset("*?[")


@dataclass(frozen=True, eq=False)
class Item:
    """One image.

    Attributes
    ----------
    name
        Unlike that of any other item of a batch.
    source
        What :func:`samwidget.load_image` takes.
    """

    name: str
    source: Any


def list_items(source: object) -> list[Item]:
    """List the images of a batch.

    Parameters
    ----------
    source
        A folder (its image files), a glob such as ``"photos/**/*.jpg"``, one path, an iterable of
        paths, addresses or images, a mapping from names to images, a column of a DataFrame, or an
        array with a leading axis (numpy, Zarr), whose images are called by their index. Paths are
        called by themselves.

    Raises
    ------
    FileNotFoundError
        When a folder or a glob holds no image.
    ValueError
        When two images have the same name.
    """
    if isinstance(source, str | os.PathLike):
        items = [Item(str(path), path) for path in _paths(os.fspath(source))]
    elif isinstance(source, Mapping):
        items = [Item(str(name), one) for name, one in source.items()]
    elif hasattr(source, "shape") and hasattr(source, "dtype") and len(source.shape) > 1:
        items = [Item(f"{i:06d}", _Plane(source, i)) for i in range(source.shape[0])]
    elif isinstance(source, Iterable):
        items = [
            Item(os.fspath(one), one)
            if isinstance(one, str | os.PathLike)
            else Item(f"{i:06d}", one)
            for i, one in enumerate(source)
        ]
    else:
        raise TypeError(
            "source: expected a folder, a glob, paths, images, a mapping from names to images or "
            f"an array with a leading axis, got {type(source).__name__}"
        )
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            raise ValueError(
                f"two images are called {quoted(item.name)}; give them names of a mapping"
            )
        seen.add(item.name)
    return items


class _Plane:
    """One image of an array with a leading axis, read when it is wanted."""

    def __init__(self, stack: Any, index: int) -> None:
        self._stack, self._index = stack, index

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        import numpy as np

        return np.asarray(self._stack[self._index], dtype)


def _paths(text: str) -> list[Path]:
    path = expanded(text)
    if path.is_dir():
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
