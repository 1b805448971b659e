"""The part of the contract that is about a list of images, see :mod:`.protocol`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ImageMark:
    """What became of one image of the list; ``objects`` is how many it had when it was left."""

    index: int
    mark: Literal["open", "submitted", "skipped"]
    objects: int


@dataclass(frozen=True)
class ImagesState:
    """The list of images, where there is one, and which of them is the present one.

    ``title`` is its file's name, or empty. ``count`` are as many as are known, of more to come
    unless ``is_complete``. ``marks`` are those of images that were left, submitted or skipped; in
    an :class:`Update` those that are new or differ, where the ``generation`` is the same.
    """

    generation: int
    index: int
    count: int
    is_complete: bool
    title: str
    marks: list[ImageMark]


@dataclass(frozen=True)
class ImagesChange:
    """Something is different about the list of images, or with null there is none any more."""

    images: ImagesState | None


@dataclass(frozen=True)
class GoToImage:
    """Turn to an image of the list, counted from 0; answered when it is shown."""

    kind: Literal["go_to_image"]
    index: int


@dataclass(frozen=True)
class FinishImage:
    """The person is done with the present image: turn to the next one if there is one.

    A draft with a mask becomes an object first, unless the image is skipped.
    """

    kind: Literal["finish_image"]
    mark: Literal["submitted", "skipped"]


@dataclass(frozen=True)
class FetchThumbnail:
    """Send a small picture of an image of the list."""

    kind: Literal["fetch_thumbnail"]
    index: int


@dataclass(frozen=True)
class ThumbnailReply:
    """A JPEG file of an image; ``title`` is empty where it has none."""

    kind: Literal["thumbnail"]
    client: str
    seq: int
    title: str
    data: bytes
