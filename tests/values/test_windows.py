from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samwidget.values.images import load_image, read_image
from samwidget.values.raw_values import channel_values, patch_at, rendered, rendered_part, values_of
from samwidget.values.windows import ChunkedRaster, is_chunked


class Chunks:
    """An array that can be read in windows alone, and remembers the largest one."""

    def __init__(self, array: np.ndarray, chunks: Any = None) -> None:
        self._array = array
        self.shape, self.dtype = array.shape, array.dtype
        self.chunks = chunks if chunks is not None else tuple(min(16, n) for n in array.shape)
        self.most = 0

    def __getitem__(self, where: Any) -> np.ndarray:
        found = self._array[where]
        self.most = max(self.most, found.size)
        return found

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise AssertionError("all of it was read at once")


def noise(*shape: int, dtype: Any = np.uint8, high: int = 256) -> np.ndarray:
    return np.random.default_rng(0).integers(0, high, shape).astype(dtype)


IMAGES = {
    "gray": (noise(300, 250), {}),
    "colours": (noise(300, 250, 3), {}),
    "channels first": (noise(3, 300, 250), {}),
    "axes too many": (noise(1, 3, 300, 1, 250), {}),
    "16 bits": (noise(300, 250, 3, dtype=np.uint16, high=4000), {}),
    "floats": (noise(300, 250, dtype=np.float32, high=100) / 7, {}),
    "bool": (noise(300, 250, high=2).astype(bool), {}),
    "bands": (noise(6, 300, 250, dtype=np.uint16, high=4000), {"bands": (5, 0, 2)}),
    "alpha": (noise(300, 250, 2), {"alpha": True}),
}


@pytest.mark.parametrize(("array", "wishes"), IMAGES.values(), ids=IMAGES)
def test_it_gives_the_picture_of_the_same_array_in_memory(array: np.ndarray, wishes: dict) -> None:
    chunks = Chunks(array)
    found, expected = read_image(chunks, **wishes), read_image(array, **wishes)
    np.testing.assert_array_equal(found.pixels, expected.pixels)
    assert found.notes == expected.notes


def test_few_rows_are_read_at_a_time() -> None:
    chunks = Chunks(noise(2000, 500, 3), chunks=(50, 50, 3))
    load_image(chunks)
    assert chunks.most <= 150 * 500 * 3


@pytest.mark.parametrize(
    ("chunks", "row_step"),
    [((50, 50, 3), 50), (((40, 40, 30), (500,), (3,)), 40), (None, 1), ((10**9, 1, 1), None)],
    ids=["of Zarr", "of Dask", "in one piece", "larger than all of it"],
)
def test_rows_are_read_chunk_by_chunk(chunks: Any, row_step: int | None) -> None:
    array = Chunks(noise(110, 500, 3), chunks=(1, 1, 1))
    array.chunks = chunks
    assert ChunkedRaster(array).row_step == (row_step or 110)


def test_the_values_behind_it_are_read_where_one_looks() -> None:
    array = noise(5, 500, 450, dtype=np.uint16, high=4000)
    chunks = Chunks(array, chunks=(5, 64, 64))
    values = values_of(read_image(chunks, bands=(4, 1, 0)).pixels)
    chunks.most = 0
    patch = patch_at(values, 400, 300)
    seen = np.frombuffer(patch.data, "<f4").reshape(patch.height, patch.width, patch.channels)
    place = np.s_[patch.y : patch.y + patch.height, patch.x : patch.x + patch.width]
    np.testing.assert_array_equal(seen, np.moveaxis(array, 0, -1)[place])
    assert chunks.most == 5 * 64 * 64

    whole = values_of(read_image(array, bands=(4, 1, 0)).pixels)
    assert channel_values(values) == channel_values(whole)
    for max_side in (100, 4096):
        np.testing.assert_array_equal(
            rendered(values, [3], 0, 4000, max_side), rendered(whole, [3], 0, 4000, max_side)
        )
    part = (100, 50, 300, 120)
    np.testing.assert_array_equal(
        rendered_part(values, part, [2], 0, 4000), rendered_part(whole, part, [2], 0, 4000)
    )


@pytest.mark.parametrize(
    ("array", "error", "reason"),
    [
        (noise(5, 6, 7, 8), ValueError, r"got an array of shape \(5, 6, 7, 8\); give one image"),
        (np.zeros((5, 6), complex), TypeError, "dtype complex128"),
        (np.zeros((0, 6, 3), np.uint8), ValueError, r"its shape is \(0, 6, 3\)"),
        (noise(6, 300, 250), ValueError, "of 6 channels say which to show"),
    ],
    ids=["four axes", "complex", "empty", "six channels"],
)
def test_what_is_no_image_is_said_before_anything_is_read(
    array: np.ndarray, error: type[Exception], reason: str
) -> None:
    chunks = Chunks(array)
    with pytest.raises(error, match=reason):
        load_image(chunks)
    assert chunks.most == 0


@pytest.mark.parametrize("kind", ["zarr", "dask"])
@pytest.mark.parametrize("first", [True, False], ids=["channels first", "channels last"])
def test_real_ones_are_read_in_windows(kind: str, first: bool) -> None:
    array = noise(3, 130, 170) if first else noise(130, 170, 3)
    chunk = (1, 32, 64) if first else (32, 64, 3)
    if kind == "zarr":
        zarr = pytest.importorskip("zarr")
        chunks = zarr.array(array, chunks=chunk)
    else:
        chunks = pytest.importorskip("dask.array").from_array(array, chunks=chunk)
    assert is_chunked(chunks)
    np.testing.assert_array_equal(load_image(chunks), load_image(array))


def test_numpys_own_arrays_are_none() -> None:
    assert not any(map(is_chunked, (np.zeros(3), [1], "text", np.ndarray)))
