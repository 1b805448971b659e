"""The page that `to_html` writes: whole, self-contained, and what people wrote in it stays text."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from annotated_cases import annotated
from PIL import Image

from samwidget.formats import report
from samwidget.formats.annotated import Annotated
from samwidget.formats.report import to_html
from samwidget.results import Results
from samwidget.values.mask import Mask

EVIL = "</title></script><script>alert('1')</script><!-- \"'& <b>é猫\u2028"
VOID = {"meta", "input", "image", "rect"}


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text in each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(autouse=True)
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A front end without Node: what stands in it is another test's matter."""
    static = tmp_path / "static"
    static.mkdir()
    (static / "report.js").write_text('const text = "</script>é";\n', encoding="utf-8")
    (static / "report.css").write_text("body { margin: 0 }\n", encoding="utf-8")
    monkeypatch.setattr(report, "STATIC", static)
    report.bundle.cache_clear()
    yield
    report.bundle.cache_clear()


def case() -> Annotated:
    square = np.zeros((48, 64), bool)
    square[10:20, 30:50] = True
    square[12:14, 35:40] = False
    return annotated([square, np.zeros((48, 64), bool)], ["cup", ""])


def filled(path: str, size_hw: tuple[int, int]) -> Mask:
    """Read a path of steps along the axes again."""
    rings = []
    for ring in re.findall(r"M(\d+) (\d+)([^z]*)z", path):
        points = [(int(ring[0]), int(ring[1]))]
        for axis, length in re.findall(r"([hv])(-?\d+)", ring[2]):
            x, y = points[-1]
            points.append((x + int(length), y) if axis == "h" else (x, y + int(length)))
        rings.append(points)
    return Mask.from_polygons(rings, size_hw)


def test_masks_are_drawn_pixel_by_pixel(small_case: Annotated) -> None:
    paths = Page(to_html(small_case)).all("path")
    wanted = [i for i, one in enumerate(small_case.objects) if one.area]
    assert [path["data-object"] for path in paths] == [str(i) for i in wanted]
    for path, i in zip(paths, wanted, strict=True):
        np.testing.assert_array_equal(
            filled(str(path["d"]), small_case.size_hw).full(), small_case.objects[i].mask
        )


def test_the_picture_is_inside() -> None:
    (image,) = Page(to_html(case())).all("image")
    kind, data = str(image["href"]).split(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), case().image)


def test_each_object_has_a_row_and_is_told_of() -> None:
    page = Page(to_html(case()))
    assert len(page.all("tr")) == 3
    assert page.texts["td"][1:4] == ["cup", "0.50", "190"]
    assert page.texts["td"][5:8] == ["object 1", "0.50", "0"]
    assert page.texts["title"] == ["photo.jpg", "cup · score 0.50 · 190 px"]
    assert page.texts["p"] == ["64 × 48 pixels · 2 objects"]


def test_scores_that_are_there_are_told() -> None:
    one = case().objects[0]
    told = replace(one, score=float("nan"), stability_score=0.125, detection_score=0.75)
    page = Page(to_html(Annotated((told,), (48, 64), image=case().image)))
    assert page.texts["title"][1] == "cup · score – · stability 0.12 · detector 0.75 · 190 px"


def test_without_objects_it_says_so() -> None:
    page = Page(to_html(Annotated((), (48, 64), "a.png", case().image)))
    assert "There are no objects." in page.texts["p"]
    assert page.all("path") == []


def test_what_people_wrote_is_text_and_never_markup() -> None:
    objects = [replace(one, label=EVIL, color='"/><script>x</script>') for one in case().objects]
    page = Page(to_html(Annotated(tuple(objects), (48, 64), EVIL, case().image)))
    assert page.texts["h1"] == [EVIL]
    assert page.texts["td"][1] == EVIL
    assert page.texts["title"][0] == EVIL
    assert page.texts["title"][1].startswith(EVIL)
    assert len(page.all("script")) == 1
    assert page.all("b") == []
    titled = Page(to_html(case(), title=EVIL))
    assert titled.texts["h1"] == [EVIL]
    assert titled.all("script") == page.all("script")


def test_the_pages_policy_allows_its_own_script_alone() -> None:
    page = Page(to_html(case()))
    policy = str(next(one for one in page.all("meta") if "http-equiv" in one)["content"])
    assert policy.startswith("default-src 'none'; img-src data:; ")
    for tag in ("script", "style"):
        (text,) = page.texts[tag]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not any(name in one for _, one in page.elements for name in ("src", "style", "onclick"))


def test_a_file_is_written_whole_by_results_and_by_ending(tmp_path: Path) -> None:
    results = Results(case().image, case().objects, "/some/cup.jpg")  # type: ignore[arg-type]
    path = results.to_html(tmp_path / "a.html", fill_opacity=0.2)
    assert path == tmp_path / "a.html"
    text = path.read_text(encoding="utf-8")
    assert Page(text).texts["h1"] == ["cup.jpg"]
    assert results.export(tmp_path / "b.HTML", fill_opacity=0.2).read_text("utf-8") == text


def test_what_cannot_be_shown_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="fill_opacity must be from 0 to 1, got 2"):
        to_html(case(), fill_opacity=2)
    with pytest.raises(ValueError, match=r"a page needs the image, but a.png came without it"):
        to_html(Annotated((), (4, 4), "a.png"))
    with pytest.raises(ValueError, match=r"\(H, W, 3\) uint8, got \(4, 4\) uint16"):
        to_html(Annotated((), (4, 4), "a.png", np.zeros((4, 4), np.uint16)))
    report.bundle.cache_clear()
    monkeypatch.setattr(report, "STATIC", tmp_path)
    with pytest.raises(RuntimeError, match="npm run build"):
        to_html(case())
