"""What JupyterLab and Notebook 7 have in common."""

from __future__ import annotations

import json
import shutil
import urllib.request
import uuid
from collections.abc import Sequence
from typing import Any, Self

from playwright.sync_api import Locator

from hosts.host import PATIENCE_MS, START_MS, Host

# `panel` is the notebook, whatever else is open beside it.
FIND_PANEL = """
const panel = Array.from(window.jupyterapp?.shell.widgets("main") ?? [])
  .find((widget) => widget.sessionContext && widget.content?.model?.cells);
"""

RUN_IN_KERNEL = (
    """
async ([code, patience]) => {"""
    + FIND_PANEL
    + """
  const kernel = panel.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false });
  let text = "", error = null;
  future.onIOPub = (message) => {
    if (message.header.msg_type === "stream") text += message.content.text;
    if (message.header.msg_type === "error") {
      error = `${message.content.ename}: ${message.content.evalue}`;
    }
  };
  const late = new Promise((resolve) => setTimeout(resolve, patience, "late"));
  if (await Promise.race([future.done, late]) === "late") {
    error = "the kernel has not answered";
    future.dispose();
  }
  return { text, error };
}
"""
)

RUN_COMMAND = """
async ([name, patience]) => {
  const late = new Promise((resolve) => setTimeout(resolve, patience, "late"));
  const done = window.jupyterapp.commands.execute(name);
  if (await Promise.race([done, late]) === "late") throw new Error(`${name} does not end`);
}
"""

CHOOSE_CELL = "index => {" + FIND_PANEL + "panel.content.activeCellIndex = index; }"

RESTART_KERNEL = (
    "async () => {" + FIND_PANEL + "await panel.sessionContext.session.kernel.restart(); }"
)

KERNEL_ID = "() => {" + FIND_PANEL + "return panel.sessionContext.session.kernel.id; }"

TAKE_KERNEL = "async (id) => {" + FIND_PANEL + "await panel.sessionContext.changeKernel({ id }); }"

KERNEL_IS_IDLE = (
    "() => {" + FIND_PANEL + 'return panel?.sessionContext?.session?.kernel?.status === "idle"; }'
)


class Jupyter(Host):
    """A notebook on a Jupyter server."""

    file_name = ""

    def page_of(self, file_name: str) -> str:
        """Give the address at which this notebook is shown."""
        raise NotImplementedError

    def open_cells(self, cells: Sequence[str], kernel: str = "python3") -> None:
        self.open(self.write(cells, kernel))
        self.run_all()

    def write(self, cells: Sequence[str], kernel: str = "python3") -> str:
        """Write a notebook with these code cells; gives the file's name."""
        path = self.root / f"test-{uuid.uuid4().hex[:8]}.ipynb"
        code: list[dict[str, Any]] = [
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
        return path.name

    def open(self, file_name: str) -> None:
        self.file_name = file_name
        self.page.goto(self.page_of(file_name))
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(KERNEL_IS_IDLE, timeout=START_MS)

    def reload(self) -> None:
        self.save()
        self.page.reload()
        self.wait_for_kernel()

    def second_window(self, file_name: str = "") -> Self:
        """Save the notebook; open it, or another one, in a second window.

        The same one is on the same kernel, another one on its own.
        """
        self.save()
        window = type(self)(self.page.context.new_page(), self.url, self.root)
        window.open(file_name or self.file_name)
        return window

    def copy(self) -> str:
        """Save the notebook and copy its file; gives the copy's name."""
        self.save()
        name = f"copy-of-{self.file_name}"
        shutil.copy(self.root / self.file_name, self.root / name)
        return name

    @property
    def kernel_id(self) -> str:
        return str(self.page.evaluate(KERNEL_ID))

    def take_kernel(self, kernel_id: str) -> None:
        """Have the open notebook use a kernel that runs already."""
        self.page.evaluate(TAKE_KERNEL, kernel_id)
        self.wait_for_kernel()

    def save(self) -> None:
        self.command("docmanager:save")

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def run_cell(self, index: int) -> None:
        self.choose_cell(index)
        self.command("notebook:run-cell")

    def choose_cell(self, index: int) -> None:
        self.page.evaluate(CHOOSE_CELL, index)

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def command(self, name: str) -> None:
        """Carry out a command of the application and wait for its end."""
        self.page.evaluate(RUN_COMMAND, [name, START_MS])

    def run(self, code: str) -> str:
        answer = self.page.evaluate(RUN_IN_KERNEL, [code, PATIENCE_MS])
        assert answer["error"] is None, answer["error"]
        return str(answer["text"])

    def restart_kernel(self) -> None:
        """Restart the kernel under the open page, and run nothing."""
        self.page.evaluate(RESTART_KERNEL)
        self.wait_for_kernel()

    def shut_down(self) -> None:
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            request = urllib.request.Request(
                f"{self.url}/api/kernels/{kernel['id']}", method="DELETE"
            )
            urllib.request.urlopen(request, timeout=30).close()
