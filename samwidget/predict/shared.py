"""What a person may name as a model, to the function that opens it on a session's worker."""

from __future__ import annotations

import os
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samwidget.values.errors import shortened
from samwidget.values.forks import in_child

if TYPE_CHECKING:
    from samwidget.predict.predictor import Predictor

_File = tuple[tuple[str, int, int], ...]
"""Of each file of weights the real path, its size and when it was changed, in ns."""

_opened: weakref.WeakValueDictionary[tuple[_File, str, str], Predictor] = (
    weakref.WeakValueDictionary()
)
_locks: defaultdict[object, threading.Lock] = defaultdict(threading.Lock)
in_child(_locks.clear)
_ASK_EVERY_S = 0.2


def opener(
    model: object, device: str = "auto", precision: str = "auto"
) -> tuple[str, Callable[..., Predictor]]:
    """Tell how a model is called and how it is opened; nothing is loaded yet.

    Parameters
    ----------
    model
        A name or a path, see :func:`samwidget.weights.opening.open_model`; a ``SAM``, a
        ``Predictor`` or a ``SegmentAnything``.
    device, precision
        Of a model that has none yet, see :class:`samwidget.predict.predictor.Predictor`.

    Returns
    -------
    name, open_predictor
        ``open_predictor(on_progress)`` gives a :class:`~samwidget.Predictor`. Those whose
        name or path leads to the same file share one on each device and in each precision, while
        anybody uses it: ``"vit_b"`` and ``"sam_b.pt"`` are one, so are ``"auto"`` and ``"cpu"``
        where there is nothing better. A file that was changed is read anew.

    Raises
    ------
    TypeError
        When it is nothing of this.
    """
    # torch takes seconds to import: what the model is must show without its classes.
    if isinstance(model, str | os.PathLike):
        named = model  # a path stays one, to be told from a name
        return shortened(Path(named).name), lambda on_progress: _open_named(
            named, str(device), precision, on_progress
        )
    held: Any = getattr(model, "predictor", model)
    if hasattr(held, "encode") and hasattr(held, "predict"):
        return str(held.model_id), lambda _: held
    if hasattr(held, "encode") and hasattr(held, "decode") and hasattr(held, "config"):
        return str(held.config.name), lambda _: _on_device(held, device, precision)
    raise TypeError(
        "model: expected a name such as 'nano' or 'vit_b', the path of a checkpoint, a SAM, a "
        f"Predictor or a SegmentAnything; got {type(model).__name__}"
    )


def _open_named(
    name: str | os.PathLike[str],
    device: str,
    precision: str,
    on_progress: Callable[[float], None],
) -> Predictor:
    from samwidget.predict.placement import pick_device, pick_precision
    from samwidget.weights.folders import files_of
    from samwidget.weights.opening import load_model, locate

    where = pick_device(device)
    with _alone(("name", os.fspath(name)), on_progress):  # of two who want a download one waits
        path = Path(os.path.realpath(locate(name, progress=on_progress).path))
    file = tuple(_state_of(path) for path in files_of(path))
    with _alone((file, str(where)), on_progress):
        for known in ("float32", "bfloat16"):
            predictor = _opened.get((file, str(where), known))
            if predictor is not None and known == pick_precision(
                precision, where, predictor.model.config
            ):
                return predictor
        predictor = _on_device(load_model(path), device, precision)
        _opened[file, str(where), predictor.precision] = predictor
        return predictor


def _state_of(path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return os.path.realpath(path), status.st_size, status.st_mtime_ns


@contextmanager
def _alone(key: object, on_progress: Callable[[float], None]) -> Iterator[None]:
    """Wait until nobody else does what the key says; ask now and then whether to go on waiting."""
    while not _locks[key].acquire(timeout=_ASK_EVERY_S):
        on_progress(0.0)
    try:
        yield
    finally:
        _locks[key].release()


def _on_device(model: Any, device: str, precision: str) -> Predictor:
    from samwidget.predict.predictor import Predictor

    return Predictor(model, device, precision)
