"""Cut-outs: each object as a picture of its own; and a sheet that shows them all."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageFilter

from samwidget.formats.annotated import Annotated, class_of
from samwidget.values.errors import quoted
from samwidget.values.objects import SegmentedObject
from samwidget.values.whole_files import replacing

TRANSPARENT = "transparent"
BLURRED = "blur"


def cutout(
    image: Annotated,
    one: SegmentedObject,
    *,
    padding: int = 0,
    background: str = TRANSPARENT,
    square: bool = False,
) -> Image.Image:
    """Cut one object out of its image.

    Parameters
    ----------
    image
        With its pixels, (H, W, 3) uint8.
    one
        An object of it, not empty.
    padding
        Pixels around the tight box; beyond the image they are background.
    background
        ``"transparent"``, ``"blur"`` (the surroundings, blurred) or a colour such as ``"white"``
        or ``"#f0f0f0"``.
    square
        Widen the shorter side.

    Returns
    -------
    PIL.Image.Image
        RGBA with the mask as alpha when transparent, else RGB.

    Raises
    ------
    ValueError
        When the mask is empty, the image is not at hand, the padding negative or the colour none.
    """
    pixels = image.pixels("a cut-out")
    if one.shape.is_empty:
        raise ValueError(f"object {one.id} has an empty mask; there is nothing to cut out")
    if padding < 0:
        raise ValueError(f"padding must not be negative, got {padding}")
    x1, y1, x2, y2 = (int(side) for side in one.box_xyxy)
    box = (x1 - padding, y1 - padding, x2 + padding, y2 + padding)
    if square:
        side = max(box[2] - box[0], box[3] - box[1])
        left, top = box[0] - (side - box[2] + box[0]) // 2, box[1] - (side - box[3] + box[1]) // 2
        box = (left, top, left + side, top + side)
    alpha = Image.fromarray(one.shape.crop(box).astype(np.uint8) * 255)
    inside = _part(pixels, box)
    if background == TRANSPARENT:
        inside.putalpha(alpha)
        return inside
    if background == BLURRED:
        radius = max(alpha.size) / 25
        behind = _part(pixels, box, edge=True).filter(ImageFilter.GaussianBlur(radius))
    else:
        behind = Image.new("RGB", alpha.size, _color(background))
    return Image.composite(inside, behind, alpha)


def write_cutouts(images: Sequence[Annotated], folder: Path, **options: Any) -> list[Path]:
    """Write a PNG for each object that is not empty: ``IMAGE_NUMBER_CLASS.png``.

    Parameters
    ----------
    images, **options
        See :func:`cutout`.
    folder
        Made if need be.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of images and objects.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for image in images:
        for number, one in enumerate(image.objects, start=1):
            if one.shape.is_empty:
                continue
            name = re.sub(r"[^\w.-]+", "-", f"{image.stem}_{number:03d}_{class_of(one)}")
            target = folder / f"{name[:150]}.png"
            with replacing(target) as part:
                cutout(image, one, **options).save(part, "PNG")
            written.append(target)
    return written


def contact_sheet(
    images: Sequence[Annotated],
    *,
    tile: int = 160,
    columns: int | None = None,
    background: str = "white",
) -> Image.Image:
    """Show all cut-outs in rows, each as large as a tile allows.

    Parameters
    ----------
    images
        Objects with empty masks are left out.
    tile
        Side in pixels.
    columns
        None makes the sheet about square.
    background
        A colour.

    Raises
    ------
    ValueError
        When there is nothing to show, or a number is below 1.
    """
    shown = [(i, one) for i in images for one in i.objects if not one.shape.is_empty]
    if not shown:
        raise ValueError("there is no object to show on a contact sheet")
    if tile < 8 or (columns is not None and columns < 1):
        raise ValueError(
            f"a tile has at least 8 pixels and a row at least 1 tile, got {tile} and {columns}"
        )
    per_row = columns or math.ceil(math.sqrt(len(shown)))
    gap = max(2, tile // 20)
    rows = math.ceil(len(shown) / per_row)
    size = per_row * (tile + gap) + gap, rows * (tile + gap) + gap
    sheet = Image.new("RGB", size, _color(background))
    for number, (image, one) in enumerate(shown):
        piece = cutout(image, one)
        scale = min(tile / piece.width, tile / piece.height)
        fitted = max(1, round(piece.width * scale)), max(1, round(piece.height * scale))
        piece = piece.resize(fitted, Image.Resampling.LANCZOS)
        row, column = divmod(number, per_row)
        left = gap + column * (tile + gap) + (tile - piece.width) // 2
        top = gap + row * (tile + gap) + (tile - piece.height) // 2
        sheet.paste(piece, (left, top), piece)
    return sheet


def _part(
    pixels: NDArray[np.generic], box: tuple[int, int, int, int], *, edge: bool = False
) -> Image.Image:
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = box
    part = pixels[max(0, y1) : min(height, y2), max(0, x1) : min(width, x2)]
    beyond = (
        (max(0, -y1), max(0, y2 - height)),
        (max(0, -x1), max(0, x2 - width)),
        (0, 0),
    )
    return Image.fromarray(np.pad(part, beyond, mode="edge" if edge else "constant"))


def _color(name: str) -> tuple[int, ...]:
    try:
        return ImageColor.getrgb(name)
    except (ValueError, AttributeError, TypeError):
        raise ValueError(
            f"background must be 'transparent', 'blur' or a colour, got {quoted(name)}"
        ) from None
