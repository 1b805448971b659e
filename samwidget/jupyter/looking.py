"""Answers to who looks at the picture's values: no edit, and nothing that the model sees."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from samwidget.jupyter.look_messages import (
    ChannelsReply,
    DescribeChannels,
    LookReply,
    LookRequest,
    PatchReply,
    PictureReply,
    ReadPatch,
    RenderPicture,
)
from samwidget.values.display import encode_for_display
from samwidget.values.raw_values import RawValues, channel_values, patch_at, rendered, values_of

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
        _work(future, values, request)
    else:
        threading.Thread(
            target=_work, args=(future, values, request), name="samwidget-look", daemon=True
        ).start()
    return future


def _work(future: Future[Answer], values: RawValues, request: LookRequest) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(_answer(values, request))
    except Exception as error:
        future.set_exception(error)


def _answer(values: RawValues, request: LookRequest) -> Answer:
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
