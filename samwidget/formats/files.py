"""Text and JSON in files that are whole or not there at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from samwidget.values.texts import sendable
from samwidget.values.whole_files import replacing


def write_text(path: Path, text: str) -> None:
    """Write a whole file, UTF-8."""
    with replacing(path) as part:
        part.write_text(sendable(text), encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write a whole JSON file."""
    # What is not Unicode is written as JSON has it, so that it can be read again.
    with (
        replacing(path) as part,
        part.open("w", encoding="utf-8", errors="backslashreplace") as file,
    ):
        json.dump(value, file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    ValueError
        When it is none; the text names the file.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is no JSON: it is not text") from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path.name} is no JSON, or was cut off: {error.msg} in line {error.lineno}"
        ) from None


def missing(package: str, wanted_for: str, extra: str | None = None) -> ImportError:
    """Say what to install."""
    source = f'"samwidget[{extra}]"' if extra else package
    return ImportError(f"{wanted_for} needs the package {package}: pip install {source}")
