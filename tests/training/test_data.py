"""Training sees its own splits, unchanged, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from training.data import (
    TRAINING_SPLITS,
    build_cache,
    image_digest,
    read_image,
    read_index,
    training_index,
)


def test_the_training_index_holds_training_splits_only(data: Path) -> None:
    assert {r.split for r in training_index(data)} == set(TRAINING_SPLITS)
    assert len(training_index(data)) == 4


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no manifest\.jsonl"):
        training_index(tmp_path)


def test_the_cache_returns_the_pixels_of_the_files(data: Path, tmp_path: Path) -> None:
    build_cache(data, tmp_path / "cache")
    cache = build_cache(data, tmp_path / "cache")  # the second time from the file
    records = training_index(data)
    assert len(cache.entries) == len(records)
    for entry, record in zip(cache.entries, records, strict=True):
        np.testing.assert_array_equal(cache.image(entry), read_image(data / record.image))
    (pets,) = cache.of("pets")
    assert set(np.unique(cache.labels(pets, 0))) == {0, 1, 255}


def test_the_digest_tells_pixels_and_shapes_apart() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert image_digest(image) == image_digest(image.copy())
    assert image_digest(image) != image_digest(image.reshape(4, 2, 3))
    other = image.copy()
    other[0, 0, 0] += 1
    assert image_digest(image) != image_digest(other)


def thumbprint(path: Path) -> bytes:
    """A coarse look at an image that survives scaling and compression."""
    import cv2

    small = cv2.resize(read_image(path)[..., :3], (16, 16), interpolation=cv2.INTER_AREA)
    return (small.astype(np.int16) // 8).astype(np.uint8).tobytes()


@pytest.mark.skipif(
    "SAMWIDGET_DATA" not in os.environ,
    reason="set SAMWIDGET_DATA to the folder with the training data",
)
def test_no_held_out_image_is_trained_on() -> None:
    data = Path(os.environ["SAMWIDGET_DATA"])
    trained = training_index(data)
    held_out = read_index(data, ("validation", "eval"))
    assert trained
    assert held_out
    pixels = {image_digest(read_image(data / r.image)): r.id for r in trained}
    shared = [r.id for r in held_out if image_digest(read_image(data / r.image)) in pixels]
    assert shared == []
    looks = {thumbprint(data / r.image): r.id for r in trained}
    alike = [(r.id, looks[t]) for r in held_out if (t := thumbprint(data / r.image)) in looks]
    assert alike == []
