from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from samwidget.values.arrays import as_rows, is_array, squeezed, to_array


class OfCupy:
    """Like an array of CuPy, which numpy cannot read by itself."""

    __cuda_array_interface__: dict[str, Any] = {}  # noqa: RUF012

    def __array__(self) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed")

    def get(self) -> Any:
        return np.array([1.0, 2.0])


class OfDlpack:
    """Like an array of a library that knows numpy by DLPack alone."""

    def __dlpack__(self, **options: Any) -> Any:
        return np.array([1.0, 2.0]).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return np.array([1.0, 2.0]).__dlpack_device__()


class OfInterface:
    """Like an array of a library that tells where its numbers lie."""

    _held = np.array([1.0, 2.0])

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self._held.__array_interface__


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        OfDlpack(),
        OfInterface(),
        memoryview(np.array([1, 2])),
        torch.tensor([1, 2]).to_sparse(),
        np.array([1, 2]),
        (np.float32(1), np.int8(2)),
        torch.tensor([1, 2]),
        [torch.tensor(1.0, requires_grad=True), 2],
        torch.tensor([1, 2], dtype=torch.bfloat16),
        torch.tensor([1, 2], dtype=torch.float8_e4m3fn),
        torch.tensor([1 + 1j, 2 + 2j]).conj().real,
        torch._neg_view(torch.tensor([-1.0, -2.0])),
        OfCupy(),
        np.ma.array([1, 2]),
        np.array([1, 2], object),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_an_array_becomes_one(value: Any) -> None:
    array = to_array(value)
    assert type(array) is np.ndarray
    assert array.tolist() == [1, 2]


def test_an_array_is_not_copied() -> None:
    array = np.zeros(3)
    assert to_array(array) is array
    assert np.shares_memory(to_array(torch.from_numpy(array)), array)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([[1, 2], [3]], "inhomogeneous"),
        (np.ma.array([1, 2], mask=[True, False]), "values are masked"),
        ([np.ma.masked, 1], "values are masked"),
        (torch.zeros(2, device="meta"), "no data"),
    ],
    ids=["uneven", "masked", "one masked", "without data"],
)
def test_what_is_none_is_said_by_who_knows(value: Any, says: str) -> None:
    with pytest.raises((ValueError, NotImplementedError), match=says):
        to_array(value)


@pytest.mark.parametrize(
    ("shape", "keep", "expected"),
    [
        ((4,), 1, (4,)),
        ((1,), 1, (1,)),
        ((1, 1, 4), 1, (4,)),
        ((1, 1, 1, 1), 2, (1, 1)),
        ((3, 1, 5, 1), 2, (3, 5, 1)),
        ((0, 1, 4), 1, (0, 4)),
        ((), 2, ()),
    ],
)
def test_axes_of_length_1_go_before_those_that_are_kept(
    shape: tuple[int, ...], keep: int, expected: tuple[int, ...]
) -> None:
    array = np.zeros(shape)
    assert squeezed(array, keep).shape == expected
    if shape == expected:
        assert squeezed(array, keep) is array


@pytest.mark.parametrize(
    ("shape", "width", "expected"),
    [
        ((2,), 2, (1, 2)),
        ((3, 2), 2, (3, 2)),
        ((3, 1, 2), 2, (3, 2)),
        ((1, 3, 1, 2), 2, (3, 2)),
        ((2, 1), 2, (1, 2)),
        ((1, 4, 1), 4, (1, 4)),
        ((0, 2), 2, (0, 2)),
        ((1, 0, 2), 2, (0, 2)),
        ((3, 5, 2), 2, (3, 5, 2)),
        ((3, 2, 1), 2, (3, 2, 1)),
        ((2, 2), 4, (2, 2)),
        ((), 4, ()),
        ((5,), 4, (5,)),
    ],
)
def test_rows_have_one_meaning_or_are_left(
    shape: tuple[int, ...], width: int, expected: tuple[int, ...]
) -> None:
    assert as_rows(np.zeros(shape), width).shape == expected


def test_what_behaves_like_an_array() -> None:
    arrays = [np.zeros(2), torch.zeros(2), OfCupy(), OfDlpack(), memoryview(np.zeros((2, 2)))]
    assert all(is_array(one) for one in arrays)
    assert not any(is_array(one) for one in ([1], b"x", memoryview(b"x"), "x", None, 3))
