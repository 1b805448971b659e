"""One image after the other, for the methods of :class:`samwidget.SAM`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from samwidget.results import Results
from samwidget.values.errors import text_of
from samwidget.values.images import read_image
from samwidget.values.objects import SegmentedObject
from samwidget.values.pictures import ReadImage
from samwidget.values.sources import origin_of


def each_image(
    sources: Sequence[object],
    skips: bool,
    segment: Callable[[int, NDArray[np.uint8]], Sequence[SegmentedObject]],
) -> list[Results]:
    """Load and segment one image after the other; go on after a bad one if told to."""
    results = []
    for number, source in enumerate(sources):
        image, notes = ReadImage(np.zeros((0, 0, 3), np.uint8))
        path = origin_of(source)
        try:
            image, notes = read_image(source)
            objects = tuple(segment(number, image))
            results.append(Results(image, objects, path, notes=notes))
        except EndedByCaller as ended:
            raise ended.reason from None
        except Exception as error:
            name = f"image {number} of {len(sources)}" + ("" if path is None else f", {path}")
            if not skips:
                if len(sources) > 1:
                    error.add_note(f"This was {name}; on_error='skip' goes on without it.")
                raise
            warnings.warn(f"{name}, was skipped: {text_of(error)}", stacklevel=3)
            results.append(Results(image, (), path, error, notes))
    return results


class EndedByCaller(BaseException):
    """Carries what ``progress`` raised past the images that are skipped because of errors."""

    def __init__(self, reason: BaseException) -> None:
        self.reason = reason


@contextmanager
def told_parts(
    progress: Callable[[float], None] | None, parts: int, doing: str
) -> Iterator[Callable[[int], Callable[[float], None]]]:
    """Give what each of several parts tells its fraction to: the caller's function or a bar."""

    def asked(fraction: float) -> None:
        assert progress is not None
        try:
            progress(fraction)
        except BaseException as error:
            raise EndedByCaller(error) from error

    def part_of(whole: Callable[[float], None]) -> Callable[[int], Callable[[float], None]]:
        return lambda number: lambda done: whole((number + done) / parts)

    if progress is not None:
        yield part_of(asked)
        return
    layout = "{l_bar}{bar}| {elapsed}<{remaining}"
    with tqdm(desc=doing, total=100, bar_format=layout) as bar:

        def show(done: float) -> None:
            bar.update(100 * done - bar.n)

        yield part_of(show)
