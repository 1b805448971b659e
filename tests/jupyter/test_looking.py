from __future__ import annotations

import numpy as np
import pytest

from samwidget.jupyter.look_messages import DescribeChannels, ReadPatch, RenderPicture
from samwidget.jupyter.looking import look
from samwidget.values.images import load_image, read_image

WAIT_S = 30


def wide() -> tuple[np.ndarray, np.ndarray]:
    """A picture and the values of its five bands."""
    bands = np.random.default_rng(0).integers(0, 5000, (30, 40, 5)).astype(np.uint16)
    return read_image(bands, bands=(4, 1, 0)).pixels, bands


def test_a_patch_has_the_values_as_they_were_read() -> None:
    picture, bands = wide()
    reply = look(picture, ReadPatch("read_patch", 3, 4)).result(WAIT_S)("page", 7)
    assert (reply.kind, reply.client, reply.seq) == ("patch", "page", 7)
    values = np.frombuffer(reply.data, "<f4").reshape(reply.height, reply.width, reply.channels)
    np.testing.assert_array_equal(values, bands)


def test_the_channels_tell_what_the_model_sees() -> None:
    picture, _ = wide()
    reply = look(picture, DescribeChannels("describe_channels")).result(WAIT_S)("page", 7)
    assert reply.dtype == "uint16"
    assert reply.shown == [4, 1, 0]
    assert 0 <= reply.shown_black < 100 < 4900 < reply.shown_white <= 5000
    assert len(reply.lowest) == len(reply.highest) == len(reply.black) == len(reply.white) == 5


def test_another_picture_is_made_and_the_models_stays() -> None:
    picture, bands = wide()
    before = picture.copy()
    reply = look(picture, RenderPicture("render_picture", [2], 0, 5000)).result(WAIT_S)("page", 7)
    assert reply.mime == "image/png"
    expected = np.rint(bands[..., 2] * (255 / 5000))
    assert np.abs(load_image(reply.data)[..., 0] - expected).max() <= 1
    np.testing.assert_array_equal(picture, before)


def test_a_band_that_is_not_there_is_told() -> None:
    picture, _ = wide()
    with pytest.raises(ValueError, match="of the 5 that there are"):
        look(picture, RenderPicture("render_picture", [5], 0, 1)).result(WAIT_S)


def test_without_a_picture_there_is_nothing_to_look_at() -> None:
    with pytest.raises(ValueError, match="set the widget's image first"):
        look(None, ReadPatch("read_patch", 0, 0))
