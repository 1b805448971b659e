"""What the command says: results on stdout; on stderr a line for each error, and progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

Progress = Callable[[float], None]


def say(text: str) -> None:
    """Write a line, or several, to stdout."""
    _write(sys.stdout, text)


def complain(reason: str, about: str | None = None) -> None:
    """Write an error to stderr: always one line, ``samwidget: reason`` or with what it is about.

    Line breaks in it, also in the name of a file, become spaces. A reason that begins with what it
    is about does not say it twice.
    """
    said = reason if about is None else f"{about}: {reason.removeprefix(f'{about} ')}"
    _write(sys.stderr, "samwidget: " + " ".join(said.split()))


class Bar:
    """How many images are done, with the part of the one that is being worked on."""

    def __init__(self, bar: tqdm) -> None:
        self._bar = bar

    def of_image(self, index: int, name: str) -> Progress:
        """Give what is told the fraction done, 0 to 1, of the image with this index."""
        self._bar.set_postfix_str(name, refresh=False)
        return lambda done: self._show(index + min(1.0, max(0.0, done)))

    def _show(self, images: float) -> None:
        self._bar.update(images - self._bar.n)


@contextmanager
def bar_over(images: int, title: str, *, shown: bool | None) -> Iterator[Bar]:
    """Show a bar on stderr while images are worked on.

    ``shown`` None shows it where stderr is a terminal.
    """
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
    with tqdm(
        total=images,
        desc=title,
        file=sys.stderr,
        disable=None if shown is None else not shown,
        bar_format=layout,
        dynamic_ncols=True,
    ) as bar:
        yield Bar(bar)


def is_bar_wanted(shown: bool | None) -> bool:
    """Tell whether bars are shown, see :func:`bar_over`."""
    return sys.stderr.isatty() if shown is None else shown


def tell_nobody(done: float) -> None:
    """Take a fraction done that is shown to nobody."""


def _write(stream: TextIO, text: str) -> None:
    """Write text even if the stream's encoding lacks some of it, and out of the way of a bar."""
    encoding = stream.encoding or "utf-8"
    safe = text.encode(encoding, "backslashreplace").decode(encoding)
    with tqdm.external_write_mode(file=sys.stderr):
        stream.write(safe + "\n")
        stream.flush()
