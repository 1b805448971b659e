"""Page object: one view of the widget; points are in pixels of the image frame."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, expect

READ_PIXEL = """
(canvas, [x, y]) => {
  const { width, height } = canvas.getBoundingClientRect();
  const px = Math.round(x * canvas.width / width), py = Math.round(y * canvas.height / height);
  return Array.from(canvas.getContext("2d").getImageData(px, py, 1, 1).data.slice(0, 3));
}
"""


SEARCH_MS = 240_000  # a busy machine is no failure


class View:
    """One view of a widget; points are in pixels of the image frame."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
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
        self.canvas.scroll_into_view_if_needed()
        self.page.mouse.move(*self._at(x, y), steps=steps)

    def click(self, x: float, y: float, *, button: Any = "left") -> None:
        self.move(x, y)
        self.page.mouse.click(*self._at(x, y), button=button)

    def drag(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.move(x1, y1)
        self.page.mouse.down()
        self.move(x2, y2, steps=6)
        self.page.mouse.up()

    def _at(self, x: float, y: float) -> tuple[float, float]:
        left, top = self.on_screen(x, y)
        box = self.canvas.bounding_box()
        assert box is not None
        return box["x"] + left, box["y"] + top

    def press(self, key: str) -> None:
        self.canvas.focus()
        self.page.keyboard.press(key)

    def pixel(self, x: float, y: float) -> list[int]:
        """Read the colour on the canvas at a point of the image."""
        return list(self.canvas.evaluate(READ_PIXEL, list(self.on_screen(x, y))))

    def expect_objects(self, count: int) -> None:
        expect(self.root).to_have_attribute("data-objects", str(count))

    def expect_points(self, count: int) -> None:
        expect(self.root).to_have_attribute("data-points", str(count))

    def expect_draft(self, shown: bool = True) -> None:
        expect(self.root).to_have_attribute("data-draft", "mask" if shown else "none")

    def find_everything(self) -> None:
        self.root.get_by_test_id("find-everything").click()
        self.expect_search("on")

    def expect_search(self, phase: str) -> None:
        """Wait until a search is ``"on"``, ``"over"``, or there was ``"none"``."""
        expect(self.root).to_have_attribute("data-search", phase, timeout=SEARCH_MS)

    def expect_found(self, count: int) -> None:
        expect(self.root).to_have_attribute("data-found", str(count))

    @property
    def found(self) -> int:
        return int(self.root.get_attribute("data-found") or 0)

    def expect_error(self, pattern: str) -> None:
        expect(self.root.get_by_test_id("error")).to_contain_text(re.compile(pattern))
