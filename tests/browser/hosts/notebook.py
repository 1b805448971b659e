"""Jupyter Notebook 7."""

from __future__ import annotations

from hosts.jupyter import Jupyter


class Notebook(Jupyter):
    """Notebook 7, a page of its own for each notebook."""

    name = "notebook"

    def page_of(self, file_name: str) -> str:
        return f"{self.url}/notebooks/{file_name}"
