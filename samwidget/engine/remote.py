"""The engine that runs a model on a Dask worker: the notebook's kernel needs neither GPU nor torch.

The worker holds a :class:`LocalEngine` for each client that asks; images go there once, prompts and
low-res logits go to and fro.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from samwidget.engine.local import LocalEngine
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.values.candidates import Candidate
    from samwidget.values.filtering import Thresholds
    from samwidget.values.identity import ModelIdentity
    from samwidget.values.mask import Mask
    from samwidget.values.objects import SegmentedObject
    from samwidget.values.prediction import Prediction

T = TypeVar("T")

ASK_EVERY_S = 0.2
"""How often the worker is asked how far it is."""
POLL_S = 0.005
ANSWER_S = 20
"""How long a worker may take to say how far it is, before it is given up as gone."""


class WorkerGoneError(RuntimeError):
    """The worker that held the model does not answer any more."""


class RemoteEngine:
    """Asks one worker of a cluster; satisfies :class:`samwidget.session.engine.Engine`.

    Parameters
    ----------
    client
        A ``dask.distributed.Client``.
    model
        A name or a path, which the worker opens.
    device, precision
        As for :class:`samwidget.Predictor`, on the worker.

    Raises
    ------
    RuntimeError
        When the cluster has no worker.
    TypeError
        When the model is an open one.
    """

    def __init__(
        self, client: Any, model: object, device: str = "auto", precision: str = "auto"
    ) -> None:
        if not isinstance(model, str | os.PathLike):
            raise TypeError(
                "on a cluster the worker opens the model: give its name or its path there, got "
                f"{type(model).__name__}"
            )
        workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise RuntimeError("the cluster has no worker: scale it up first")
        self.name = Path(model).name
        self._client = client
        self._id = uuid.uuid4().hex
        # Widgets of one client spread over the workers.
        self._worker = workers[int(self._id, 16) % len(workers)]
        self._opened_with = (os.fspath(model), device, precision)
        self._frame_side: int | None = None

    @property
    def device(self) -> str:
        """The worker that the model runs on."""
        return f"worker {self._worker}"

    def embed(
        self,
        image: NDArray[np.uint8],
        region: tuple[int, int, int, int],
        on_progress: Callable[[str, float | None], None],
    ) -> str:
        """Embed a region of an image, see the protocol."""
        on_progress("loading", None)
        sent = self._client.scatter(image, workers=[self._worker], hash=False)

        def told(reports: list[tuple[str, float | None]]) -> None:
            for phase, fraction in reports:
                on_progress(phase, fraction)

        return self._ask(_embed, sent, region, on_reports=told)

    def predict(
        self, key: str, prompts: Prompts, start: Mask | None, *, multimask_output: bool
    ) -> Prediction:
        """Predict the masks of one object, see the protocol."""
        return self._ask(_predict, key, prompts, start, multimask_output)

    def frame_side(self) -> int:
        """Tell how many pixels a side of what the model sees has."""
        if self._frame_side is None:
            self._frame_side = self._ask(_frame_side)
        return self._frame_side

    def identity(self, key: str) -> ModelIdentity:
        """Tell which model has embedded what is held under a key, see the protocol."""
        return self._ask(_identity, key)

    def thresholds(self, options: dict[str, Any]) -> Thresholds:
        """Tell what is kept by these options, see the protocol."""
        return self._ask(_thresholds, options)

    def everything(
        self,
        key: str,
        options: dict[str, Any],
        on_found: Callable[[Sequence[Candidate], float], None],
    ) -> None:
        """Look for everything, see the protocol."""

        def told(reports: list[tuple[Sequence[Candidate], float]]) -> None:
            for found, fraction in reports:
                on_found(found, fraction)

        self._ask(_everything, key, options, on_reports=told)

    def text_threshold(
        self, options: dict[str, Any], on_progress: Callable[[float], None]
    ) -> float:
        """Tell the lowest detector's score that is given, see the protocol."""

        def told(reports: list[tuple[float]]) -> None:
            for (fraction,) in reports:
                on_progress(fraction)

        return self._ask(_text_threshold, options, on_reports=told)

    def find(
        self,
        key: str,
        text: str | Sequence[str],
        options: dict[str, Any],
        on_found: Callable[[Sequence[SegmentedObject], float], None],
    ) -> Sequence[SegmentedObject]:
        """Find what phrases name, see the protocol; the worker needs what finds them."""

        def told(reports: list[tuple[Sequence[SegmentedObject], float]]) -> None:
            for found, fraction in reports:
                on_found(found, fraction)

        return self._ask(_find, key, text, options, on_reports=told)

    def forget(self, key: str) -> None:
        """Free an embedding."""
        self._tell(_forget, self._id, key)

    def close(self) -> None:
        """Free what the worker holds for this engine."""
        self._tell(_close, self._id)

    def _ask(
        self,
        work: Callable[..., T],
        *args: Any,
        on_reports: Callable[[list[Any]], None] | None = None,
    ) -> T:
        """Let the worker work, tell what it reports meanwhile, and end it if that raises."""
        task = uuid.uuid4().hex
        future = self._client.submit(
            work,
            self._id,
            task,
            self._opened_with,
            *args,
            workers=[self._worker],
            pure=False,
            retries=0,
        )
        asked = time.monotonic()
        try:
            while not future.done():
                time.sleep(POLL_S)
                if time.monotonic() - asked < ASK_EVERY_S:
                    continue
                reports = self._reports(task)
                asked = time.monotonic()
                if on_reports is not None:
                    on_reports(reports)
            if future.status == "finished" and on_reports is not None:
                on_reports(self._reports(task))
            answer: T = self._result(future)
            return answer
        except BaseException:
            self._tell(_cancel, task)
            future.cancel()
            raise
        finally:
            future.release()

    def _result(self, future: Any) -> Any:
        try:
            return future.result(timeout=ANSWER_S)
        except (CancelledError, TimeoutError) as error:
            raise self._gone() from error
        except Exception as error:
            if type(error).__module__.startswith("distributed"):  # a worker that was killed
                raise self._gone() from error
            raise

    def _reports(self, task: str) -> list[Any]:
        try:
            found = self._client.run(_take_reports, task, workers=[self._worker])
        except Exception as error:
            raise self._gone() from error
        if self._worker not in found:
            raise self._gone()
        reports: list[Any] = found[self._worker]
        return reports

    def _tell(self, what: Callable[..., None], *args: Any) -> None:
        with suppress(Exception):  # whoever is gone holds nothing
            self._client.run(what, *args, workers=[self._worker])

    def _gone(self) -> WorkerGoneError:
        return WorkerGoneError(
            f"the worker {self._worker} that held the model is gone, and the embedding with it; "
            "set the image again"
        )


# ------------------------------------------------------------------------ on the worker's side

_engines: dict[str, LocalEngine] = {}
_reported: dict[str, list[Any]] = {}
_cancelled: set[str] = set()


class _CancelledError(Exception):
    """Nobody waits for this task any more."""


def _engine(engine_id: str, opened_with: tuple[str, str, str]) -> LocalEngine:
    if engine_id not in _engines:
        _engines[engine_id] = LocalEngine.of(*opened_with)
    return _engines[engine_id]


def _reporter(task: str) -> Callable[..., None]:
    _reported[task] = []

    def report(*what: Any) -> None:
        if task in _cancelled:
            raise _CancelledError
        _reported[task].append(what)

    return report


def _embed(
    engine_id: str,
    task: str,
    opened_with: tuple[str, str, str],
    image: NDArray[np.uint8],
    region: tuple[int, int, int, int],
) -> str:
    return _engine(engine_id, opened_with).embed(np.asarray(image), region, _reporter(task))


def _predict(
    engine_id: str,
    _task: str,
    opened_with: tuple[str, str, str],
    key: str,
    prompts: Prompts,
    start: Mask | None,
    multimask_output: bool,
) -> Prediction:
    engine = _engine(engine_id, opened_with)
    return engine.predict(key, prompts, start, multimask_output=multimask_output)


def _everything(
    engine_id: str,
    task: str,
    opened_with: tuple[str, str, str],
    key: str,
    options: dict[str, Any],
) -> None:
    _engine(engine_id, opened_with).everything(key, options, _reporter(task))


def _frame_side(engine_id: str, _task: str, opened_with: tuple[str, str, str]) -> int:
    return _engine(engine_id, opened_with).frame_side()


def _identity(
    engine_id: str, _task: str, opened_with: tuple[str, str, str], key: str
) -> ModelIdentity:
    return _engine(engine_id, opened_with).identity(key)


def _thresholds(
    engine_id: str, _task: str, opened_with: tuple[str, str, str], options: dict[str, Any]
) -> Thresholds:
    return _engine(engine_id, opened_with).thresholds(options)


def _text_threshold(
    engine_id: str, task: str, opened_with: tuple[str, str, str], options: dict[str, Any]
) -> float:
    return _engine(engine_id, opened_with).text_threshold(options, _reporter(task))


def _find(
    engine_id: str,
    task: str,
    opened_with: tuple[str, str, str],
    key: str,
    text: str | Sequence[str],
    options: dict[str, Any],
) -> Sequence[SegmentedObject]:
    engine = _engine(engine_id, opened_with)
    return engine.find(key, text, options, _reporter(task))


def _take_reports(task: str) -> list[Any]:
    found = _reported.get(task, [])
    taken, found[:] = list(found), []
    return taken


def _cancel(task: str) -> None:
    _cancelled.add(task)
    _reported.pop(task, None)


def _forget(engine_id: str, key: str) -> None:
    if engine_id in _engines:
        _engines[engine_id].forget(key)


def _close(engine_id: str) -> None:
    engine = _engines.pop(engine_id, None)
    if engine is not None:
        engine.close()
