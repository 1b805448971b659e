"""The notebooks about lists of images, the list of objects and what is shown run, offline."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_examples import EXAMPLES, SHOWN, executed

PRINTED = {
    "many_images.ipynb": [
        "image 0 -> 1",
        "0: ['cup']",
        "submitted (0, 1, 2) skipped (3,)",
        "after undo: []",
        "after redo: ['cup']",
        r"photos/rocket.jpg \['rocket [\d,]+ px'\]",
    ],
    "list_of_objects.ipynb": [
        "selected: (2, 3)",
        "classes: ('cup', 'spoon', 'saucer', 'tableware')",
        "labels: ['tableware', 'cup', 'spoon']",
        "masks with one hidden: 3",
        "locked",
        "from below: [2, 3, 1]",
    ],
    "look_at_the_picture.ipynb": [
        r"burnt: 6\d,\d+ px, 6\d\d ha",
        r"fifth band inside: 2[45]\d\d outside: [89]\d\d",
        "(600, 900, 3) uint8",
    ],
}


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_shows_and_prints_what_it_says(name: str, tmp_path: Path) -> None:
    outputs = executed(name, tmp_path)
    printed = "".join("".join(one.get("text", "")) for one in outputs)
    for words in PRINTED[name]:
        assert re.search(words, printed) if "\\" in words else words in printed, (words, printed)
    assert any(SHOWN in one.get("data", {}) for one in outputs)


@pytest.mark.parametrize("name", PRINTED)
def test_examples_are_stored_without_outputs(name: str) -> None:
    cells = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
