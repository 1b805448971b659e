"""The command ``samwidget``: which models there are, and fetching their weights ahead of time."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from samwidget.weights.download import cache_path, fetch
from samwidget.weights.records import RECORDS, CheckpointError, Record, resolve


def main(argv: list[str] | None = None) -> int:
    """Run the command; give its exit status."""
    parser = argparse.ArgumentParser(prog="samwidget", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    models = commands.add_parser("models", help="list the models that can be opened by name")
    models.add_argument("--json", action="store_true", help="for programs to read")
    models.add_argument(
        "--speed", action="store_true", help="estimate how long embedding an image takes here"
    )
    download = commands.add_parser("download", help="fetch and verify weights into the cache")
    download.add_argument("names", nargs="+", metavar="NAME", help="such as vit_b or sam2.1_t.pt")
    args = parser.parse_args(argv)
    if args.command == "download":
        return _download(args.names)
    rows = [facts(record) for record in RECORDS]
    if args.speed:
        _add_speed(rows)
    print(json.dumps(rows, indent=2) if args.json else table(rows))  # noqa: T201
    return 0


def facts(record: Record) -> dict[str, Any]:
    """Tell what is known of a model without opening it."""
    shipped = record.url is None
    cached = not shipped and cache_path(record).is_file()
    return {
        "name": record.name,
        "also": list(record.aliases),
        "parameters": record.parameters,
        "size_bytes": record.size_bytes,
        "licence": record.licence,
        "weights": "in the package" if shipped else "cached" if cached else "to be fetched",
        "path": str(cache_path(record)) if cached else None,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Lay out for a terminal."""
    head = ["name", "parameters", "file", "licence", "weights"]
    lines = [head + (["embed an image"] if "embed_seconds" in rows[0] else [])]
    for row in rows:
        size = row["size_bytes"]
        line = [
            row["name"],
            f"{row['parameters'] / 1e6:,.1f} M",
            "" if size is None else f"{size / 1e6:,.0f} MB",
            row["licence"],
            row["weights"],
        ]
        if "embed_seconds" in row:
            line.append(f"about {row['embed_seconds']:.2g} s")
        lines.append(line)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _add_speed(rows: list[dict[str, Any]]) -> None:
    from samwidget.predict.placement import pick_device
    from samwidget.predict.speed import embed_seconds, matrix_gflops

    gflops = matrix_gflops(pick_device())
    for row, record in zip(rows, RECORDS, strict=True):
        row["embed_seconds"] = embed_seconds(record.encoder_gflop, gflops)


def _download(names: list[str]) -> int:
    failed = False
    for name in names:
        try:
            record = resolve(name)
            where = "in the package" if record.url is None else fetch(record)
            print(f"{record.name}: {where}")  # noqa: T201
        except CheckpointError as error:
            failed = True
            print(f"samwidget: {error}", file=sys.stderr)  # noqa: T201
    return int(failed)
