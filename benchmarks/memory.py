"""Memory and loading, each in a process of its own.

python benchmarks/memory.py peak|load samwidget|segment-anything MODEL [FILE]

Prints, for ``peak``: megabytes at most while a model is loaded and encodes an image; for ``load``:
milliseconds to load a file, and by how many megabytes of its own memory the process has grown.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peers
import torch
from measuring import Row, in_a_process_of_its_own

from samwidget.models.build import build_empty
from samwidget.models.config import CONFIGS
from samwidget.predict.predictor import Predictor
from samwidget.weights.opening import load_model
from samwidget.weights.records import resolve

META = "segment-anything"


def rows(model: str, largest: str) -> Iterator[Row]:
    """Compare with segment-anything: peak of embedding, time and memory of loading.

    And the peak of the largest model with the size of its weights.
    """
    ours, theirs = (_run("peak", name, model)[0] for name in ("samwidget", META))
    what = f"{model}: peak memory of a process that loads and embeds"
    yield Row(what, "MB", ours, META, theirs, "0.40 / 0.30")
    what = f"{largest}: peak memory of a process that loads and embeds"
    weights_mb = sum(p.nbytes for p in build_empty(CONFIGS[largest]).parameters()) / 2**20
    yield Row(
        what, "MB", _run("peak", "samwidget", largest)[0], "its weights", weights_mb, "+ 2 GB"
    )
    with tempfile.TemporaryDirectory() as folder:
        # As the cache is: only what lies there, under its own name, is mapped.
        os.environ["SAMWIDGET_CACHE"] = folder
        file = Path(folder) / "checkpoints" / resolve(model).file_name
        file.parent.mkdir()
        torch.save(peers.random_sam(CONFIGS[model]).state_dict(), file)
        found = {n: _run("load", n, model, str(file)) for n in ("samwidget", META)}
    for i, (what, unit) in enumerate((("time to load", "ms"), ("memory of loading", "MB"))):
        ours, theirs = found["samwidget"][i], found[META][i]
        yield Row(f"{model}: {what} from a file", unit, ours, META, theirs, "0.5")


def _run(*arguments: str) -> list[float]:
    return in_a_process_of_its_own(Path(__file__), *arguments)


def peak(name: str, model: str) -> float:
    config = CONFIGS[model]
    ours = peers.random_sam(config)
    pixels = torch.zeros(1, 3, config.image_size, config.image_size)
    if name == META:
        theirs = peers.segment_anything_sam(config, ours.state_dict())
        del ours
        theirs.image_encoder(pixels)
    else:
        Predictor(ours, "cpu").model.encode(pixels)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def load(name: str, model: str, file: str) -> tuple[float, float]:
    builder: Any = None
    if name == META:
        module = peers.segment_anything()
        builder = module.sam_model_registry[model]
    before, start = _own_memory_mb(), time.perf_counter()
    kept = load_model(file) if builder is None else builder(checkpoint=file)
    ms = 1000 * (time.perf_counter() - start)
    grown = _own_memory_mb() - before
    assert kept is not None
    return ms, max(grown, 0.1)


def _own_memory_mb() -> float:
    """Memory that belongs to the process, without the pages of files that are mapped."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("only Linux tells")


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    what, *arguments = sys.argv[1:]
    found: Any = peak(*arguments) if what == "peak" else load(*arguments)
    print(*(found if isinstance(found, tuple) else (found,)))
