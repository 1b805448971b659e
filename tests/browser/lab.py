"""Page objects: JupyterLab with one notebook open, and one view of the widget in it."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

RUN_IN_KERNEL = """
async (code) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const kernel = panel.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false });
  let text = "", error = null;
  future.onIOPub = (message) => {
    if (message.header.msg_type === "stream") text += message.content.text;
    if (message.header.msg_type === "error") {
      error = `${message.content.ename}: ${message.content.evalue}`;
    }
  };
  await future.done;
  return { text, error };
}
"""

READ_PIXEL = """
(canvas, [x, y]) => {
  const { width, height } = canvas.getBoundingClientRect();
  const px = Math.round(x * canvas.width / width), py = Math.round(y * canvas.height / height);
  return Array.from(canvas.getContext("2d").getImageData(px, py, 1, 1).data.slice(0, 3));
}
"""


class Lab:
    """JupyterLab with one notebook open."""

    def __init__(self, page: Page, url: str, root: Path) -> None:
        self.page = page
        self.url = url
        self.root = root

    def open_cells(self, cells: Sequence[str], kernel: str = "python3") -> None:
        """Write a notebook with these code cells, open it and run it all."""
        path = self.root / f"test-{uuid.uuid4().hex[:8]}.ipynb"
        code = [
            {
                "id": f"cell-{index}",
                "cell_type": "code",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for index, source in enumerate(cells)
        ]
        spec = {"name": kernel, "display_name": kernel, "language": "python"}
        notebook = {
            "cells": code,
            "metadata": {"kernelspec": spec},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path.write_text(json.dumps(notebook))
        self.open(path.name)
        self.run_all()

    def open(self, name: str) -> None:
        self.page.goto(f"{self.url}/lab/tree/{name}?reset")
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=60_000,
        )

    def reload(self) -> None:
        self.page.reload()
        self.wait_for_kernel()

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def command(self, name: str) -> None:
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run(self, code: str) -> str:
        """Run code in the kernel; gives what it printed."""
        answer = self.page.evaluate(RUN_IN_KERNEL, code)
        assert answer["error"] is None, answer["error"]
        return str(answer["text"])

    def value(self, expression: str) -> Any:
        """Give the value of a Python expression in the kernel, by way of JSON."""
        return json.loads(self.run(f"import json; print(json.dumps({expression}))"))

    def view(self, index: int = 0) -> View:
        """Give the index-th view of a widget on the page."""
        return View(self, self.page.get_by_test_id("samwidget").nth(index))

    def shut_down(self) -> None:
        """End the kernels that the test has started."""
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            request = urllib.request.Request(
                f"{self.url}/api/kernels/{kernel['id']}", method="DELETE"
            )
            urllib.request.urlopen(request, timeout=30).close()


class View:
    """One view of a widget; points are in pixels of the image frame."""

    def __init__(self, lab: Lab, root: Locator) -> None:
        self.lab = lab
        self.root = root
        self.canvas = root.get_by_test_id("samwidget-canvas")

    def wait_ready(self) -> View:
        expect(self.root).to_have_attribute("data-phase", "ready", timeout=60_000)
        return self

    def on_screen(self, x: float, y: float) -> tuple[float, float]:
        """Say where a point of the image is on the canvas, in CSS pixels."""
        text = self.canvas.get_attribute("data-viewport")
        assert text is not None
        scale, left, top = map(float, text.split())
        return left + x * scale, top + y * scale

    def move(self, x: float, y: float, *, steps: int = 1) -> None:
        left, top = self.on_screen(x, y)
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box is not None
        self.lab.page.mouse.move(box["x"] + left, box["y"] + top, steps=steps)

    def click(self, x: float, y: float, *, button: Any = "left") -> None:
        self.move(x, y)
        self.lab.page.mouse.click(*self._at(x, y), button=button)

    def drag(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.move(x1, y1)
        self.lab.page.mouse.down()
        self.move(x2, y2, steps=6)
        self.lab.page.mouse.up()

    def _at(self, x: float, y: float) -> tuple[float, float]:
        left, top = self.on_screen(x, y)
        box = self.canvas.bounding_box()
        assert box is not None
        return box["x"] + left, box["y"] + top

    def press(self, key: str) -> None:
        self.canvas.focus()
        self.lab.page.keyboard.press(key)

    def pixel(self, x: float, y: float) -> list[int]:
        """Read the colour on the canvas at a point of the image."""
        return list(self.canvas.evaluate(READ_PIXEL, list(self.on_screen(x, y))))

    def expect_objects(self, count: int) -> None:
        expect(self.root).to_have_attribute("data-objects", str(count))

    def expect_draft(self, shown: bool = True) -> None:
        expect(self.root).to_have_attribute("data-draft", "mask" if shown else "none")

    def expect_error(self, pattern: str) -> None:
        expect(self.root.get_by_test_id("error")).to_contain_text(re.compile(pattern))
