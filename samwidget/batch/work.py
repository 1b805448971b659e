"""What is done with one image of a batch, here or elsewhere; text and numbers come back.

A process opens a model once, and uses it for one image at a time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from samwidget.batch.output import Row, rows_of
from samwidget.formats.annotated import Annotated
from samwidget.values.items import Item

if TYPE_CHECKING:
    from samwidget.sam import SAM


@dataclass(frozen=True)
class ModelSpec:
    """Names a model, so that each worker can open it."""

    name: str
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of one image: its size and rows, or what went wrong."""

    name: str
    size_hw: tuple[int, int] = (0, 0)
    rows: list[Row] = field(default_factory=list)
    error: str | None = None


_one_at_a_time = threading.Lock()


def segment_one(model: ModelSpec | SAM, item: Item, ask: dict[str, Any]) -> Answer:
    """Ask a model about an image; what goes wrong with this image alone is told, not raised."""
    with _one_at_a_time:
        opened = _open(model) if isinstance(model, ModelSpec) else model
        try:
            (results,) = opened.predict(item.source, progress=_silent, **ask)
        except Exception as error:
            return Answer(item.name, error=_told(error))
    image = Annotated(results.objects, results.orig_shape, item.name)
    return Answer(item.name, image.size_hw, rows_of(image))


def embed_one(model: ModelSpec | SAM, item: Item, folder: str | None) -> Answer:
    """Encode an image into a store."""
    from samwidget.predict.store import EmbeddingStore, shared_store
    from samwidget.values.images import load_image

    with _one_at_a_time:
        opened = _open(model) if isinstance(model, ModelSpec) else model
        store = shared_store() if folder is None else EmbeddingStore(folder, memory_bytes=0)
        if store is None:
            return Answer(item.name, error="embeddings are not kept: SAMWIDGET_EMBEDDINGS is off")
        try:
            image = load_image(item.source)
            store.encode(opened.predictor, image)
        except Exception as error:
            return Answer(item.name, error=_told(error))
    return Answer(item.name, (image.shape[0], image.shape[1]))


@lru_cache(maxsize=1)
def _open(spec: ModelSpec) -> SAM:
    from samwidget.sam import SAM

    return SAM(spec.name, spec.device, spec.precision)


def _silent(_: float) -> None:
    pass


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def short(name: str) -> str:
    """Give a path's last part, for a progress bar."""
    return PurePath(name).name[:40]
