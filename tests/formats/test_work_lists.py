"""Which list of images work is on."""

from __future__ import annotations

from pathlib import Path

import pytest

from samwidget.formats.work_lists import (
    Listed,
    found_at,
    listed_as_json,
    listed_from_json,
    matched,
)


def test_what_is_as_usual_is_left_out() -> None:
    listed = (Listed("a.jpg", "/photos/a.jpg", 0, "submitted"), Listed("000001"))
    written = listed_as_json(listed)
    assert written == [
        {"name": "a.jpg", "origin": "/photos/a.jpg", "image": 0, "mark": "submitted"},
        {"name": "000001"},
    ]
    assert listed_from_json(written, 1) == listed
    assert listed_from_json(None, 1) == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/1.jpg", "b/1.jpg"], {0: 0, 1: 1}),
        (["b/1.jpg", "new.jpg", "a/1.jpg"], {0: 2, 1: 0}),
        (["c/1.jpg"], {0: 0}),
        (["c/1.jpg", "d/1.jpg"], {0: 0, 1: 1}),
        (["b/1.jpg"], {1: 0}),
        (["2.jpg"], {}),
        ([], {}),
    ],
)
def test_images_are_found_again_by_their_names(names: list[str], expected: dict[int, int]) -> None:
    assert matched([Listed("a/1.jpg"), Listed("b/1.jpg")], names) == expected


def test_an_image_is_looked_for_at_the_same_place_seen_from_the_file(tmp_path: Path) -> None:
    gone = str(tmp_path / "before" / "photos" / "1.jpg")
    work = tmp_path / "now" / "photos.samw"
    (tmp_path / "now" / "photos").mkdir(parents=True)
    assert found_at(gone, work) == gone
    beside = tmp_path / "now" / "1.jpg"
    beside.touch()
    assert found_at(gone, work) == str(beside)
    within = tmp_path / "now" / "photos" / "1.jpg"
    within.touch()
    assert found_at(gone, work) == str(within), "the longer path is the surer one"
    there = Path(gone)
    there.parent.mkdir(parents=True)
    there.touch()
    assert found_at(gone, work) == gone
