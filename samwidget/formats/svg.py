"""SVG: an outline for each object, over the picture if that is wanted."""

from __future__ import annotations

import base64
from xml.sax.saxutils import escape, quoteattr

from samwidget.formats.annotated import Annotated
from samwidget.values.display import encode_for_display
from samwidget.values.objects import SegmentedObject


def to_svg(
    image: Annotated,
    *,
    picture: bool = True,
    fill_opacity: float = 0.35,
    stroke_width: float | None = None,
) -> str:
    """Draw one image's objects as paths along their pixels' borders.

    Parameters
    ----------
    image
        Labels become tooltips; they are text, never markup.
    picture
        Embed the image, if it is at hand as (H, W, 3) uint8.
    fill_opacity
        0 leaves outlines only.
    stroke_width
        In pixels of the image; None is a 500th of its longer side.

    Raises
    ------
    ValueError
        When ``fill_opacity`` is not from 0 to 1, or ``stroke_width`` is negative.
    """
    height, width = image.size_hw
    stroke = max(height, width) / 500 if stroke_width is None else float(stroke_width)
    if not 0 <= fill_opacity <= 1:
        raise ValueError(f"fill_opacity must be from 0 to 1, got {fill_opacity}")
    if not stroke >= 0:
        raise ValueError(f"stroke_width must not be negative, got {stroke_width}")
    shown = ""
    if picture and image.image is not None:
        data, mime = encode_for_display(image.image)  # type: ignore[arg-type]
        href = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
        shown = f'<image width="{width}" height="{height}" href="{href}"/>\n'
    style = f'fill-rule="evenodd" fill-opacity="{fill_opacity:g}" stroke-width="{stroke:g}"'
    paths = "".join(_path(one) for one in image.objects if one.area)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">\n{shown}<g {style} stroke-linejoin="round">\n'
        f"{paths}</g>\n</svg>\n"
    )


def _path(one: SegmentedObject) -> str:
    rings = (ring.tolist() for polygon in one.shape.polygons() for ring in polygon)
    lines = " ".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)
    name = one.label or f"object {one.id}"
    return (
        f'<path id="object-{one.id}" data-class={quoteattr(one.label)} fill="{one.color}" '
        f'stroke="{one.color}" d="{lines}"><title>{escape(name)}</title></path>\n'
    )
