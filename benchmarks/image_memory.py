"""Peak memory of loading an image file, in bytes a pixel of the picture; no timing. Linux only.

    python benchmarks/image_memory.py                     # files of 12 and 178 MP, made here
    python benchmarks/image_memory.py photo.jpg scan.tif

Each file is read in a process of its own; the picture that comes out (3 bytes a pixel) is counted.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SIZES_HW = {"12 MP": (3000, 4000), "178 MP": (11_500, 15_500)}

CHILD = """
import pathlib, sys
import numpy as np
from PIL import Image
from samwidget.values.images import load_image

def kilobytes(name):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

Image.init()
try:
    import tifffile
except ImportError:
    pass
load_image(np.zeros((9, 9, 4), np.float32))  # what is imported late is no part of the file
pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = kilobytes("VmRSS:")
image = load_image(sys.argv[1])
pixels = image.shape[0] * image.shape[1]
print((kilobytes("VmHWM:") - before) * 1024 / pixels)
"""


def peak_bytes_a_pixel(path: Path) -> float:
    """Load a file in a new process; give what it took at most."""
    command = [sys.executable, "-c", CHILD, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout)


def files(
    folder: Path, size_hw: tuple[int, int], names: Container[str] | None = None
) -> Iterator[Path]:
    """Make a picture with some detail in the kinds that people have, one file after the other."""

    def is_asked(name: str) -> bool:
        return names is None or name in names

    height, width = size_hw
    small = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    picture = Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR)
    turned = Image.Exif()
    turned[0x0112] = 6
    gray = picture.getchannel(0)
    deep = np.asarray(gray).astype(np.uint16) * 200
    kinds: dict[str, tuple[Image.Image, dict[str, object]]] = {
        "photo.jpg": (picture, {}),
        "turned.jpg": (picture, {"exif": turned}),
        "progressive.jpg": (picture, {"progressive": True}),
        "photo.png": (picture, {"compress_level": 1}),
        "alpha.png": (Image.merge("RGBA", [*picture.split(), gray]), {"compress_level": 1}),
        "gray16.png": (Image.fromarray(deep), {"compress_level": 1}),
        "photo.tif": (picture, {}),
        "lzw.tif": (picture, {"compression": "tiff_lzw"}),
        "turned.tif": (picture, {"exif": turned}),
    }
    for name, (image, options) in kinds.items():
        if not is_asked(name):
            continue
        image.save(folder / name, **options)
        yield folder / name
        (folder / name).unlink()
    try:
        import tifffile
    except ImportError:
        return
    colors = np.asarray(picture).astype(np.uint16) * 200
    strips = {"photometric": "rgb", "compression": "zlib", "compressionargs": {"level": 1}}
    planes = {"photometric": "rgb", "planarconfig": "separate"}
    for name, array, layout in (
        ("strips16.tif", colors, {**strips, "rowsperstrip": 64}),
        ("tiles16.tif", colors, {**strips, "tile": (256, 256)}),
        ("planes16.tif", np.moveaxis(colors, -1, 0), planes),
        ("float32.tif", deep.astype(np.float32), {}),
    ):
        if not is_asked(name):
            continue
        tifffile.imwrite(folder / name, array, **layout)
        yield folder / name
        (folder / name).unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args().files
    for path in asked:
        print(f"{path.name:<24}{peak_bytes_a_pixel(path):6.2f} bytes a pixel")
    if asked:
        return
    for size, size_hw in SIZES_HW.items():
        with tempfile.TemporaryDirectory() as folder:
            for path in files(Path(folder), size_hw):
                name = f"{size} {path.name}"
                print(f"{name:<24}{peak_bytes_a_pixel(path):6.2f} bytes a pixel", flush=True)


if __name__ == "__main__":
    main()
