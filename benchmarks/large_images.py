"""Memory that an image of 100 megapixels takes in the kernel and in the browser. Linux only.

    python benchmarks/large_images.py [--side 10000] [--only array jpeg] [--no-browser]

Each kind is opened, shown, clicked and looked at closely in a process of its own. Counted is its
own memory (RssAnon + RssShmem), at most at any time, above what it had with a small image; pages of
files, which the system takes back when it wants them, are given beside it. The browser's is what
all of Chromium's processes have, what they share counted once (PSS), when one has zoomed in at nine
places; the same with a small image is given beside it. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from measuring import Row, machine
from PIL import Image

KINDS = ("array", "jpeg", "tiff", "tiff16", "zarr", "zarr16")
KERNEL_MB, BROWSER_MB = 400, 300
PATIENCE_MS = 240_000

CHILD = """
import json, pathlib, re, sys, threading, time
import numpy as np
import tifffile, zarr
from samwidget import SamWidget

def megabytes(*names):
    text = pathlib.Path("/proc/self/status").read_text()
    return sum(int(re.search(name + r":\\s+(\\d+)", text)[1]) for name in names) / 1024

kind, source, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
small = SamWidget(np.zeros((64, 64, 3), np.uint8))  # what is imported late is no part of an image
small.add_point(30, 30)
small.close()
image = source
if kind == "array":
    image = np.zeros((side, side, 3), np.uint8)
    image[:, ::2] = 200
if kind.startswith("zarr"):
    image = zarr.open_array(source, mode="r")
before, peak, ended = megabytes("RssAnon", "RssShmem"), 0.0, False

def watch():
    global peak
    while not ended:
        peak = max(peak, megabytes("RssAnon", "RssShmem"))
        time.sleep(0.002)

watching = threading.Thread(target=watch)
watching.start()
widget = SamWidget(image)
widget.wait()
widget._mirror.snapshot()  # what a page gets
widget._repr_mimebundle_()
widget.add_point(side // 2, side // 2)
widget.commit()
part = (side // 2, side // 2, side // 2 + 1000, side // 2 + 800)
widget._session.look_closer(part, 1.0).result()
widget.add_box(part[0] + 100, part[1] + 100, part[0] + 300, part[1] + 300)
widget.commit()
ended = True
watching.join()
after = megabytes("RssAnon", "RssShmem")
print(json.dumps([peak - before, after - before, megabytes("RssFile")]))
"""

CELL = """
import numpy as np
from samwidget import SamWidget
image = np.zeros(({side}, {side}, 3), np.uint8)
image[:, ::2] = (90, 140, 200)
image[::64] = 250
widget = SamWidget(image)
widget
"""


def picture(side: int) -> np.ndarray[Any, Any]:
    """Make a picture with some detail."""
    small = np.random.default_rng(0).integers(0, 256, (side // 8, side // 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BILINEAR))


def make(kind: str, side: int, folder: Path) -> Path:
    """Write a file of a kind; none for an array."""
    import tifffile
    import zarr

    path = folder / kind
    if kind == "array":
        return path
    image = picture(side)
    if kind == "jpeg":
        Image.fromarray(image).save(path, "JPEG", quality=90)
    elif kind.startswith("tiff"):
        values = image if kind == "tiff" else image.astype(np.uint16) * 100
        packed = {"compression": "zlib", "compressionargs": {"level": 1}}
        tifffile.imwrite(path, values, photometric="rgb", tile=(256, 256), **packed)
    else:
        values = image if kind == "zarr" else image.astype(np.uint16) * 100
        chunks = (512, 512, 3)
        stored = zarr.open_array(
            path, mode="w", shape=values.shape, chunks=chunks, dtype=values.dtype
        )
        stored[:] = values
    return path


def kernel_rows(kind: str, side: int) -> list[Row]:
    """Measure one kind in a new process; its file is made in another."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        code = f"import large_images as l; l.make({kind!r}, {side}, l.Path({folder!r}))"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)
        command = [sys.executable, "-c", CHILD, kind, str(Path(folder) / kind), str(side)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak, after, files = json.loads(done.stdout.splitlines()[-1])
    name = f"{side * side / 1e6:.0f} MP, {kind}"
    return [
        Row(f"{name}: kernel at most", "MB", peak, wanted=f"{KERNEL_MB} at most"),
        Row(f"{name}: kernel then", "MB", after),
        Row(f"{name}: pages of files then, libraries included", "MB", files),
    ]


def browser_megabytes(page: Any) -> float:
    """Give what all processes of the browser have, shared memory counted once."""
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(10_000)  # for what it frees by and by
    total = 0
    for process in psutil.Process().children(recursive=True):
        if "chrom" in process.name():
            total += process.memory_full_info().pss
    return total / 1e6


def browser_rows(side: int) -> list[Row]:
    """Zoom into a large image at nine places, and into a small one."""
    from click_to_paint import open_lab
    from playwright.sync_api import expect

    found = {}
    for length in (512, side):
        with open_lab() as (lab, page):
            lab.open_cells([CELL.format(side=length)])
            view = lab.view()
            expect(view.root).to_have_attribute("data-phase", "ready", timeout=PATIENCE_MS)
            for place in range(9):
                view.press("0")
                view.move((place % 3 + 0.5) * length / 3, (place // 3 + 0.5) * length / 3)
                page.keyboard.down("Control")
                for _ in range(12):
                    page.mouse.wheel(0, -200)
                page.keyboard.up("Control")
                phase = "none" if length < 4096 else "sharp"
                expect(view.root).to_have_attribute("data-detail", phase, timeout=PATIENCE_MS)
            found[length] = browser_megabytes(page)
    name = f"{side * side / 1e6:.0f} MP"
    taken = found[side] - found[512]
    return [
        Row(f"{name}: browser, above a small image", "MB", taken, wanted=f"{BROWSER_MB} at most"),
        Row("small image: browser", "MB", found[512]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    print(f"{machine()}\n\n{Row.head()}", flush=True)
    for kind in options.only:
        for row in kernel_rows(kind, options.side):
            print(row, flush=True)
    if not options.no_browser:
        for row in browser_rows(options.side):
            print(row, flush=True)


if __name__ == "__main__":
    main()
