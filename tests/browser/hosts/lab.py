"""JupyterLab."""

from __future__ import annotations

from hosts.jupyter import Jupyter


class Lab(Jupyter):
    """JupyterLab with one notebook open."""

    name = "jupyterlab"

    def page_of(self, file_name: str) -> str:
        return f"{self.url}/lab/tree/{file_name}?reset"
