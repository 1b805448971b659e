"""The part of the contract by which a person looks at the values behind a picture.

See :mod:`samwidget.jupyter.protocol` for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ReadPatch:
    """Which values have the pixels around this one? Answered by :class:`PatchReply`."""

    kind: Literal["read_patch"]
    x: int
    y: int


@dataclass(frozen=True)
class DescribeChannels:
    """What are the values like that the picture was made from? See :class:`ChannelsReply`."""

    kind: Literal["describe_channels"]


@dataclass(frozen=True)
class RenderPicture:
    """Make another picture of the values, for one who looks; the model goes on seeing its own.

    ``bands`` are one channel or three, ``black`` and ``white`` the values that are to be 0 and 255.
    Answered by :class:`PictureReply`.
    """

    kind: Literal["render_picture"]
    bands: list[int]
    black: float
    white: float


@dataclass(frozen=True)
class ShownValues:
    """Which values a picture shows, see :class:`RenderPicture`."""

    bands: list[int]
    black: float
    white: float


@dataclass(frozen=True)
class ReadDetail:
    """Show a part of a large picture as fine as it is; what reaches beyond the image is cut.

    ``reduce`` pixels along each side become one. ``shown`` are the values to make it from, null for
    the picture that the model sees. ``exact`` for each pixel as it is, which are more bytes.
    Answered by :class:`PictureReply`.
    """

    kind: Literal["read_detail"]
    x: int
    y: int
    width: int
    height: int
    reduce: int
    shown: ShownValues | None
    exact: bool


LookRequest = ReadPatch | DescribeChannels | RenderPicture | ReadDetail


@dataclass(frozen=True)
class PatchReply:
    """The values of a few pixels, as they were read.

    ``data`` holds ``height`` rows of ``width`` pixels of ``channels`` values as little-endian
    float32; pixel (``x``, ``y``) of the image comes first. ``is_whole``: they are integers.
    """

    kind: Literal["patch"]
    client: str
    seq: int
    x: int
    y: int
    width: int
    height: int
    channels: int
    is_whole: bool
    data: bytes


@dataclass(frozen=True)
class ChannelsReply:
    """What the values are like that the picture was made from.

    The model sees the channels ``shown``, with ``shown_black`` and ``shown_white`` as 0 and 255.
    ``lowest`` and ``highest`` are the ends of each channel's values, ``black`` and ``white`` what
    it would be stretched between if it were shown alone.
    """

    kind: Literal["channels"]
    client: str
    seq: int
    dtype: str
    shown: list[int]
    shown_black: float
    shown_white: float
    lowest: list[float]
    highest: list[float]
    black: list[float]
    white: list[float]


@dataclass(frozen=True)
class PictureReply:
    """A picture as it was asked for, encoded like that of :class:`ImageState`."""

    kind: Literal["picture"]
    client: str
    seq: int
    data: bytes
    mime: Literal["image/jpeg", "image/png"]


LookReply = PatchReply | ChannelsReply | PictureReply
