"""Objects painted over a photo: fill, smooth outline, prompts. numpy and Pillow only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from samwidget.values.palette import rgb

_HALO_ALPHA = 0.5
_SUPERSAMPLING = 4


def draw_objects(
    image: NDArray[np.uint8],
    masks: Sequence[NDArray[np.bool_]] | NDArray[np.bool_],
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
        N masks, each (H, W) bool; later ones lie on top.
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
    >>> mask = np.zeros((4, 6), bool)
    >>> mask[1:3, 1:5] = True
    >>> draw_objects(image, [mask], ["#ff0000"], alpha=1.0)[1, 1].tolist()
    [255, 0, 0]
    """
    _check(image, masks, colors, alpha, max_side)
    picture = _shrunk(image, max_side)
    line = _line_width(picture) if outline else 0
    for mask, color in zip(masks, colors, strict=True):
        coverage = Image.fromarray(np.asarray(mask, np.uint8) * np.uint8(255))
        if coverage.size != picture.size:
            coverage = coverage.resize(picture.size, Image.Resampling.BOX)
        _paint(picture, coverage, rgb(color), alpha, line)
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
    picture = Image.fromarray(image)
    if max_side is None or max(height, width) <= max_side:
        return picture
    scale = max_side / max(height, width)
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return picture.resize(size_wh, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _line_width(picture: Image.Image) -> int:
    """Pixels of an outline on a picture of this size: 1 on thumbnails, about 0.25 % else."""
    return max(1, round(max(picture.size) / 400))


def _check(
    image: NDArray[np.uint8],
    masks: Sequence[NDArray[np.bool_]] | NDArray[np.bool_],
    colors: Sequence[str],
    alpha: float,
    max_side: int | None,
) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"image: expected (H, W, 3) uint8 RGB, got {image.shape} {image.dtype}")
    if len(masks) != len(colors):
        raise ValueError(f"expected one colour per mask, got {len(masks)} masks and {len(colors)}")
    for i, mask in enumerate(masks):
        if mask.shape != image.shape[:2] or mask.dtype != np.bool_:
            raise ValueError(
                f"masks[{i}]: expected {image.shape[:2]} bool like the image, "
                f"got {mask.shape} {mask.dtype}"
            )
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha: expected 0 to 1, got {alpha}")
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side: expected 1 or more pixels, got {max_side}")


def _paint(
    picture: Image.Image,
    coverage: Image.Image,
    color: tuple[int, int, int],
    alpha: float,
    line: int,
) -> None:
    box = coverage.getbbox()
    if box is None:
        return
    # The outline reaches this far beyond the mask. Beyond the picture the crop is empty, so an
    # object cut off by the picture's edge is outlined there too.
    margin = 2 * line + 2
    left, top = box[0] - margin, box[1] - margin
    crop = coverage.crop((left, top, box[2] + margin, box[3] + margin))
    at = (left, top)
    picture.paste(color, at, crop.point([round(alpha * v) for v in range(256)]))
    if not line:
        return
    border = np.asarray(crop) - np.asarray(crop.filter(ImageFilter.MinFilter(3)))
    if line > 1:
        distance = np.abs(_signed_distance(crop, line))
        halo = np.clip(line / 2 + 1.5 - distance, 0, 1) * (255 * _HALO_ALPHA)
        picture.paste((0, 0, 0), at, Image.fromarray(halo.astype(np.uint8)))
        smooth = np.clip(line / 2 + 0.5 - distance, 0, 1) * 255
        # What is thinner than the blur has no smooth border; its own pixels are always drawn.
        border = np.maximum(smooth.astype(np.uint8), border)
    picture.paste(color, at, Image.fromarray(border))


def _signed_distance(coverage: Image.Image, sigma: float) -> NDArray[np.float32]:
    """Pixels to the smoothed border, positive inside, right within about 1.5 sigma of it.

    Blurring a straight edge with a Gaussian gives its cumulative distribution, which a logistic
    curve follows closely; the inverse of that curve tells the distance.
    """
    blurred = np.asarray(coverage.filter(ImageFilter.GaussianBlur(sigma)), np.float32)
    p = np.clip(blurred / 255, 0.01, 0.99)
    distance: NDArray[np.float32] = np.log(p / (1 - p)) * np.float32(sigma / 1.702)
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
