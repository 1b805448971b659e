"""A widget on an image that is never held in memory as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from samwidget import SamWidget
from samwidget.jupyter.look_messages import ReadPatch
from samwidget.jupyter.looking import look
from samwidget.values import mapped
from samwidget.values.raw_values import values_of
from samwidget.values.windows import ChunkedRaster

zarr = pytest.importorskip("zarr")


def test_a_folder_of_zarr_is_segmented_as_its_array_in_memory_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "MAPPED_BYTES", 1000)
    rows, columns = np.mgrid[:300, :400]
    values = np.full((3, 300, 400), 900, np.uint16)
    values[:, (columns - 150) ** 2 + (rows - 120) ** 2 < 60**2] = 3000
    path = tmp_path / "slide.zarr"
    zarr.create_array(path, shape=values.shape, chunks=(1, 64, 64), dtype="uint16")[:] = values
    widget, whole = SamWidget(path), SamWidget(values)
    try:
        for one in (widget, whole):
            one.add_point(150, 120)
        image = widget.image
        assert image is not None
        assert not isinstance(image.base, np.ndarray | None)  # it is in a file
        np.testing.assert_array_equal(image, whole.image)
        np.testing.assert_array_equal(widget.masks, whole.masks)
        assert isinstance(values_of(image).array, ChunkedRaster)
        patch = look(image, ReadPatch("read_patch", 150, 120)).result(30)("page", 1)
        assert set(np.frombuffer(patch.data, "<f4")) == {3000}
    finally:
        widget.close()
        whole.close()
