"""One way out for all formats: by the ending of a path, or by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samwidget.formats import (
    coco,
    cutouts,
    geojson,
    label_image,
    label_studio,
    records,
    report,
    svg,
    table,
    yolo,
)
from samwidget.formats.annotated import Annotated
from samwidget.formats.files import write_json, write_text
from samwidget.values.errors import quoted
from samwidget.values.paths import expanded, explained
from samwidget.values.whole_files import replacing

Write = Callable[..., Any]


@dataclass(frozen=True)
class Format:
    """One way to write objects.

    Attributes
    ----------
    write
        Called with the images, the path and options.
    endings
        Of paths that mean this format when none is named; of an ending's formats the first in the
        table is meant.
    is_folder
        Whether the path is a folder.
    takes_many
        Whether several images go into one file or folder.
    """

    write: Write
    endings: tuple[str, ...] = ()
    is_folder: bool = False
    takes_many: bool = True


def _write_coco(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    write_json(path, coco.to_coco(images, **options))


def _write_geojson(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    write_json(path, geojson.to_geojson(images[0], **options))


def _write_label_image(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    label_image.write_label_image(images[0], path, **options)


def _write_label_studio(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    write_json(path, label_studio.to_label_studio(images, **options))


def _write_svg(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    write_text(path, svg.to_svg(images[0], **options))


def _write_html(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    write_text(path, report.to_html(images[0], **options))


def _write_records(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    write_json(path, [records.record(one, **options) for one in images[0].objects])


def _write_sheet(images: Sequence[Annotated], path: Path, **options: Any) -> None:
    sheet = cutouts.contact_sheet(images, **options)
    with replacing(path) as part:
        sheet.save(part, quality=92)


FORMATS: dict[str, Format] = {
    "coco": Format(_write_coco, (".json",)),
    "geojson": Format(_write_geojson, (".geojson",), takes_many=False),
    "csv": Format(table.write_csv, (".csv",)),
    "parquet": Format(table.write_parquet, (".parquet",)),
    "svg": Format(_write_svg, (".svg",), takes_many=False),
    "html": Format(_write_html, (".html", ".htm"), takes_many=False),
    "label_image": Format(_write_label_image, (".png", ".tif", ".tiff"), takes_many=False),
    "label_studio": Format(_write_label_studio),
    "records": Format(_write_records, takes_many=False),
    "yolo": Format(yolo.write_yolo, is_folder=True),
    "cutouts": Format(cutouts.write_cutouts, is_folder=True),
    "contact_sheet": Format(_write_sheet),
}


def export(
    images: Sequence[Annotated],
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
    **options: Any,
) -> Path:
    """Write the objects of one image or of several.

    Parameters
    ----------
    images
        At least one.
    path
        A file, or for ``"yolo"`` and ``"cutouts"`` a folder. ``~`` is the home folder. A file is
        written whole or not at all, and takes the place of what was there.
    format
        ``"coco"`` (.json), ``"geojson"`` (.geojson), ``"csv"``, ``"parquet"``, ``"svg"``,
        ``"html"``, ``"label_image"`` (.png, .tif), ``"label_studio"``, ``"records"``, ``"yolo"``,
        ``"cutouts"`` or ``"contact_sheet"``; None takes it from the path's ending.
    **options
        Of the format, see its module in ``samwidget.formats``.

    Returns
    -------
    pathlib.Path
        The file or folder.

    Raises
    ------
    ImportError
        When the format's library is not installed; the text says how to install it.
    OSError
        When the path cannot be written to.
    TypeError
        When the format has no such option.
    ValueError
        When there is no such format or the objects do not suit it.
    """
    target = expanded(path)
    chosen = FORMATS[_name(target, format)]
    if not images:
        raise ValueError("there is no image whose objects could be written")
    if len(images) > 1 and not chosen.takes_many:
        raise ValueError(
            f"the format {quoted(_name(target, format))} holds one image's objects, got "
            f"{len(images)} images; write one file for each"
        )
    if not chosen.is_folder and not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {quoted(str(target.parent))} to write into")
    try:
        chosen.write(images, target, **options)
    except OSError as error:
        if error.errno is None:  # a library's own word, such as of a picture that is too large
            raise
        raise explained(error, f"the objects could not be written as {quoted(target)}") from error
    return target


def _name(path: Path, name: str | None) -> str:
    if name is not None:
        if name not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {quoted(name)}")
        return name
    ending = path.suffix.lower()
    for known, one in FORMATS.items():
        if ending and ending in one.endings:
            return known
    endings = ", ".join(e for one in FORMATS.values() for e in one.endings)
    raise ValueError(
        f"the ending of {quoted(path.name)} names no format; end it in one of {endings}, or name "
        f"one: format='yolo' and so on ({', '.join(FORMATS)})"
    )
