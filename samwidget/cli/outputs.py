"""Where results go: nowhere, into a file for each image, or into one file for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import typer

from samwidget.cli.files import expanded, replacing, to_json
from samwidget.cli.formats import Document, Format
from samwidget.cli.inputs import Picture, distinct
from samwidget.values.errors import quoted

T = TypeVar("T")

_OUT, _FORMAT = "'--out'", "'--format'"


class CannotWriteError(Exception):
    """What is found cannot be kept: there is no use in finding more."""


class Output(Generic[T]):
    """Takes the results of a run.

    Parameters
    ----------
    format
        How they are written; None keeps nothing.
    paths
        A file for each image.
    shared
        Instead of that, one file for all.
    """

    def __init__(
        self,
        format: Format[T] | None = None,  # noqa: A002
        paths: Sequence[Path] = (),
        shared: Path | None = None,
    ) -> None:
        self._format = format
        self._paths = paths
        self.shared = shared
        self._gathered: Document[T] | None = None
        if shared is not None and format is not None and format.document is not None:
            self._gathered = format.document()

    @property
    def files(self) -> list[Path]:
        """All files that may be written."""
        return [*self._paths] if self.shared is None else [self.shared]

    def take(self, index: int, picture: Picture, result: T) -> Path | None:
        """Write the result of the image with this index; gives the file, if it has one of its own.

        Raises
        ------
        CannotWriteError
            When the disk does not take it.
        """
        if self._format is None:
            return None
        if self._gathered is not None:
            self._gathered.add(picture, result)
            return None
        path = self._paths[index]
        if self._format.document is not None:
            document = self._format.document()
            document.add(picture, result)
            _write_document(document, path)
        elif self._format.write is not None:
            with _written(path) as file:
                self._format.write(result, file, path.suffix.lower())
        return path

    def finish(self) -> None:
        """Write the file for all images, if there is one."""
        if self._gathered is not None and self.shared is not None:
            _write_document(self._gathered, self.shared)


def plan_output(
    out: str | None,
    format_name: str | None,
    formats: Sequence[Format[T]],
    pictures: Sequence[Picture],
    *,
    asked: int,
) -> Output[T]:
    """Decide where results go, before any work is done.

    Parameters
    ----------
    out
        A file, with the ending of a format, or a folder; None keeps nothing.
    format_name
        One of ``formats``, or None: what the ending says, in a folder the first.
    formats
        Those that there are.
    pictures
        The images.
    asked
        How many images were asked for, those that are not there included.

    Raises
    ------
    typer.BadParameter
        When they do not fit each other, a file would take the place of an image that is read, or
        the place cannot be written to.
    """
    chosen = None if format_name is None else _by_name(formats, format_name)
    if out is None:
        if chosen is not None:
            raise typer.BadParameter(
                "it says how to write; say where with --out", param_hint=_FORMAT
            )
        return Output()
    if not out.strip():
        raise _bad("it is an empty name; give a file or a folder")
    path = expanded(out)
    is_folder = _is_folder(out, path, formats)
    if is_folder:
        kind = chosen or formats[0]
        names = distinct(
            [one.file_name.removesuffix(Path(one.file_name).suffix) for one in pictures],
            [lambda index: pictures[index].file_name],
        )
        output = Output(kind, [path / (name + kind.endings[0]) for name in names])
    else:
        kind = _of_file(path, chosen, formats)
        if kind.document is not None:
            output = Output(kind, shared=path)
        elif asked == 1:
            output = Output(kind, [path for _ in pictures])
        else:
            takes_all = any(one.document is not None for one in formats)
            advice = " or, for all of them, a .json file" if takes_all else ""
            raise _bad(
                f"{quoted(out)} is one file, but there are {asked} images; give a folder{advice}"
            )
    _check_files(output.files, pictures)
    _check_folder(path if is_folder else path.parent)
    return output


def _by_name(formats: Sequence[Format[T]], name: str) -> Format[T]:
    for one in formats:
        if one.name == name.strip().lower():
            return one
    names = ", ".join(one.name for one in formats)
    raise typer.BadParameter(f"expected one of {names}, got {quoted(name)}", param_hint=_FORMAT)


def _is_folder(out: str, path: Path, formats: Sequence[Format[T]]) -> bool:
    if path.is_dir() or out.endswith(("/", os.sep)) or not path.suffix:
        return True
    endings = [ending for one in formats for ending in one.endings]
    if path.suffix.lower() in endings:
        return False
    known = ", ".join(dict.fromkeys(endings))
    raise _bad(
        f"the ending of {quoted(path.name)} names no format: use {known}, or for a folder put / "
        "behind its name"
    )


def _of_file(path: Path, chosen: Format[T] | None, formats: Sequence[Format[T]]) -> Format[T]:
    ending = path.suffix.lower()
    if chosen is None:
        return next(one for one in formats if ending in one.endings)
    if ending not in chosen.endings:
        raise _bad(
            f"a file of the format {chosen.name} ends in {' or '.join(chosen.endings)}, got "
            f"{quoted(path.name)}"
        )
    return chosen


def _check_files(files: Sequence[Path], pictures: Sequence[Picture]) -> None:
    images = {os.path.realpath(one.source) for one in pictures}
    for file in files:
        if os.path.realpath(file) in images:
            raise _bad(f"{quoted(str(file))} is an image that is read; write elsewhere")
        if file.exists() and not file.is_file():
            what = "a folder" if file.is_dir() else "no ordinary file"
            raise _bad(f"{quoted(str(file))} is {what}, but a file is to be written there")


def _check_folder(folder: Path) -> None:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise _bad(f"{quoted(str(folder))} is a file, but a folder is needed there")
    if not os.access(folder, os.W_OK):
        raise _bad(f"the folder {quoted(str(folder))} cannot be written to")


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    try:
        with replacing(path) as file:
            yield file
    except OSError as error:
        if error.errno is None:  # Pillow's, of a picture that a format cannot hold
            raise
        reason = error.strerror or str(error)
        raise CannotWriteError(f"{path} cannot be written: {reason}") from error


def _write_document(document: Document[T], path: Path) -> None:
    with _written(path) as file:
        file.write(to_json(document.value()).encode("ascii"))


def _bad(reason: str) -> typer.BadParameter:
    return typer.BadParameter(reason, param_hint=_OUT)
