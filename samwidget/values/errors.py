"""Sentences that tell a person what was wrong."""

from __future__ import annotations


def text_of(error: BaseException) -> str:
    """Give its sentence, or at least its name.

    Examples
    --------
    >>> text_of(ValueError("no image")), text_of(MemoryError())
    ('no image', 'MemoryError')
    """
    return str(error) or type(error).__name__


def check_index(index: int, count: int, noun: str) -> None:
    """Raise a ValueError unless there is a thing of this index; none is counted from the end."""
    if not 0 <= index < count:
        raise ValueError(f"there is no {noun} {index}: there are {count}, counted from 0")
