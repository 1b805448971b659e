from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_stand_in import names_in

from samwidget.cli.files import replacing


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.png"
    with replacing(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert names_in(path.parent) == ["a.png"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_is_raised_leaves_what_was_there(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")
    with pytest.raises(error), replacing(path) as file:  # noqa: PT012  both are what is tried
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"before"
    assert names_in(tmp_path) == ["a.png"]


@pytest.mark.skipif(os.name == "nt", reason="links and permissions of POSIX")
def test_a_link_stays_a_link_and_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "real" / "a.png")
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.png").read_bytes() == b"new"
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert (tmp_path / "real" / "a.png").stat().st_mode == plain.stat().st_mode


def test_long_names_find_room_for_the_part(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".png")
    with replacing(path) as file:
        file.write(b"x")
    assert path.exists()
