from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samwidget.values.phrases import check_share, read_phrases, split_phrases

PHRASES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "one": ("a wheel", ("a wheel",)),
    "blanks around": ("  a wheel\n", ("a wheel",)),
    "several, one twice": (["b", "a ", "b"], ("b", "a")),
    "a tuple": (("a",), ("a",)),
    "commas are a part of it": ("a red, round thing", ("a red, round thing",)),
    "other scripts": (["колесо", "車輪"], ("колесо", "車輪")),
}


@pytest.mark.parametrize(("text", "phrases"), PHRASES.values(), ids=PHRASES)
def test_each_phrase_is_a_class(text: Any, phrases: tuple[str, ...]) -> None:
    assert read_phrases(text) == phrases


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "nothing": ("", ValueError, "text: expected a phrase such as 'a wheel', got '', which names"),
    "blanks": (" \n", ValueError, r"text: .* got ' \\n', which names nothing"),
    "punctuation": ("...", ValueError, r"text: .* got '...', which names nothing"),
    "no phrase": ([], ValueError, "text: expected at least one phrase, .* got none"),
    "an empty one among others": (["a", " "], ValueError, r"text\[1\]: .* names nothing"),
    "no string": (3, TypeError, "text: expected a phrase .* got int"),
    "bytes": (b"a wheel", TypeError, "text: expected a phrase .* got bytes"),
    "a set": ({"a"}, TypeError, "text: expected a phrase .* got set"),
    "None among others": (["a", None], TypeError, r"text\[1\]: expected a phrase, got NoneType"),
    "a very long nothing": ("." * 1000, ValueError, r"text: .* got '\.+'\.\.\. .*, which names"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_names_nothing_is_refused(text: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_phrases(text)


@pytest.mark.parametrize("value", [0, 1, 0.25, np.float64(0.5), np.float32(0.5)], ids=str)
def test_shares_are_numbers_from_0_to_1(value: Any) -> None:
    assert check_share("text_threshold", value) == value


@pytest.mark.parametrize("value", [-0.1, 1.5, 2, float("nan"), "0.5", None, True, [0.5]], ids=str)
def test_other_shares_are_refused_by_their_name(value: Any) -> None:
    with pytest.raises(ValueError, match="text_threshold: expected a number from 0 to 1, got"):
        check_share("text_threshold", value)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("a wheel", ("a wheel",)),
        ("a wheel, a door", ("a wheel", "a door")),
        (" a wheel ,, a door,", ("a wheel", "a door")),
        ("a,b,a", ("a", "b")),
    ],
)
def test_commas_separate_what_is_written_into_a_field(text: str, phrases: tuple[str, ...]) -> None:
    assert split_phrases(text) == phrases


@pytest.mark.parametrize("text", ["", "  ", ",", " , ,", "a, -"])
def test_a_field_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a phrase such as 'a wheel'"):
        split_phrases(text)
