"""What a person calls the things that are to be found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from samwidget.values.errors import quoted

DEFAULT_DETECTOR = "owlv2"
"""What finds them where nobody says otherwise."""


def read_phrases(text: str | Sequence[str]) -> tuple[str, ...]:
    """Take a phrase, or several, each of which is a class.

    Returns
    -------
    tuple of str
        Without blanks around them, each once, in their order.

    Raises
    ------
    TypeError
        When it is no string and no list of strings.
    ValueError
        When there is no phrase, or one of nothing but blanks and punctuation.

    Examples
    --------
    >>> read_phrases(["a wheel ", "a door", "a wheel"])
    ('a wheel', 'a door')
    """
    given: object = text  # whatever the types say
    if isinstance(given, bytes) or not isinstance(given, str | Sequence):
        raise TypeError(
            f"text: expected a phrase such as 'a wheel' or a list of phrases, got "
            f"{type(given).__name__}"
        )
    phrases = (text,) if isinstance(text, str) else tuple(text)
    if not phrases:
        raise ValueError("text: expected at least one phrase, such as 'a wheel', got none")
    for index, phrase in enumerate(phrases):
        where = "text" if isinstance(text, str) else f"text[{index}]"
        if not isinstance(phrase, str):
            raise TypeError(f"{where}: expected a phrase, got {type(phrase).__name__}")
        if not any(letter.isalnum() for letter in phrase):
            raise ValueError(
                f"{where}: expected a phrase such as 'a wheel', got {quoted(phrase)}, which names "
                "nothing"
            )
    return tuple(dict.fromkeys(phrase.strip() for phrase in phrases))


def split_phrases(text: str) -> tuple[str, ...]:
    """Take what a person has written into a field: phrases with commas between them.

    Raises
    ------
    ValueError
        When there is no phrase in it, or one of nothing but punctuation.

    Examples
    --------
    >>> split_phrases("a wheel, a door,")
    ('a wheel', 'a door')
    """
    return read_phrases([one for one in text.split(",") if one.strip()] or text)


def check_share(name: str, value: object) -> float:
    """Give a number from 0 to 1; raise a ValueError that calls it by its name for all else."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    share = float(value) if is_number else math.nan  # type: ignore[arg-type]
    if not 0 <= share <= 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, got {quoted(value)}")
    return share
