from __future__ import annotations

import numpy as np
import pytest

from samwidget.values.label_image import label_image
from samwidget.values.mask import Mask


def test_later_masks_lie_on_top_and_empty_ones_keep_their_number() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.random((20, 30)) < share for share in (0.5, 0.0, 0.2, 0.1)]
    labels = label_image([Mask.from_array(a) for a in arrays], (20, 30))
    expected = np.zeros((20, 30), np.int32)
    for number, array in enumerate(arrays, start=1):
        expected[array] = number
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels, expected)


def test_without_masks_all_is_zero() -> None:
    assert label_image([], (2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_mask_of_another_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"masks\[1\]: expected the size \(H, W\) \(1, 2\), got"):
        label_image([Mask.from_array([[1, 0]]), Mask.from_array([[1]])], (1, 2))
