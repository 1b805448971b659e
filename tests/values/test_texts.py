from __future__ import annotations

import os

import pytest

from samwidget.values.texts import sendable


@pytest.mark.parametrize("text", ["", "cat", "Großer Hund 🐕", "a\0b\n", "\ufffd"])
def test_what_is_unicode_stays(text: str) -> None:
    assert sendable(text) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (os.fsdecode(b"caf\xe9.png"), "caf\ufffd.png"),
        ("\ud800", "\ufffd"),
        ("🐕\udce9\udce9", "🐕\ufffd\ufffd"),
        ("\ud83d\udc15", "🐕"),
    ],
    ids=ascii,
)
def test_what_is_none_is_marked(text: str, expected: str) -> None:
    assert sendable(text) == expected
