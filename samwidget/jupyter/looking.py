"""Answers to who looks at the picture's values: no edit, and nothing that the model sees."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samwidget.jupyter.look_messages import (
    ChannelsReply,
    DescribeChannels,
    LookReply,
    LookRequest,
    PatchReply,
    PictureReply,
    ReadDetail,
    ReadPatch,
    RenderPicture,
)
from samwidget.values.details import checked_part, encode_detail
from samwidget.values.display import encode_for_display
from samwidget.values.raw_values import (
    RawValues,
    channel_values,
    patch_at,
    rendered,
    rendered_part,
    values_of,
)

Answer = Callable[[str, int], LookReply]
"""Makes the reply for a client and a number."""


def look(picture: NDArray[np.uint8] | None, request: LookRequest) -> Future[Answer]:
    """Answer at once, or soon, where all values have to be gone through.

    Raises
    ------
    ValueError
        When there is no picture.
    """
    if picture is None:
        raise ValueError("there is no picture yet: set the widget's image first")
    values = values_of(picture)
    future: Future[Answer] = Future()
    if isinstance(request, ReadPatch):
        _work(future, picture, values, request)
    else:
        threading.Thread(
            target=_work,
            args=(future, picture, values, request),
            name="samwidget-look",
            daemon=True,
        ).start()
    return future


def _work(
    future: Future[Answer], picture: NDArray[np.uint8], values: RawValues, request: LookRequest
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(_answer(picture, values, request))
    except Exception as error:
        future.set_exception(error)


def _answer(picture: NDArray[np.uint8], values: RawValues, request: LookRequest) -> Answer:
    match request:
        case ReadPatch(x=x, y=y):
            patch = patch_at(values, x, y)
            return lambda client, seq: PatchReply("patch", client, seq, *patch)
        case DescribeChannels():
            found = channel_values(values)
            return lambda client, seq: ChannelsReply(
                "channels",
                client,
                seq,
                str(values.array.dtype),
                list(values.shown),
                float(values.black),
                float(values.white),
                *found,
            )
        case RenderPicture(bands=bands, black=black, white=white):
            data, mime = encode_for_display(rendered(values, bands, black, white))
            return lambda client, seq: PictureReply("picture", client, seq, data, mime)
        case ReadDetail():
            data, mime = _detail(picture, values, request)
            return lambda client, seq: PictureReply("picture", client, seq, data, mime)


def _detail(
    picture: NDArray[np.uint8], values: RawValues, request: ReadDetail
) -> tuple[bytes, Literal["image/jpeg", "image/png"]]:
    part = (request.x, request.y, request.x + request.width, request.y + request.height)
    size_hw = (picture.shape[0], picture.shape[1])
    x1, y1, x2, y2 = part = checked_part(size_hw, part, request.reduce)
    shown = request.shown
    if shown is None:
        return encode_detail(picture[y1:y2, x1:x2], request.reduce, exact=request.exact)
    seen = rendered_part(values, part, shown.bands, shown.black, shown.white)
    return encode_detail(seen, request.reduce, exact=request.exact)
