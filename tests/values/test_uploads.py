from __future__ import annotations

import dataclasses
import datetime
from collections import namedtuple
from typing import Any

import ipywidgets
import numpy as np
import pytest
import requests
from traitlets import Bunch

from samwidget.values.uploads import uploads_in

DATA = b"\x89PNG..."


@dataclasses.dataclass
class Marimo:
    name: str
    contents: bytes


Pair = namedtuple("Pair", "name contents")


def ipywidgets_8(name: str = "cat.png") -> Bunch:
    now = datetime.datetime.now(datetime.UTC)
    return Bunch(name=name, type="image/png", size=7, content=memoryview(DATA), last_modified=now)


def ipywidgets_7(name: str = "cat.png") -> dict[str, Any]:
    metadata = {"name": name, "type": "image/png", "size": 7, "lastModified": 1}
    return {"metadata": metadata, "content": DATA}


def button(count: int) -> ipywidgets.FileUpload:
    made = ipywidgets.FileUpload(multiple=True)
    made.value = tuple(ipywidgets_8(f"{i}.png") for i in range(count))
    return made


def response() -> requests.Response:
    made = requests.Response()
    made._content = DATA
    made.url = "https://example.org/cat.png"
    return made


ONE = {
    "ipywidgets 8": (ipywidgets_8(),),
    "ipywidgets 8, an entry": ipywidgets_8(),
    "ipywidgets 7": {"cat.png": ipywidgets_7()},
    "ipywidgets 7, an entry": ipywidgets_7(),
    "ipywidgets 7, entries": list({"cat.png": ipywidgets_7()}.values()),
    "marimo": [Marimo("cat.png", DATA)],
    "marimo, an entry": Marimo("cat.png", DATA),
    "marimo, once": Pair("cat.png", DATA),
    "Colab": {"cat.png": DATA},
    "datasets": {"bytes": DATA, "path": "cat.png"},
}


@pytest.mark.parametrize("value", ONE.values(), ids=ONE.keys())
def test_one_upload(value: object) -> None:
    (one,) = uploads_in(value) or []
    assert (one.name, bytes(one.content)) == ("cat.png", DATA)


def test_a_button_stands_for_its_files() -> None:
    assert [one.name for one in uploads_in(button(2)) or []] == ["0.png", "1.png"]
    assert uploads_in(button(0)) == []


def test_bytes_without_a_name() -> None:
    (one,) = uploads_in(ipywidgets.Image(value=DATA)) or []
    assert (one.name, bytes(one.content)) == ("", DATA)


def test_the_answer_of_an_http_client() -> None:
    (one,) = uploads_in(response()) or []
    assert (one.name, one.content) == ("https://example.org/cat.png", DATA)


@pytest.mark.parametrize("value", [(), [], {}], ids=repr)
def test_nothing_uploaded_yet(value: object) -> None:
    assert uploads_in(value) == []


class Stubborn:
    @property
    def content(self) -> bytes:
        raise RuntimeError("read twice")


@pytest.mark.parametrize(
    "value",
    [
        None, 5, "cat.png", DATA, np.zeros((2, 2)), [1, 2], [[1, 2], [3, 4]], ["a.png", "b.png"],
        {"a": 1}, {"content": 5}, [ipywidgets_8(), 5], range(10**12), Stubborn(),
        ipywidgets.IntSlider(), ipywidgets.Text("cat.png"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_no_upload(value: object) -> None:
    assert uploads_in(value) is None
