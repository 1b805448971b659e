"""Embeddings that are kept: in memory and on disk, so that an image is encoded once.

An entry is found by what it is of: the image's contents, the region, the weights' fingerprint
(which covers the preprocessing) and the precision. On disk each is a safetensors file of float16,
written whole or not at all, so that several kernels can share a folder; the least recently used
go when the folder outgrows its bound. An encoding that is kept is rounded at once, so that an image
gives the same masks when it is opened again.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from samwidget.models.base import ImageFeatures, Progress
from samwidget.models.modes import undisturbed
from samwidget.predict.embeddings import Embedding, Region, image_hash
from samwidget.predict.predictor import Predictor
from samwidget.values.geometry import ResizeTransform
from samwidget.values.paths import expanded
from samwidget.values.whole_files import replacing
from samwidget.weights.cache import EMBEDDING_ENDING as ENDING
from samwidget.weights.cache import embeddings_folder

FORMAT_VERSION = 1
DISK_BYTES = 4 << 30
MEMORY_BYTES = 256 << 20

log = logging.getLogger(__name__)


class EmbeddingStore:
    """Encodes what it has not.

    Parameters
    ----------
    folder
        Made when the first entry is written; None keeps embeddings in memory only.
    max_bytes
        Of the files in the folder.
    memory_bytes
        Of the embeddings that are held in memory.

    Examples
    --------
    >>> from samwidget.models.build import build
    >>> from samwidget.models.config import NANO
    >>> predictor = Predictor(build(NANO), "cpu")
    >>> store = EmbeddingStore(None)
    >>> image = np.zeros((60, 80, 3), np.uint8)
    >>> store.encode(predictor, image) is store.encode(predictor, image)
    True
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None,
        *,
        max_bytes: int = DISK_BYTES,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self.folder = None if folder is None else expanded(folder)
        self.max_bytes = max_bytes
        self.memory_bytes = memory_bytes
        self._held: OrderedDict[str, Embedding] = OrderedDict()
        self._lock = threading.Lock()

    def encode(
        self,
        predictor: Predictor,
        image: NDArray[np.uint8],
        on_progress: Progress | None = None,
        *,
        region: Region | None = None,
    ) -> Embedding:
        """Give an image's embedding: the kept one, or a new one that is kept from now on.

        Parameters and errors are those of :meth:`samwidget.Predictor.encode`. A folder that cannot
        be written to is no error: it is told to the log, and the embedding is kept in memory.
        """
        region = Region.whole((image.shape[0], image.shape[1])) if region is None else region
        known_hash = image_hash(image)
        key = _key(predictor, known_hash, region)
        found = self._remembered(key, predictor) or self._read(key, predictor)
        if found is None:
            encoded = predictor.encode(image, on_progress, region=region, known_hash=known_hash)
            found = rounded(encoded, predictor)
            self._write(key, found)
        self._remember(key, found)
        if on_progress is not None:
            on_progress(1.0)
        return found

    def entries(self) -> list[Path]:
        """Give the files, the least recently used first."""
        if self.folder is None:
            return []
        found = []
        for path in self.folder.glob(f"*{ENDING}"):
            try:
                found.append((path.stat().st_mtime_ns, path))
            except FileNotFoundError:
                continue  # another kernel was faster
        return [path for _, path in sorted(found)]

    def size_bytes(self) -> int:
        """Give the size of all files."""
        return sum(_size(path) for path in self.entries())

    def clear(self) -> int:
        """Forget everything; give the number of files that are gone."""
        with self._lock:
            self._held.clear()
        entries = self.entries()
        for path in entries:
            path.unlink(missing_ok=True)
        return len(entries)

    # ------------------------------------------------------------------------------------ memory

    def _remembered(self, key: str, predictor: Predictor) -> Embedding | None:
        with self._lock:
            found = self._held.get(f"{key} {predictor.device}")
            if found is not None:
                self._held.move_to_end(f"{key} {predictor.device}")
            return found

    def _remember(self, key: str, embedding: Embedding) -> None:
        device = embedding.features.image_embedding.device
        with self._lock:
            self._held[f"{key} {device}"] = embedding
            self._held.move_to_end(f"{key} {device}")
            while len(self._held) > 1 and sum(map(_bytes_of, self._held.values())) > (
                self.memory_bytes
            ):
                self._held.popitem(last=False)

    # -------------------------------------------------------------------------------------- disk

    def _read(self, key: str, predictor: Predictor) -> Embedding | None:
        if self.folder is None:
            return None
        path = self.folder / f"{key}{ENDING}"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("a kept embedding cannot be read: %s", error)
            return None
        try:
            embedding = from_bytes(data, predictor)
        except ValueError as error:
            log.warning("a damaged embedding is dropped and made anew: %s", error)
            path.unlink(missing_ok=True)
            return None
        with suppress(OSError):  # gone meanwhile, or a folder that is only to be read
            os.utime(path)  # it was used now
        return embedding

    def _write(self, key: str, embedding: Embedding) -> None:
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write(embedding, self.folder / f"{key}{ENDING}")
            self._shrink()
        except OSError as error:
            log.warning("embeddings are not kept in %s: %s", self.folder, error)

    def _shrink(self) -> None:
        entries = self.entries()
        sizes = [_size(path) for path in entries]
        excess = sum(sizes) - self.max_bytes
        for path, size in zip(entries[:-1], sizes, strict=False):  # never the newest
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size


@cache
def shared_store() -> EmbeddingStore | None:
    """Give this process's store: in the folder ``embeddings`` of the package's cache.

    The environment variable ``SAMWIDGET_EMBEDDINGS`` names another folder; ``off`` keeps nothing.
    """
    folder = embeddings_folder()
    return None if folder is None else EmbeddingStore(folder)


def rounded(embedding: Embedding, predictor: Predictor) -> Embedding:
    """Give what a float16 file of an embedding holds."""

    def through_half(x: Tensor) -> Tensor:
        return x.half().contiguous().to(x.dtype)  # as a file has it, for equal bits

    coarse, high_res, _ = embedding.features
    with undisturbed(predictor.device):
        features = ImageFeatures(through_half(coarse), tuple(map(through_half, high_res)))
        return replace(embedding, features=predictor.model.prepared(features))


def write(embedding: Embedding, path: Path) -> None:
    """Write an embedding, rounded to float16, into a file; whole or not at all."""
    features = embedding.features
    tensors = {"image_embedding": features.image_embedding}
    tensors |= {f"high_res.{i}": one for i, one in enumerate(features.high_res)}
    transform = embedding.transform
    facts = {
        "version": FORMAT_VERSION,
        "model_id": embedding.model_id,
        "fingerprint": embedding.fingerprint,
        "image_hash": embedding.image_hash,
        "region": embedding.region.xyxy,
        "image_size": transform.image_size,
        "keeps_aspect": transform.keeps_aspect,
    }
    halves = {key: one.detach().cpu().half().contiguous() for key, one in tensors.items()}
    with replacing(path) as part:
        save_file(halves, part, {"samwidget": json.dumps(facts)})


def from_bytes(data: bytes, predictor: Predictor) -> Embedding:
    """Read what :func:`write` has written, for a predictor with the same weights.

    Raises
    ------
    ValueError
        When it is damaged, newer than this package, or of other weights.
    """
    try:
        length = int.from_bytes(data[:8], "little")
        facts = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["samwidget"])
        tensors = load(data)
        version = facts["version"]
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"this is no embedding, or a damaged one ({error})") from error
    if version != FORMAT_VERSION:
        raise ValueError(
            f"the embedding is of version {version}, this package reads {FORMAT_VERSION}"
        )
    if facts["fingerprint"] != predictor.fingerprint:
        raise ValueError(
            f"the embedding was made by other weights ({facts['model_id']!r}, fingerprint "
            f"{facts['fingerprint'][:8]}...) than this predictor's ({predictor.model_id!r}, "
            f"{predictor.fingerprint[:8]}...); encode the image with this predictor"
        )
    region = Region(*facts["region"])
    dtype = next(predictor.model.parameters()).dtype

    def placed(name: str) -> Tensor:
        return tensors[name].to(predictor.device, dtype)

    fine = [f"high_res.{i}" for i in range(len(tensors) - 1)]
    try:
        features = ImageFeatures(placed("image_embedding"), tuple(map(placed, fine)))
    except KeyError as error:
        raise ValueError(f"the embedding lacks {error}") from None
    with undisturbed(predictor.device):
        features = predictor.model.prepared(features)
    return Embedding(
        features,
        ResizeTransform.for_image(region.size_hw, facts["image_size"], facts["keeps_aspect"]),
        facts["model_id"],
        facts["fingerprint"],
        facts["image_hash"],
        region,
    )


def _key(predictor: Predictor, known_hash: str, region: Region) -> str:
    facts: Sequence[Any] = (
        FORMAT_VERSION,
        predictor.fingerprint,
        predictor.precision,
        known_hash,
        region.xyxy,
    )
    return xxhash.xxh3_128(repr(facts).encode()).hexdigest()


def _bytes_of(embedding: Embedding) -> int:
    features = embedding.features
    tensors = (features.image_embedding, *features.high_res, *(features.projected or ()))
    return sum(x.numel() * x.element_size() for x in tensors)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
