"""A picture whose objects any model must find: no test here is about the quality of masks."""

from __future__ import annotations

from collections.abc import Sequence

from hosts.jupyter import Jupyter
from view import View

SCENE = """
import numpy as np
from samwidget import SamWidget
rows, columns = np.mgrid[:300, :400]
scene = np.full((300, 400, 3), (40, 70, 60), np.uint8)
scene[(columns - 120) ** 2 + (rows - 150) ** 2 < 70 ** 2] = (220, 90, 60)
scene[90:210, 260:350] = (230, 210, 90)
"""
DISK, SQUARE, EMPTY = (120, 150), (305, 150), (200, 30)


def open_scene(lab: Jupyter, kernel: str = "python3", cells: Sequence[str] = ()) -> View:
    lab.open_cells([SCENE + "widget = SamWidget(scene)\nwidget", *cells], kernel)
    return lab.view().wait_ready()
