"""HTML: one page with the picture and its objects, which needs nothing from elsewhere.

Everything is in the file: picture, outlines, style, script. What people wrote, such as labels, is
escaped, and the page's own policy runs no script but its own and fetches nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

import numpy as np

from samwidget.formats.annotated import Annotated, finite
from samwidget.values.display import encode_for_display
from samwidget.values.objects import SegmentedObject
from samwidget.values.outlines import Ring
from samwidget.values.texts import counted

STATIC = Path(__file__).parents[1] / "static"


def to_html(image: Annotated, *, title: str | None = None, fill_opacity: float = 0.45) -> str:
    """Write one image's objects as a page to look at: pan, zoom, toggle, hover for class and score.

    Parameters
    ----------
    image
        With the picture at hand, (H, W, 3) uint8; it is embedded with up to 4096 pixels a side. The
        masks' borders are exact, pixel by pixel.
    title
        The page's heading; None is the file's name.
    fill_opacity
        Of the masks, 0 to 1; the page has a slider.

    Returns
    -------
    str
        A whole HTML document. Without scripts it still shows picture, masks and a table.

    Raises
    ------
    RuntimeError
        When the front end is missing, as in a checkout where it was never built.
    ValueError
        When there is no picture, or ``fill_opacity`` is not from 0 to 1.
    """
    if not 0 <= fill_opacity <= 1:
        raise ValueError(f"fill_opacity must be from 0 to 1, got {fill_opacity}")
    pixels = image.pixels("a page")
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(
            f"a page needs the picture as (H, W, 3) uint8, got {pixels.shape} {pixels.dtype}"
        )
    data, mime = encode_for_display(pixels.astype(np.uint8, copy=False))
    script, style = bundle("report.js"), bundle("report.css")
    heading = escape(image.file_name if title is None else title)
    height, width = image.size_hw
    objects = counted(len(image.objects), "object")
    paths = "\n".join(_path(i, one) for i, one in enumerate(image.objects) if one.area)
    body = f"""<header><h1>{heading}</h1><p>{width:,} × {height:,} pixels · {objects}</p></header>
<main class="stage" tabindex="0" aria-label="Picture with {objects}; + and - zoom, arrows \
move, 0 shows all of it, M hides the masks while it is held, O shows outlines only">
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" \
height="{height}">
<image width="{width}" height="{height}" preserveAspectRatio="none" \
href="data:{mime};base64,{base64.b64encode(data).decode("ascii")}"/>
<g fill-rule="evenodd" fill-opacity="{fill_opacity:g}">
{paths}
</g>
</svg>
<div class="zoom">
<button type="button" data-zoom="out" aria-label="Zoom out" title="Zoom out (-)">−</button>
<button type="button" data-zoom="in" aria-label="Zoom in" title="Zoom in (+)">+</button>
<button type="button" data-zoom="fit" title="The whole picture (0)">Fit</button>
<button type="button" data-zoom="actual" title="Pixel by pixel (1)">100 %</button>
</div>
</main>
<aside aria-label="Objects">
{_options(fill_opacity) if image.objects else ""}<div class="list">{_table(image.objects)}</div>
</aside>"""
    return page_of(heading, style, body, script)


def page_of(heading: str, style: str, body: str, script: str | None = None) -> str:
    """Give a whole page, which may load nothing and run nothing but its own.

    Parameters
    ----------
    heading
        Its title, as markup: escaped.
    style
        Its style sheet.
    body
        What it shows, as markup.
    script
        A module; None for a page without one.
    """
    own = f"style-src {hash_of(style)}"
    ending = ""
    if script is not None:
        own += f"; script-src {hash_of(script)}"
        ending = f'<script type="module">{script}</script>\n'
    policy = f"default-src 'none'; img-src data:; {own}"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="samwidget">
<title>{heading}</title>
<style>{style}</style>
</head>
<body>
{body}
{ending}</body>
</html>
"""


def _options(fill_opacity: float) -> str:
    return f"""<div class="options">
<label><input type="checkbox" data-all checked>All</label>
<label><input type="checkbox" data-outlines>Outlines only</label>
<label>Opacity<input type="range" data-opacity min="0" max="100" \
value="{round(100 * fill_opacity)}"></label>
</div>
"""


def _table(objects: Sequence[SegmentedObject]) -> str:
    if not objects:
        return '<p class="none">There are no objects.</p>'
    rows = "\n".join(_row(i, one) for i, one in enumerate(objects))
    return (
        '<table><thead><tr><th></th><th>Class</th><th class="number">Score</th>'
        f'<th class="number">Area, px</th></tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    )


def _row(index: int, one: SegmentedObject) -> str:
    name, color = escape(_name(one)), escape(one.color)
    return (
        f'<tr data-object="{index}"><td><input type="checkbox" checked aria-label="Show {name}">'
        f'<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" '
        f'rx="3" fill="{color}"/></svg></td><td>{name}</td>'
        f'<td class="number">{_score(one.score)}</td><td class="number">{one.area:,}</td></tr>'
    )


def _path(index: int, one: SegmentedObject) -> str:
    color = escape(one.color)
    rings = (ring for polygon in one.shape.polygons() for ring in polygon)
    return (
        f'<path data-object="{index}" fill="{color}" stroke="{color}" '
        f'd="{"".join(map(ring_path, rings))}"><title>{escape(_told(one))}</title></path>'
    )


def ring_path(ring: Ring) -> str:
    """Give the path of a ring along pixels' borders, each step as its length.

    Examples
    --------
    >>> ring_path(np.array([[1, 0], [3, 0], [3, 1], [1, 1]]))
    'M1 0h2v1h-2z'
    """
    (x, y), *_ = ring.tolist()
    steps = np.diff(ring, axis=0).tolist()
    return f"M{x} {y}" + "".join(f"h{dx}" if dx else f"v{dy}" for dx, dy in steps) + "z"


def _name(one: SegmentedObject) -> str:
    return one.label or f"object {one.id}"


def _score(score: float | None) -> str:
    known = finite(score)
    return "–" if known is None else f"{known:.2f}"


def _told(one: SegmentedObject) -> str:
    parts = [_name(one), f"score {_score(one.score)}"]
    if finite(one.stability_score) is not None:
        parts.append(f"stability {_score(one.stability_score)}")
    if finite(one.detection_score) is not None:
        parts.append(f"detector {_score(one.detection_score)}")
    return " · ".join([*parts, f"{one.area:,} px"])


def hash_of(text: str) -> str:
    """Give what a page's policy calls a style or script of its own."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def bundle(name: str) -> str:
    """Read a part of the front end as it may stand inside an element."""
    try:
        text = (STATIC / name).read_text(encoding="utf-8")
    except OSError as error:
        raise RuntimeError(
            f"the front end is missing ({STATIC / name}): in a checkout run `npm ci` and "
            "`npm run build`, else install samwidget again"
        ) from error
    return text.strip().replace("</", "<\\/")
