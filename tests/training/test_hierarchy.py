"""The classical segmentation finds areas that differ, and keeps clear of labelled outlines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.data import Cache, build_cache
from training.hierarchy import as_maps, lasting_regions, main, rounded, straddles
from training.metrics import iou


def scene() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Noisy sky over noisy grass with a red disk before both."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:160, :200]
    disk = np.hypot(x - 120, y - 90) < 35
    sky, grass = (y < 80) & ~disk, (y >= 80) & ~disk
    image = np.zeros((160, 200, 3))
    for part, colour in ((sky, (90, 140, 230)), (grass, (60, 140, 50)), (disk, (200, 40, 40))):
        image[part] = colour
    image += rng.normal(0, 8, image.shape)
    parts = {"sky": sky, "grass": grass, "disk": disk}
    return np.clip(image, 0, 255).astype(np.uint8), parts


@pytest.mark.parametrize("name", ["sky", "grass", "disk"])
def test_areas_that_differ_are_found_whole(name: str) -> None:
    image, parts = scene()
    everywhere = np.ones(image.shape[:2], bool)
    best = max(iou(mask, parts[name], everywhere) for mask in lasting_regions(image))
    assert best > 0.85


def test_nothing_is_found_in_noise() -> None:
    noise = np.random.default_rng(0).normal(128, 8, (120, 160, 3)).astype(np.uint8)
    assert lasting_regions(noise) == []


def test_masks_that_overlap_go_to_different_maps() -> None:
    whole, part, copy = (np.zeros((20, 20), bool) for _ in range(3))
    whole[2:18, 2:18] = True
    part[4:8, 4:8] = True
    copy[2:18, 3:18] = True
    first, second = as_maps([whole, part, copy], (20, 20))
    assert np.array_equal(first > 0, whole)
    assert np.array_equal(second > 0, part)


def test_rounding_fills_pin_holes_and_drops_islands() -> None:
    mask = np.zeros((60, 60), bool)
    mask[10:50, 10:50] = True
    mask[30, 30] = False
    mask[2:5, 2:5] = True
    smooth = rounded(mask)
    assert smooth[30, 30]
    assert not smooth[:8, :8].any()
    assert smooth.sum() > 0.95 * 1600


def test_only_masks_across_an_outline_straddle_it() -> None:
    labels = np.zeros((20, 20), np.uint16)
    labels[5:15, 5:15] = 3

    def box(y0: int, y1: int, x0: int, x1: int) -> np.ndarray:
        mask = np.zeros((20, 20), bool)
        mask[y0:y1, x0:x1] = True
        return mask

    assert straddles(box(0, 10, 0, 20), labels, None)
    assert not straddles(box(6, 10, 6, 10), labels, None)  # a part
    assert not straddles(box(0, 20, 0, 20), labels, None)  # what holds it
    assert not straddles(box(0, 5, 0, 20), labels, None)  # beside it
    assert not straddles(box(0, 10, 0, 20), labels, 3)  # where nobody knows


def test_regions_are_kept_beside_the_cache_and_an_ended_run_goes_on(
    data: Path, tmp_path: Path
) -> None:
    cache = build_cache(data, tmp_path / "cache")
    main(["--cache", str(tmp_path / "cache")])
    index, pixels = (tmp_path / "cache" / name for name in ("regions.jsonl", "regions.bin"))
    lines, bytes_ = index.read_text(), pixels.read_bytes()
    assert len(lines.splitlines()) == len(cache.entries)
    index.write_text("".join(line + "\n" for line in lines.splitlines()[:2]))
    main(["--cache", str(tmp_path / "cache")])
    assert index.read_text() == lines
    assert pixels.read_bytes() == bytes_

    found = Cache(tmp_path / "cache")
    with_regions = [e for e in found.entries if found.regions(e)]
    assert with_regions
    for entry in with_regions:
        assert all(labels.shape == entry.shape[:2] for labels in found.regions(entry))
