"""Fetch a model's file once into the user's cache, or say in one sentence why that failed.

The bytes go into a temporary file in the same folder and are counted and hashed on the way; only a
file that is right in every way gets its final name. So a broken file never stays, and several
processes may fetch the same file at once.

Not pooch: it hashes a file anew at each use, reads to its end what is seen to be wrong from the
start, and waits for ever on a server that drips; ``tests/weights/test_pooch.py`` tries both.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import platformdirs
from tqdm.auto import tqdm

from samwidget.values.web import FetchError, TooLargeError, stream
from samwidget.weights.kinds import HEAD_BYTES, recognise_junk
from samwidget.weights.records import CheckpointError, Record

MAX_BYTES = 10 * 10**9
"""Of a file whose size is not known; the largest model here has 2.6 GB."""
MAX_SECONDS = STALE_AFTER_S = 24 * 3600


def cache_path(record: Record) -> Path:
    """Tell where a model's file lies once it is fetched, and is looked for when put by hand.

    The folder is ``$SAMWIDGET_CACHE`` if that is set, else the system's user cache.
    """
    return cache_folder() / record.file_name


def cache_folder() -> Path:
    """Tell where fetched files lie, all in one folder."""
    root = os.environ.get("SAMWIDGET_CACHE")
    base = Path(root).expanduser() if root else platformdirs.user_cache_path("samwidget")
    return base / "checkpoints"


def fetch(record: Record, *, progress: Callable[[float], None] | None = None) -> Path:
    """Give the path of a model's file; download it if it is not in the cache.

    Parameters
    ----------
    record
        One with a ``url``.
    progress
        Told the fraction done, 0 to 1, with every piece that comes; what it raises ends the
        download and reaches the caller.
        Without it a progress bar is shown.

    Raises
    ------
    CheckpointError
        When the file cannot be had; the text says why, and where to put it by hand.
    """
    target = cache_path(record)
    note = ""
    try:
        if target.is_file():
            trouble = trouble_with(target, record)
            if trouble is None:
                return target
            note = f" The file that lies there now cannot be used: {trouble}."
        _download(record, target, progress)
    except CheckpointError as error:
        raise CheckpointError(f"{error} {_advice(record, target)}{note}") from error.__cause__
    except OSError as error:
        reason = _disk_reason(error, record, target.parent)
        raise CheckpointError(f"{reason} {_advice(record, target)}{note}") from error
    return target


def trouble_with(path: Path, record: Record) -> str | None:
    """Say what keeps a file from being the record's, without reading all of it; else None."""
    with path.open("rb") as file:
        junk = recognise_junk(file.read(HEAD_BYTES))
    if junk is not None:
        return f"it is {junk}"
    size = path.stat().st_size
    if record.size_bytes is not None and size != record.size_bytes:
        return f"it has {size:,} bytes instead of {record.size_bytes:,}"
    return None


def _download(record: Record, target: Path, progress: Callable[[float], None] | None) -> None:
    url = _url(record)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale_parts(target)
    _check_free_space(record, target.parent)
    descriptor, part_name = tempfile.mkstemp(".part", f"{target.name}.", target.parent)
    part = Path(part_name)
    try:
        with os.fdopen(descriptor, "wb") as file, _reporter(record, progress) as report:
            sink = _Sink(file, record, report)
            most = record.size_bytes or MAX_BYTES
            try:
                with closing(stream(url, max_bytes=most, max_seconds=MAX_SECONDS)) as pieces:
                    for piece in pieces:
                        sink.write(piece)
            except TooLargeError as error:
                raise CheckpointError(f"{error}: it is another file.") from error
            except FetchError as error:
                raise CheckpointError(f"{error}.") from error
            sink.check()
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)  # mkstemp lets nobody else read, but a cache may be shared
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _Sink:
    """What the download is written into: counts, hashes and checks, then passes on to a file."""

    def __init__(self, file: BinaryIO, record: Record, report: Callable[[int], None]) -> None:
        self.count = 0
        self._file = file
        self._record = record
        self._report = report
        self._head = b""
        known = {"SHA-256": record.sha256, "MD5": record.md5}
        self._expected = {name: digest for name, digest in known.items() if digest is not None}
        self._hashes = {
            name: hashlib.new(name.replace("-", ""), usedforsecurity=False)
            for name in self._expected
        }

    def write(self, data: bytes) -> None:
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + data)[:HEAD_BYTES]
            junk = recognise_junk(self._head)
            if junk is not None:
                raise CheckpointError(f"{_host(self._record)} sent {junk}.")
        self._file.write(data)
        for one in self._hashes.values():
            one.update(data)
        self.count += len(data)
        self._report(self.count)

    def check(self) -> None:
        """Compare size and hash with the record's."""
        record, host = self._record, _host(self._record)
        if self.count == 0:
            raise CheckpointError(f"{host} sent an empty file.")
        if record.size_bytes is not None and self.count != record.size_bytes:
            raise CheckpointError(
                f"{host} sent only a part of the file: {self.count:,} bytes instead of "
                f"{record.size_bytes:,}."
            )
        for name, expected in self._expected.items():
            digest = self._hashes[name].hexdigest()
            if digest != expected:
                raise CheckpointError(
                    f"{host} sent a file with other contents: its {name} is {digest} instead of "
                    f"{expected}."
                )


@contextmanager
def _reporter(
    record: Record, progress: Callable[[float], None] | None
) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the number of bytes that are there."""
    total = record.size_bytes
    if progress is not None:
        yield lambda count: progress(min(1.0, count / total) if total else 0.0)
        return
    with tqdm(
        total=total, desc=record.file_name, unit="B", unit_scale=True, unit_divisor=1024
    ) as bar:

        def show(count: int) -> None:
            bar.update(count - bar.n)

        yield show


def _remove_stale_parts(target: Path) -> None:
    """Remove what processes left behind that were killed; what others write now stays."""
    for part in target.parent.glob(f"{target.name}.*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE_AFTER_S:
                part.unlink()


def _check_free_space(record: Record, folder: Path) -> None:
    needed = record.size_bytes or 0
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _disk_reason(error: OSError, record: Record, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        needed = f" {record.size_bytes / 1e6:,.0f} MB" if record.size_bytes else ""
        return (
            f"the disk is full: {record.file_name} needs{needed} in {folder}; free some space, or "
            "set SAMWIDGET_CACHE to a folder on another disk."
        )
    return (
        f"cannot write into {folder} ({error.strerror or error}); set SAMWIDGET_CACHE to a folder "
        "that can be written to."
    )


def _advice(record: Record, target: Path) -> str:
    return f"To put the file there by hand, fetch {record.url} and save it as '{target}'."


def _url(record: Record) -> str:
    if record.url is None:
        raise ValueError(f"the model '{record.name}' has no address to be fetched from")
    return record.url


def _host(record: Record) -> str:
    return urlsplit(_url(record)).netloc
