from __future__ import annotations

import ctypes
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from samwidget.values import mapped
from samwidget.values.mapped import give_back, release, room

SHAPE = (30, 40, 3)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays of a few bytes count as large."""
    monkeypatch.setattr(mapped, "MAPPED_BYTES", 16)


def is_mapped(array: np.ndarray) -> bool:
    return array.base is not None and not isinstance(array.base, np.ndarray)


def test_an_array_of_usual_size_is_in_memory() -> None:
    assert not is_mapped(room(SHAPE, np.uint8))


def test_a_large_one_is_an_ordinary_array_that_keeps_its_values_when_let_go(small: None) -> None:
    array = room(SHAPE, np.uint16)
    assert is_mapped(array)
    assert (type(array), array.shape, array.dtype) == (np.ndarray, SHAPE, np.uint16)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    values = np.arange(array.size).reshape(SHAPE)
    array[:] = values
    release(array)
    release(array[5:, ::2])
    np.testing.assert_array_equal(array, values)
    part = array[3:9]
    del array
    np.testing.assert_array_equal(part, values[3:9])


def test_nothing_happens_to_other_arrays() -> None:
    array = np.arange(6)
    release(array[1:])
    assert array.tolist() == [0, 1, 2, 3, 4, 5]


def test_its_file_has_no_name(small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    array = room(SHAPE, np.uint8)
    assert is_mapped(array)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("trouble", ["full", "not there"])
def test_without_a_place_for_a_file_it_is_in_memory(
    small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trouble: str
) -> None:
    if trouble == "full":
        usage = shutil.disk_usage(tmp_path)._replace(free=10)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    else:
        monkeypatch.setenv("TMPDIR", "no such folder")
        monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "nowhere"))
    array = room(SHAPE, np.uint8)
    assert not is_mapped(array)
    assert array.shape == SHAPE


def test_giving_memory_back_is_no_error_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    give_back()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())  # a library without it
    give_back()
