"""What goes wrong with one image, with all, or half way, and what is left then."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_stand_in import StandIn, names_in

from samwidget.cli import main, outputs, running
from samwidget.weights.records import CheckpointError

Photo = Callable[[str], Path]
Captured = pytest.CaptureFixture[str]

POINT = ["--point", "5,5"]


def test_one_bad_image_is_told_and_the_others_are_done(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    photo("in/a.png")
    Path("in/b.png").write_text("no image\n")
    photo("in/c.png")
    arguments = ["everything", "in", "none.png", "-o", "out", "--progress"]
    assert main(arguments) == 1
    errors = [one for one in capsys.readouterr().err.splitlines() if one.startswith("samwidget: ")]
    assert len(errors) == 2
    assert errors[0].startswith("samwidget: none.png: there is no such file or folder")
    assert errors[1].startswith(f"samwidget: {Path('in/b.png')}: ")
    assert names_in("out") == ["a.png", "c.png"]


def test_json_has_an_entry_for_what_failed(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    photo("a.png")
    Path("b.png").write_text("no image")
    assert main(["everything", "b.png", "none.png", "a.png", "-o", "all.json", "--json"]) == 1
    records = {one["image"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(records) == {"a.png", "b.png", "none.png"}
    assert "no such file" in records["none.png"]["error"]
    assert "not an image" in records["b.png"]["error"]
    assert "error" not in records["a.png"]
    coco = json.loads(Path("all.json").read_text())
    assert [one["file_name"] for one in coco["images"]] == ["a.png"]


def test_nothing_is_made_when_nothing_can_be_done(
    stand_in: StandIn, place: Path, capsys: Captured
) -> None:
    for arguments in (["-o", "out/x.json"], ["-o", "out/"], []):
        assert main(["predict", "none.png", *POINT, *arguments]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert stand_in.opened_with == ()
    assert names_in(".") == []


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no\nsuch thing"),
        ValueError("a.png is no image"),
        MemoryError(),
        RuntimeError("CUDA out of memory"),
    ],
)
def test_an_error_is_one_line(
    stand_in: StandIn, photo: Photo, capsys: Captured, error: Exception
) -> None:
    photo("a.png")

    def fail(source: str) -> None:
        raise error

    stand_in.on_ask = fail
    assert main(["proposals", "a.png", "-o", "out.json"]) == 1
    said = " ".join(str(error).removeprefix("a.png ").split()) or "MemoryError"
    assert capsys.readouterr().err == f"samwidget: a.png: {said}\n"
    assert names_in(".") == ["a.png"]


def test_a_fault_of_our_own_shows_where_it_is(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    photo("a.png")
    photo("b.png")

    def fail(source: str) -> None:
        if source == "a.png":
            raise KeyError("gone")

    stand_in.on_ask = fail
    assert main(["proposals", "a.png", "b.png", "-o", "out"]) == 1
    error = capsys.readouterr().err
    assert "Traceback" in error
    assert error.splitlines()[-1] == "samwidget: a.png: 'gone'"
    assert names_in("out") == ["b.png"]


@pytest.mark.parametrize(
    "error",
    [CheckpointError("there is no model 'x'"), ImportError("pip install x"), ValueError("device")],
)
def test_a_model_that_cannot_be_opened_is_told_once(
    monkeypatch: pytest.MonkeyPatch, photo: Photo, capsys: Captured, error: Exception
) -> None:
    def fail(*how: object) -> None:
        raise error

    monkeypatch.setattr(running, "open_model", fail)
    for name in ("a.png", "b.png"):
        photo(name)
    assert main(["everything", "a.png", "b.png", "-o", "out", "--json"]) == 1
    shown = capsys.readouterr()
    assert shown.err == f"samwidget: {error}\n"
    assert [one["error"] for one in json.loads(shown.out)] == [str(error)] * 2
    assert not Path("out").exists()
    assert main(["info"]) == 1
    assert capsys.readouterr().err == f"samwidget: {error}\n"


def test_what_must_be_installed_is_told_once(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    for name in ("a.png", "b.png"):
        photo(name)

    def fail(source: str) -> None:
        raise ImportError('--text needs transformers: pip install "samwidget[text]"')

    stand_in.on_ask = fail
    assert main(["predict", "a.png", "b.png", "--text", "a cup"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        'samwidget: --text needs transformers: pip install "samwidget[text]"'
    ]


@pytest.mark.parametrize("out", ["out", "all.json"])
def test_a_full_disk_ends_the_run(
    stand_in: StandIn,
    photo: Photo,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
    out: str,
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        photo(name)
    real, written = outputs.replacing, []

    def full_at_last(path: Path) -> Any:
        if written or path.name == "all.json":
            raise OSError(28, "No space left on device")
        written.append(path)
        return real(path)

    monkeypatch.setattr(outputs, "replacing", full_at_last)
    assert main(["everything", "a.png", "b.png", "c.png", "-o", out, "--json"]) == 1
    shown = capsys.readouterr()
    first, second = shown.err.splitlines()
    target = "all.json" if out == "all.json" else str(Path("out/b.png"))
    assert first == f"samwidget: {target} cannot be written: No space left on device"
    assert second.startswith("samwidget: stopped, with ")
    records = json.loads(shown.out)
    assert [one["image"] for one in records] == ["a.png", "b.png", "c.png"]
    kept = [one for one in records if one.get("output")]
    assert [one["output"] for one in kept] == ([str(Path("out/a.png"))] if out == "out" else [])


@pytest.mark.parametrize(
    ("out", "left", "said"),
    [
        ("out", ["a.png"], "samwidget: interrupted, with 1 of 2 images done"),
        (
            "all.json",
            None,
            "samwidget: interrupted, with 1 of 2 images done; all.json is not written",
        ),
    ],
)
def test_ctrl_c_leaves_what_is_whole(
    stand_in: StandIn,
    photo: Photo,
    capsys: Captured,
    out: str,
    left: list[str] | None,
    said: str,
) -> None:
    photo("a.png")
    photo("b.png")

    def interrupt(source: str) -> None:
        if source == "b.png":
            raise KeyboardInterrupt

    stand_in.on_ask = interrupt
    assert main(["everything", "a.png", "b.png", "-o", out, "--json"]) == 130
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[-1] == said
    assert (names_in(out) if Path(out).exists() else None) == left
    assert set(names_in(".")) - {out} == {"a.png", "b.png"}


def test_names_that_no_terminal_can_show(
    stand_in: StandIn, photo: Photo, capfd: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"\xff\xfe.png")
    try:
        photo(name)
    except OSError:
        pytest.skip("this disk knows only names in UTF-8")
    assert main(["everything", ".", "-o", "out"]) == 0
    assert main(["everything", ".", "-o", "all.json", "--json"]) == 0
    assert json.loads(Path("all.json").read_text())["images"][0]["file_name"] == name
