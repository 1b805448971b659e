from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from samwidget.values.palette import COLORS, color_for, rgb

# How linear RGB looks to people who lack one kind of cone (Machado et al., 2009, severity 1).
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def oklab(colors: list[str], sight: NDArray[np.float64]) -> NDArray[np.float64]:
    srgb = np.array([rgb(color) for color in colors]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ sight.T, 0, 1)
    to_lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.cbrt(linear @ to_lms.T) @ to_lab.T


@pytest.mark.parametrize("sight", SIGHTS)
def test_first_colours_differ_in_every_sight(sight: str) -> None:
    lab = oklab([color_for(i) for i in range(8)], SIGHTS[sight])
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=2) + np.eye(8)
    assert distances.min() > 0.12


def test_thirty_colours_are_all_different_and_then_repeat() -> None:
    colors = [color_for(i) for i in range(3 * len(COLORS))]
    assert len(set(colors)) == len(colors)
    assert color_for(len(colors)) == colors[0]


def test_colours_are_lower_case_hex() -> None:
    for i in range(40):
        assert "#" + bytes(rgb(color_for(i))).hex() == color_for(i)


def test_negative_index_is_refused() -> None:
    with pytest.raises(ValueError, match="got -1"):
        color_for(-1)


@pytest.mark.parametrize("text", ["red", "#fff", "ff0000", "#ff00zz", "#ff 00 0", "#ff000000"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected '#rrggbb'"):
        rgb(text)
