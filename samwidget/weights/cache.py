"""What the package keeps on this machine, where, and how it is removed; without torch."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from samwidget.weights.detectors import DETECTOR_RECORDS, detector_folder
from samwidget.weights.download import cache_folder, cache_path
from samwidget.weights.records import RECORDS

EMBEDDINGS_SETTING = "SAMWIDGET_EMBEDDINGS"
"""Environment variable: a folder for embeddings, or "off"."""

EMBEDDING_ENDING = ".embedding.safetensors"


@dataclass(frozen=True)
class Kept:
    """One kind of what is kept.

    Attributes
    ----------
    name
        ``"embeddings"`` or ``"weights"``.
    folder
        Where it is, also while there is nothing; None when none is kept.
    files
        The package's own; whatever else lies in the folder is not counted and not removed.
    """

    name: str
    folder: Path | None
    files: tuple[Path, ...]

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(_size(path) for path in self.files)


def embeddings_folder() -> Path | None:
    """Tell where embeddings are kept: in the cache, or where the environment says; None is off."""
    wanted = os.environ.get(EMBEDDINGS_SETTING, "")
    if wanted.lower() in ("off", "0", "no", "false"):
        return None
    return Path(wanted).expanduser() if wanted else cache_folder().parent / "embeddings"


def kept_embeddings() -> Kept:
    """List the embeddings that are kept."""
    folder = embeddings_folder()
    files = () if folder is None else _there(folder.glob(f"*{EMBEDDING_ENDING}"))
    return Kept("embeddings", folder, files)


def kept_weights() -> Kept:
    """List the weights that were fetched, or put there by hand under the names of such."""
    known = [cache_path(record) for record in RECORDS if record.url is not None]
    known += [cache_path(part) for record in DETECTOR_RECORDS for part in record.records]
    return Kept("weights", cache_folder(), _there(known))


def remove(kept: Kept) -> int:
    """Remove the files; gives the bytes that are free then.

    Raises
    ------
    OSError
        When one cannot be removed; those before it are gone.
    """
    freed = 0
    for path in kept.files:
        size = _size(path)
        path.unlink(missing_ok=True)  # another process may have been faster
        freed += size
    for record in DETECTOR_RECORDS:
        folder = detector_folder(record)
        if kept.name == "weights" and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return freed


def _there(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(sorted(path for path in paths if path.is_file()))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
