"""A folder of pages, and the one that leads to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from annotated_cases import CASES, annotated

from samwidget.formats import report
from samwidget.formats.report_index import Entry, index_page, write_pages


@pytest.fixture(autouse=True)
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    static = tmp_path / "static"
    static.mkdir()
    (static / "report.js").write_text("let x;")
    (static / "report.css").write_text("p{}")
    monkeypatch.setattr(report, "STATIC", static)
    report.bundle.cache_clear()
    yield
    report.bundle.cache_clear()


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_each_image_has_a_page_that_the_first_one_leads_to(tmp_path: Path) -> None:
    images = [
        annotated([np.eye(9, dtype=bool)], ["cat"], "a/my cat.jpg"),
        annotated([one.mask for one in CASES["touching"]().objects], None, "b/my cat.jpg"),
    ]
    index = write_pages(iter(images), tmp_path / "pages", title="Cats")
    assert index == tmp_path / "pages" / "index.html"
    page = Elements(index.read_text(encoding="utf-8"))
    targets = [str(one["href"]) for one in page.of("a")]
    assert targets == ["0001_my-cat.html", "0002_my-cat.html"]
    for target in targets:
        assert (tmp_path / "pages" / target).read_text(encoding="utf-8").startswith("<!doctype")
    assert "Cats" in page.text
    assert "2 images · 3 objects" in page.text
    assert len(page.of("img")) == 2
    assert len(list((tmp_path / "pages").iterdir())) == 3


def test_what_people_wrote_is_text_and_never_markup() -> None:
    evil = '"><script>alert(1)</script>'
    text = index_page([Entry("0001_x.html", evil, 1, b"")], evil)
    page = Elements(text)
    assert page.of("script") == []
    assert evil in page.text
    assert [tag for tag, _ in page.elements].count("li") == 1


def test_its_policy_allows_its_own_style_alone() -> None:
    text = index_page([], "none")
    policy = str(Elements(text).of("meta")[1]["content"])
    (style,) = re.findall("<style>(.*)</style>", text, re.DOTALL)
    assert report.hash_of(style) in policy
    assert "script" not in policy
