"""Objects painted over a photo: fill, smooth outline, prompts. numpy and Pillow only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.palette import rgb

_HALO_ALPHA = 0.5
_SUPERSAMPLING = 4
_STRIP_ROWS = 64


def draw_objects(
    image: NDArray[np.uint8],
    masks: Sequence[Mask],
    colors: Sequence[str],
    *,
    alpha: float = 0.45,
    outline: bool = True,
    max_side: int | None = None,
) -> NDArray[np.uint8]:
    """Paint masks over an image.

    Parameters
    ----------
    image
        (H, W, 3) uint8 RGB; it is not changed.
    masks
        N masks of this image; later ones lie on top.
    colors
        N colours ``"#rrggbb"``.
    alpha
        Opacity of the fill, 0 to 1.
    outline
        Draw each mask's border, opaque, its width fitting the picture's size.
    max_side
        When the image's longer side has more pixels, shrink the picture to this.

    Returns
    -------
    ndarray
        (H, W, 3) uint8 RGB, a new array.

    Raises
    ------
    ValueError
        If shapes or lengths do not fit each other, or a number is out of range.

    Examples
    --------
    >>> image = np.zeros((4, 6, 3), np.uint8)
    >>> mask = Mask.from_polygons([[(1, 1), (5, 1), (5, 3), (1, 3)]], (4, 6))
    >>> draw_objects(image, [mask], ["#ff0000"], alpha=1.0)[1, 1].tolist()
    [255, 0, 0]
    """
    _check(image, masks, colors, alpha, max_side)
    picture = _shrunk(image, max_side)
    line = _line_width(picture) if outline else 0
    brush = _brush(alpha, line)
    for mask, color in zip(masks, colors, strict=True):
        if not mask.is_empty:
            # The outline reaches this far beyond the mask.
            coverage, at = _coverage(mask, picture.size, 2 * line + 2)
            _paint(picture, coverage, at, rgb(color), brush)
    return np.array(picture)


def draw_points(
    image: NDArray[np.uint8], point_coords: NDArray[np.floating], point_labels: NDArray[np.integer]
) -> NDArray[np.uint8]:
    """Draw clicks over an image.

    Parameters
    ----------
    image
        (H, W, 3) uint8 RGB; it is not changed.
    point_coords
        (N, 2) x and y in pixels of ``image``, origin at its outer corner.
    point_labels
        (N,) 1 for foreground (a green disc with a plus), 0 for background (a red one, minus).

    Returns
    -------
    ndarray
        (H, W, 3) uint8 RGB, a new array.
    """
    picture = Image.fromarray(image)
    radius = 3 + 3 * _line_width(picture)
    for (x, y), label in zip(point_coords, point_labels, strict=True):
        _draw_point(picture, float(x), float(y), radius, foreground=bool(label))
    return np.array(picture)


def draw_box(
    image: NDArray[np.uint8], box_xyxy: tuple[float, float, float, float], color: str
) -> NDArray[np.uint8]:
    """Draw a box over an image.

    Parameters
    ----------
    image
        (H, W, 3) uint8 RGB; it is not changed.
    box_xyxy
        In pixels of ``image``, origin at its outer corner.
    color
        ``"#rrggbb"``.

    Returns
    -------
    ndarray
        (H, W, 3) uint8 RGB, a new array.
    """
    picture = Image.fromarray(image)
    line = _line_width(picture)
    x1, y1, x2, y2 = (round(v) for v in box_xyxy)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((x1 - 1, y1 - 1, max(x1, x2), max(y1, y2)), None, (0, 0, 0), line + 2)
    pen.rectangle((x1, y1, max(x1, x2 - 1), max(y1, y2 - 1)), None, rgb(color), line)
    return np.array(picture)


def _shrunk(image: NDArray[np.uint8], max_side: int | None) -> Image.Image:
    height, width = image.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return Image.fromarray(image)
    scale = max_side / max(height, width)
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    # What Image.resize does with reducing_gap=1, but some rows at a time: Pillow's copy of a large
    # image takes longer to make than all the rest.
    across, down = max(1, width // size_wh[0]), max(1, height // size_wh[1])
    coarse = Image.new("RGB", (-(-width // across), -(-height // down)))
    step = down * max(1, _STRIP_ROWS // down)
    for top in range(0, height, step):
        strip = Image.fromarray(image[top : top + step])
        coarse.paste(strip.reduce((across, down)), (0, top // down))
    box = (0, 0, width / across, height / down)
    return coarse.resize(size_wh, Image.Resampling.LANCZOS, box=box)


def _line_width(picture: Image.Image) -> int:
    """Pixels of an outline on a picture of this size: 1 on thumbnails, about 0.25 % else."""
    return max(1, round(max(picture.size) / 400))


def _check(
    image: NDArray[np.uint8],
    masks: Sequence[Mask],
    colors: Sequence[str],
    alpha: float,
    max_side: int | None,
) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"image: expected (H, W, 3) uint8 RGB, got {image.shape} {image.dtype}")
    if len(masks) != len(colors):
        raise ValueError(f"expected one colour per mask, got {len(masks)} masks and {len(colors)}")
    for i, mask in enumerate(masks):
        if mask.size_hw != image.shape[:2]:
            raise ValueError(
                f"masks[{i}]: expected a mask of the image's size (H, W) {image.shape[:2]}, "
                f"got {mask.size_hw}"
            )
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha: expected 0 to 1, got {quoted(alpha)}")
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side: expected 1 or more pixels, got {quoted(max_side)}")


def _coverage(
    mask: Mask, picture_wh: tuple[int, int], margin: int
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Give how much of each pixel of a picture is inside, around the mask, and where that lies.

    What reaches beyond the picture is empty, so an object that the picture's edge cuts off is
    outlined there too.
    """
    height, width = mask.size_hw
    per_x, per_y = width / picture_wh[0], height / picture_wh[1]  # image pixels a picture pixel
    x1, y1, x2, y2 = mask.box_xyxy
    left, top = math.floor(x1 / per_x) - margin, math.floor(y1 / per_y) - margin
    right, bottom = math.ceil(x2 / per_x) + margin, math.ceil(y2 / per_y) + margin
    if (width, height) == picture_wh:
        return mask.crop((left, top, right, bottom)) * np.uint8(255), (left, top)
    region = (left * per_x, top * per_y, right * per_x, bottom * per_y)
    share = mask.coverage(region, (right - left, bottom - top))
    return np.rint(share * np.float32(255)).astype(np.uint8), (left, top)


class _Brush(NamedTuple):
    """Tables of 256 greys: opacity of the fill for the coverage, of halo and line for its blur."""

    fill: NDArray[np.uint8]
    halo: NDArray[np.uint8]
    smooth: NDArray[np.uint8]
    line: int


def _brush(alpha: float, line: int) -> _Brush:
    distance = np.abs(_signed_distance(max(1, line)))
    return _Brush(
        np.rint(alpha * np.arange(256)).astype(np.uint8),
        (np.clip(line / 2 + 1.5 - distance, 0, 1) * (255 * _HALO_ALPHA)).astype(np.uint8),
        (np.clip(line / 2 + 0.5 - distance, 0, 1) * 255).astype(np.uint8),
        line,
    )


def _paint(
    picture: Image.Image,
    coverage: NDArray[np.uint8],
    at: tuple[int, int],
    color: tuple[int, int, int],
    brush: _Brush,
) -> None:
    picture.paste(color, at, Image.fromarray(brush.fill[coverage]))
    if not brush.line:
        return
    border = coverage - _eroded(coverage)
    if brush.line > 1:
        grey = Image.fromarray(coverage).filter(ImageFilter.GaussianBlur(brush.line))
        blurred = np.asarray(grey)
        picture.paste((0, 0, 0), at, Image.fromarray(brush.halo[blurred]))
        # What is thinner than the blur has no smooth border; its own pixels are always drawn.
        border = np.maximum(border, brush.smooth[blurred])
    picture.paste(color, at, Image.fromarray(border))


def _eroded(coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each pixel the least of its 3 x 3 neighbourhood; at the edge there are only zeros."""
    rows = np.minimum(np.minimum(coverage[:-2], coverage[1:-1]), coverage[2:])
    least = np.zeros_like(coverage)
    np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:], out=least[1:-1, 1:-1])
    return least


def _signed_distance(sigma: float) -> NDArray[np.float64]:
    """Pixels to the smoothed border for each grey of a blurred mask, 0 to 255; positive inside.

    Right within about 1.5 sigma of the border. Blurring a straight edge with a Gaussian gives its
    cumulative distribution, which a logistic curve follows closely; the inverse of that curve tells
    the distance.
    """
    p = np.clip(np.arange(256) / 255, 0.01, 0.99)
    distance: NDArray[np.float64] = np.log(p / (1 - p)) * (sigma / 1.702)
    return distance


def _draw_point(picture: Image.Image, x: float, y: float, radius: int, *, foreground: bool) -> None:
    reach = radius + 2
    left, top = int(x) - reach, int(y) - reach
    s = _SUPERSAMPLING
    tile = picture.crop((left, top, left + 2 * reach + 1, top + 2 * reach + 1))
    tile = tile.resize((tile.width * s, tile.height * s), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(tile)
    cx, cy, r = (x - left) * s, (y - top) * s, radius * s
    fill = (30, 160, 70) if foreground else (214, 40, 40)
    pen.ellipse((cx - r - s, cy - r - s, cx + r + s, cy + r + s), (255, 255, 255))
    pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill)
    arm, half = 0.55 * r, max(s / 2, 0.14 * r)
    pen.rectangle((cx - arm, cy - half, cx + arm, cy + half), (255, 255, 255))
    if foreground:
        pen.rectangle((cx - half, cy - arm, cx + half, cy + arm), (255, 255, 255))
    picture.paste(tile.reduce(s), (left, top))
