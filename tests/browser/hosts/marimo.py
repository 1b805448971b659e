"""marimo, as its editor shows a notebook."""

from __future__ import annotations

import json
import textwrap
import uuid
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Locator, expect

from hosts.host import PATIENCE_MS, START_MS, Host


class Marimo(Host):
    """The editor of marimo, which runs a notebook when it opens it."""

    name = "marimo"
    file_name = ""

    def open_cells(self, cells: Sequence[str]) -> None:
        self.file_name = f"test_{uuid.uuid4().hex[:8]}.py"
        functions = [
            f"@app.cell\ndef _():\n{textwrap.indent(source, '    ')}\n    return\n"
            for source in cells
        ]
        parts = ["import marimo\n\napp = marimo.App()\n", *functions]
        (self.root / self.file_name).write_text("\n\n".join(parts))
        self.page.goto(f"{self.url}/?file={self.file_name}")
        expect(self.page.locator(".marimo-cell")).to_have_count(len(cells), timeout=START_MS)
        self.run("pass")

    def run_cell(self, index: int) -> None:
        with self.page.expect_response("**/api/kernel/run"):
            self.cell(index).locator(".cm-content").press("Control+Enter")
        self.run("pass")  # the kernel takes one after the other

    def cell(self, index: int) -> Locator:
        return self.page.locator(".marimo-cell").nth(index)

    def run(self, code: str) -> str:
        answer = self.page.request.post(
            f"{self.url}/api/kernel/execute",
            data={"code": code},
            headers={"Marimo-Stable-Session-Id": self.session()["session_id"]},
            timeout=PATIENCE_MS,
        )
        assert answer.ok, answer.text()
        events = [event.split("\n", 1) for event in answer.text().strip().split("\n\n")]
        told = [(name.removeprefix("event: "), json.loads(data[6:])) for name, data in events]
        done = next(data for name, data in told if name == "done")
        assert done["success"], told
        return "".join(data["data"] for name, data in told if name == "stdout")

    def session(self) -> dict[str, Any]:
        """Give the session of the open notebook, as the server knows it."""
        sessions = self._sessions().values()
        return next(one for one in sessions if one["filename"].endswith(self.file_name))

    def reload(self) -> None:
        self.page.reload()

    def shut_down(self) -> None:
        for session_id in self._sessions():
            self.page.request.post(
                f"{self.url}/api/home/shutdown_session", data={"sessionId": session_id}
            )

    def _sessions(self) -> dict[str, dict[str, Any]]:
        return dict(self.page.request.get(f"{self.url}/api/sessions").json())
