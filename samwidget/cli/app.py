"""The table of commands, and what the whole ends with."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any

import typer
from typer.main import get_command

import samwidget
from samwidget.cli.demo import demo
from samwidget.cli.model_commands import cache, download, info, models
from samwidget.cli.request import SOME_FAILED, WRONG_USAGE
from samwidget.cli.talk import complain, say
from samwidget.cli.task_commands import edges, everything, predict, proposals

NAME = "samwidget"

_STATUSES = (
    "Exit status: 0 all done; 1 some of it failed, a line on stderr that begins with "
    "'samwidget: ' says what; 2 wrong usage, nothing was done; 130 interrupted. "
    "Files are written whole or not at all."
)
_SEGMENT, _MODELS, _START = "Segment images", "Models", "Begin"

app = typer.Typer(
    name=NAME,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _examples(*lines: str) -> str:
    return "\n\n".join([*(f"[cyan]samwidget {line}[/cyan]" for line in lines), _STATUSES])


app.command(
    rich_help_panel=_SEGMENT,
    epilog=_examples(
        "predict photo.jpg --point 900,370 -o out.png",
        "predict photo.jpg --box 150,10,300,180 --box 20,20,90,90 -o out.json",
        'predict photos/ --text "a wheel" -o wheels/ --json',
    ),
)(predict)
app.command(
    rich_help_panel=_SEGMENT,
    epilog=_examples(
        "everything photo.jpg -o out.png", "everything 'photos/*.jpg' --preset fine -o all.json"
    ),
)(everything)
app.command(
    rich_help_panel=_SEGMENT, epilog=_examples("proposals photo.jpg -n 100 -o proposals.json")
)(proposals)
app.command(
    rich_help_panel=_SEGMENT,
    epilog=_examples("edges photo.jpg -o edges.png", "edges photos/ -f npy -o edges/"),
)(edges)
app.command(rich_help_panel=_MODELS)(models)
app.command(rich_help_panel=_MODELS)(download)
app.command(rich_help_panel=_MODELS)(info)
app.command(rich_help_panel=_MODELS)(cache)
app.command(rich_help_panel=_START)(demo)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"{NAME} {samwidget.__version__}")
        raise typer.Exit


@app.callback(epilog=_STATUSES)
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and end."
        ),
    ] = False,
) -> None:
    """Segment images with the Segment Anything Model."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv
        What follows its name; None takes the process's own.

    Returns
    -------
    int
        The exit status: 0 all done, 1 some failed, 2 wrong usage, 130 interrupted.

    Examples
    --------
    >>> main(["--version"]) == 0  # doctest: +SKIP
    """
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        with _unwound_when_terminated():
            status: Any = get_command(app).main(args or ["--help"], NAME, standalone_mode=False)
            sys.stdout.flush()
    except typer.TyperException as error:
        _complain_of_usage(error)
        return error.exit_code
    except BrokenPipeError:  # who reads, as `head` does, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    if not args:
        return WRONG_USAGE
    return status if isinstance(status, int) else 0


def _complain_of_usage(error: typer.TyperException) -> None:
    context = getattr(error, "ctx", None)
    command = NAME if context is None else context.command_path
    reason = error.format_message().removeprefix("Invalid value: ").replace("Value error, ", "")
    complain(f"{reason.rstrip('.')}. See {command} --help")


@contextmanager
def _unwound_when_terminated() -> Iterator[None]:
    """Let SIGTERM end it as Ctrl-C does, so that no unfinished file stays."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if before is not None:  # one that Python did not set cannot be put back
            signal.signal(signal.SIGTERM, before)
