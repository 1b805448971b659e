"""Whatever a person calls an image, to an upright (H, W, 3) uint8 RGB array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.values.arrays import is_array, to_array
from samwidget.values.channels import Bands
from samwidget.values.errors import quoted, text_of
from samwidget.values.image_files import read_file, read_picture
from samwidget.values.pictures import (
    EXPECTED,
    ReadImage,
    ValueRange,
    Wishes,
    picture_of_array,
    picture_of_chunks,
)
from samwidget.values.sources import File, as_file
from samwidget.values.windows import is_chunked
from samwidget.values.zarr_folders import opened_zarr

RgbImage = NDArray[np.uint8]


def load_image(
    source: object,
    *,
    bands: Bands | None = None,
    alpha: bool | None = None,
    value_range: ValueRange | None = None,
    page: int | None = None,
) -> RgbImage:
    """Load an image from anything that is one.

    Parameters
    ----------
    source
        - An image file: a path, an http(s) address, a ``data:`` URI, base64, bytes, an open
          binary file (read from where it stands, and left open), a member of a zip archive, an
          uploaded file, see :func:`samwidget.values.sources.as_file`; or a PIL image. Turned
          upright where its EXIF data says so. TIFF that Pillow cannot read (floats, 16-bit colour,
          many bands, planes) wants tifffile, ``samwidget[tiff]``; HEIC wants pillow-heif,
          ``samwidget[heic]``; ``.npy`` files are arrays. From an address at most 1 GB is read, for
          at most 10 minutes, and what drips is given up sooner, see
          :func:`samwidget.values.web.stream`.
        - An array, ``numpy.ma`` array or tensor (H, W), (H, W, C) or (C, H, W) with C = 1, 3 (RGB)
          or 4; the last axis decides when both ends could be channels, axes of length 1 that are
          too many are dropped. What its values mean is a table in :mod:`samwidget.values.pixels`:
          uint8 is taken as it is, and so are whole numbers and floats of 0 to 255; bool is black
          and white, fractions are 0 to 1; everything else is stretched between the 0.1 and 99.9
          percentiles. Missing values (NaN, masked, nodata) are black. A fourth channel is alpha
          when it looks like it, see :mod:`samwidget.values.channels`.

        - An array that is read in chunks, such as Zarr's, HDF5's or Dask's, of the same shapes;
          never all of it is in memory. The path of a folder of Zarr, also OME-Zarr, wants zarr,
          ``samwidget[zarr]``.

        What is transparent is shown on white.
    bands
        The channels to show: three numbers (red, green, blue) or one (gray), counted from 0. With
        it an array may have any number of channels.
    alpha
        Whether the last channel is alpha: True also for two (gray and alpha) or more than four,
        False to leave it out, so that what is transparent shows the colour that it has. None: see
        above.
    value_range
        The values (black, white) that become 0 and 255.
    page
        Of a file with several (a z-stack, an animation), counted from 0; else the first.

    Returns
    -------
    image
        (H, W, 3) uint8 RGB, contiguous, a copy.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    TypeError, ValueError
        When it is no image, or ``bands``, ``alpha``, ``value_range`` or ``page`` do not fit it; the
        text says what came instead.

    See Also
    --------
    read_image : tells what was done, too, as the status line of a widget does.

    Examples
    --------
    >>> load_image(np.eye(4, dtype=bool)).shape
    (4, 4, 3)
    >>> satellite = np.zeros((100, 120, 5), np.uint16)  # blue, green, red, near-infrared ...
    >>> load_image(satellite, bands=(2, 1, 0), value_range=(0, 10_000)).shape
    (100, 120, 3)
    """
    return read_image(source, bands=bands, alpha=alpha, value_range=value_range, page=page).pixels


def read_image(
    source: object,
    *,
    bands: Bands | None = None,
    alpha: bool | None = None,
    value_range: ValueRange | None = None,
    page: int | None = None,
    keep_values: bool = False,
) -> ReadImage:
    """Load an image as :func:`load_image` does, and tell what was done.

    ``keep_values`` keeps those of a file of more than 8 bits or four channels beside the picture,
    for :func:`samwidget.values.raw_values.values_of`; those of an array are there in any case.

    Returns
    -------
    pixels
        (H, W, 3) uint8 RGB.
    notes
        What may not be meant so, a sentence each; none for an ordinary image.

    Examples
    --------
    >>> read_image(np.arange(1000, dtype=np.uint16).reshape(20, 50)).notes
    ('values 0.999 to 998 were stretched from black to white (value_range=(…) for others)',)
    """
    wishes = Wishes.of(bands, alpha, value_range, page, keep_values)
    source = as_file(opened_zarr(source))
    if isinstance(source, File):
        with source.opened() as file:
            return read_file(file, source.name, wishes)
    if isinstance(source, Image.Image):
        return read_picture(source, "the PIL image", wishes)
    if isinstance(source, np.ndarray):  # also numpy.ma, whose mask np.asarray would drop
        return picture_of_array(source, wishes)
    if is_chunked(source):
        return picture_of_chunks(source, wishes)
    if is_array(source):
        return picture_of_array(_array_of(source), wishes)
    raise TypeError(f"{EXPECTED}; got {type(source).__name__}")


def _array_of(source: object) -> NDArray[Any]:
    """Give what behaves like an array as one of numpy; says what came where it cannot be read."""
    try:
        return to_array(source)
    except Exception as error:  # of whatever library it is
        raise ValueError(
            f"the image could not be read from {quoted(source)}: {text_of(error)}"
        ) from error
