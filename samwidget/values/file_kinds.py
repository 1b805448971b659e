"""What a file is that is no image, or none that is read here; said so that a person can go on."""

from __future__ import annotations

import struct

PREFIX_BYTES = 2048
"""As much of a file's beginning as tells."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS = {b"mif1", b"msf1", b"mif2"}
_AVIF_BRANDS = {b"avif", b"avis"}
_VIDEO_BRANDS = (b"isom", b"iso2", b"mp41", b"mp42", b"qt  ", b"M4V ", b"avc1", b"dash", b"3gp")

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", "a Git LFS pointer; fetch the file itself with `git lfs pull`"),
    (b"%PDF", "a PDF; export the page as PNG"),
    (b"PK\3\4", "a ZIP archive; unpack it and give one of its images"),
    (b"\x1f\x8b", "compressed by gzip; unpack it"),
    (b"\xfd7zXZ", "compressed by xz; unpack it"),
    (b"BZh", "compressed by bzip2; unpack it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd; unpack it"),
    (b"\x89HDF", "an HDF5 file; read the array in it with h5py and give that"),
    (b"SIMPLE  =", "a FITS file; read the array in it with astropy and give that"),
    (b"\x1aE\xdf\xa3", "a video; give one frame of it as an array"),
    (b"FUJIFILMCCD-RAW", "a camera's raw file; develop it, for instance with rawpy"),
    (b"IIRO", "a camera's raw file; develop it, for instance with rawpy"),
    (b"IIU\0", "a camera's raw file; develop it, for instance with rawpy"),
    (b"\x89PNG", "a damaged PNG"),
    (b"\xff\xd8\xff", "a damaged JPEG"),
    (b"GIF8", "a damaged GIF"),
    (b"GRIB", "a GRIB file; read the array in it with cfgrib and give that"),
)


def describe(start: bytes) -> str:
    """Say what a file is by its first :data:`PREFIX_BYTES`."""
    text = start[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "empty"
    if text.startswith((b"<!doctype html", b"<html")):
        return "an HTML page; give the address of the image itself, not of the page that shows it"
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in start):
        return "an SVG drawing; export it as PNG"
    if start.startswith(b"PK\3\4") and b".npy" in start[30:300]:
        return "an archive of numpy arrays; give one of them, as in numpy.load(path)['name']"
    for beginning, kind in _BEGINNINGS:
        if start.startswith(beginning) or text.startswith(beginning.lower()):
            return kind
    if start[128:132] == b"DICM":
        return "a DICOM file; read it with pydicom and give its pixel_array"
    if is_heic(start):
        return (
            "a HEIC photo; `pip install 'samwidget[heic]'` (pillow-heif) lets it open, or export "
            "it as JPEG"
        )
    brands = _brands(start)
    if brands & _AVIF_BRANDS:
        return "an AVIF image; Pillow 11.3 or newer reads it, or export it as PNG"
    if any(brand.startswith(_VIDEO_BRANDS) for brand in brands) or start[8:12] == b"AVI ":
        return "a video; give one frame of it as an array"
    return f"a file of an unknown kind that starts with {start[:16]!r}"


def is_heic(start: bytes) -> bool:
    """Tell a photo coded by HEVC, as phones make them, from others in the same container."""
    brands = _brands(start)
    return bool(brands & _HEIC_BRANDS or (brands & _HEIF_BRANDS and not brands & _AVIF_BRANDS))


def _brands(start: bytes) -> set[bytes]:
    """Give the brands in the first box of an ISO media file; an empty set for others."""
    if start[4:8] != b"ftyp" or len(start) < 16:
        return set()
    (size,) = struct.unpack(">I", start[:4])
    box = start[: min(size, len(start))]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box) - 3, 4))}
