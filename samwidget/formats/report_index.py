"""HTML: a folder with a page for each image, and one that leads to them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePath
from urllib.parse import quote

import numpy as np

from samwidget.formats.annotated import Annotated
from samwidget.formats.files import write_text
from samwidget.formats.report import bundle, page_of, to_html
from samwidget.values.drawing import draw_objects
from samwidget.values.texts import counted
from samwidget.values.thumbnails import thumbnail_of

INDEX = "index.html"

_SIDE = 320
"""Of a small picture, in pixels: twice as many as it takes on an ordinary screen."""

_STYLE = """
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 16px;
  list-style: none; margin: 0; padding: 16px; }
li a { display: block; padding: 8px; border: 1px solid var(--border); border-radius: 8px;
  color: inherit; text-decoration: none; }
li a:hover, li a:focus-visible { border-color: var(--accent); background: var(--hover); }
li img { display: block; width: 100%; height: 112px; object-fit: contain; background: var(--stage);
  border-radius: 4px; }
li span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
li span:first-of-type { margin-top: 8px; font-weight: 600; }
li span + span { color: var(--muted); }
"""


@dataclass(frozen=True)
class Entry:
    """One page: where it is, what its image is called, how many objects it has, a small JPEG."""

    page: str
    name: str
    count: int
    thumbnail: bytes


def write_pages(images: Iterable[Annotated], folder: Path, *, title: str | None = None) -> Path:
    """Write the folder; each image is asked for when its page is written, and let go after it.

    Parameters
    ----------
    images
        With their pictures at hand, see :func:`samwidget.formats.report.to_html`.
    folder
        Made if need be.
    title
        The heading of the page that leads to the others; None is the folder's name.

    Returns
    -------
    pathlib.Path
        The page that leads to the others, ``index.html``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, image in enumerate(images, start=1):
        stem = re.sub(r"[^\w.-]+", "-", PurePath(image.file_name).stem)[:100]
        page = f"{number:04d}_{stem}.html"
        write_text(folder / page, to_html(image))
        entries.append(Entry(page, image.file_name, len(image.objects), _small(image)))
    write_text(folder / INDEX, index_page(entries, folder.name if title is None else title))
    return folder / INDEX


def index_page(entries: Iterable[Entry], title: str) -> str:
    """Give the page that leads to the others; it needs no script.

    Examples
    --------
    >>> '<a href="0001_cat.html">' in index_page([Entry("0001_cat.html", "cat", 1, b"")], "Cats")
    True
    """
    listed = list(entries)
    style = bundle("report.css") + _STYLE
    heading = escape(title)
    items = "\n".join(map(_item, listed))
    total = sum(one.count for one in listed)
    facts = f"{counted(len(listed), 'image')} · {counted(total, 'object')}"
    body = f"""<header><h1>{heading}</h1><p>{facts}</p></header>
<ul>
{items}
</ul>"""
    return page_of(heading, style, body)


def _small(image: Annotated) -> bytes:
    picture = draw_objects(
        image.pixels("a page").astype(np.uint8, copy=False),
        [one.shape for one in image.objects],
        [one.color for one in image.objects],
        max_side=2 * _SIDE,
    )
    return thumbnail_of(picture, _SIDE)


def _item(one: Entry) -> str:
    picture = base64.b64encode(one.thumbnail).decode("ascii")
    name = escape(one.name)
    return (
        f'<li><a href="{quote(one.page)}"><img alt="" src="data:image/jpeg;base64,{picture}">'
        f'<span title="{name}">{name}</span><span>{counted(one.count, "object")}</span></a></li>'
    )
