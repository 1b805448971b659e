"""Go through a batch: skip what is done, ask about the rest, tell what failed at the end."""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash
from tqdm.auto import tqdm

from samwidget.batch.output import Output
from samwidget.batch.work import Answer, ModelSpec, embed_one, segment_one, short
from samwidget.formats.files import missing
from samwidget.values.arrays import is_array, to_array
from samwidget.values.errors import quoted
from samwidget.values.items import Item, list_items
from samwidget.values.paths import expanded

if TYPE_CHECKING:
    from samwidget.sam import SAM

Asks = Mapping[str, Any] | Callable[[str], Mapping[str, Any]]

AHEAD = 3
"""Images on their way to each thread of a cluster; more would fill its memory with arrays."""


@dataclass(frozen=True)
class Report:
    """What came of a batch.

    Attributes
    ----------
    done
        Images that were worked on now.
    skipped
        Images that had been done before.
    failed
        What went wrong, by the image's name; the next run tries these again.
    folder
        Where the answers are, None when embeddings went into the shared store.
    """

    done: int = 0
    skipped: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None

    def __str__(self) -> str:
        lines = [f"{self.done} done, {self.skipped} skipped, {len(self.failed)} failed"]
        lines += [f"  {name}: {why}" for name, why in islice(self.failed.items(), 10)]
        if len(self.failed) > 10:
            lines.append(f"  and {len(self.failed) - 10} more")
        return "\n".join(lines)


def segment(
    source: object,
    out: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | SAM = "nano",
    prompts: Asks | None = None,
    device: str = "auto",
    precision: str = "auto",
    client: Any = None,
    progress: Callable[[float], None] | None = None,
    **settings: Any,
) -> Report:
    """Segment many images; what was done before is skipped.

    Parameters
    ----------
    source
        The images, see :func:`samwidget.values.items.list_items`.
    out
        A folder for the answers, a Parquet file for each image; made if need be. Read it with
        :func:`samwidget.batch.read`.
    model
        A name or a path; or an open :class:`samwidget.SAM`, when there is no client.
    prompts
        What differs from image to image: a mapping from names, or a function of them, to arguments
        of :meth:`samwidget.SAM.predict` such as ``{"bboxes": detections}``. Images that are not in
        the mapping get none, and so are segmented entirely.
    device, precision
        Of a model that is not open yet.
    client
        A ``dask.distributed.Client``: the images are worked on there, by one model in each worker
        process; the answers come back and are written here.
    progress
        Told the fraction done, 0 to 1; without it a progress bar is shown.
    **settings
        The same for all images, for :meth:`samwidget.SAM.predict`.

    Returns
    -------
    Report
        One bad image is told there and ends nothing.

    Raises
    ------
    CheckpointError
        When there is no such model.
    FileNotFoundError
        When there are no images.
    ValueError
        When the folder holds the answers to another job.
    """
    items = list_items(source)
    named = _named(model, device, precision, client)
    job = {
        "model": named.name if isinstance(named, ModelSpec) else named.checkpoint.path.name,
        "settings": _described(settings),
    }
    output = Output(expanded(out), job)
    waiting = [item for item in items if not output.is_done(item.name)]
    asks = ((item, {**settings, **_asked(prompts, item.name)}) for item in waiting)
    answers = _answers(segment_one, named, asks, client)
    done, failed = 0, {}
    with closing(answers), _told(progress, len(items), "segmenting") as told:
        told(len(items) - len(waiting), "")
        for answer in answers:
            if answer.error is None:
                output.write(answer.name, answer.size_hw, answer.rows)
                done += 1
            else:
                failed[answer.name] = answer.error
            told(1, answer.name)
    return Report(done, len(items) - len(waiting), failed, output.folder)


def embed(
    source: object,
    *,
    model: str | os.PathLike[str] | SAM = "nano",
    folder: str | os.PathLike[str] | None = None,
    device: str = "auto",
    precision: str = "auto",
    client: Any = None,
    progress: Callable[[float], None] | None = None,
) -> Report:
    """Encode many images ahead of time, so that opening them later encodes nothing.

    Parameters
    ----------
    source, model, device, precision, client, progress
        As for :func:`segment`.
    folder
        Of the embeddings; None is that of :func:`samwidget.predict.store.shared_store`, in which
        widgets look. On a cluster it is a folder of the workers' machines.

    Returns
    -------
    Report
        An image that is there already is counted as done, and costs its reading alone.
    """
    items = list_items(source)
    named = _named(model, device, precision, client)
    where = None if folder is None else str(expanded(folder))
    answers = _answers(embed_one, named, ((item, where) for item in items), client)
    done, failed = 0, {}
    with closing(answers), _told(progress, len(items), "embedding") as told:
        for answer in answers:
            if answer.error is None:
                done += 1
            else:
                failed[answer.name] = answer.error
            told(1, answer.name)
    return Report(done, 0, failed, None if where is None else Path(where))


Work = Callable[..., Answer]


def _answers(
    work: Work, model: ModelSpec | SAM, asks: Iterable[tuple[Item, Any]], client: Any
) -> Generator[Answer]:
    """Do the work on all items, in this process in their order, on a cluster as they are done."""
    if client is None:
        for item, ask in asks:
            yield work(model, item, ask)
        return
    try:
        from distributed import as_completed
    except ImportError:
        raise missing("distributed", "a client", "dask") from None
    threads = max(1, sum(client.nthreads().values()))
    waiting = iter(asks)
    names: dict[str, str] = {}

    def submit(count: int) -> list[Any]:
        futures = []
        for item, ask in islice(waiting, count):
            future = client.submit(work, model, item, ask, pure=False)
            names[future.key] = item.name
            futures.append(future)
        return futures

    first = submit(AHEAD * threads)
    running: Any = as_completed(first)  # type: ignore[no-untyped-call]
    try:
        for future in running:
            name = names.pop(future.key)
            if future.status == "finished":
                yield future.result()
            else:
                yield Answer(name, error=f"the worker failed: {future.exception()}"[:500])
            running.update(submit(1))
    finally:
        client.cancel(list(running.futures))


def _named(model: Any, device: str, precision: str, client: Any) -> ModelSpec | SAM:
    if isinstance(model, str | os.PathLike):
        if client is None:
            from samwidget.sam import SAM

            return SAM(model, device, precision)
        return ModelSpec(os.fspath(model), device, precision)
    if client is not None:
        raise TypeError("on a cluster every worker opens the model itself: give its name or path")
    if not hasattr(model, "predict") or not hasattr(model, "checkpoint"):
        raise TypeError(f"model: expected a name, a path or a SAM, got {type(model).__name__}")
    opened: SAM = model
    return opened


def _asked(prompts: Asks | None, name: str) -> Mapping[str, Any]:
    if prompts is None:
        return {}
    found = prompts(name) if callable(prompts) else prompts.get(name, {})
    if not isinstance(found, Mapping):
        raise TypeError(
            f"prompts for {quoted(name)}: expected arguments of SAM.predict such as "
            f"{{'bboxes': ...}}, got {type(found).__name__}"
        )
    return found


def _described(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give settings as JSON; what is none of it by its hash."""

    def plain(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return repr(float(value))  # JSON has none
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        if isinstance(value, Mapping):
            return {str(key): plain(one) for key, one in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            # Not what it has worked out meanwhile: a mask keeps its runs.
            return [
                type(value).__name__,
                *(plain(getattr(value, one.name)) for one in fields(value)),
            ]
        return _digest(value)

    return {name: plain(value) for name, value in sorted(settings.items())}


def _digest(value: Any) -> str:
    """Give a hash of what is no JSON, the same in every run."""
    if is_array(value):
        with suppress(Exception):  # what is wrong with it is told by whoever reads it in earnest
            array = to_array(value)
            if not array.dtype.hasobject:
                digest = xxhash.xxh3_128(f"{array.shape} {array.dtype}".encode())
                digest.update(np.ascontiguousarray(array).tobytes())
                return digest.hexdigest()
    try:
        return xxhash.xxh3_128(pickle.dumps(value)).hexdigest()
    except Exception:  # a function of a notebook: by its name
        kind = type(value)
        return str(getattr(value, "__qualname__", f"{kind.__module__}.{kind.__qualname__}"))


@contextmanager
def _told(
    progress: Callable[[float], None] | None, total: int, doing: str
) -> Generator[Callable[[int, str], None]]:
    """Give what tells somebody, or shows on a bar, how many of so many images are done."""
    if progress is not None:
        done = 0

        def tell(count: int, name: str) -> None:  # noqa: ARG001
            nonlocal done
            done += count
            progress(done / max(1, total))

        yield tell
        return
    with tqdm(total=total, desc=doing, unit="image") as bar:

        def show(count: int, name: str) -> None:
            bar.update(count)
            bar.set_postfix_str(short(name))

        yield show
