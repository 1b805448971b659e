"""What a person may name as a model, to the function that opens it on a session's worker."""

from __future__ import annotations

import os
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samwidget.predict.predictor import Predictor

_Key = tuple[str, str, str]
_opened: weakref.WeakValueDictionary[_Key, Predictor] = weakref.WeakValueDictionary()
_locks: defaultdict[_Key, threading.Lock] = defaultdict(threading.Lock)
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
        ``open_predictor(on_progress)`` gives a :class:`~samwidget.Predictor`. Those who
        ask for the same name, device and precision share one while anybody uses it; a file is read
        anew each time.

    Raises
    ------
    TypeError
        When it is nothing of this.
    """
    # torch takes seconds to import: what the model is must show without its classes.
    if isinstance(model, str | os.PathLike):
        name = os.fspath(model)
        return Path(name).name, lambda on_progress: _open_named(
            name, str(device), precision, on_progress
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
    name: str, device: str, precision: str, on_progress: Callable[[float], None]
) -> Predictor:
    from samwidget.weights.opening import open_model

    if Path(name).expanduser().exists():
        return _on_device(open_model(name, progress=on_progress), device, precision)
    key = (name, device, precision)
    while not _locks[key].acquire(timeout=_ASK_EVERY_S):
        on_progress(0.0)  # somebody else loads it; may we still wait?
    try:
        predictor = _opened.get(key)
        if predictor is None:
            predictor = _on_device(open_model(name, progress=on_progress), device, precision)
            _opened[key] = predictor
        return predictor
    finally:
        _locks[key].release()


def _on_device(model: Any, device: str, precision: str) -> Predictor:
    from samwidget.predict.predictor import Predictor

    return Predictor(model, device, precision)
