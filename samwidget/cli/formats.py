"""The ways in which results are written: pictures by Pillow, arrays by numpy, JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.cli.inputs import Picture
from samwidget.cli.records import objects_record
from samwidget.formats.annotated import Annotated
from samwidget.formats.coco import CocoFile
from samwidget.results import Results

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

Edges = NDArray[np.float32]

_LOSSLESS = (".png", ".tif", ".tiff", ".bmp")
_MOST_NUMBERS = 65_535
_JPEG_QUALITY = 95


class Document(Protocol[T_contra]):
    """A file in the making that takes the results of any number of images."""

    def add(self, picture: Picture, result: T_contra) -> None:
        """Take one image's."""

    def value(self) -> Any:
        """Give the whole, ready for JSON."""


@dataclass(frozen=True)
class Format(Generic[T]):
    """One way to write a result.

    Attributes
    ----------
    name, help
        What it is called by, and what it is.
    endings
        Of its files; the first is that of files in a folder.
    write
        Writes one image's result into a file that will have an ending.
    document
        Instead of that: makes a document that becomes one JSON file.
    """

    name: str
    help: str
    endings: tuple[str, ...]
    write: Callable[[T, BinaryIO, str], None] | None = None
    document: Callable[[], Document[T]] | None = None


class CocoDocument:
    """One COCO file of all images."""

    def __init__(self) -> None:
        self._file = CocoFile()

    def add(self, picture: Picture, result: Results) -> None:
        """Take one image's."""
        self._file.add(Annotated(result.objects, result.orig_shape, picture.file_name))

    def value(self) -> dict[str, Any]:
        """Give the whole."""
        return self._file.value()


class RecordsDocument:
    """A list of what ``--json`` tells of each image."""

    def __init__(self) -> None:
        self._records: list[dict[str, Any]] = []

    def add(self, picture: Picture, result: Results) -> None:
        """Take one image's."""
        self._records.append({"image": picture.source, **objects_record(result)})

    def value(self) -> list[dict[str, Any]]:
        """Give the list."""
        return self._records


def _write_overlay(results: Results, file: BinaryIO, ending: str) -> None:
    _save(Image.fromarray(results.plot()), file, ending)


def _write_mask(results: Results, file: BinaryIO, ending: str) -> None:
    inside = results.label_image() > 0
    _save(Image.fromarray(inside.astype(np.uint8) * np.uint8(255)), file, ending)


def _write_labels(results: Results, file: BinaryIO, ending: str) -> None:
    if len(results) > _MOST_NUMBERS:
        raise ValueError(f"{len(results):,} objects are more than a picture has numbers for")
    dtype = np.uint8 if len(results) <= 255 else np.uint16
    if dtype == np.uint16 and ending == ".bmp":
        raise ValueError(
            f"{len(results)} objects are more than the 255 that a .bmp has numbers for; use .png"
        )
    _save(Image.fromarray(results.label_image().astype(dtype)), file, ending)


def _write_edge_picture(edges: Edges, file: BinaryIO, ending: str) -> None:
    grey = np.rint(np.clip(edges, 0, 1) * 255).astype(np.uint8)
    _save(Image.fromarray(grey), file, ending)


def _write_edge_tiff(edges: Edges, file: BinaryIO, ending: str) -> None:
    _save(Image.fromarray(np.asarray(edges, np.float32)), file, ending)


def _write_edge_array(edges: Edges, file: BinaryIO, ending: str) -> None:  # noqa: ARG001
    np.save(file, np.asarray(edges, np.float32))


def _save(picture: Image.Image, file: BinaryIO, ending: str) -> None:
    picture.save(file, Image.registered_extensions()[ending], quality=_JPEG_QUALITY)


OBJECTS: tuple[Format[Results], ...] = (
    Format(
        "overlay",
        "the image with the objects painted over it",
        (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"),
        _write_overlay,
    ),
    Format("mask", "255 where any object is, else 0", _LOSSLESS, _write_mask),
    Format("labels", "each pixel the number of its topmost object", _LOSSLESS, _write_labels),
    Format("coco", "COCO, masks as RLE", (".json",), document=CocoDocument),
    Format("json", "what --json prints", (".json",), document=RecordsDocument),
)
"""Where no format is named, the first one with the ending of the file is meant."""

EDGES: tuple[Format[Edges], ...] = (
    Format(
        "png", "8-bit grey, edges white", (".png", ".jpg", ".jpeg", ".bmp"), _write_edge_picture
    ),
    Format("npy", "numpy's file, float32, 0 to 1", (".npy",), _write_edge_array),
    Format("tiff", "float32, 0 to 1", (".tif", ".tiff"), _write_edge_tiff),
)
