"""Which models there are, fetching their weights ahead of time, and what one of them is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from samwidget.cli.files import to_json
from samwidget.cli.request import ALL_DONE, SOME_FAILED
from samwidget.cli.talk import complain, is_bar_wanted, say, tell_nobody
from samwidget.values.errors import text_of
from samwidget.weights.download import cache_path, fetch
from samwidget.weights.records import RECORDS, CheckpointError, Record, resolve


def list_models(*, as_json: bool, speed: bool) -> int:
    """Print all models that can be opened by name; gives the exit status."""
    rows = [facts(record) for record in RECORDS]
    if speed:
        _add_speed(rows)
    say(to_json(rows, indent=2) if as_json else table(rows))
    return ALL_DONE


def fetch_all(names: Sequence[str], *, progress: bool | None) -> int:
    """Fetch the weights of these models, or of those of them that can be had."""
    status = ALL_DONE
    told = None if is_bar_wanted(progress) else tell_nobody
    for name in names:
        try:
            record = resolve(name)
            where = "in the package" if record.url is None else fetch(record, progress=told)
            say(f"{record.name}: {where}")
        except CheckpointError as error:
            status = SOME_FAILED
            complain(text_of(error))
    return status


def tell_of_model(name: str, device: str, precision: str, *, as_json: bool) -> int:
    """Open a model and print what it is."""
    from samwidget.cli import running

    try:
        model = running.open_model(name, device, precision, None)
    except (ImportError, *running.EXPECTED_ERRORS) as error:
        complain(text_of(error))
        return SOME_FAILED
    told = model.info(verbose=False)
    if as_json:
        say(to_json(told, indent=2))
        return ALL_DONE
    width = max(map(len, told)) + 2
    rows = ((key, f"{value:,}" if isinstance(value, int) else value) for key, value in told.items())
    say("\n".join(f"{key:<{width}}{value}" for key, value in rows))
    return ALL_DONE


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
