"""Every figure of the README's table, ours beside its peers', in one run.

    python benchmarks/run.py [--repeats 5] [--only encoding decoding] [--write README.md]

All have the same random weights and run on the CPU with torch's own number of threads. Runs are
interleaved, so that a change in the machine's load meets all of them; shown are medians. Random
weights draw speckle over the whole image, the worst case for making a full-size mask.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import exports
import families
import memory
import startup
import tasks
import torch
from measuring import Row, machine, put_between_markers, versions
from vit import Bench

from samwidget.models.config import VIT_B

PACKAGES = ("samwidget", "torch", "numpy", "segment-anything", "transformers", "timm")


def sections(repeats: int) -> dict[str, Callable[[], Iterator[Row]]]:
    """Give each section by name; the models are built when they are first needed."""
    benches: list[Bench] = []

    def vit() -> Bench:
        if not benches:
            benches.append(Bench(VIT_B, repeats))
        return benches[0]

    return {
        # First, since a process inherits its parent's peak.
        "memory": lambda: memory.rows("vit_b", "vit_h"),
        "task memory": tasks.memory,
        "exports": lambda: exports.formats(1000, 12),
        "reopening": lambda: exports.reopening("vit_b", 12),
        "batch": lambda: exports.batch("vit_b", 4),
        "startup": lambda: startup.rows(repeats),
        "preprocessing": lambda: vit().preprocessing(),
        "encoding": lambda: vit().encoding(),
        "decoding": lambda: vit().decoding(),
        "everything": lambda: vit().everything(),
        "tasks": lambda: tasks.times(repeats),
        "nano": lambda: families.nano(repeats),
        "mobile_sam": lambda: families.mobile_sam(repeats),
        "sam2": lambda: families.sam2(repeats),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(sections(1))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--write", type=Path, help="put the table between this file's markers")
    args = parser.parse_args()
    torch.set_grad_enabled(False)
    lines = [machine(), "", versions(PACKAGES, families.TIMM_FOLDER), "", Row.head()]
    print("\n".join(lines))
    for name, section in sections(args.repeats).items():
        if name in args.only:
            for row in section():
                print(row, flush=True)
                lines.append(str(row))
    if args.write is not None:
        put_between_markers(args.write, "\n".join(lines))
        print(f"written to {args.write}", file=sys.stderr)


if __name__ == "__main__":
    main()
