"""Folders of Zarr: an array, or a group such as OME-Zarr whose finest array is the image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from samwidget.values.addresses import understand
from samwidget.values.errors import quoted, shortened, text_of

_MARKS = ("zarr.json", ".zarray", ".zgroup")


def is_zarr_folder(path: Path) -> bool:
    """Tell by the files that every version of the format has."""
    return path.is_dir() and any((path / mark).is_file() for mark in _MARKS)


def opened_zarr(source: object) -> object:
    """Open what names a folder of Zarr.

    Parameters
    ----------
    source
        Anything.

    Returns
    -------
    array or object
        The array, of which nothing is read yet; anything else comes back as it is. Of a group its
        only array, or the first (the finest) of the scales that OME-Zarr lists.

    Raises
    ------
    ValueError
        When zarr is not installed, the folder is damaged, or a group has several arrays.

    Examples
    --------
    >>> opened_zarr("photo.jpg")
    'photo.jpg'
    """
    if not isinstance(source, str | os.PathLike):
        return source
    try:
        path = understand(os.fspath(source))
    except (TypeError, ValueError):  # whoever opens it is told
        return source
    if not isinstance(path, Path) or not is_zarr_folder(path):
        return source
    try:
        import zarr
    except ImportError:
        raise ValueError(
            f"{shortened(path)} is a folder of Zarr: `pip install 'samwidget[zarr]'` to read it, "
            "or give it as an array"
        ) from None
    try:
        found = zarr.open(str(path), mode="r")
        return found if hasattr(found, "dtype") else _image_of(found, path)
    except _GroupError as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # a damaged folder fails anywhere, in any way
        raise ValueError(
            f"{shortened(path)} could not be read as Zarr: {text_of(error)}"
        ) from error


class _GroupError(Exception):
    """Why no array of a group is the image, in a whole sentence."""


def _image_of(group: Any, path: Path) -> Any:
    facts = dict(group.attrs)
    scales = facts.get("multiscales") or facts.get("ome", {}).get("multiscales")
    if scales:
        return group[scales[0]["datasets"][0]["path"]]
    names = sorted(group.array_keys())
    if len(names) == 1:
        return group[names[0]]
    known = f"the arrays {quoted(names)}" if names else "no array"
    raise _GroupError(
        f"{shortened(path)} is a group of Zarr with {known}; give one array: "
        "zarr.open(path, mode='r')['name']"
    )
