"""From a new process to the first embedding, each time in a process of its own.

python benchmarks/startup.py import MODULE
python benchmarks/startup.py embed MODEL

Prints, for ``import``: milliseconds; for ``embed``: milliseconds from the process's first statement
until a widget has embedded an image of 1.5 MP, and how many of them the encoder takes.
"""

import sys
import time

START = time.perf_counter()

import statistics  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

if TYPE_CHECKING:
    from measuring import Row


def rows(repeats: int) -> "Iterator[Row]":
    import peers
    import torch
    from measuring import Row

    from samwidget.models.config import VIT_B

    torch_ms = _median(repeats, "import", "torch")[0]
    package_ms = _median(repeats, "import", "samwidget")[0]
    yield Row("import samwidget", "ms", package_ms, "import torch", torch_ms, "150 ms")
    all_ms, _ = _median(repeats, "embed", "nano")
    what = "nano: from nothing to the first embedding"
    yield Row(what, "ms", all_ms, "import torch", torch_ms)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vit_b.pth"
        torch.save(peers.random_sam(VIT_B).state_dict(), file)
        all_ms, encoder_ms = _median(1, "embed", str(file))
    what = "vit_b: from nothing to the first embedding"
    yield Row(what, "ms", all_ms, "the encoder alone", encoder_ms)


def _median(repeats: int, *arguments: str) -> list[float]:
    from measuring import in_a_process_of_its_own

    runs = [in_a_process_of_its_own(Path(__file__), *arguments) for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*runs, strict=True)]


def embed(model: str) -> tuple[float, float]:
    import numpy as np

    from samwidget import SamWidget

    image = np.random.default_rng(0).integers(0, 256, (1000, 1500, 3), dtype=np.uint8)
    widget = SamWidget(image, model=model)
    widget.wait()
    all_ms = 1000 * (time.perf_counter() - START)

    from samwidget.predict.predictor import Predictor
    from samwidget.weights.opening import open_model

    predictor = Predictor(open_model(model), "cpu")
    start = time.perf_counter()
    predictor.encode(image)
    return all_ms, 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    what, name = sys.argv[1:]
    if what == "import":
        before = time.perf_counter()
        import_module(name)
        print(1000 * (time.perf_counter() - before))
    else:
        print(*embed(name))
