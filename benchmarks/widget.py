"""How the widget feels: every figure of it in a real JupyterLab, in one run.

    python benchmarks/widget.py [--only clicks hover] [--clicks 30] [--kernel python3]

Chromium draws in software, the model is the embedded one, the image a photo of 12 megapixels. The
kernel, the notebook server and the browser share the machine. Prints a Markdown table of medians;
the goal of a row is what it should be at most, or at least where that says so.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from in_lab import ROOT, Lab, View, heard, measured_ms, memory_mb, open_lab, rest, watch
from measuring import Row, machine, versions
from PIL import Image
from playwright.sync_api import Page

SIZE_WH = 4000, 3000
OBJECTS = 100
KINDS = "js", "css"
PACKAGES = ("samwidget", "torch", "numpy", "jupyterlab", "ipykernel", "anywidget", "playwright")

# The time between frames while something moves.
COUNT_FRAMES = """() => {
    const times = [];
    const note = (now) => { times.push(now); window.frameRequest = requestAnimationFrame(note); };
    window.frameTimes = times;
    window.frameRequest = requestAnimationFrame(note);
}"""
READ_FRAMES = """() => {
    cancelAnimationFrame(window.frameRequest);
    return window.frameTimes.slice(1).map((now, index) => now - window.frameTimes[index]);
}"""

# When the first frame with something of the picture in the middle is drawn, in Unix milliseconds.
FIRST_PICTURE = """() => new Promise((resolve) => {
    const look = () => {
        const canvas = document.querySelector('[data-testid="samwidget-canvas"]');
        const { width = 0, height = 0 } = canvas ?? {};
        const context = width > 1 ? canvas.getContext("2d") : null;
        const pixel = context?.getImageData(width >> 1, height >> 1, 1, 1).data;
        if (pixel?.[3] === 255) resolve(performance.timeOrigin + performance.now());
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""

MAKE_OBJECTS = """
for index in range({}, {}):
    widget.add_point(4000 * (index * 0.618034 % 1), 3000 * (index * 0.414214 % 1))
    widget.commit()
"""


def main() -> None:
    sections = {
        "clicks": clicks,
        "hover": hover,
        "objects": objects,
        "opening": opening,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=list(sections), default=list(sections))
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument(
        "--image", type=Path, default=ROOT / "examples" / "photos" / "astronaut.jpg"
    )
    parser.add_argument("--kernel", default="python3")
    options = parser.parse_args()
    print("\n".join([machine(), "", versions(PACKAGES, Path()), "", Row.head()]))
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        enlarged = (
            Image.open(options.image).convert("RGB").resize(SIZE_WH, Image.Resampling.BICUBIC)
        )
        enlarged.save(photo, quality=92)
        with open_lab() as lab:
            for name in options.only:
                for row in sections[name](lab, photo, options):
                    print(row, flush=True)
    for row in bundle():
        print(row)


# ---------------------------------------------------------------------------------------- sections


def clicks(lab: Lab, photo: Path, options: argparse.Namespace) -> Iterator[Row]:
    """From letting go of the button to the painted frame, and what the kernel does meanwhile."""
    view = show(lab, photo, options.kernel)
    watch(lab)
    for what, wait_ms in (("click on a place at rest", 400), ("click at the end of a move", 0)):
        heard(lab, "add_point")
        measured_ms(lab.page, "samwidget:click-to-paint")
        for x, y in places(options.clicks):
            view.move(x, y)
            rest(lab.page, wait_ms)
            view.click(x, y)
            view.expect_draft()
            rest(lab.page, 250)
            view.press("Escape")
            view.expect_draft(False)
            rest(lab.page, 150)
        work = [ms for ms, _ in heard(lab, "add_point")]
        paint = measured_ms(lab.page, "samwidget:click-to-paint")
        kernel_ms = statistics.median(work)
        yield Row(f"{what}: work of the kernel", "ms", kernel_ms)
        yield row(f"{what}: to the painted mask", paint, f"{kernel_ms + 25:.0f} ms, kernel + 25")
        yield Row(f"{what}: 90 % of them", "ms", ninety(paint))


def hover(lab: Lab, photo: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Previews while the pointer moves and after it has come to rest."""
    view = show(lab, photo, options.kernel)
    watch(lab)
    page, name = lab.page, "samwidget:move-to-preview"
    view.move(200, 200)
    rest(page)
    measured_ms(page, name)
    heard(lab, "preview")
    start = time.perf_counter()
    for x, y in places(6):
        view.move(x, y, steps=60)
    moving_s = time.perf_counter() - start
    waits = measured_ms(page, name)
    yield Row("previews while the pointer moves", "a second", len(waits) / moving_s, wanted=">= 15")
    yield row("a preview of a moving pointer: from the place to the frame", waits, "")
    rest(page)
    yield Row(
        "a preview: work of the kernel", "ms", median([ms for ms, _ in heard(lab, "preview")])
    )
    waits = []
    for x, y in places(options.clicks):
        measured_ms(page, name)
        view.move(x, y)
        rest(page)
        waits += measured_ms(page, name)
    yield row("first preview after a jump to another place", waits, "50 ms")


def objects(lab: Lab, photo: Path, options: argparse.Namespace) -> Iterator[Row]:
    """A hundred objects: memory, frames, a commit among them."""
    devtools = lab.page.context.new_cdp_session(lab.page)
    lab.open_cells(["1"], options.kernel)
    rest(lab.page, 2000)
    empty_mb = memory_mb(lab.page, devtools)
    view = show(lab, photo, options.kernel)
    make_objects(lab, view)
    page = lab.page
    what = f"{OBJECTS} objects"
    yield from frames(f"{what}, zoom", page, lambda: zoom(view))
    yield from frames(f"{what}, pan", page, lambda: pan(view))
    view.press("0")
    yield Row(
        f"{what}: memory of the browser beyond JupyterLab's",
        "MB",
        memory_mb(page, devtools) - empty_mb,
        wanted="200 MB",
    )
    devtools.detach()
    watch(lab)
    for x, y in places(10):
        view.click(x, y)
        view.expect_draft()
        view.press("Enter")
        view.expect_draft(False)
        rest(page, 300)
        view.press("Control+z")
        view.press("Control+z")
        view.expect_objects(OBJECTS)
    commits = heard(lab, "commit")
    yield row(f"a commit among {what}: work of the kernel", [ms for ms, _ in commits], "30 ms")
    yield Row(
        f"a commit among {what}: on the wire",
        "KB",
        median([size / 1000 for _, size in commits]),
        wanted="20 KB",
    )


def opening(lab: Lab, photo: Path, options: argparse.Namespace) -> Iterator[Row]:
    """From ``SamWidget(image)`` to the frame with the picture."""
    setup = (
        "import time, numpy as np\nfrom PIL import Image\nfrom samwidget import SamWidget\n"
        f"path = {str(photo)!r}\npixels = np.asarray(Image.open(path))\n"
        "SamWidget(pixels[:64, :64]).wait()"
    )
    for what, source in (("array", "pixels"), ("JPEG file", "path")):
        show_it = f"begun = time.time()\nwidget = SamWidget({source})\nwidget"
        waits = []
        for _ in range(max(1, options.clicks // 6)):
            lab.open_cells([setup], options.kernel)
            lab.page.evaluate(ADD_CELL, show_it)
            seen = lab.page.evaluate_handle(f"() => ({{ at: ({FIRST_PICTURE})() }})")
            lab.run_cell(1)
            shown_ms = seen.evaluate("({ at }) => at")
            waits.append(shown_ms - 1000 * lab.value("begun"))
        yield row(f"SamWidget of 12 MP, {what}: to the visible image", waits, "300 ms")


ADD_CELL = """source => {
    const panel = Array.from(window.jupyterapp.shell.widgets("main"))
        .find((widget) => widget.content?.model?.cells);
    const { sharedModel } = panel.content.model;
    sharedModel.insertCell(1, { cell_type: "code", source });
}"""


def bundle() -> Iterator[Row]:
    """The front end as it is sent to a page."""
    sizes = [(ROOT / "samwidget" / "static" / f"widget.{kind}").stat().st_size for kind in KINDS]
    yield Row("bundle: script", "KB", sizes[0] / 1000, wanted="180 KB")
    yield Row("bundle: script and styles", "KB", sum(sizes) / 1000)


# ------------------------------------------------------------------------------------------- hands


def show(lab: Lab, photo: Path, kernel: str) -> View:
    """Open a notebook with a widget on the photo, and wait until it is ready."""
    source = f"from samwidget import SamWidget\nwidget = SamWidget({str(photo)!r})\nwidget"
    lab.open_cells([source], kernel)
    view = lab.view().wait_ready()
    rest(lab.page, 1000)
    return view


def make_objects(lab: Lab, view: View) -> None:
    """Click them, some at a time: the kernel is asked what takes seconds only."""
    for first in range(0, OBJECTS, 10):
        lab.run(MAKE_OBJECTS.format(first, first + 10))
        view.expect_objects(first + 10)


def places(count: int) -> Iterator[tuple[float, float]]:
    """Spread places over the image."""
    for index in range(count):
        x, y = (index * 0.618034) % 1, (index * 0.414214) % 1
        yield SIZE_WH[0] * (0.1 + 0.8 * x), SIZE_WH[1] * (0.1 + 0.8 * y)


def zoom(view: View) -> None:
    """Come closer and go back, notch by notch of a wheel."""
    view.move(1800, 1400)
    view.page.keyboard.down("Control")
    for delta in [*[-100] * 12, *[100] * 12] * 2:
        view.page.mouse.wheel(0, delta)
    view.page.keyboard.up("Control")


def pan(view: View) -> None:
    """Drag the picture about by the middle button, somewhat closer than the whole."""
    view.press("0")
    view.move(2000, 1500)
    view.page.keyboard.down("Control")
    for _ in range(5):
        view.page.mouse.wheel(0, -100)
    view.page.keyboard.up("Control")
    x, y = view._at(2000, 1500)
    view.page.mouse.down(button="middle")
    for dx, dy in ((150, 80), (-150, -80), (120, -90), (0, 0)):
        view.page.mouse.move(x + dx, y + dy, steps=25)
    view.page.mouse.up(button="middle")


def frames(what: str, page: Page, act: object) -> Iterator[Row]:
    """Time between the frames while something is done."""
    assert callable(act)
    page.evaluate(COUNT_FRAMES)
    act()
    times = page.evaluate(READ_FRAMES)
    yield row(f"{what}: time of a frame", times, "16.7 ms")
    yield Row(f"{what}: 90 % of the frames", "ms", ninety(times))


def row(what: str, values: Sequence[float], wanted: str) -> Row:
    return Row(what, "ms", median(values), wanted=wanted)


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def ninety(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=10)[-1]


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
