"""Which files of a folder are one model's weights."""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path, PurePosixPath

from samwidget.values.errors import quoted
from samwidget.weights.records import WEIGHT_ENDINGS, CheckpointError

_HUGGING_FACE_FILES = ("model.safetensors", "pytorch_model.bin")

_SHARD = re.compile(r"^(.*)-(\d{5})-of-(\d{5})(.*)$")
_VARIANT = re.compile(r"[._-](fp16|fp32|bf16|float16|float32|bfloat16|half)$", re.IGNORECASE)
_SAME = {"pytorch_model": "model"}
"""Hugging Face's name of the same in the other format."""
_BESIDE = re.compile(
    r"^(optim|scheduler|scaler|rng_state|random_states|training_args|trainer_state|zero_pp_rank"
    r"|.*optim_states)",
    re.IGNORECASE,
)
"""What training scripts save beside the weights."""

_FOREIGN = {
    "saved_model.pb": "is a TensorFlow SavedModel",
    "Manifest.json": "is a Core ML package",
    ".metadata": "is a distributed checkpoint; turn it into one file first, with "
    "torch.distributed.checkpoint.format_utils.dcp_to_torch_save(folder, path)",
    "data.pkl": "is a file of torch that was unpacked, as some browsers do with what they fetch: "
    "it is a zip archive in truth; fetch it again and keep it as it is",
    "adapter_config.json": "is a LoRA adapter (PEFT), which changes a model and is none: merge it "
    "into its base model first, with merge_and_unload(), and save that one",
}
"""A file by which a folder is told that holds no weights to open, and what it is."""

_MAX_DEPTH, _MAX_ENTRIES = 4, 10_000


def files_of(path: Path) -> tuple[Path, ...]:
    """Give the files that hold a model's weights.

    Parameters
    ----------
    path
        A folder; or a file, which may be one of several shards, or the index of them.

    Raises
    ------
    CheckpointError
        When there are none, or several that may be meant, or a shard is missing; the text lacks
        the path, which the caller knows.
    """
    if path.is_dir():
        try:
            return _files_in(path)
        except OSError as error:
            raise CheckpointError(f"cannot be read: {error.strerror or error}") from error
    if path.suffix == ".json" and path.is_file():
        return _indexed(path)
    if _SHARD.match(path.name) and path.suffix in WEIGHT_ENDINGS:
        return _shards(path)
    return (path,)


def _files_in(folder: Path) -> tuple[Path, ...]:
    for name in _HUGGING_FACE_FILES:
        if (folder / name).is_file():
            return (folder / name,)
    entries = sorted(islice(folder.iterdir(), _MAX_ENTRIES))
    indices = [path for path in entries if ".index" in path.name and path.suffix == ".json"]
    for index in sorted(indices, key=lambda path: (".safetensors" not in path.name, path.name)):
        if index.is_file() and index.stat().st_size:
            return _indexed(index)
    for name, what in _FOREIGN.items():
        if (folder / name).exists():
            raise CheckpointError(what)
    found = _weights_below(folder, 0)
    if len(found) > 1:
        found = _one_of_each(found)
    if len(found) > 1:
        first = _SHARD.match(found[0].name)
        shards = [_SHARD.match(path.name) for path in found]
        if first and all(one and one[1] == first[1] and one[4] == first[4] for one in shards):
            return _shards(found[0])
        raise CheckpointError(
            f"holds several files of weights: {_listed(found, folder)}; give the path of one"
        )
    if not found:
        present = _listed(entries, folder) or "nothing"
        raise CheckpointError(f"holds neither {' nor '.join(_HUGGING_FACE_FILES)}, but {present}")
    return files_of(found[0])


def _weights_below(folder: Path, depth: int) -> list[Path]:
    """List the files of weights in a folder; of its folders only where it has none itself."""
    entries = sorted(islice(folder.iterdir(), _MAX_ENTRIES))
    files = [
        path
        for path in entries
        if path.suffix.lower() in WEIGHT_ENDINGS and path.is_file() and not _BESIDE.match(path.name)
    ]
    if files or depth == _MAX_DEPTH:
        return files
    folders = [path for path in entries if path.is_dir() and not path.name.startswith(".")]
    main = folder / "refs" / "main"  # as Hugging Face's own cache has it
    if main.is_file():
        commit = folder / "snapshots" / main.read_text(encoding="utf-8", errors="replace").strip()
        if commit.is_dir() and commit.parent == folder / "snapshots":
            folders = [commit]
    return [path for one in folders for path in _weights_below(one, depth + 1)]


def _one_of_each(paths: list[Path]) -> list[Path]:
    """Leave out what is the same model once more: rounded, or in the other format."""
    copies: dict[tuple[Path, str], dict[tuple[bool, bool, str], list[Path]]] = {}
    for path in paths:
        shard = _SHARD.match(path.stem)
        start, of = (shard[1] + shard[4], shard[3]) if shard else (path.stem, "")
        name = _VARIANT.sub("", start)
        variant = start[len(name) :]
        kind = ("16" in variant or "half" in variant, path.suffix != ".safetensors", variant + of)
        same = copies.setdefault((path.parent, _SAME.get(name, name)), {})
        same.setdefault(kind, []).append(path)
    return sorted(path for same in copies.values() for path in same[min(same)])


def _indexed(index: Path) -> tuple[Path, ...]:
    try:
        held = json.loads(index.read_text(encoding="utf-8"))
        names = sorted(set(held["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{_of(index)}is no index of weights: it lacks a readable weight_map; give the file "
            "of weights, or its folder"
        ) from error
    for name in names:
        if not isinstance(name, str) or not name or _leads_away(name):
            raise CheckpointError(
                f"{_of(index)}is an index that names {quoted(str(name))}, which is no file of its "
                "folder"
            )
    return _all_there(index.parent, names, f"that {index.name} names")


def _shards(path: Path) -> tuple[Path, ...]:
    match = _SHARD.match(path.name)
    assert match is not None
    start, _, total, end = match.groups()
    if int(total) > _MAX_ENTRIES:
        raise CheckpointError(f"is one of {int(total):,} files by its name; that is too many")
    names = [f"{start}-{number:05d}-of-{total}{end}" for number in range(1, int(total) + 1)]
    return _all_there(path.parent, names, f"that {path.name} is a part of")


def _all_there(folder: Path, names: list[str], of_what: str) -> tuple[Path, ...]:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing or not names:
        raise CheckpointError(
            f"lacks {len(missing)} of the {len(names)} files {of_what}: "
            f"{', '.join(quoted(name) for name in missing[:3])}; fetch them, too"
        )
    return tuple(folder / name for name in names)


def _leads_away(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _of(index: Path) -> str:
    return f"holds {index.name}, which "


def _listed(paths: list[Path], folder: Path, most: int = 8) -> str:
    names = [path.relative_to(folder).as_posix() for path in paths[:most]]
    return ", ".join(names) + (", ..." if len(paths) > most else "")
