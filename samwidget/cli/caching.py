"""What the command says of the cache, and how it empties it."""

from __future__ import annotations

from typing import Any

from samwidget.cli.files import to_json
from samwidget.cli.request import ALL_DONE, SOME_FAILED
from samwidget.cli.talk import complain, say
from samwidget.values.paths import reason_of
from samwidget.values.texts import counted
from samwidget.weights.cache import Kept, kept_embeddings, kept_weights, remove


def tell_of_cache(*, as_json: bool) -> int:
    """Print what is kept and where; gives the exit status."""
    rows = [facts(kept) for kept in (kept_weights(), kept_embeddings())]
    say(to_json(rows, indent=2) if as_json else "\n".join(map(line, rows)))
    return ALL_DONE


def clear_cache(*, weights: bool, as_json: bool) -> int:
    """Remove the embeddings, and the fetched weights if that is wanted; gives the exit status."""
    rows, status = [], ALL_DONE
    for kept in (kept_embeddings(), *([kept_weights()] if weights else ())):
        try:
            freed = remove(kept)
        except OSError as error:
            status = SOME_FAILED
            complain(f"cannot be removed: {reason_of(error)}", str(error.filename))
            continue
        rows.append({**facts(kept), "size_bytes": freed})
    if as_json:
        say(to_json(rows, indent=2))
    else:
        for row in rows:
            say(f"removed {line(row)}")
    return status


def facts(kept: Kept) -> dict[str, Any]:
    """Tell of one kind of what is kept."""
    return {
        "kept": kept.name,
        "files": len(kept.files),
        "size_bytes": kept.size_bytes,
        "folder": None if kept.folder is None else str(kept.folder),
    }


def line(row: dict[str, Any]) -> str:
    """Lay out for a terminal."""
    count = counted(row["files"], "file")
    where = "are not kept" if row["folder"] is None else f"in {row['folder']}"
    return f"{row['kept']:<11} {count:>12} {row['size_bytes'] / 1e6:>11,.1f} MB  {where}"
