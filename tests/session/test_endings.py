"""A process that used a session ends, well and in time, whatever the session is doing."""

from __future__ import annotations

import subprocess
import sys

import pytest

PATIENCE_S = 100
"""A busy machine is no failure: what hangs is ended by the limit of the process."""

BEGIN = f"""
import threading, time
import numpy as np
from samwidget import SAM, SamWidget
from samwidget.session import endings
endings.JOIN_WITHIN_S = {PATIENCE_S}
image = np.full((60, 80, 3), 60, np.uint8); image[20:40, 20:60] = (220, 60, 40)
model = SAM("nano", device="cpu")
"""
CASES = {
    "closed": "w = SamWidget(image, model); w.add_point(40, 30); w.commit(); w.masks; w.close()",
    "open": "w = SamWidget(image, model); w.add_point(40, 30); w.commit(); w.masks",
    "fifty open": """
ws = [SamWidget(image, model) for _ in range(50)]
for w in ws: w.wait(100)
""",
    "fifty open, some in mid-embedding": """
large = np.zeros((1500, 2000, 3), np.uint8)
ws = [SamWidget(image if number % 2 else large, model) for number in range(50)]
ws[1].wait(100)
ws[3].wait(100); ws[3].add_point(40, 30); ws[3].commit(); ws[3].masks
""",
    "fifty open, all that are asked for at once": """
ws = [SamWidget(image, model) for _ in range(50)]
""",
    "fifty open, each with a model to load": """
ws = [SamWidget(image) for _ in range(50)]
time.sleep(0.2)
""",
    "fifty open, some closed and some let go": """
ws = [SamWidget(image, model) for _ in range(50)]
for w in ws[::3]: w.close()
del ws[1::2], w
""",
    "fifty open, everything is being found in some": """
from samwidget.session.jobs import Job
ws = [SamWidget(image, model) for _ in range(50)]
for w in ws[:3]: w.wait(100)
def find(engine, key, job):
    return engine.everything(key, {}, lambda found, done: job.report(done, found))
jobs = [w._session.start(Job(find)) for w in ws[:3]]
time.sleep(0.3)
""",
    "left by sys.exit": """
import sys
ws = [SamWidget(image, model) for _ in range(50)]
sys.exit(0)
""",
    "embedding": "w = SamWidget(np.zeros((3000, 4000, 3), np.uint8), model)",
    "loading": "w = SamWidget(image)",
    "with edits on their way": """
from samwidget.editing.edits import AddPoint
w = SamWidget(image, model)
for _ in range(200): w._session.edit(AddPoint(40, 30))
""",
    "another thread waits": """
w = SamWidget(image, model)
threading.excepthook = lambda _: None  # it is told that the widget is closed
threading.Thread(target=lambda: [w.add_point(40, 30) for _ in range(99)], daemon=True).start()
time.sleep(0.05)
""",
}


@pytest.mark.parametrize("name", CASES)
def test_a_process_ends_well(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BEGIN + CASES[name]],
        capture_output=True,
        timeout=2 * PATIENCE_S,
        check=False,
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
