"""Measure how long a person waits for the mask: from letting go of the button to the painted frame.

    python benchmarks/click_to_paint.py [--clicks 30] [--image PATH] [--kernel python3]

Starts a real JupyterLab with Chromium, clicks on a photo, and reads the front end's own
``samwidget:click-to-paint`` measure, besides the decoder's time in the same kernel. Prints a
Markdown table of medians.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from chromium import CHROMIUM_FLAGS, find_chromium  # noqa: E402
from hosts.lab import Lab  # noqa: E402
from hosts.servers import jupyter  # noqa: E402
from view import View  # noqa: E402

CLICK = "samwidget:click-to-paint"

# The part of a click that the model takes, in the same kernel, in milliseconds.
DECODE_ALONE = """
import json, time
from samwidget import Predictor, Prompts
from samwidget.weights.opening import open_model
predictor = Predictor(open_model("nano"))
embedding = predictor.encode(widget.image)
prompts = Prompts(point_coords=[[50.0, 50.0]], point_labels=[1])
durations = []
for _ in range(40):
    start = time.perf_counter()
    predictor.predict(embedding, prompts)
    durations.append((time.perf_counter() - start) * 1e3)
print(json.dumps(durations[10:]))
"""


@contextlib.contextmanager
def open_lab() -> Iterator[tuple[Lab, Page]]:
    """Start server and browser, end both."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium on the PATH")
    with (
        tempfile.TemporaryDirectory() as home,
        jupyter(Path(home)) as (url, root),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        lab = Lab(page, url, root)
        yield lab, page
        lab.shut_down()
        browser.close()


def measured_ms(page: Page, name: str) -> list[float]:
    """Read the durations that the front end has noted under a name."""
    script = "name => performance.getEntriesByName(name, 'measure').map(entry => entry.duration)"
    return list(page.evaluate(script, name))


def click_around(lab: Lab, view: View, clicks: int, width: int, height: int) -> None:
    """Click one point after another, each on a fresh draft, and wait for each mask."""
    for index in range(clicks):
        x = width * (0.15 + 0.7 * ((index * 0.618034) % 1))
        y = height * (0.15 + 0.7 * ((index * 0.414214) % 1))
        view.click(x, y)
        view.expect_draft()
        lab.page.wait_for_timeout(250)
        view.press("Escape")
        view.expect_draft(False)
        lab.page.wait_for_timeout(150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("--image", default=str(ROOT / "examples" / "photos" / "astronaut.jpg"))
    parser.add_argument("--kernel", default="python3")
    options = parser.parse_args()
    with open_lab() as (lab, page):
        source = f"from samwidget import SamWidget\nwidget = SamWidget({options.image!r})\nwidget"
        lab.open_cells([source], options.kernel)
        view = lab.view().wait_ready()
        height, width = lab.value("widget.image.shape[:2]")
        click_around(lab, view, options.clicks, width, height)
        paint = measured_ms(page, CLICK)
        decode = json.loads(lab.run(DECODE_ALONE))
    print(
        f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {options.kernel}"
    )
    print("\n| what | median ms | 90 % ms | n |\n|---|---|---|---|")
    for name, values in (("click to paint", paint), ("decode alone", decode)):
        p90 = statistics.quantiles(values, n=10)[-1]
        print(f"| {name} | {statistics.median(values):.1f} | {p90:.1f} | {len(values)} |")


if __name__ == "__main__":
    main()
