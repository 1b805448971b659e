"""Scripts whose figures the README shows, on cases whose answer is known."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from samwidget.predict.grid import Grid
from samwidget.predict.proposals import find_proposals
from training import evaluate_edges, evaluate_proposals
from training.evaluate_proposals import Bools, average_recall


def box(x1: int, y1: int, x2: int, y2: int) -> Bools:
    mask = np.zeros((40, 60), bool)
    mask[y1:y2, x1:x2] = True
    return mask


ONE, OTHER, ELSEWHERE = box(2, 2, 22, 22), box(30, 5, 50, 35), box(25, 38, 27, 40)


@pytest.mark.parametrize(
    ("proposals", "expected"),
    [
        ([], [0, 0]),
        ([ONE], [0.5, 0.5]),
        ([ONE, OTHER], [0.5, 1]),
        ([ELSEWHERE, ONE, OTHER], [0, 0.5]),
        ([ONE, ONE, ONE], [0.5, 0.5]),
        # Three quarters of it: found at six of the ten IoUs.
        ([box(2, 2, 17, 22)], [0.3, 0.3]),
    ],
    ids=["nothing", "one of two", "both", "after another", "three times", "in part"],
)
def test_average_recall(proposals: list[Bools], expected: list[float]) -> None:
    assert average_recall([[ONE, OTHER]], [proposals], (1, 2)) == pytest.approx(expected)


def test_each_image_has_its_own_proposals() -> None:
    truths = [[ONE], [OTHER]]
    assert average_recall(truths, [[ONE], [OTHER]], (1,)) == [1]
    assert average_recall(truths, [[OTHER], [ONE]], (1,)) == [0]
    with pytest.raises(ValueError, match="no region"):
        average_recall([[], []], [[ONE], []])


def test_edges_are_evaluated(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(data), "--thresholds", "5", "--json", str(data / "figures.json")]
    evaluate_edges.main([*arguments, "--model", "canny", "--model", "sobel"])
    table = capsys.readouterr().out
    assert "1 images" in table
    assert "| canny | " in table
    figures = json.loads((data / "figures.json").read_text())
    for name in ("canny", "sobel"):  # a dark disk, so small that only the very pixels match
        assert 0.3 < figures[name]["ods"] < 1


def test_proposals_are_evaluated(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Grid(points_per_side=3, pred_iou_thresh=0, stability_score_thresh=0)
    monkeypatch.setattr(evaluate_proposals, "find_proposals", partial(find_proposals, grid=few))
    evaluate_proposals.main(["--data", str(data), "--json", str(data / "figures.json")])
    table = capsys.readouterr().out
    assert "| bsds500 | 1 | 1 | " in table
    (recalls,) = json.loads((data / "figures.json").read_text()).values()
    assert recalls == sorted(recalls)
    assert recalls[2] > 0.3  # a dark disk in the middle


@pytest.mark.parametrize("script", [evaluate_edges, evaluate_proposals], ids=["edges", "proposals"])
def test_no_such_image(script: object, tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text("")
    with pytest.raises(ValueError, match="no image of"):
        script.main(["--data", str(tmp_path)])  # type: ignore[attr-defined]
