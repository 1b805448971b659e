"""Small islands and holes: what goes, what stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from samwidget.values.cleaning import clean_logits

NOWHERE = np.zeros((0, 2), np.float32)


def drawn(*patches: tuple[slice, slice, float]) -> NDArray[np.float32]:
    logits = np.full((64, 64), -3, np.float32)
    for rows, columns, value in patches:
        logits[rows, columns] = value
    return logits


BODY = (slice(10, 50), slice(10, 50), 4.0)  # 1,600 cells
SPECK = (slice(55, 60), slice(55, 60), 1.5)  # 25 cells, below a tenth
PART = (slice(10, 50), slice(55, 60), 1.5)  # 200 cells, above a tenth
PINHOLE = (slice(20, 25), slice(20, 25), -0.5)  # 25 cells, below 2 %
HOLE = (slice(20, 30), slice(20, 30), -0.5)  # 100 cells, above 2 %
NOTCH = (slice(10, 14), slice(20, 24), -0.5)  # open to the outside


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([BODY], [BODY], id="nothing to clean"),
        pytest.param([BODY, SPECK], [BODY, (*SPECK[:2], -1.5)], id="small island"),
        pytest.param([BODY, PART], [BODY, PART], id="large island"),
        pytest.param([BODY, PINHOLE], [BODY, (*PINHOLE[:2], 0.5)], id="small hole"),
        pytest.param([BODY, HOLE], [BODY, HOLE], id="large hole"),
        pytest.param([BODY, NOTCH], [BODY, NOTCH], id="notch"),
        pytest.param([], [], id="empty"),
        pytest.param([(slice(0, 64), slice(0, 64), 2.0)], [(slice(0, 64), slice(0, 64), 2.0)]),
    ],
)
def test_sign_of_what_is_small_turns(given: list, expected: list) -> None:  # type: ignore[type-arg]
    cleaned = clean_logits(drawn(*given), NOWHERE, NOWHERE)
    np.testing.assert_array_equal(cleaned, drawn(*expected))


def test_gap_at_the_arrays_edge_is_no_hole() -> None:
    logits = np.full((32, 32), 2, np.float32)
    logits[0:2, 5:7] = -1
    np.testing.assert_array_equal(clean_logits(logits, NOWHERE, NOWHERE), logits)


def test_island_with_a_foreground_click_stays() -> None:
    logits = drawn(BODY, SPECK)
    assert clean_logits(logits, np.array([[57.5, 57.5]]), NOWHERE) is logits
    assert clean_logits(logits, NOWHERE, np.array([[57.5, 57.5]])) is not logits


def test_hole_with_a_background_click_stays() -> None:
    logits = drawn(BODY, PINHOLE)
    assert clean_logits(logits, NOWHERE, np.array([[22.0, 22.0]])) is logits
    assert clean_logits(logits, np.array([[22.0, 22.0]]), NOWHERE) is not logits


def test_clicks_beyond_the_array_count_for_nothing() -> None:
    logits = drawn(BODY, SPECK)
    clicks = np.array([[-1.0, 3.0], [1e9, 57.0], [64.0, 64.0]])
    cleaned = clean_logits(logits, clicks, clicks)
    np.testing.assert_array_equal(cleaned > 0, drawn(BODY) > 0)


def test_what_was_given_is_not_written_into() -> None:
    logits = drawn(BODY, SPECK, PINHOLE)
    before = logits.copy()
    logits.setflags(write=False)
    clean_logits(logits, NOWHERE, NOWHERE)
    np.testing.assert_array_equal(logits, before)
