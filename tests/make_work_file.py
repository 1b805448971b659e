"""Writes ``tests/fixtures/work_v1.samw``, only as long as no release has read files of version 1.

Run as ``PYTHONPATH=. python tests/make_work_file.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from fakes import fake_predictor

from samwidget import SamWidget

PATH = Path(__file__).parent / "fixtures" / "work_v1.samw"

if __name__ == "__main__":
    image, square = np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64), bool)
    image[10:20, 30:50], square[10:20, 30:50] = 200, True
    widget = SamWidget(image, fake_predictor(), classes=["cup", "pot"])
    widget.add_point(20, 20)
    widget.choose(2)
    widget.add_point(30, 20, 0)
    widget.commit()
    widget.add_mask(square, "square")
    widget.add_box(5, 5, 20, 20)
    widget.commit("pot")
    widget.refine(1)
    widget.add_point(40, 40)
    widget.commit()
    widget.undo()
    widget.redo()
    widget.undo()
    widget.select(2)
    widget.save_work(PATH)
    widget.close()
