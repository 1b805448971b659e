from __future__ import annotations

import numpy as np
import pytest

from samwidget import SamWidget


def test_a_small_thing_of_a_large_image_gets_an_exact_mask() -> None:
    rows, columns = np.mgrid[:3000, :4000]
    truth = (columns + 0.5 - 2600) ** 2 + (rows + 0.5 - 900) ** 2 < 10**2
    image = np.random.default_rng(0).integers(90, 110, (3000, 4000, 3), np.uint8)
    image[truth] = (230, 40, 60)
    widget = SamWidget(image)
    try:
        widget.look_closer(2520, 840, 2680, 960)
        widget.add_point(2600, 900)
        mask = widget.masks[-1]
        assert (mask & truth).sum() / (mask | truth).sum() >= 0.9
        assert widget.objects[-1].region_xyxy == (2520, 840, 2680, 960)
        widget.commit("speck")
        widget.look_closer()
        widget.add_point(100, 100)
        assert widget.objects[-1].region_xyxy is None
        with pytest.raises(ValueError, match="4000 x 3000"):
            widget.look_closer(5000, 0, 5100, 100)
    finally:
        widget.close()
