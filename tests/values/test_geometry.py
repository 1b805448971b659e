from __future__ import annotations

import numpy as np
import pytest

from samwidget.values.geometry import ResizeTransform


@pytest.mark.parametrize(
    ("size_hw", "input_size_hw"),
    [
        pytest.param((1000, 1500), (683, 1024), id="landscape"),
        pytest.param((1500, 1000), (1024, 683), id="portrait"),
        pytest.param((1024, 1024), (1024, 1024), id="as it is"),
        pytest.param((100, 50), (1024, 512), id="smaller than the model frame"),
        pytest.param((3000, 4000), (768, 1024), id="12 megapixels"),
        pytest.param((1, 1), (1024, 1024), id="one pixel"),
        pytest.param((5000, 1), (1024, 1), id="one column"),
        pytest.param((1, 5000), (1, 1024), id="one row"),
    ],
)
def test_long_side_fills_the_model_frame(
    size_hw: tuple[int, int], input_size_hw: tuple[int, int]
) -> None:
    assert ResizeTransform.for_image(size_hw, 1024).input_size_hw == input_size_hw


def test_empty_image_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1x1 pixel, got 0x5"):
        ResizeTransform.for_image((0, 5), 1024)


def test_coords_are_scaled_per_axis_and_keep_their_shape() -> None:
    transform = ResizeTransform.for_image((1000, 1500), 1024)
    coords = transform.apply_coords(np.array([[[0, 0], [1500, 1000]], [[750, 500], [3, 7]]]))
    assert coords.shape == (2, 2, 2)
    assert coords.dtype == np.float32
    np.testing.assert_allclose(coords[0], [[0, 0], [1024, 683]])
    np.testing.assert_allclose(coords[1], [[512, 341.5], [3 * 1024 / 1500, 7 * 0.683]], rtol=1e-6)


def test_coords_do_not_change_their_argument() -> None:
    coords = np.array([[10.0, 20.0]])
    ResizeTransform.for_image((10, 20), 512).apply_coords(coords)
    assert coords.tolist() == [[10.0, 20.0]]


def test_boxes_are_two_corners() -> None:
    transform = ResizeTransform.for_image((200, 100), 1024)
    box = transform.apply_boxes([10, 20, 50, 200])
    assert box.shape == (4,)
    np.testing.assert_allclose(box, [51.2, 102.4, 256, 1024])
    assert transform.apply_boxes([[10, 20, 50, 200]] * 3).shape == (3, 4)


@pytest.mark.parametrize("coords", [5.0, [1, 2, 3], [[1, 2, 3, 4]]])
def test_coords_of_another_shape_are_refused(coords: object) -> None:
    with pytest.raises(ValueError, match=r"coords_xy must have the shape \(\.\.\., 2\)"):
        ResizeTransform.for_image((10, 10), 1024).apply_coords(coords)  # type: ignore[arg-type]


def test_boxes_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"boxes_xyxy must have the shape \(\.\.\., 4\)"):
        ResizeTransform.for_image((10, 10), 1024).apply_boxes([[1, 2]])


@pytest.mark.parametrize("size_hw", [(1000, 1500), (1500, 1000), (7, 1024), (1, 3000), (33, 5)])
def test_extent_covers_the_image_to_the_cell(size_hw: tuple[int, int]) -> None:
    transform = ResizeTransform.for_image(size_hw, 1024)
    cells_w, cells_h, (x, y, width, height) = transform.extent_xywh(256)
    assert (x, y) == (0, 0)
    for cells, extent, side in ((cells_w, width, size_hw[1]), (cells_h, height, size_hw[0])):
        assert 1 <= cells <= 256
        assert side <= extent + 1e-9
        assert extent - extent / cells < side  # one cell less would not reach


def test_extent_of_a_wide_image() -> None:
    # 683 rows of the model frame are 170.75 cells of 4 pixels
    transform = ResizeTransform.for_image((1000, 1500), 1024)
    cells_w, cells_h, extent = transform.extent_xywh(256)
    assert (cells_w, cells_h) == (256, 171)
    np.testing.assert_allclose(extent, (0, 0, 1500, 171 * 4 * 1000 / 683))


def test_without_the_aspect_the_image_fills_the_frame() -> None:
    transform = ResizeTransform.for_image((1000, 1500), 1024, keeps_aspect=False)
    assert transform.input_size_hw == (1024, 1024)
    assert transform.apply_coords([[1500, 500]]).tolist() == [[1024.0, 512.0]]
    assert transform.extent_xywh(256) == (256, 256, (0.0, 0.0, 1500.0, 1000.0))


@pytest.mark.parametrize("size_hw", [(1000, 1500), (77, 1024), (1, 3000), (33, 5)])
@pytest.mark.parametrize("keeps_aspect", [True, False])
def test_content_cells_are_where_the_image_ends(
    size_hw: tuple[int, int], keeps_aspect: bool
) -> None:
    transform = ResizeTransform.for_image(size_hw, 1024, keeps_aspect)
    far_corner = transform.apply_coords([size_hw[1], size_hw[0]]) * 256 / 1024
    np.testing.assert_allclose(transform.content_cells(256), far_corner, rtol=1e-6)
    cells_w, cells_h, _ = transform.extent_xywh(256)
    assert (cells_w, cells_h) == tuple(int(np.ceil(c)) for c in transform.content_cells(256))
