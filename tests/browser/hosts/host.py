"""What a test asks of a notebook application, whichever it is."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page
from view import View

PATIENCE_MS = 30_000  # a busy machine is no failure
START_MS = 60_000


class Host(ABC):
    """A notebook application in a browser page, with at most one notebook open.

    Parameters
    ----------
    page
        An empty page of the browser.
    url
        Address of the running server.
    root
        The folder that it serves.
    """

    name: str

    def __init__(self, page: Page, url: str, root: Path) -> None:
        page.set_default_timeout(PATIENCE_MS)
        page.set_viewport_size({"width": 1280, "height": 1000})
        self.page = page
        self.url = url
        self.root = root

    @abstractmethod
    def open_cells(self, cells: Sequence[str]) -> None:
        """Write a notebook with these code cells, open it and run it all."""

    @abstractmethod
    def run_cell(self, index: int) -> None:
        """Run the index-th cell again and wait for its end."""

    @abstractmethod
    def cell(self, index: int) -> Locator:
        """Find the index-th cell on the page, with what it has shown."""

    @abstractmethod
    def run(self, code: str) -> str:
        """Run code in the kernel beside the cells; gives what it printed."""

    @abstractmethod
    def reload(self) -> None:
        """Save the notebook, load the page again and wait until the kernel is reached."""

    @abstractmethod
    def shut_down(self) -> None:
        """End the kernels that the test has started."""

    def value(self, expression: str) -> Any:
        """Give the value of a Python expression in the kernel, by way of JSON."""
        return json.loads(self.run(f"import json; print(json.dumps({expression}))"))

    def wait_for(self, expression: str, expected: Any) -> None:
        """Wait until a Python expression in the kernel has this value."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while (value := self.value(expression)) != expected:
            if time.monotonic() > deadline:
                raise AssertionError(f"{expression} is {value!r}, not {expected!r}")
            self.page.wait_for_timeout(100)

    def view(self, index: int = 0) -> View:
        """Give the index-th view of a widget on the page."""
        return View(self.page.get_by_test_id("samwidget").nth(index))
