from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_weights import assert_same, put

from samwidget.models.base import SegmentAnything
from samwidget.weights import locating, records
from samwidget.weights.download import cache_path
from samwidget.weights.locating import is_own, locate
from samwidget.weights.opening import CheckpointError, open_model
from samwidget.weights.records import Record


def test_a_name_opens_the_cached_file(tiny: SegmentAnything, tiny_record: Record) -> None:
    put(cache_path(tiny_record), tiny.state_dict())
    assert locate("sam_tiny.pt").path == cache_path(tiny_record)
    assert locate("tiny").record is tiny_record
    assert_same(open_model("tiny"), tiny)


def test_a_name_opens_what_torch_hub_fetched(tiny: SegmentAnything, tiny_record: Record) -> None:
    path = put(Path(torch.hub.get_dir(), "checkpoints", "tiny.pth"), tiny.state_dict())
    assert path.is_relative_to(Path.cwd())
    assert locate("tiny").path == path


def test_a_wrong_file_in_torch_hubs_folder_is_passed_over(tiny_record: Record) -> None:
    path = put(Path(torch.hub.get_dir(), "checkpoints", "tiny.pth"), {})
    path.write_bytes(b"<html>")
    with pytest.raises(CheckpointError, match=r"127\.0\.0\.1:9 cannot be reached"):
        locate("tiny")


def test_a_file_of_the_working_folder_goes_before_the_cache(
    tiny: SegmentAnything, tiny_record: Record
) -> None:
    put(cache_path(tiny_record), tiny.state_dict())
    put(Path("sam_tiny.pt"), tiny.state_dict())
    assert locate("sam_tiny.pt").path == Path("sam_tiny.pt")
    assert locate("sam_tiny").path == cache_path(tiny_record)


def test_a_folder_named_like_a_model_is_not_meant_by_its_plain_name(
    tiny: SegmentAnything, tiny_record: Record
) -> None:
    put(cache_path(tiny_record), tiny.state_dict())
    Path("tiny").mkdir()
    assert locate("tiny").path == cache_path(tiny_record)


def test_a_file_that_is_the_published_one_keeps_its_record(
    tiny: SegmentAnything, tiny_record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(Path("elsewhere/tiny.pth"), tiny.state_dict())
    sized = replace(tiny_record, size_bytes=path.stat().st_size)
    monkeypatch.setattr(records, "_BY_NAME", {"tiny": sized})
    assert locate(path).record == sized
    monkeypatch.setattr(records, "_BY_NAME", {"tiny": replace(sized, size_bytes=1)})
    assert locate(path).record is None


def test_a_model_that_cannot_be_fetched_says_where_to_put_it(tiny_record: Record) -> None:
    with pytest.raises(CheckpointError) as caught:
        open_model("tiny")
    assert "127.0.0.1:9 cannot be reached" in str(caught.value)
    assert str(cache_path(tiny_record)) in str(caught.value)


@pytest.mark.parametrize("path", ["missing/sam_tiny.pt", Path("sam_tiny.pt")])
def test_a_missing_path_is_named_and_not_taken_for_a_model(
    path: str | Path, tiny_record: Record
) -> None:
    with pytest.raises(
        CheckpointError, match=r"there is no file or folder '.*sam_tiny\.pt'"
    ) as error:
        open_model(path)
    assert "To have it fetched, say just 'sam_tiny.pt'" in str(error.value)


def test_what_the_package_ships_or_fetches_is_its_own(tiny_record: Record) -> None:
    assert is_own(locating._shipped_folder() / "nano.safetensors")
    cached = put(cache_path(tiny_record), {})
    assert is_own(cached)
    assert is_own(Path(os.path.relpath(cached)))
    assert not is_own(put(Path("tiny.pth"), {}))
    assert not is_own(put(Path(torch.hub.get_dir(), "checkpoints", "tiny.pth"), {}))
    assert not is_own(put(cached.with_name("best.pth"), {}))  # by a person, in the same folder
    cached.with_name("also_best.pth").hardlink_to(cached)
    assert not is_own(cached)
    Path("link.pth").symlink_to(cached.with_name("best.pth"))
    assert not is_own(Path("link.pth"))


def test_an_unknown_name_is_refused(tiny_record: Record) -> None:
    with pytest.raises(CheckpointError, match=r"no model, file or folder 'my_sam\.pth'"):
        open_model("my_sam.pth")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "expected a name such as 'nano' or a path, got an empty text"),
        ("  ", "got an empty text"),
        ("https://example.org/sam.pth", "'https://example.org/sam.pth' is an address, .*download"),
        (
            "x" * 100_000,
            r"'x+'\.\.\. .*characters\) is no path that can be looked up: File name too long",
        ),
        ("a/" + "x" * 5_000_000, "is no path that can be looked up: File name too long"),
        ("~nobody-of-that-name/sam.pth", "'~nobody-of-that-name/sam.pth' is no path that can be"),
        ("sam\0.pth", "no model, file or folder"),
        ("sam3_" + "x" * 200, "is SAM 3, whose weights are given only to those who ask"),
    ],
    ids=range(8),
)
def test_what_is_neither_name_nor_path_is_told(
    tiny_record: Record, name: str, message: str
) -> None:
    with pytest.raises(CheckpointError, match=message) as caught:
        open_model(name)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("name", [None, 3, ["nano"], {}])
def test_what_is_no_text_is_refused(name: Any) -> None:
    with pytest.raises(TypeError, match=r"expected a name .* got (NoneType|int|list|dict)"):
        open_model(name)


def test_a_path_may_be_bytes(tiny: SegmentAnything, tmp_path: Path) -> None:
    path: Any = os.fsencode(put(tmp_path / "weights.pth", tiny.state_dict()))
    assert_same(open_model(path), tiny)


def test_a_home_folder_is_understood(
    tiny: SegmentAnything, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    put(tmp_path / "weights.pth", tiny.state_dict())
    assert_same(open_model("~/weights.pth"), tiny)


def test_an_installation_without_the_embedded_weights_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(locating.resources, "files", lambda package: tmp_path)
    with pytest.raises(CheckpointError, match=r"'nano' are missing .* install samwidget"):
        open_model()


def test_a_folder_without_weights_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(
        CheckpointError, match=r"neither model\.safetensors nor pytorch_model\.bin, but config"
    ):
        open_model(tmp_path)
