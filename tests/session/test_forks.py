"""A process that is forked from one that has computed, or has widgets open, is not held up."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

BEGIN = """
import os, sys, threading, time
import numpy as np
from samwidget import SAM, SamWidget
from samwidget.weights.opening import open_model
image = np.full((300, 400, 3), 60, np.uint8); image[100:200, 100:300] = (220, 60, 40)

def predict(model):
    (one,) = model.predict(image, points=[[200, 150]])
    many = [[i, i, i + 90, i + 90] for i in range(8)]  # spread over the cores
    (all_of_them,) = model.predict(image, bboxes=many)
    return one.masks.data.sum() + all_of_them.masks.data.sum()

def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            import traceback; traceback.print_exc()
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""
CASES = {
    "after a prediction": """
model = SAM("nano", device="cpu")
expected = predict(model)
def work():
    import torch
    assert torch.get_num_threads() == 1
    assert abs(int(predict(model)) - int(expected)) < 20
in_child(work)
assert predict(model) == expected  # and here nothing is different
""",
    "after everything was segmented": """
model = SAM("nano", device="cpu")
def everything(): model.predict(image, points_per_side=4, progress=lambda _: None)
everything()
in_child(everything)
""",
    "after a model was opened and nothing more": """
network = open_model("nano")
from samwidget import SamPredictor
def work():
    predictor = SamPredictor(network)
    predictor.set_image(image)
    predictor.predict(point_coords=[[200, 150]], point_labels=[1])
in_child(work)
""",
    "another model in the child": """
predict(SAM("nano", device="cpu"))
in_child(lambda: predict(SAM("nano", device="cpu")))
""",
    "a grandchild": """
model = SAM("nano", device="cpu")
predict(model)
in_child(lambda: (predict(model), in_child(lambda: predict(model))))
""",
    "a thread in the child": """
model = SAM("nano", device="cpu")
predict(model)
def work():
    thread = threading.Thread(target=predict, args=[model]); thread.start(); thread.join()
in_child(work)
""",
    "a pool": """
import multiprocessing
model = SAM("nano", device="cpu")
predict(model)
def job(_): return int(predict(model))
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert len(set(pool.map(job, range(4)))) == 1
""",
    "while another thread predicts": """
model = SAM("nano", device="cpu")
predict(model)
def go_on():
    while not done: predict(model)
done = []
thread = threading.Thread(target=go_on); thread.start()
time.sleep(0.05)
in_child(lambda: predict(model))
done.append(1); thread.join()
""",
    "a widget in the child": """
model = SAM("nano", device="cpu")
here = SamWidget(image, model); here.wait(60); here.add_point(200, 150); here.commit(); here.masks
def work():
    there = SamWidget(image, model); there.wait(60)
    there.add_point(200, 150); there.commit()
    assert len(there.masks) == 1
in_child(work)
here.add_point(50, 50); here.commit()
assert len(here.masks) == 2
""",
    "a widget of the parent": """
here = SamWidget(image, SAM("nano", device="cpu"))
here.wait(60); here.add_point(200, 150); here.commit(); here.masks
def work():
    assert len(here.masks) == 1  # what was made can be read
    try:
        here.add_point(50, 50)
    except RuntimeError as error:
        assert "works in the process that this one was forked from" in str(error), error
    else:
        raise AssertionError
    here.wait(5)
    here.close()
in_child(work)
here.add_point(50, 50); here.commit()
assert len(here.masks) == 2
""",
    "a widget of the parent in mid-embedding": """
here = SamWidget(np.zeros((2000, 3000, 3), np.uint8), SAM("nano", device="cpu"))
def work():
    for ask in (lambda: here.wait(30), lambda: here.add_point(5, 5)):
        try:
            ask()
        except RuntimeError as error:
            assert "works in the process that this one was forked from" in str(error), error
        else:
            raise AssertionError
    here.masks
in_child(work)
here.wait(60)
""",
    "a child that ends as scripts do": """
widgets = [SamWidget(image, SAM("nano", device="cpu")) for _ in range(3)]
child = os.fork()
if child == 0:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
""",
}


@pytest.mark.parametrize("name", CASES)
def test_a_fork_is_not_held_up(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", BEGIN + CASES[name]],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
