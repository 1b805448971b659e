"""One image after the other: ask the model, keep what it finds, tell what went wrong, go on."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from samwidget.cli.files import to_json
from samwidget.cli.formats import Edges, Format
from samwidget.cli.inputs import Picture, Trouble, find_pictures
from samwidget.cli.outputs import CannotWriteError, Output, plan_output
from samwidget.cli.request import ALL_DONE, INTERRUPTED, SOME_FAILED, Request
from samwidget.cli.talk import Bar, Progress, bar_over, complain, is_bar_wanted, say, tell_nobody
from samwidget.results import Results
from samwidget.values.errors import text_of

T = TypeVar("T")

EXPECTED_ERRORS = (OSError, ValueError, TypeError, RuntimeError, MemoryError)
"""Their text tells a person what was wrong; any other is a fault, and shown with its traceback."""


class NoUseError(Exception):
    """There is no use in trying further images."""


class Model(Protocol):
    """What the commands ask of :class:`samwidget.SAM`."""

    def predict(self, source: object, **options: Any) -> list[Results]:
        """Segment what is asked for, or everything."""

    def everything(self, source: object, **options: Any) -> list[Results]:
        """Segment everything."""

    def proposals(self, source: object, **options: Any) -> list[Results]:
        """Propose objects, the likeliest first."""

    def edges(self, source: object, **options: Any) -> Edges:
        """Find edges."""

    def info(self, *, verbose: bool) -> dict[str, Any]:
        """Tell what the model is."""


@dataclass(frozen=True)
class Task(Generic[T]):
    """What is done with each image.

    Attributes
    ----------
    name
        The command.
    act
        Asks a model about an image.
    formats
        In which the result can be written.
    record, lines
        Tell of the result to a program and to a person.
    """

    name: str
    act: Callable[[Model, str, Progress], T]
    formats: Sequence[Format[T]]
    record: Callable[[T], dict[str, Any]]
    lines: Callable[[T], list[str]]


def open_model(name: str, device: str, precision: str, progress: bool | None) -> Model:
    """Open a model; a bar is shown while its weights are fetched, unless bars are not wanted."""
    from samwidget.sam import SAM

    told = None if is_bar_wanted(progress) else tell_nobody
    return cast("Model", SAM(name, device, precision, progress=told))


def run(task: Task[T], request: Request) -> int:
    """Do a task for all images that are asked for; gives the exit status.

    Raises
    ------
    typer.BadParameter
        When the request does not fit together; nothing was done then.
    """
    pictures, troubles = find_pictures(request.images, recursive=request.recursive)
    asked = len(pictures) + len(troubles)
    output = plan_output(request.out, request.format, task.formats, pictures, asked=asked)
    for trouble in troubles:
        complain(trouble.reason, trouble.name)
    job = _Job(task, request, pictures, troubles, output)
    status = ALL_DONE
    try:
        job.do()
    except KeyboardInterrupt:
        lost = "" if output.shared is None else f"; {output.shared} is not written"
        complain(f"interrupted, with {job.count()} done{lost}")
        return INTERRUPTED
    except (NoUseError, CannotWriteError, ImportError) as error:
        complain(text_of(error))
        job.give_up(text_of(error))
        status = SOME_FAILED
    if request.as_json:
        say(to_json(job.records, indent=2))
    return status if job.done == asked else SOME_FAILED


class _Job(Generic[T]):
    """A run: counts what is done and gathers what is told of it."""

    def __init__(
        self,
        task: Task[T],
        request: Request,
        pictures: Sequence[Picture],
        troubles: Sequence[Trouble],
        output: Output[T],
    ) -> None:
        self.done = 0
        self.records: list[dict[str, Any]] = [
            {"image": one.name, "error": one.reason} for one in troubles
        ]
        self._task = task
        self._request = request
        self._pictures = pictures
        self._output = output

    def count(self) -> str:
        """Give "2 of 3 images"."""
        return f"{self.done} of {len(self._pictures)} images"

    def do(self) -> None:
        """Work on all images."""
        if not self._pictures:
            return
        request = self._request
        try:
            model = open_model(request.model, request.device, request.precision, self._shows_bars)
        except EXPECTED_ERRORS as error:
            raise NoUseError(text_of(error)) from error
        with bar_over(len(self._pictures), self._task.name, shown=self._shows_bars) as bar:
            for index, picture in enumerate(self._pictures):
                self._try(model, index, picture, bar)
        if self.done and self._output.shared is not None:
            self._output.finish()
            for record in self.records:
                if "output" in record:
                    record["output"] = str(self._output.shared)
            self._tell(f"{self.count()} -> {self._output.shared}")

    def give_up(self, reason: str) -> None:
        """Note of all images that have no record yet why they have none."""
        known = {record["image"] for record in self.records}
        left = [one.source for one in self._pictures if one.source not in known]
        self.records += [{"image": source, "error": reason} for source in left]
        if self.done:
            complain(f"stopped, with {self.count()} done")

    def _try(self, model: Model, index: int, picture: Picture, bar: Bar) -> None:
        told = bar.of_image(index, picture.file_name)
        try:
            told(0)
            result = self._task.act(model, picture.source, told)
            path = self._output.take(index, picture, result)
        except (CannotWriteError, ImportError):
            raise
        except Exception as error:
            if not isinstance(error, EXPECTED_ERRORS):
                traceback.print_exc(file=sys.stderr)
            reason = text_of(error)
            complain(reason, picture.source)
            self.records.append({"image": picture.source, "error": reason})
        else:
            self.done += 1
            self._tell_of(picture, result, path)
        told(1)

    def _tell_of(self, picture: Picture, result: T, path: Path | None) -> None:
        if self._request.as_json:
            output = None if path is None else str(path)
            record = {"image": picture.source, "output": output, **self._task.record(result)}
            self.records.append(record)
            return
        head, *rest = self._task.lines(result)
        if path is not None:
            self._tell(f"{picture.source}: {head} -> {path}")
        elif self._output.shared is not None:
            self._tell(f"{picture.source}: {head}")
        else:
            self._tell("\n".join([f"{picture.source}: {head}", *rest]))

    def _tell(self, text: str) -> None:
        if not (self._request.as_json or self._request.quiet):
            say(text)

    @property
    def _shows_bars(self) -> bool | None:
        return False if self._request.quiet else self._request.progress
