from __future__ import annotations

import numpy as np
import pytest

from samwidget.jupyter.look_messages import (
    DescribeChannels,
    ReadDetail,
    ReadPatch,
    RenderPicture,
    ShownValues,
)
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


def detail(
    picture: np.ndarray, shown: ShownValues | None, *, exact: bool = False, **changes: int
) -> np.ndarray:
    """The pixels of a part that was asked for, of the picture's middle unless told otherwise."""
    place = {"x": 8, "y": 6, "width": 24, "height": 20, "reduce": 1} | changes
    request = ReadDetail("read_detail", **place, shown=shown, exact=exact)
    reply = look(picture, request).result(WAIT_S)("page", 7)
    assert (reply.kind, reply.seq) == ("picture", 7)
    return load_image(reply.data).astype(int)


def test_a_detail_is_a_part_of_the_models_picture() -> None:
    picture = read_image(smooth()).pixels
    assert np.abs(detail(picture, None) - picture[6:26, 8:32]).max() < 8
    np.testing.assert_array_equal(detail(picture, None, exact=True), picture[6:26, 8:32])
    assert detail(picture, None, reduce=2).shape == (10, 12, 3)
    assert detail(picture, None, x=30, y=20, width=512, height=512).shape == (10, 10, 3)


def test_a_detail_of_other_bands_is_made_from_their_values() -> None:
    bands = np.dstack([smooth().astype(np.uint16) * 10] * 4)[..., [0, 1, 2, 3, 3]]
    bands[..., 4] = 5000 - bands[..., 3]
    picture = read_image(bands, bands=(0, 1, 2)).pixels
    seen = detail(picture, ShownValues([4], 0, 5000))
    assert np.abs(seen[..., 0] - bands[6:26, 8:32, 4] / 5000 * 255).max() < 8


@pytest.mark.parametrize(
    ("shown", "changes", "reason"),
    [
        (None, {"x": 4000}, "in the image of 40 x 30 pixels"),
        (None, {"reduce": 0}, "reduced by 1 to 64"),
        (ShownValues([7], 0, 1), {}, "of the 3 that there are"),
    ],
    ids=["beside the image", "reduced by nothing", "a band that is not there"],
)
def test_a_detail_that_cannot_be_had_is_told(
    shown: ShownValues | None, changes: dict[str, int], reason: str
) -> None:
    picture = np.zeros((30, 40, 3), np.uint8)
    with pytest.raises(ValueError, match=reason):
        detail(picture, shown, **changes)


def smooth() -> np.ndarray:
    """A picture (30, 40) without edges, as a JPEG likes them."""
    rows, columns = np.mgrid[:30, :40]
    return (100 + 3 * rows + columns).astype(np.uint8)
