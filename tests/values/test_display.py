from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from samwidget.values.display import encode_for_display

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("size_hw", "max_side", "mime", "shown_hw"),
    [
        ((512, 512), 4096, "image/png", (512, 512)),
        ((513, 512), 4096, "image/jpeg", (513, 512)),
        ((1000, 700), 800, "image/jpeg", (800, 560)),
        ((1, 2000), 100, "image/png", (1, 100)),
        ((1, 1), 4096, "image/png", (1, 1)),
    ],
)
def test_display_copy(
    size_hw: tuple[int, int], max_side: int, mime: str, shown_hw: tuple[int, int]
) -> None:
    data, told = encode_for_display(np.zeros((*size_hw, 3), np.uint8), max_side)
    assert told == mime
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.height, shown.width) == shown_hw
        assert Image.MIME[str(shown.format)] == mime


def test_small_display_copy_is_exact() -> None:
    with Image.open(io.BytesIO(encode_for_display(RGB)[0])) as shown:
        np.testing.assert_array_equal(np.asarray(shown), RGB)
