"""Colours for objects: told apart on a photo, also by people who are colour blind."""

from __future__ import annotations

from samwidget.values.errors import quoted

COLORS = (
    "#559cff",
    "#ff3a14",
    "#f7e500",
    "#6a1fe8",
    "#0aeee2",
    "#ff8090",
    "#8c1d0a",
    "#35058c",
    "#9ed61a",
    "#c70a74",
)
"""Chosen so that the smallest OKLab distance within the first eight, taken over normal sight and
simulated protanopia, deuteranopia and tritanopia (Machado et al., 2009), is above 0.12. The same
measure gives 0.08 for the seven colours of Okabe and Ito."""

ALIKE = 70
"""Red, green and blue of alike colours are nearer than this; js/state/list.ts has it, too."""

_TINTS = ((255, 0.0), (255, 0.45), (0, 0.4))
"""Each later round over the colours mixes them with this grey, by this share."""


def color_for(index: int) -> str:
    """Give the colour of the ``index``-th object.

    Parameters
    ----------
    index
        From 0. After 10 colours lighter ones follow, then darker ones, then all again.

    Returns
    -------
    str
        ``"#rrggbb"``.

    Raises
    ------
    ValueError
        If ``index`` is negative.

    Examples
    --------
    >>> color_for(0)
    '#559cff'
    """
    if index < 0:
        raise ValueError(f"index of a colour: expected 0 or more, got {index}")
    lap, place = divmod(index, len(COLORS))
    grey, share = _TINTS[lap % len(_TINTS)]
    mixed = (round(c + share * (grey - c)) for c in rgb(COLORS[place]))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def are_alike(color: str, other: str) -> bool:
    """Tell whether two colours are easily taken for each other; no two of ``COLORS`` are.

    Examples
    --------
    >>> are_alike("#ff3a14", "#e4572e"), are_alike("#ff3a14", "#f7e500")
    (True, False)
    """
    return sum((a - b) ** 2 for a, b in zip(rgb(color), rgb(other), strict=True)) < ALIKE**2


def rgb(color: str) -> tuple[int, int, int]:
    """Turn ``"#rrggbb"`` into red, green and blue, 0 to 255.

    Raises
    ------
    ValueError
        If it is written in any other way.

    Examples
    --------
    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    digits = color.removeprefix("#") if isinstance(color, str) else ""
    if len(digits) == 6 and color.startswith("#"):
        try:
            value = bytes.fromhex(digits)
        except ValueError:
            pass
        else:
            return value[0], value[1], value[2]
    raise ValueError(f"colour: expected '#rrggbb' with six hexadecimal digits, got {quoted(color)}")
