"""Image files, through Pillow, tifffile and pillow-heif; errors come with the file's name.

On the way a file needs at most 8 bytes a pixel: what Pillow decodes (up to 4), the picture (3),
and a few rows in between; what a decoder takes for itself is on top (progressive JPEG, WebP,
JPEG 2000).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from samwidget.values.channels import WishError
from samwidget.values.errors import text_of
from samwidget.values.file_kinds import PREFIX_BYTES, describe, is_heic
from samwidget.values.pictures import ReadImage, Wishes, picture_of, picture_of_array
from samwidget.values.png_text import is_text_too_large, without_text
from samwidget.values.resizing import LARGE_PIXELS
from samwidget.values.tiff_files import TiffRaster, TiffWindows, tifffile_or_none
from samwidget.values.tiff_header import TiffPage, chosen_page, is_tiff, read_pages

_ORIENTATION = 0x0112
_NOT_PAGES = ("MPO", "PSD", "ICO", "ICNS", "CUR")
"""Kinds whose further frames are depth maps, layers or sizes of one picture."""

_MESSAGE_CHARS = 200


class _RefusedError(ValueError):
    """Why a file is not read, in a whole sentence that names it."""


def read_file(file: BinaryIO, origin: str, wishes: Wishes) -> ReadImage:
    """Read an open file of any kind that is an image.

    Parameters
    ----------
    file
        Open for reading bytes, seekable.
    origin
        What messages call it.
    wishes
        What the caller knows better.

    Raises
    ------
    ValueError
        When it is no image, a damaged one, or one that cannot be read here; the text begins with
        ``origin`` and says what it is.
    """
    try:
        return _read(file, origin, wishes)
    except (WishError, _RefusedError) as error:
        known = str(error)
        kind = WishError if isinstance(error, WishError) else ValueError
        raise kind(known if origin in known else f"{origin}: {known}") from None
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"{origin} is too large for Pillow's limit: {error}. If you trust it, set "
            "PIL.Image.MAX_IMAGE_PIXELS = None, or pass a part of it as an array"
        ) from error
    except Exception as error:  # a broken file fails anywhere in a reader, in any way
        raise ValueError(f"{origin} could not be decoded: {_in_short(error)}") from error


def read_picture(picture: Image.Image, origin: str, wishes: Wishes) -> ReadImage:
    """Read a PIL image as a person has it; it is left at the frame where it is."""
    before = picture.tell()
    try:
        if wishes.page is not None:
            _seek(picture, wishes.page, origin)
        return _from_pil(picture, origin, wishes)
    except WishError:
        raise
    except Exception as error:
        raise ValueError(f"{origin} could not be decoded: {_in_short(error)}") from error
    finally:
        if picture.tell() != before:
            picture.seek(before)


def _read(file: BinaryIO, origin: str, wishes: Wishes) -> ReadImage:
    file.seek(0)
    start = file.read(PREFIX_BYTES)
    if is_tiff(start):
        if start[8:10] == b"CR":  # Canon's CR2, whose first page is a preview
            raise _RefusedError(_raw(origin))
        return _read_tiff(file, read_pages(file), origin, wishes)
    if start.startswith(b"\x93NUMPY"):
        file.seek(0)
        return picture_of_array(np.lib.format.read_array(file, allow_pickle=False), wishes)
    try:
        with _opened(file, start, origin) as picture:
            return _read_pillow(picture, origin, wishes)
    except ValueError as error:
        if not is_text_too_large(error):
            raise
    with _opened(without_text(file), start, origin) as picture:
        return _read_pillow(picture, origin, wishes)


def _read_pillow(picture: Image.Image, origin: str, wishes: Wishes) -> ReadImage:
    if wishes.page is not None:
        _seek(picture, wishes.page, origin)
        return _from_pil(picture, origin, wishes)
    image = _from_pil(picture, origin, wishes)
    if picture.format in _NOT_PAGES:
        return image
    try:
        count = getattr(picture, "n_frames", 1)
    except Exception:  # the first page is whole; a later one fails anywhere, in any way
        return image
    return _noted(chosen_page(count, None, origin)[1], image)


def _read_tiff(file: BinaryIO, pages: list[TiffPage], origin: str, wishes: Wishes) -> ReadImage:
    if not pages:
        raise _RefusedError(f"{origin} is not an image: it is a damaged TIFF")
    page, note = chosen_page(len(pages), wishes.page, origin)
    header = pages[page]
    if header.is_raw:
        raise _RefusedError(_raw(origin))
    if header.is_complex:
        raise _RefusedError(
            f"{origin} is {header}, which is no picture; give an array of what is meant, as in "
            "numpy.abs(tifffile.imread(path))"
        )
    _check_pixels(header.width * header.height)
    tifffile = tifffile_or_none()
    readers: list[Callable[[], ReadImage]] = []
    if tifffile is not None:
        readers.append(lambda: _tiff_by_tifffile(tifffile, file, header, wishes))
    if header.suits_pillow or (tifffile is None and header.is_bytes):
        readers.append(lambda: _tiff_by_pillow(file, header, origin, wishes))
    if not readers:
        raise _RefusedError(
            f"{origin} is {header}, which Pillow does not read as it is: "
            "`pip install 'samwidget[tiff]'` (tifffile), or give it as an array"
        )
    is_large = header.suits_windows and header.width * header.height >= LARGE_PIXELS
    if not (header.suits_tifffile or wishes.bands is not None or is_large):
        readers.reverse()
    try:
        return _noted(note, readers[0]())
    except (WishError, Image.DecompressionBombError):
        raise
    except Exception:
        if len(readers) == 1:
            raise
    # Perhaps it is a compression that the first one lacks.
    return _noted(note, readers[1]())


def _raw(origin: str) -> str:
    return (
        f"{origin} is a camera's raw file; develop it first, for instance with rawpy, and give the "
        "array or the picture that you get"
    )


def _tiff_by_pillow(file: BinaryIO, header: TiffPage, origin: str, wishes: Wishes) -> ReadImage:
    file.seek(0)
    with _opened(file, file.read(PREFIX_BYTES), origin) as picture:
        _seek(picture, header.index, origin)
        # Many programs call any fourth band alpha: let its values tell.
        doubtful = header.samples == 4 and 2 in header.extra
        return _from_pil(picture, origin, wishes, header.nodata, alpha_is_certain=not doubtful)


def _tiff_by_tifffile(tifffile: Any, file: BinaryIO, header: TiffPage, wishes: Wishes) -> ReadImage:
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages[header.index]
        if header.photometric not in (0, 1, 2) and not (header.is_bytes and page.shaped[4] == 3):
            raise ValueError(f"it is {header} of colours that are not red, green and blue")
        windows, path = None, getattr(file, "name", None)
        if isinstance(path, str | os.PathLike) and isinstance(file, io.BufferedReader):
            windows = partial(TiffWindows, Path(path), header)
        raster = TiffRaster(file, page, header, windows)
        return picture_of(raster, wishes, header.orientation)


# ------------------------------------------------------------------------------------- Pillow


def _opened(file: BinaryIO, start: bytes, origin: str) -> Image.Image:
    """Open a file like ``PIL.Image.open``, but without its warning from 89 megapixels on.

    People do have such images; the hard limit at twice that stays. Silencing the warning would
    change the filters of the whole process under the feet of other threads, so Pillow's readers are
    asked here, as it does itself.
    """
    tried: set[str] = set()
    refusals: list[str] = []
    for register_readers in (Image.preinit, Image.init):  # the common ones, then all
        register_readers()
        for name in [name for name in Image.ID if name not in tried]:
            tried.add(name)
            reader, accepts = Image.OPEN[name]
            try:
                verdict = accepts is None or accepts(start[:16])
                if isinstance(verdict, str):  # it knows the kind, but cannot read it here
                    refusals.append(verdict)
                elif verdict:
                    file.seek(0)
                    picture = reader(file, "")
                    if not _is_stub(picture):
                        return _checked(picture)
            except (SyntaxError, IndexError, TypeError, struct.error):
                continue  # Pillow's sign that it is another reader's
    if is_heic(start) and (heif := _heif_reader()) is not None:
        file.seek(0)
        return _checked(heif(file, ""))
    known = f" ({'; '.join(refusals)})" if refusals else ""
    raise _RefusedError(f"{origin} is not an image: it is {describe(start)}{known}")


def _is_stub(picture: Image.Image) -> bool:
    """Whether Pillow knows the kind, but leaves it to a program that is not there (HDF5, GRIB)."""
    if not isinstance(picture, ImageFile.StubImageFile):
        return False
    try:
        picture.load()
    except OSError:
        return True
    return False


def _heif_reader() -> Callable[[BinaryIO, str], Image.Image] | None:
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        return None
    return cast(Callable[[BinaryIO, str], Image.Image], HeifImageFile)


def _checked(picture: Image.Image) -> Image.Image:
    _check_pixels(picture.width * picture.height)
    return picture


def _check_pixels(count: int) -> None:
    if Image.MAX_IMAGE_PIXELS is not None and count > 2 * Image.MAX_IMAGE_PIXELS:
        raise Image.DecompressionBombError(
            f"it has {count:,} pixels, the limit is {2 * Image.MAX_IMAGE_PIXELS:,}"
        )


def _seek(picture: Image.Image, page: int, origin: str) -> None:
    if page == picture.tell():
        return
    try:
        picture.seek(page)
    except EOFError as error:
        count = getattr(picture, "n_frames", 1)
        chosen_page(min(count, page), page, origin)  # raises
        raise AssertionError from error
    _checked(picture)


def _from_pil(
    picture: Image.Image,
    origin: str,
    wishes: Wishes,
    nodata: float | None = None,
    *,
    alpha_is_certain: bool = True,
) -> ReadImage:
    if picture.width == 0 or picture.height == 0:
        raise _RefusedError(f"{origin} has no pixels: it is {picture.width} x {picture.height}")
    is_cut = _is_cut(picture)
    picture.load()
    orientation, notes = None, []
    try:
        orientation = picture.getexif().get(_ORIENTATION)
    except Exception:  # a broken block of EXIF data fails anywhere
        notes.append("its EXIF data is damaged, it may have to be turned")
    raster = _PillowRaster.of(picture, nodata, alpha_is_certain)
    if is_cut and raster.dtype == np.uint8:
        notes.append("Pillow cut its 16 bits to 8")
    image = picture_of(raster, wishes, orientation)
    return image._replace(notes=(*notes, *image.notes))


def _is_cut(picture: Image.Image) -> bool:
    """Whether Pillow keeps the upper 8 of 16 bits; asked before the file is decoded."""
    found = [tile[3] for tile in getattr(picture, "tile", ())]
    modes = [args if isinstance(args, str) else args[0] for args in found if args]
    return any(isinstance(mode, str) and mode.endswith(";16B") for mode in modes)


@dataclass
class _PillowRaster:
    """A decoded PIL image; a few rows at a time are converted and copied."""

    picture: Image.Image
    mode: str
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    has_alpha: bool | None
    transparent: int | None
    nodata: float | None
    row_step: int = 1

    @classmethod
    def of(
        cls, picture: Image.Image, nodata: float | None, alpha_is_certain: bool
    ) -> _PillowRaster:
        """Choose what it is converted to."""
        mode, channels, transparent = "RGB", 3, None
        dtype: np.dtype[Any] = np.dtype(np.uint8)
        if picture.mode.startswith(("I", "F")):
            mode, channels = picture.mode, 1
            dtype = np.asarray(picture.crop((0, 0, 1, 1))).dtype.newbyteorder("=")
            transparent = picture.info.get("transparency")
            if not isinstance(transparent, int):
                transparent = None
            channels += transparent is not None
        elif picture.has_transparency_data:
            mode, channels = "RGBA", 4
        elif picture.mode in ("1", "L"):
            mode, channels = "L", 1
        return cls(
            picture,
            mode,
            (picture.height, picture.width, channels),
            dtype,
            (True if alpha_is_certain else None) if channels in (2, 4) else False,
            transparent,
            nodata,
        )

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        """Convert rows."""
        width = self.picture.width
        limit = Image.MAX_IMAGE_PIXELS
        if limit is not None and (bottom - top) * width > limit and bottom - top > 1:
            middle = (top + bottom) // 2  # a person may set a limit below a few rows
            return np.concatenate([self.rows(top, middle), self.rows(middle, bottom)])
        part = self.picture.crop((0, top, width, bottom))
        if part.mode in ("La", "RGBa"):
            part = part.convert({"La": "LA", "RGBa": "RGBA"}[part.mode])
        if part.mode != self.mode:
            part = part.convert(self.mode)
        values: NDArray[Any] = np.asarray(part)
        values = values.reshape(bottom - top, width, -1)
        if self.transparent is None:
            return values
        opaque = values != self.transparent
        full = 65535 if self.dtype.kind == "u" else 255
        return np.concatenate([values, opaque.astype(self.dtype) * self.dtype.type(full)], axis=-1)


# ------------------------------------------------------------------------------------- either


def _noted(note: str, image: ReadImage) -> ReadImage:
    return image._replace(notes=(note, *image.notes)) if note else image


def _in_short(error: Exception) -> str:
    """Give a library's text on one line."""
    return " ".join(text_of(error).split())[:_MESSAGE_CHARS]
