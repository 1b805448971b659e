"""What results cost: a thousand masks in each format, an image opened again, a batch.

    python benchmarks/exports.py [--only formats reopening batch] [--masks 1000] [--megapixels 12]
                                 [--images 4] [--model vit_b]

Each figure comes from a process of its own: ``exports.py format NAME MASKS MEGAPIXELS`` prints
seconds, the megabytes by which the peak grows and the megabytes written. Small numbers rehearse.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measuring import Row, in_a_process_of_its_own, machine
from numpy.typing import NDArray
from PIL import Image

PHOTO = Path(__file__).resolve().parent.parent / "examples" / "photos" / "astronaut.jpg"
META = "segment-anything"
ENDINGS = {
    "coco": ".json",
    "geojson": ".geojson",
    "csv": ".csv",
    "parquet": ".parquet",
    "svg": ".svg",
    "html": ".html",
    "label_image": ".png",
    "label_studio": ".json",
    "records": ".json",
    "contact_sheet": ".png",
}
"""Of the formats that are files; the others are folders."""

GOALS = {"coco": "5 s"}


def photo(megapixels: float) -> NDArray[np.uint8]:
    """Give a photo of this size, 4 : 3."""
    height = max(8, round((megapixels * 1e6 * 3 / 4) ** 0.5))
    with Image.open(PHOTO) as image:
        return np.asarray(image.convert("RGB").resize((height * 4 // 3, height)))


def run(*arguments: object) -> list[float]:
    return in_a_process_of_its_own(Path(__file__), *map(str, arguments))


# ---------------------------------------------------------------------------------------- formats


def formats(masks: int, megapixels: float) -> Iterator[Row]:
    """Write so many masks in each format; and read them again as COCO."""
    from samwidget.formats.export import FORMATS

    what = f"{masks:,} masks of {megapixels:g} MP"
    for name in FORMATS:
        seconds, grown_mb, written_mb = run("format", name, masks, megapixels)
        yield Row(f"{what} as {name}", "s", seconds, wanted=GOALS.get(name, ""))
        yield Row(f"{what} as {name}: extra memory", "MB", grown_mb)
        yield Row(f"{what} as {name}: size", "MB", written_mb)
    yield Row(f"{what} read from COCO", "s", run("read", masks, megapixels)[0])


def blobs(count: int, image: NDArray[np.uint8]) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """Give rough blobs and their places, each about a 500th of the image."""
    rng = np.random.default_rng(0)
    height, width = image.shape[:2]
    for _ in range(count):
        radius = max(2.0, min(height, width) * rng.uniform(0.01, 0.04))
        side = min(int(2.6 * radius), height, width)
        rows, columns = np.indices((side, side)) - side / 2 + 0.5
        waves = 1 + 0.25 * np.sin(
            rng.integers(3, 9) * np.arctan2(rows, columns) + rng.uniform(0, 6)
        )
        inside = np.hypot(rows, columns) < radius * waves
        yield int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1)), inside


def thousand(masks: int, megapixels: float) -> Any:
    from samwidget.formats.annotated import Annotated
    from samwidget.values.mask import Mask
    from samwidget.values.objects import SegmentedObject
    from samwidget.values.palette import color_for
    from samwidget.values.prompts import Prompts

    image = photo(megapixels)
    size_hw = (image.shape[0], image.shape[1])
    objects = [
        SegmentedObject(
            number,
            f"class {number % 7}",
            0.9,
            Mask.from_array(inside).placed(left, top, size_hw),
            Prompts(),
            color_for(number),
        )
        for number, (left, top, inside) in enumerate(blobs(masks, image))
    ]
    return Annotated(objects, size_hw, "photo.jpg", image)


def write(name: str, masks: int, megapixels: float) -> tuple[float, float, float]:
    from samwidget.formats.export import export

    image = thousand(masks, megapixels)
    with tempfile.TemporaryDirectory() as folder:
        # What a format imports is no part of it.
        export([thousand(2, 0.01)], Path(folder) / f"first{ENDINGS.get(name, '')}", name)
        before, start = peak_mb(), time.perf_counter()
        path = export([image], Path(folder) / f"out{ENDINGS.get(name, '')}", name)
        seconds = time.perf_counter() - start
        files = path.rglob("*") if path.is_dir() else [path]
        size = sum(one.stat().st_size for one in files if one.is_file())
    return seconds, peak_mb() - before, size / 1e6


def read(masks: int, megapixels: float) -> float:
    from samwidget.formats.export import export
    from samwidget.formats.reading import read_objects

    image = thousand(masks, megapixels)
    with tempfile.TemporaryDirectory() as folder:
        path = export([image], Path(folder) / "out.json")
        start = time.perf_counter()
        assert len(read_objects(path, image.size_hw)) == masks
        return time.perf_counter() - start


# -------------------------------------------------------------------------- opening an image again


def reopening(model: str, megapixels: float) -> Iterator[Row]:
    """Open an image in one process, then again in another one that finds the embedding."""
    with tempfile.TemporaryDirectory() as folder:
        weights = _prepare(Path(folder), model)
        first = run("open", weights, megapixels)[0]
        again = run("open", weights, megapixels)[0]
    what = f"{model}: an image of {megapixels:g} MP to ready, embedding kept"
    yield Row(what, "s", again, "embedding it", first, "0.3 s")


def open_image(weights: str, megapixels: float) -> float:
    """Take the seconds from a model's file to an image that can be clicked, imports left out."""
    from samwidget.engine.local import LocalEngine
    from samwidget.predict.store import shared_store

    assert shared_store() is not None
    image = photo(megapixels)
    engine = LocalEngine.of("nano")  # brings what is imported on the way
    engine.embed(image[:64, :64], (0, 0, 64, 64), lambda _what, _done: None)
    region = (0, 0, image.shape[1], image.shape[0])
    start = time.perf_counter()
    LocalEngine.of(weights).embed(image, region, lambda _what, _done: None)
    return time.perf_counter() - start


def _prepare(folder: Path, model: str) -> Path:
    """Put random weights into a cache of its own, which processes after this one use."""
    import peers

    from samwidget.models.config import CONFIGS
    from samwidget.weights.records import resolve

    os.environ["SAMWIDGET_CACHE"] = str(folder)
    os.environ.pop("SAMWIDGET_EMBEDDINGS", None)
    file = folder / "checkpoints" / resolve(model).file_name
    file.parent.mkdir()
    torch.save(peers.random_sam(CONFIGS[model]).state_dict(), file)
    return file


# ------------------------------------------------------------------------------------------ batch


def batch(model: str, images: int) -> Iterator[Row]:
    """Segment a folder with a box for each image, beside a loop around segment-anything."""
    with tempfile.TemporaryDirectory() as folder:
        weights = _prepare(Path(folder), model)
        pictures = Path(folder) / "pictures"
        pictures.mkdir()
        for number in range(images):
            pixels = np.roll(photo(1.5), 40 * number, axis=1)  # no two the same
            Image.fromarray(pixels).save(pictures / f"{number:04d}.jpg", quality=90)
        ours = run("batch", "samwidget", weights, pictures)[0]
        theirs = run("batch", META, model, pictures)[0]
    cores = os.cpu_count() or 1
    what = f"{model}: seconds of a core for an image of a batch, 1.5 MP with a box"
    yield Row(what, "s", ours * cores / images, f"{META}, one process", theirs * cores / images)


def whole_batch(name: str, model: str, pictures: str) -> float:
    """Take the seconds for all pictures, models open already."""
    box = np.array([100.0, 100, 900, 800])
    files = sorted(Path(pictures).iterdir())
    if name == META:
        import peers

        from samwidget.models.config import CONFIGS

        config = CONFIGS[model]
        theirs = peers.segment_anything_sam(config, peers.random_sam(config).state_dict())
        predictor = peers.segment_anything().SamPredictor(theirs)
        start = time.perf_counter()
        for file in files:
            with Image.open(file) as opened:
                predictor.set_image(np.asarray(opened.convert("RGB")))
            predictor.predict(box=box, multimask_output=False)
        return time.perf_counter() - start
    from samwidget import SAM
    from samwidget.batch import segment

    sam = SAM(model, progress=lambda _: None)
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        report = segment(files, out, model=sam, bboxes=box, progress=lambda _: None)
        seconds = time.perf_counter() - start
    assert report.done == len(files), str(report)
    return seconds


def peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def one_figure(what: str, *arguments: str) -> tuple[float, ...]:
    """What a process of its own does."""
    if what == "format":
        name, masks, megapixels = arguments
        return write(name, int(masks), float(megapixels))
    if what == "read":
        return (read(int(arguments[0]), float(arguments[1])),)
    if what == "open":
        return (open_image(arguments[0], float(arguments[1])),)
    return (whole_batch(*arguments),)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ["formats", "reopening", "batch"]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--model", default="vit_b")
    args = parser.parse_args()
    sections = {
        "formats": lambda: formats(args.masks, args.megapixels),
        "reopening": lambda: reopening(args.model, args.megapixels),
        "batch": lambda: batch(args.model, args.images),
    }
    print("\n".join([machine(), "", Row.head()]))
    for name in args.only:
        for row in sections[name]():
            print(row, flush=True)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    if sys.argv[1:2] and sys.argv[1] in ("format", "read", "open", "batch"):
        print(*one_figure(*sys.argv[1:]))
    else:
        main()
