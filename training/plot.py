"""Draw a run's ``history.jsonl`` as a picture.

python -m training.plot RUN
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def plot(run: Path) -> Path:
    """Write ``RUN/history.png`` and return its path."""
    lines = (run / "history.jsonl").read_text().splitlines()
    if not lines:
        raise ValueError(f"nothing logged yet in {run}")
    rows = [json.loads(line) for line in lines]
    steps = [row["step"] for row in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    left.plot(steps, [row["loss"] for row in rows])
    left.set(xlabel="step", ylabel="loss", yscale="log")
    for key in ("click_top", "click_oracle", "click_refined", "box_single", "box_refined"):
        right.plot(steps, [row[key] for row in rows], label=key)
    right.set(xlabel="step", ylabel="mean IoU while training", ylim=(0, 1))
    right.legend(loc="lower right")
    target = run / "history.png"
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    print(plot(parser.parse_args().run))
