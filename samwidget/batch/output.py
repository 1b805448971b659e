"""A batch's folder: what was asked, and a Parquet file for each image that is done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xxhash

from samwidget.formats.annotated import Annotated
from samwidget.formats.coco_rle import from_rle, to_rle
from samwidget.formats.files import missing, read_json, write_json
from samwidget.values.errors import quoted
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.paths import expanded, explained
from samwidget.values.prompts import Prompts
from samwidget.values.texts import sendable
from samwidget.values.whole_files import replacing

VERSION = 1

COLUMNS: dict[str, str] = {
    "image": "string",
    "height": "int32",
    "width": "int32",
    "object": "int32",
    "class_name": "string",
    "score": "float64",
    "stability_score": "float64",
    "detection_score": "float64",
    "area": "int64",
    "x1": "float64",
    "y1": "float64",
    "x2": "float64",
    "y2": "float64",
    "rle": "string",
}
"""Of each part, with a row for each object; ``rle`` are COCO's compressed run lengths."""

Row = dict[str, Any]


def rows_of(image: Annotated) -> list[Row]:
    """Give a row for each object."""
    height, width = image.size_hw
    rows = []
    for number, one in enumerate(image.objects):
        x1, y1, x2, y2 = one.box_xyxy
        rows.append(
            {
                "image": sendable(image.file_name),
                "height": height,
                "width": width,
                "object": number,
                "class_name": one.label,
                "score": one.score,
                "stability_score": one.stability_score,
                "detection_score": one.detection_score,
                "area": one.area,
                "x1": x1,
                "y1": y1,
                "x2": x2,
                "y2": y2,
                "rle": to_rle(one.shape)["counts"],
            }
        )
    return rows


class Output:
    """A batch's folder.

    Parameters
    ----------
    folder
        Made if need be.
    job
        What is asked of every image, as JSON; a folder holds the answers to one job.

    Raises
    ------
    ValueError
        When the folder holds the answers to another job.
    """

    def __init__(self, folder: Path, job: dict[str, Any]) -> None:
        self.folder = folder
        self.parts = folder / "parts"
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explained(
                error, f"no folder {quoted(str(folder))} could be made for the masks"
            ) from error
        asked = json.loads(json.dumps({"version": VERSION, **job}))
        known = folder / "job.json"
        if known.is_file():
            before = read_json(known)
            if before != asked:
                differing = [k for k in {*before, *asked} if before.get(k) != asked.get(k)]
                raise ValueError(
                    f"{quoted(str(folder))} holds the answers to another job, which differs in "
                    f"{', '.join(sorted(differing))}; name another folder, or delete this one"
                )
        write_json(known, asked)

    def is_done(self, name: str) -> bool:
        """Whether an image's part is there."""
        return self._part(name).is_file()

    def write(self, name: str, size_hw: tuple[int, int], rows: Sequence[Row]) -> None:
        """Write an image's part, whole or not at all."""
        pa, parquet = _arrow()
        schema = pa.schema(
            [(column, getattr(pa, kind)()) for column, kind in COLUMNS.items()],
            {"image": sendable(name), "height": str(size_hw[0]), "width": str(size_hw[1])},
        )
        try:
            with replacing(self._part(name)) as part:
                parquet.write_table(pa.Table.from_pylist(list(rows), schema), part)
        except OSError as error:
            raise explained(
                error,
                f"the masks of {quoted(name)} could not be written into {quoted(str(self.folder))}",
                "; run it again to go on, what is done is skipped",
            ) from error

    def _part(self, name: str) -> Path:
        digest = xxhash.xxh3_128(name.encode("utf-8", "surrogatepass"))
        return self.parts / f"{digest.hexdigest()}.parquet"


def read(folder: str | Path) -> list[Annotated]:
    """Read what a batch has written, sorted by the images' names.

    Raises
    ------
    FileNotFoundError
        When the folder is none of a batch.
    ImportError
        When pyarrow is not installed.

    Notes
    -----
    ``pandas.read_parquet(folder / "parts")`` reads the same as one table; images without objects
    have no rows in it.
    """
    parts = expanded(folder) / "parts"
    if not parts.is_dir():
        raise FileNotFoundError(f"{quoted(str(folder))} is no folder of a batch: it has no parts")
    _, parquet = _arrow()
    found = []
    for path in parts.glob("*.parquet"):
        table = parquet.read_table(path)
        facts = table.schema.metadata
        size_hw = int(facts[b"height"]), int(facts[b"width"])
        objects = tuple(_object(row) for row in table.to_pylist())
        found.append(Annotated(objects, size_hw, facts[b"image"].decode()))
    return sorted(found, key=lambda image: image.file_name)


def _object(row: Row) -> SegmentedObject:
    return SegmentedObject(
        id=row["object"],
        label=row["class_name"],
        score=row["score"],
        shape=from_rle({"size": [row["height"], row["width"]], "counts": row["rle"]}),
        prompts=Prompts(),
        color=color_for(row["object"]),
        stability_score=row["stability_score"],
        detection_score=row["detection_score"],
    )


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise missing("pyarrow", "a batch", "table") from None
    return pa, parquet
