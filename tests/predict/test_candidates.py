from __future__ import annotations

import numpy as np
import pytest

from samwidget.predict.candidates import crop_regions, is_cut_off
from samwidget.predict.embeddings import Region

SIZE_HW = (200, 300)


@pytest.mark.parametrize("size_hw", [SIZE_HW, (301, 97), (3, 2), (1, 1)], ids=str)
def test_crops_cover_the_image_in_every_layer(size_hw: tuple[int, int]) -> None:
    for layer in range(3):
        seen = np.zeros(size_hw, int)
        for region, number in crop_regions(size_hw, 2, 0.3):
            if number == layer:
                x1, y1, x2, y2 = region.xyxy
                assert x2 <= size_hw[1]
                assert y2 <= size_hw[0]
                seen[y1:y2, x1:x2] += 1
        assert seen.all()
    assert crop_regions(size_hw, 0, 0.3) == [(Region.whole(size_hw), 0)]


@pytest.mark.parametrize(
    ("box", "cut_off"),
    [
        ((60, 60, 90, 90), False),
        ((0, 60, 40, 90), False),  # at the image's own edge
        ((60, 60, 140, 90), True),
        ((60, 60, 120, 90), True),
        ((60, 60, 119, 90), False),
    ],
)
def test_what_reaches_the_edge_of_a_crop_is_cut_off(
    box: tuple[int, int, int, int], cut_off: bool
) -> None:
    # The last pixel of the fourth is 119, 20 pixels from the edge of the crop; the fifth's is 118.
    region = Region(0, 0, 139, 150)
    assert is_cut_off(box, region, SIZE_HW) is cut_off
    assert not is_cut_off(box, Region.whole(SIZE_HW), SIZE_HW)
