"""Write the averaged weights of a checkpoint as the file that ships with the package.

python -m training.export RUN/last.pt samwidget/weights/nano.safetensors --figures FIGURES.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from training.checkpoints import load

FORMAT_VERSION = "1"


def export(checkpoint: Path, target: Path, figures: dict[str, object] | None = None) -> int:
    """Save as half precision; returns the file's size in bytes."""
    state = load(checkpoint)
    tensors = {}
    for name, value in state["ema"].items():
        half = value.half() if value.is_floating_point() else value
        if not torch.isfinite(half).all():
            raise ValueError(f"{name} does not fit half precision")
        tensors[name] = half.contiguous()
    metadata = {
        "config": "nano",
        "format_version": FORMAT_VERSION,
        "recipe": json.dumps({"steps": state["step"], "last_size": state["size"]}),
        "figures": json.dumps(figures or {}),
        "licence": "Apache-2.0",
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target, metadata)
    return target.stat().st_size


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--figures", type=Path, help="what evaluate.py wrote with --json")
    args = parser.parse_args(argv)
    figures = json.loads(args.figures.read_text())["rows"] if args.figures else None
    print(f"{args.target}: {export(args.checkpoint, args.target, figures):,} bytes")


if __name__ == "__main__":
    main()
