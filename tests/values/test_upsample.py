from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy import ndimage

from samwidget.values.geometry import ResizeTransform
from samwidget.values.upsample import (
    TILE,
    full_logits,
    full_mask,
    measured,
    outline_slopes,
)

SIZES_HW = [
    pytest.param((683, 1024), id="already resized"),
    pytest.param((1000, 1500), id="landscape"),
    pytest.param((1500, 1000), id="portrait"),
    pytest.param((90, 61), id="small"),
    pytest.param((1, 700), id="one row"),
    pytest.param((3000, 1), id="one column"),
    pytest.param((1, 1), id="one pixel"),
]


def published(logits: NDArray[np.float32], transform: ResizeTransform) -> NDArray[np.float32]:
    """Both bilinear steps of segment-anything's Sam.postprocess_masks."""
    frame = F.interpolate(
        torch.from_numpy(logits)[None, None],
        (transform.image_size, transform.image_size),
        mode="bilinear",
        align_corners=False,
    )
    height, width = transform.input_size_hw
    image = F.interpolate(
        frame[..., :height, :width],
        transform.original_size_hw,
        mode="bilinear",
        align_corners=False,
    )
    return image[0, 0].numpy()


def blob(mask_size: int, centre_xy: tuple[float, float], radius: float) -> NDArray[np.float32]:
    """A smooth level field: positive within a wobbly circle, as a trained model draws it."""
    y, x = np.mgrid[:mask_size, :mask_size] / mask_size
    dx, dy = x - centre_xy[0], y - centre_xy[1]
    wobble = 1 + 0.2 * np.sin(5 * np.arctan2(dy, dx))
    return (40 * (radius * wobble - np.hypot(dx, dy))).astype(np.float32)


@pytest.mark.parametrize("size_hw", SIZES_HW)
@pytest.mark.parametrize(("image_size", "mask_size"), [(1024, 256), (384, 192)])
def test_smooth_mask_equals_the_published_upsampling(
    size_hw: tuple[int, int], image_size: int, mask_size: int
) -> None:
    transform = ResizeTransform.for_image(size_hw, image_size)
    logits = blob(mask_size, (0.3, 0.25), 0.2)
    expected = published(logits, transform)
    np.testing.assert_allclose(full_logits(logits, transform), expected, atol=2e-5)
    assert (full_mask(logits, transform) != (expected > 0)).sum() == 0


def test_speckle_equals_the_published_upsampling_up_to_rounding() -> None:
    transform = ResizeTransform.for_image((1000, 1500), 1024)
    logits = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32)
    expected = published(logits, transform)
    difference = full_mask(logits, transform) != (expected > 0)
    # The two orders of summing differ by less than 1e-6: only logits that near zero may flip.
    assert np.abs(expected[difference]).max(initial=0) < 1e-6
    assert difference.sum() <= 5


def test_twelve_megapixels() -> None:
    transform = ResizeTransform.for_image((3000, 4000), 1024)
    logits = blob(256, (0.5, 0.4), 0.25)
    assert (full_mask(logits, transform) != (published(logits, transform) > 0)).sum() == 0


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
def test_flat_logits_fill_all_or_nothing(value: float) -> None:
    transform = ResizeTransform.for_image((TILE + 3, 2 * TILE), 1024)
    mask = full_mask(np.full((256, 256), value, np.float32), transform)
    assert mask.shape == (TILE + 3, 2 * TILE)
    assert mask.dtype == np.bool_
    assert mask.all() if value > 0 else not mask.any()


def test_mask_in_the_padding_does_not_reach_the_image() -> None:
    transform = ResizeTransform.for_image((100, 200), 1024)
    logits = np.full((256, 256), -1, np.float32)
    logits[130:] = 1  # the image ends at row 128
    assert not full_mask(logits, transform).any()


def test_threshold_is_in_logits() -> None:
    transform = ResizeTransform.for_image((300, 400), 1024)
    logits = blob(256, (0.5, 0.4), 0.2)
    expected = full_logits(logits, transform) > 2.5
    assert (full_mask(logits, transform, threshold=2.5) != expected).mean() < 1e-4
    assert expected.sum() < full_mask(logits, transform).sum()


@pytest.mark.parametrize("shape", [(256, 255), (1, 256, 256), (0, 0)])
def test_logits_that_are_no_square_are_refused(shape: tuple[int, ...]) -> None:
    transform = ResizeTransform.for_image((10, 10), 1024)
    with pytest.raises(ValueError, match=r"low_res_logits must have the shape \(M, M\)"):
        full_mask(np.zeros(shape, np.float32), transform)


@pytest.mark.parametrize("size_hw", [(300, 420), (64, 64), (40, 33), (1, 1)])
def test_without_the_aspect_a_single_step(size_hw: tuple[int, int]) -> None:
    logits = np.random.default_rng(5).normal(0, 3, (64, 64)).astype(np.float32)
    transform = ResizeTransform.for_image(size_hw, 256, keeps_aspect=False)
    expected = F.interpolate(torch.from_numpy(logits)[None, None], size_hw, mode="bilinear")[0, 0]
    np.testing.assert_allclose(full_logits(logits, transform), expected, rtol=0, atol=1e-4)
    differ = full_mask(logits, transform) != (expected > 0).numpy()
    assert np.abs(expected.numpy()[differ]).max(initial=0) < 1e-4


MEASURED = {
    "a blob": blob(256, (0.3, 0.25), 0.2),
    "at the border": blob(256, (0.0, 0.3), 0.3),
    "a single cell": np.where(np.arange(256 * 256).reshape(256, 256) == 77 * 256 + 90, 3, -3),
    "noise": np.random.default_rng(3).standard_normal((256, 256)),
    "all": np.full((256, 256), 5.0),
    "nothing": np.full((256, 256), -5.0),
}


@pytest.mark.parametrize("size_hw", SIZES_HW)
@pytest.mark.parametrize("logits", MEASURED.values(), ids=MEASURED)
def test_what_is_measured_is_what_would_be_drawn(
    logits: NDArray[np.float32], size_hw: tuple[int, int]
) -> None:
    transform = ResizeTransform.for_image(size_hw, 1024)
    thresholds = (0.5, -0.5, 1.5)
    areas, box = measured(logits, transform, thresholds)
    masks = [full_mask(logits, transform, threshold) for threshold in thresholds]
    # Logits that are a threshold's worth to 1e-7 may fall to either side.
    assert areas == pytest.approx([mask.sum() for mask in masks], abs=2)
    rows, columns = np.nonzero(masks[0])
    assert box == (
        (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else (0,) * 4
    )


def test_a_logit_that_is_no_number_is_outside_and_spoils_no_other() -> None:
    transform = ResizeTransform.for_image((300, 400), 1024)
    logits = blob(256, (0.5, 0.4), 0.2)
    expected = full_mask(logits, transform)
    logits[0, 0] = np.nan
    assert (full_mask(logits, transform) == expected).all()
    logits[100, 128] = np.nan  # in the middle of it
    changed = full_mask(logits, transform) != expected
    assert 0 < changed.sum() < 50
    assert not (full_mask(logits, transform) & ~expected).any()


@pytest.mark.parametrize("size_hw", SIZES_HW)
@pytest.mark.parametrize("logits", MEASURED.values(), ids=MEASURED)
def test_slopes_are_those_of_the_sobel_filter_just_outside(
    logits: NDArray[np.float32], size_hw: tuple[int, int]
) -> None:
    transform = ResizeTransform.for_image(size_hw, 1024)
    rows, columns, slopes = outline_slopes(logits, transform)
    full = full_logits(logits, transform)
    probability = 1 / (1 + np.exp(-full.astype(np.float64)))
    steep = np.hypot(*(ndimage.sobel(probability, axis, mode="nearest") for axis in (0, 1))) / 4
    np.testing.assert_allclose(slopes, steep[rows, columns], atol=1e-4)
    expected = ndimage.binary_dilation(full > 0, np.ones((3, 3))) & (full <= 0)
    found = np.zeros(size_hw, bool)
    found[rows, columns] = True
    assert found.sum() == len(rows)
    assert (found != expected).sum() <= 8  # around logits that are zero to 1e-7
