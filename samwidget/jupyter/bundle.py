"""The front end."""

from pathlib import Path


def bundle(name: str) -> str:
    """Give it."""
    return (Path(__file__).parents[1] / "static" / name).read_text(encoding="utf-8")
