"""A data folder in miniature."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROWS = [
    ("pets/a", "pets", "train", "object", 255),
    ("ccp/b", "ccp", "train", "object", None),
    ("grocery/c", "grocery", "unlabelled", None, None),
    ("fxemoji/d", "fxemoji", "cutouts", None, None),
    ("bsds500/e", "bsds500", "validation", "region", None),
    ("pets/f", "pets", "eval", "object", 255),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one small image of each split, a dark disk on a bright ground."""
    folder = tmp_path / "data"
    lines = []
    for number, (name, source, split, kind, ignore) in enumerate(ROWS):
        rng = np.random.default_rng(number)
        y, x = np.mgrid[:60, :80]
        disk = np.hypot(x - 40, y - 30) < 20
        image = rng.integers(180, 220, (60, 80, 3)).astype(np.uint8)
        image[disk] = rng.integers(20, 60, 3)
        path = folder / split / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        maps = []
        if source == "fxemoji":
            image = np.dstack([image, disk.astype(np.uint8) * 255])
        Image.fromarray(image).save(path)
        if kind is not None:
            labels = disk.astype(np.uint8)
            if ignore is not None:
                labels[(np.hypot(x - 40, y - 30) >= 20) & (np.hypot(x - 40, y - 30) < 22)] = ignore
            file = f"{split}/{name}.{kind}.png"
            Image.fromarray(labels).save(folder / file)
            maps = [{"file": file, "kind": kind, "ignore": ignore, "complete": False}]
        row = {"id": name, "source": source, "split": split, "image": f"{split}/{name}.png"}
        lines.append(json.dumps({**row, "maps": maps}))
    (folder / "manifest.jsonl").write_text("\n".join(lines))
    return folder
