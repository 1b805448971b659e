"""What a large file needs on its way to a picture; counted in bytes, not timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.image_memory import files, peak_bytes_a_pixel

MOST_BYTES_A_PIXEL = 8
SIZE_HW = (3000, 4000)
KINDS = ("photo.jpg", "turned.jpg", "alpha.png", "gray16.png", "turned.tif", "strips16.tif")
"""Those with most on the way; `python benchmarks/image_memory.py` measures all, and 178 MP."""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts the peak")
def test_a_file_of_12_megapixels_needs_at_most_8_bytes_a_pixel(tmp_path: Path) -> None:
    peaks = {path.name: peak_bytes_a_pixel(path) for path in files(tmp_path, SIZE_HW, KINDS)}
    assert set(KINDS[:-1]) <= set(peaks) <= set(KINDS)  # the last one needs tifffile
    assert all(3 <= peak <= MOST_BYTES_A_PIXEL for peak in peaks.values()), peaks
